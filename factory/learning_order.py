"""The learning order of a version, read back from its rows: `factory curriculum`."""

from __future__ import annotations

from factory.passes import difficulty
from factory.passes.curriculum import Chapter, Section, order
from factory.version import Version, opened


def chapters(version: Version) -> tuple[list[Chapter], dict[Section, int]]:
    """The chapters of a version in the order in which its rows' `curriculum.step` has them, and
    how many rows each section has. Empty for a dataset that teaches no concept."""
    levels = ", ".join(f"'{level}'" for level in difficulty.LEVELS)
    with opened(version) as connection:
        if not version.formats():
            return [], {}
        found = connection.execute(
            f"""
            SELECT provenance.source || ':' || provenance.release || '@' || provenance.version,
                   provenance.path, min(provenance.start_line), curriculum.introduces,
                   curriculum.uses,
                   quantile_disc(list_position([{levels}], difficulty) - 1, 0.5),
                   min(provenance.book), min(provenance.chapter), count(*)
            FROM rows WHERE curriculum.step IS NOT NULL
            GROUP BY ALL ORDER BY ALL
            """
        ).fetchall()
    counts = {
        Section(label, path, line, tuple(new), tuple(used), level, book, chapter): rows
        for label, path, line, new, used, level, book, chapter, rows in found
    }
    return order(counts, version.manifest.get("concepts", ())), counts
