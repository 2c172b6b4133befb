"""Which repositories are wanted: the words of a search, and what is checked here once more.

GitHub's search is asked for as much as it can sort out itself; whatever it lets through (an index
lags behind, GitHub Enterprise ignores words that it does not know) is judged by the same rules
here, save languages and topics, which have more names than one. Private repositories come only
when they are named.
"""

from __future__ import annotations

from datetime import date

from sources.github.options import GitHubOptions
from sources.github.repository import NO_LICENCE, Details, Facts
from sources.github.windows import LONGEST

QUERY = 256
"""Characters that GitHub's search takes."""


def searches(options: GitHubOptions) -> list[str]:
    """The words of each search to make, without its window."""
    return [
        _words(options, language, topic)
        for language in options.languages or ("",)
        for topic in options.topics or ("",)
        if language or topic
    ]


def _words(options: GitHubOptions, language: str, topic: str) -> str:
    words = [f'language:"{language}"' if " " in language else f"language:{language}"] * bool(
        language
    )
    words += [f"topic:{topic}"] * bool(topic)
    words += ["is:public"]
    if "forks" not in options.exclude:
        words.append("fork:true")
    if options.pushed_after:
        words.append(f"pushed:>={options.pushed_after.isoformat()}")
    words += [
        f"{word}:false"
        for kind, word in (
            ("archived", "archived"),
            ("mirrors", "mirror"),
            ("templates", "template"),
        )
        if kind in options.exclude
    ]
    # What does not fit into a search is sorted out here alone.
    for word in ("sort:stars-asc", f"size:<={options.max_size_mb * 1000}"):
        if len(" ".join([*words, word])) + LONGEST < QUERY:
            words.append(word)
    return " ".join(words)


def unwanted(facts: Facts, options: GitHubOptions) -> str:
    """Why a repository that a search gave is left out before more is asked of it, or ""."""
    kinds = {
        "forks": (facts.fork, "forks"),
        "mirrors": (facts.mirror, "mirrors"),
        "archived": (facts.archived, "archived"),
        "templates": (facts.template, "templates"),
    }
    for kind in options.exclude:
        is_one, reason = kinds[kind]
        if is_one:
            return reason
    if facts.private:
        return "private"
    if facts.disabled:
        return "blocked by GitHub"
    if not facts.commit:
        return "empty"
    if facts.stars < options.min_stars:
        return "too few stars"
    if options.pushed_after and not _pushed_since(facts.pushed, options.pushed_after):
        return "not pushed to since"
    return too_large(facts, options) or (
        "without a licence file"
        if "licence" in options.require and facts.licence in NO_LICENCE
        else ""
    )


def too_large(facts: Facts, options: GitHubOptions) -> str:
    return "too large" if facts.kilobytes > options.max_size_mb * 1000 else ""


def lacks(details: Details, options: GitHubOptions) -> str:
    """What a repository is left out for once its commit is known, or ""."""
    if "tests" in options.require and not details.tests:
        return "without tests"
    if "ci" in options.require and not details.ci:
        return "without continuous integration"
    if "releases" in options.require and not details.release_count:
        return "without a published release"
    return ""


def _pushed_since(pushed: str, day: date) -> bool:
    return pushed[:10] >= day.isoformat()
