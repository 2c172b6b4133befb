"""The registry: found, read, and every mistake in it told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from factory.errors import RequestError
from factory.registry import FILE_NAME, find, load, locate, packaged
from factory.spec import Registry
from tests.factory.conftest import POND, Refused, Written

ROOT = Path(__file__).parents[2]


def refusal(registry: Registry, name: str) -> str:
    with pytest.raises(RequestError) as caught:
        find(registry, name).require_plugins()
    assert caught.value.exit_code == 2
    return str(caught.value)


# Where it is found


def test_the_file_given_comes_first_then_the_working_directory_then_the_package(
    in_folder: Path,
) -> None:
    assert locate() == packaged()
    Path(FILE_NAME).write_text(POND)
    assert locate().resolve() == in_folder / FILE_NAME
    assert locate(Path("other.yaml")) == Path("other.yaml")
    assert locate(folder=in_folder.parent) == packaged()


def test_the_packaged_registry_is_the_one_at_the_root() -> None:
    assert packaged().read_text() == (ROOT / FILE_NAME).read_text()


def test_a_registry_that_is_not_there_is_named(in_folder: Path) -> None:
    with pytest.raises(RequestError) as caught:
        load(Path("gone.yaml"))
    assert caught.value.exit_code == 2
    assert str(caught.value) == (
        "the registry gone.yaml cannot be read: No such file or directory; "
        "name another with --registry FILE, or go where a datasets_registry.yaml is"
    )


def test_a_folder_is_no_registry(in_folder: Path) -> None:
    with pytest.raises(RequestError, match=r"^the registry \. cannot be read: Is a directory; "):
        load(Path())


# What it means


def test_a_minimal_dataset_is_six_lines(written: Written) -> None:
    assert len(POND.splitlines()) == 6
    dataset = find(written(POND), "pond-v1")
    assert dataset.name == "pond-v1"
    assert dataset.description == "What swims."
    assert dataset.sources["pond"].plugin == "pond"
    assert dataset.sources["pond"].options.model_dump(mode="json")["fish"] == ["carp"]
    assert dataset.transforms["ripple"].options.model_dump() == {"rings": 3}
    dataset.require_plugins()


def test_everything_can_be_said(written: Written) -> None:
    registry = written(
        """\
        datasets:
          all-v1:
            description: >-
              Many
              words.
            stage: 1
            sources:
              pond:
                fish: [carp]
                since: 2024-02-29
                depth: {metres: 3}
              upstream: {use: pond, fish: [salmon], water: salt}
            transforms:
              ripple: {rings: 2}
            filters: {languages: [elixir], exclude_tasks: [wave], min_documentation: 0.5}
            licences: {allow: [MIT], deny: [GPL-3.0-only], unknown: keep}
            redact: {emails: false}
            dedup: {near: false}
            decontaminate: {suites: [core], files: [a.jsonl], ngrams: [9]}
            mixture: {languages: {elixir: 0.9}, tasks: {ripple: 1}, rows: 10}
            split: {validation: 0}
            seed: 9
            shorthands: {fish: sources.pond.fish}
          second-v1:
            description: Another.
            sources: {pond: {fish: []}}
            transforms: {ripple: }
            filters:
        """
    )
    assert list(registry.datasets) == ["all-v1", "second-v1"]
    dumped = registry.datasets["all-v1"].model_dump(mode="json", exclude_unset=True)
    assert dumped == {
        "name": "all-v1",
        "description": "Many words.",
        "stage": 1,
        "sources": {
            "pond": {
                "plugin": "pond",
                "options": {"fish": ["carp"], "since": "2024-02-29", "depth": {"metres": 3.0}},
            },
            "upstream": {"plugin": "pond", "options": {"fish": ["salmon"], "water": "salt"}},
        },
        "transforms": {"ripple": {"plugin": "ripple", "options": {"rings": 2}}},
        "filters": {
            "languages": ["elixir"],
            "exclude_tasks": ["wave"],
            "min_documentation": 0.5,
        },
        "licences": {"allow": ["MIT"], "deny": ["GPL-3.0-only"], "unknown": "keep"},
        "redact": {"emails": False},
        "dedup": {"near": False},
        "decontaminate": {"suites": ["core"], "files": ["a.jsonl"], "ngrams": [9]},
        "mixture": {"languages": {"elixir": 0.9}, "tasks": {"ripple": 1.0}, "rows": 10},
        "split": {"validation": 0.0},
        "seed": 9,
        "shorthands": {"fish": "sources.pond.fish"},
    }


def test_datasets_may_share_what_an_alias_names(written: Written) -> None:
    registry = written(
        """\
        datasets:
          a-v1:
            description: One.
            sources: &sources {pond: {fish: [carp]}}
            transforms: [ripple]
          b-v1: {description: Two., sources: *sources, transforms: [ripple], seed: 1}
        """
    )
    assert registry.datasets["a-v1"].sources == registry.datasets["b-v1"].sources


def test_an_unknown_dataset_is_told_with_the_nearest(written: Written) -> None:
    registry = written(POND)
    assert refusal(registry, "pnod-v1") == (
        "r.yaml has no dataset 'pnod-v1'; did you mean pond-v1?"
    )
    assert refusal(registry, "zzz") == "r.yaml has no dataset 'zzz'; known: pond-v1"


# Plugins


def test_a_plugin_that_is_missing_keeps_only_its_own_dataset_from_being_built(
    written: Written,
) -> None:
    registry = written(
        """\
        datasets:
          sea-v1:
            description: Salt water.
            sources:
              xyzzy: {whales: 3, ships: [Pequod]}
              pund: {fish: [carp]}
              north: {use: arctic}
            transforms:
              ripple:
              whirl: {speed: 2}
          pond-v1:
            description: Fresh water.
            sources: {pond: {fish: [carp]}}
            transforms: [ripple]
        """
    )
    find(registry, "pond-v1").require_plugins()
    assert refusal(registry, "sea-v1").splitlines() == [
        "sea-v1 needs the source plugin xyzzy (line 5 of r.yaml), which is not installed",
        "sea-v1 needs the source plugin pund (line 6 of r.yaml), which is not installed; "
        "did you mean pond?",
        "sea-v1 needs the source plugin arctic (line 7 of r.yaml), which is not installed",
        "sea-v1 needs the transform plugin whirl (line 10 of r.yaml), which is not installed",
    ]


def test_a_plugin_that_cannot_be_loaded_is_told_when_it_is_needed(written: Written) -> None:
    registry = written(
        """\
        datasets:
          dry-v1:
            description: A package is missing, a plugin fails, another is none.
            sources: {dry: }
            transforms: [leaky, sunk]
        """
    )
    dry, leaky, sunk = refusal(registry, "dry-v1").splitlines()
    assert dry.startswith(
        "dry-v1 cannot be built: the source plugin dry needs the package pond_of_another_day: "
    )
    assert dry.endswith(" (r.yaml:4:15)")
    assert leaky == (
        "dry-v1 cannot be built: the plugin leaky could not be loaded: "
        "OSError: water came in (r.yaml:5:18)"
    )
    assert sunk == (
        "dry-v1 cannot be built: the plugin sunk could not be loaded: AttributeError: "
        "type object 'Sunk' has no attribute 'Options' (r.yaml:5:25)"
    )


# Mistakes


def entry(*lines: str) -> str:
    """A registry whose one entry has these lines from line 6 on."""
    return "\n".join(
        [
            "datasets:",
            "  a-v1:",
            "    description: x",
            "    sources: {pond: {fish: [carp]}}",
            "    transforms: [ripple]",
            *(f"    {line}" for line in lines),
        ]
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "r.yaml:1:1: the file is empty; it needs a key `datasets`"),
        ("# only this\n", "r.yaml:1:1: the file is empty; it needs a key `datasets`"),
        ("- a\n", 'r.yaml:1:1: wants a key `datasets`, not ["a"]'),
        ("{}", "r.yaml:1:1: datasets: missing, and it has no default"),
        ("datasets:\n", "r.yaml:1:1: datasets: wants datasets by name, not nothing"),
        ("datasets: [a]\n", 'r.yaml:1:1: datasets: wants datasets by name, not ["a"]'),
        ("datsets: {}\n", "r.yaml:1:1: datsets: unknown key; did you mean datasets?"),
        (
            "datasets:\n  A b: {}\n",
            "r.yaml:2:3: datasets.A b: a name is up to 100 of a-z, 0-9, `-`, `_` and `.`, "
            "and begins with one of a-z, 0-9",
        ),
        (
            "datasets:\n  ../up: {}\n",
            "r.yaml:2:3: datasets.../up: a name is up to 100 of a-z, 0-9, `-`, `_` and `.`, "
            "and begins with one of a-z, 0-9",
        ),
        (
            "datasets:\n  a-v1: [x]\n",
            'r.yaml:2:3: datasets.a-v1: wants the keys of a dataset, not ["x"]',
        ),
        (
            "datasets:\n  a-v1: {description: x, sources: {pond: {fish: []}}}\n",
            "r.yaml:2:3: datasets.a-v1.transforms: missing, and it has no default",
        ),
        (
            "datasets:\n  a-v1: {sources: {pond: {fish: []}}, transforms: [ripple]}\n",
            "r.yaml:2:3: datasets.a-v1.description: missing, and it has no default",
        ),
        (
            "datasets:\n  a-v1: {description: x, sources: {}, transforms: ripple}\n",
            "r.yaml:2:26: datasets.a-v1.sources: wants sources by name, with their options, "
            "not {}\n"
            "r.yaml:2:39: datasets.a-v1.transforms: wants transforms by name, with their options, "
            'not "ripple"',
        ),
    ],
)
def test_a_file_that_is_no_registry(refused: Refused, text: str, expected: str) -> None:
    assert refused(text) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # Keys, at any depth.
        (["licenses: {}"], "6:5: datasets.a-v1.licenses: unknown key; did you mean licences?"),
        (["source: {}"], "6:5: datasets.a-v1.source: unknown key; did you mean sources?"),
        (
            ["xyzzy: 1"],
            "6:5: datasets.a-v1.xyzzy: unknown key; known: description, stage, filters, licences, "
            "redact, dedup, decontaminate, mixture, split, seed, shorthands, sources, transforms",
        ),
        (
            ["split:", "  validaton: 0.1"],
            "7:7: datasets.a-v1.split.validaton: unknown key; did you mean validation?",
        ),
        (["seed: 1", "seed: 2"], "7:5: datasets.a-v1.seed: given twice, first in line 6"),
        # Types.
        (['seed: "1"'], '6:5: datasets.a-v1.seed: wants a whole number, not "1"'),
        (["seed: true"], "6:5: datasets.a-v1.seed: wants a whole number, not true"),
        (["seed: 1_000"], '6:5: datasets.a-v1.seed: wants a whole number, not "1_000"'),
        (["seed: 1.5"], "6:5: datasets.a-v1.seed: wants a whole number, not 1.5"),
        (["seed:"], "6:5: datasets.a-v1.seed: wants a whole number, not null"),
        (["split: 0.1"], "6:5: datasets.a-v1.split: wants keys with values, not 0.1"),
        (
            ["split: {validation: .nan}"],
            '6:13: datasets.a-v1.split.validation: wants a number, not ".nan"',
        ),
        (["dedup: {near: off}"], '6:13: datasets.a-v1.dedup.near: wants true or false, not "off"'),
        (["dedup: {near: 1}"], "6:13: datasets.a-v1.dedup.near: wants true or false, not 1"),
        (
            ["licences: {allow: MIT}"],
            '6:16: datasets.a-v1.licences.allow: wants a list, not "MIT"',
        ),
        (
            ["licences: {allow: [MIT, 3]}"],
            "6:29: datasets.a-v1.licences.allow.1: wants text, not 3; put it in quotes",
        ),
        (
            ["mixture: {languages: [elixir]}"],
            '6:15: datasets.a-v1.mixture.languages: wants keys with values, not ["elixir"]',
        ),
        # Values.
        (["stage: 4"], "6:5: datasets.a-v1.stage: wants 1, 2 or 3, not 4"),
        (["stage: two"], '6:5: datasets.a-v1.stage: wants 1, 2 or 3, not "two"'),
        (["seed: -1"], "6:5: datasets.a-v1.seed: wants a number of at least 0, not -1"),
        (
            ["split: {validation: 1}"],
            "6:13: datasets.a-v1.split.validation: wants a number below 1, not 1",
        ),
        (
            ["dedup: {threshold: 0}"],
            "6:13: datasets.a-v1.dedup.threshold: wants a number above 0, not 0",
        ),
        (
            ["dedup: {threshold: 1.1}"],
            "6:13: datasets.a-v1.dedup.threshold: wants a number of at most 1, not 1.1",
        ),
        (
            ["licences: {unknown: kep}"],
            '6:16: datasets.a-v1.licences.unknown: wants drop or keep, not "kep"; '
            "did you mean keep?",
        ),
        (
            ["decontaminate: {suites: al}"],
            '6:21: datasets.a-v1.decontaminate.suites: wants all, none or a list, not "al"; '
            "did you mean all?",
        ),
        (
            ["decontaminate: {suites: [3]}"],
            "6:30: datasets.a-v1.decontaminate.suites.0: wants text, not 3; put it in quotes",
        ),
        (
            ["decontaminate: {ngrams: []}"],
            "6:21: datasets.a-v1.decontaminate.ngrams: wants at least 1 of them, not []",
        ),
        (
            ["filters: {languages: [elixir, erlnag]}"],
            "6:35: datasets.a-v1.filters.languages.1: wants elixir, erlang, heex, eex, "
            'markdown or patch, not "erlnag"; did you mean erlang?',
        ),
        (
            ["filters: {min_request: 9, max_request: 8}"],
            "6:5: datasets.a-v1.filters: min_request (9) is above max_request (8)",
        ),
        (
            ["mixture: {languages: {elixr: 0.5}}"],
            "6:27: datasets.a-v1.mixture.languages.elixr: wants elixir, erlang, heex, eex, "
            'markdown or patch, not "elixr"; did you mean elixir?',
        ),
        (
            ["mixture: {languages: {elixir: 0.8, erlang: 0.3}}"],
            "6:15: datasets.a-v1.mixture.languages: "
            "shares sum to 1.1, and there is no more than 1 to share",
        ),
        (
            ["mixture: {languages: {elixir: 0}}"],
            "6:27: datasets.a-v1.mixture.languages.elixir: wants a number above 0, not 0",
        ),
        # What one part says of another.
        (
            ["mixture: {tasks: {wav: 0.5}}"],
            "6:23: datasets.a-v1.mixture.tasks.wav: no transform here makes wav; "
            "did you mean wave?",
        ),
        (
            ["filters: {exclude_tasks: [xyz]}"],
            "6:31: datasets.a-v1.filters.exclude_tasks.0: no transform here makes xyz; "
            "known: ripple, wave",
        ),
        (
            ["shorthands: {fish: sources.pond.fsh}"],
            "6:18: datasets.a-v1.shorthands.fish: stands for sources.pond.fsh, "
            "which is no key here; did you mean sources.pond.fish?",
        ),
    ],
)
def test_a_mistake_in_an_entry(refused: Refused, lines: list[str], expected: str) -> None:
    assert refused(entry(*lines)) == f"r.yaml:{expected}"


@pytest.mark.parametrize(
    ("sources", "transforms", "expected"),
    [
        (
            "{pond: {fihs: [carp]}}",
            "[ripple]",
            "4:15: datasets.a-v1.sources.pond.fish: missing, and it has no default\n"
            "r.yaml:4:22: datasets.a-v1.sources.pond.fihs: unknown key; did you mean fish?",
        ),
        (
            "{pond: }",
            "[ripple]",
            "4:15: datasets.a-v1.sources.pond.fish: missing, and it has no default",
        ),
        (
            "{pond: {fish: [], water: sweet}}",
            "[ripple]",
            '4:32: datasets.a-v1.sources.pond.water: wants fresh or salt, not "sweet"',
        ),
        (
            "{pond: {fish: [], depth: {meters: 2}}}",
            "[ripple]",
            "4:40: datasets.a-v1.sources.pond.depth.meters: unknown key; did you mean metres?",
        ),
        (
            "{pond: {fish: [], since: yesterday}}",
            "[ripple]",
            "4:32: datasets.a-v1.sources.pond.since: wants a date such as 2024-01-31, "
            'not "yesterday"',
        ),
        (
            "{pond: [carp]}",
            "[ripple]",
            '4:15: datasets.a-v1.sources.pond: wants options as keys with values, not ["carp"]',
        ),
        (
            "{pond: {use: local}}",
            "[ripple]",
            "4:22: datasets.a-v1.sources.pond.use: pond is a plugin itself; "
            "give a source that uses local another name",
        ),
        (
            "{mine: {use: [pond]}}",
            "[ripple]",
            '4:22: datasets.a-v1.sources.mine.use: wants the name of a source plugin, not ["pond"]',
        ),
        (
            "[pond.x, 3, {pond: }]",
            "[ripple, ripple]",
            "4:15: datasets.a-v1.sources.0: wants a name of letters, digits, `-` and `_`, not "
            '"pond.x"\n'
            "r.yaml:4:23: datasets.a-v1.sources.1: wants a name of letters, digits, `-` and `_`, "
            "not 3\n"
            "r.yaml:4:26: datasets.a-v1.sources.2: wants a name of letters, digits, `-` and `_`, "
            'not {"pond": null}\n'
            "r.yaml:5:26: datasets.a-v1.transforms.1: ripple is given twice",
        ),
        (
            "{pond: {fish: []}}",
            "{ripple: {rings: 0}}",
            "5:27: datasets.a-v1.transforms.ripple.rings: wants a number of at least 1, not 0",
        ),
        (
            "{pond: {fish: []}}",
            "{ripple: {use: wave}}",
            "5:27: datasets.a-v1.transforms.ripple.use: unknown key; known: rings",
        ),
    ],
)
def test_a_mistake_in_a_plugins_options(
    refused: Refused, sources: str, transforms: str, expected: str
) -> None:
    text = (
        "datasets:\n  a-v1:\n    description: x\n"
        f"    sources: {sources}\n    transforms: {transforms}\n"
    )
    assert refused(text) == f"r.yaml:{expected}"


def test_all_mistakes_are_told_in_the_order_of_their_lines(refused: Refused) -> None:
    said = refused(
        """\
        version: 1
        datasets:
          a-v1:
            description: !secret x
            seed: -1
            sources: {pond: {fihs: [carp], fish: 3}}
            transforms: {ripple: {ring: 2}}
            split: {}
            split: {}
          b-v1:
            description:
            sources: [local]
            transforms: [ripple]
            dedup: {near: no}
        """
    )
    assert said.splitlines() == [
        "r.yaml:1:1: version: unknown key; known: datasets",
        "r.yaml:4:18: datasets.a-v1.description: the tag !secret is not read; "
        "write the value without a tag",
        "r.yaml:5:5: datasets.a-v1.seed: wants a number of at least 0, not -1",
        "r.yaml:6:22: datasets.a-v1.sources.pond.fihs: unknown key; did you mean fish?",
        "r.yaml:6:36: datasets.a-v1.sources.pond.fish: wants a list, not 3",
        "r.yaml:7:27: datasets.a-v1.transforms.ripple.ring: unknown key; did you mean rings?",
        "r.yaml:9:5: datasets.a-v1.split: given twice, first in line 8",
        "r.yaml:11:5: datasets.b-v1.description: wants text, not null",
        'r.yaml:14:13: datasets.b-v1.dedup.near: wants true or false, not "no"',
    ]


def test_bytes_that_are_no_text_are_refused(refused: Refused) -> None:
    assert refused(b"datasets:\n  a: \xff\n") == (
        "r.yaml:2:6: the byte 0xff is not UTF-8; save the file as UTF-8"
    )


# The entries that come with the package


CODE = {
    *("doctest", "document", "explain", "fim", "idiom", "implement", "otp", "pretrain", "spec"),
    *("test_driven", "test_writing"),
}
LESSONS = {"book_qa", "book_exercise", "book_explain"}
TRANSFORMS = {
    "elixir-stdlib-v1": CODE,
    "elixir-local-v1": CODE | LESSONS | {"commit"},
    "elixir-instruct-v3": CODE - {"pretrain"} | LESSONS | {"commit"},
    "elixir-pretrain-v1": {"pretrain", "fim"},
    "elixir-books-v1": LESSONS,
}


@pytest.mark.parametrize("name", sorted(load(ROOT / FILE_NAME).datasets))
def test_every_dataset_of_ours_has_the_plugins_it_needs(name: str) -> None:
    dataset = find(load(ROOT / FILE_NAME), name)
    dataset.require_plugins()
    assert set(dataset.transforms) == TRANSFORMS[name]
    assert dataset.description
