"""The outline says what Elixir itself says, on Elixir's own source.

`definitions.exs` walks the quoted form of each file and lists modules, functions with kind, arity,
default arguments, number of clauses and documentation text, specs, callbacks, types and tests; the
outline must list the same. `doctests.exs` lets ExUnit count the doctests of documentation texts.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from factory.syntax.elixir import outline
from factory.syntax.outline import Doc, Module, Outline
from factory.syntax.parse import parse

_SCRIPT = Path(__file__).parent / "definitions.exs"
_DOCTESTS = Path(__file__).parent / "doctests.exs"

pytestmark = pytest.mark.skipif(shutil.which("elixir") is None, reason="Elixir is not installed")

Fact = tuple[str, ...]


def facts_of_elixir(paths: list[Path]) -> dict[Path, Counter[Fact]]:
    """What Elixir's parser finds in each file that it can read."""
    ran = subprocess.run(
        ["elixir", str(_SCRIPT)],
        input="".join(f"{path}\n" for path in paths),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    found: dict[Path, Counter[Fact]] = {}
    functions: dict[tuple[str, str, str, str], tuple[int, int, str]] = {}
    facts: Counter[Fact] = Counter()

    def close() -> None:
        for (module, kind, name, arity), (clauses, defaults, doc) in functions.items():
            facts["function", module, kind, name, arity, str(defaults), str(clauses), doc] += 1
        functions.clear()

    describe = ""
    for line in ran.stdout.splitlines():
        what, *fields = line.split("\t")
        if what == "file":
            close()
            facts = found[Path(fields[0])] = Counter()
        elif what == "clause":
            module, kind, name, arity, defaults, doc = fields
            before = [key for key in functions if key[0] == module and key[2:] == (name, arity)]
            key = before[0] if before else (module, kind, name, arity)
            clauses, most, last = functions.get(key, (0, 0, "-"))
            functions[key] = (clauses + 1, max(most, int(defaults)), last if doc == "-" else doc)
        elif what == "describe":
            describe = _plain(fields[1])
        elif what == "test":
            name = f"{describe} {_plain(fields[1])}" if describe else _plain(fields[1])
            facts["test", fields[0], name] += 1
        elif what == "unreadable":
            continue
        else:
            facts[what, *fields] += 1
    close()
    return found


def facts_of_outline(outlined: Outline) -> Counter[Fact]:
    facts: Counter[Fact] = Counter()
    for module in outlined.every_module():
        facts[module.kind, module.name] += 1
        facts.update(_facts_of_module(module))
    return facts


def _facts_of_module(module: Module) -> list[Fact]:
    facts: list[Fact] = []
    if module.doc is not None:
        facts.append(("moduledoc", module.name, _shown(module.doc)))
    for function in module.functions:
        facts.append(
            (
                "function",
                module.name,
                function.kind,
                function.name,
                str(function.arity),
                str(function.arity - function.min_arity),
                str(len(function.clauses)),
                _shown(function.doc),
            )
        )
        facts.extend(("spec", module.name, s.name, str(s.arity)) for s in function.specs)
    facts.extend(("callback", module.name, s.name, str(s.arity)) for s in module.callbacks)
    facts.extend(("test", module.name, test.name) for test in module.tests if "#{" not in test.name)
    facts.extend((t.kind, module.name, t.name, str(t.arity)) for t in module.types)
    return facts


def _plain(field: str) -> str:
    return base64.b64decode(field[1:]).decode()


def _shown(doc: Doc | None) -> str:
    if doc is None:
        return "-"
    return "hidden" if doc.hidden else "=" + base64.b64encode(doc.text.encode()).decode()


def differences(paths: list[Path]) -> tuple[int, list[str]]:
    """How many facts agree, and the ones that do not."""
    agreed = 0
    wrong: list[str] = []
    for path, truth in facts_of_elixir(paths).items():
        source = path.read_bytes()
        ours = facts_of_outline(outline(source, parse(source, "elixir")))
        agreed += (truth & ours).total()
        wrong += [f"{path}: not found {fact}" for fact in (truth - ours).elements()]
        wrong += [f"{path}: made up {fact}" for fact in (ours - truth).elements()]
    return agreed, wrong


def test_every_definition_in_elixir_s_libraries(corpus: Path) -> None:
    paths = sorted((corpus / "elixir-lang").glob("lib/*/lib/**/*.ex"))
    assert len(paths) > 200
    agreed, wrong = differences(paths)
    assert wrong == []
    assert agreed > 8_000


def test_definitions_and_tests_in_other_packages(corpus: Path) -> None:
    packages = ("elixir-nimble-parsec", "elixir-makeup", "elixir-earmark-parser", "elixir-ex-doc")
    paths = [path for name in packages for path in sorted((corpus / name).glob("**/*.ex*"))]
    agreed, wrong = differences([path for path in paths if path.suffix in (".ex", ".exs")])
    assert wrong == []
    assert agreed > 1_500


def test_exunit_counts_the_same_doctests(corpus: Path, tmp_path: Path) -> None:
    """ExUnit also makes a test of examples without a value, which teach nothing and are no
    `Doctest`: it may count more, for a few docs in a hundred."""
    docs = [
        doc
        for path in sorted((corpus / "elixir-lang/lib/elixir/lib").rglob("*.ex"))
        for doc in _docs(path.read_bytes())
        if "iex" in doc.text
    ][::5]
    assert len(docs) > 120
    ours = [len({one.group for one in doc.doctests}) for doc in docs]
    theirs = _counted_by_exunit((doc.text for doc in docs), tmp_path)
    known = [(us, int(them)) for us, them in zip(ours, theirs, strict=True) if them != "refused"]
    assert len(known) > len(docs) * 0.99
    assert [pair for pair in known if pair[0] > pair[1]] == []
    assert sum(us == them for us, them in known) > len(known) * 0.97


def _docs(source: bytes) -> Iterable[Doc]:
    for module in outline(source, parse(source, "elixir")).every_module():
        for holder in (module, *module.functions):
            if holder.doc is not None:
                yield holder.doc


def _counted_by_exunit(texts: Iterable[str], folder: Path) -> list[str]:
    ran = subprocess.run(
        ["elixir", str(_DOCTESTS), str(folder)],
        input="".join(base64.b64encode(text.encode()).decode() + "\n" for text in texts),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return ran.stdout.split()
