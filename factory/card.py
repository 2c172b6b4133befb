"""The dataset card: what the Hub shows of a version, every fact taken from its manifest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from huggingface_hub import DatasetCardData

_HUB_LICENCES = {
    "Apache-2.0": "apache-2.0",
    "BSD-2-Clause": "bsd-2-clause",
    "BSD-3-Clause": "bsd-3-clause",
    "BSL-1.0": "bsl-1.0",
    "CC-BY-4.0": "cc-by-4.0",
    "CC0-1.0": "cc0-1.0",
    "ISC": "isc",
    "MIT": "mit",
    "MPL-2.0": "mpl-2.0",
    "Unlicense": "unlicense",
    "Zlib": "zlib",
}
"""SPDX identifiers as the Hub spells them (its documentation, "Licenses"); all else is `other`."""

_STAGES = {1: "pretraining", 2: "instruction tuning", 3: "learning from books"}

_SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
_SIZE_NAMES = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B")


def render(manifest: dict[str, Any]) -> str:
    """The card as Markdown with the Hub's metadata in front."""
    counts = manifest["counts"]
    sections = [
        f"---\n{_metadata(manifest)}\n---",
        f"# {manifest['name']}",
        manifest["description"].strip(),
        f"Stage {manifest['stage']} ({_STAGES[manifest['stage']]}), {counts['rows']:,} rows, "
        f"version `{manifest['version']}`, content hash `{manifest['content_hash']}`.",
        "## Tasks\n\n" + _tasks(counts["by_task"]),
        "## Languages and difficulty\n\n"
        + _table(("language", "rows"), [(c["language"], c["rows"]) for c in counts["by_language"]])
        + "\n\n"
        + _table(
            ("difficulty", "rows"), [(c["difficulty"], c["rows"]) for c in counts["by_difficulty"]]
        ),
        "## Sources and licences\n\nEvery row names its release, file, lines and licence in "
        "`provenance` and `licence`.\n\n"
        + _table(
            ("release", "checksum", "files", "bytes", "rows", "split"),
            [
                (
                    f"{r['source']}: {r['name']} {r['version']}",
                    f"`{r['checksum'][:23]}…`",
                    r["documents"],
                    r["bytes"],
                    r["rows"],
                    r["split"] or "—",
                )
                for r in manifest["releases"]
            ],
        )
        + "\n\n"
        + _table(("licence", "rows"), [(c["licence"], c["rows"]) for c in counts["by_licence"]]),
        _failed(manifest["failed"]),
        "## What was left out\n\n"
        + _table(
            ("stage", "reason", "rows"),
            [(d["stage"], d["reason"], d["rows"]) for d in manifest["drops"]["rows"]],
        )
        + "\n\n"
        + _table(
            ("stage", "reason", "documents"),
            [(d["stage"], d["reason"], d["documents"]) for d in manifest["drops"]["documents"]],
        ),
        "## Redaction, decontamination, split\n\n"
        f"{sum(r['redactions'] for r in manifest['releases']):,} secrets, e-mail addresses and "
        "private addresses were replaced by placeholders before any row was made. "
        f"{sum(m['rows'] for m in manifest['decontamination']):,} rows were dropped because they "
        "give away an evaluation problem. Train and validation share no package family, no file "
        "and no near duplicate.",
        "## How to load it\n\n"
        "```python\nfrom datasets import load_dataset\n\n"
        f'rows = load_dataset("parquet", data_dir="data/{_first_format(manifest)}")\n```',
        "## Limits\n\nRows whose `executed.status` is `not_run` were not executed: they are what "
        "their authors published, cut and re-arranged by rule. Requests are templates in varied "
        "wordings; nothing in this dataset was written by a model.",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _first_format(manifest: dict[str, Any]) -> str:
    formats = [f["format"] for f in manifest["files"] if "format" in f]
    return formats[0] if formats else "messages"


def _metadata(manifest: dict[str, Any]) -> str:
    counts = manifest["counts"]
    licences = sorted(
        {_HUB_LICENCES.get(c["licence"], "other") for c in counts["by_licence"]} or {"other"}
    )
    configs = []
    for fmt in dict.fromkeys(f["format"] for f in manifest["files"] if "format" in f):
        splits = sorted(
            {f["split"] for f in manifest["files"] if f.get("format") == fmt},
        )
        configs.append(
            {
                "config_name": fmt,
                "data_files": [
                    {"split": split, "path": f"data/{fmt}/{split}-*.parquet"} for split in splits
                ],
            }
        )
    size = _SIZE_NAMES[sum(counts["rows"] >= limit for limit in _SIZES)]
    data = DatasetCardData(
        language=["en"],
        license=licences if len(licences) > 1 else licences[0],
        pretty_name=manifest["name"],
        task_categories=["text-generation"],
        size_categories=[size],
        tags=["code", "elixir", "erlang"],
        configs=configs,
    )
    return data.to_yaml()


def _tasks(by_task: Sequence[dict[str, Any]]) -> str:
    tasks: dict[str, dict[str, int]] = {}
    for count in by_task:
        tasks.setdefault(count["task"], {})[count["split"]] = count["rows"]
    rows = [
        (task, splits.get("train", 0), splits.get("validation", 0))
        for task, splits in sorted(tasks.items())
    ]
    return _table(("task", "train", "validation"), rows)


def _failed(failed: dict[str, str]) -> str:
    if not failed:
        return ""
    return "Releases that could not be read:\n\n" + "\n".join(
        f"- {label}: {why}" for label, why in failed.items()
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for row in rows:
        cells = (f"{c:,}" if isinstance(c, int) else str(c).replace("|", "\\|") for c in row)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
