"""GitHub as a place of repositories, for `sources.repository_tests`: which commit a release's tag
names, and that commit's files.

Tags are asked for through GraphQL, many to a question, with the token in `GITHUB_TOKEN`. A tag of a
release does not move, so one that was found is kept and never asked for again (delete the cache's
`tags` folder to do so); what had none is asked for again each time. Files come as a tarball by
commit, kept by `sources.github.fetch`.

Not covered: what a repository keeps out of its archives (`export-ignore`) is not there.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from factory.errors import ArchiveRefusedError, RequestError, SourceError
from factory.plugins import SourceContext
from sources.archive import write_whole
from sources.github.api import TOKEN, Api, Budget
from sources.github.endpoints import PUBLIC, endpoints
from sources.github.fetch import LIMIT, Store, tarball
from sources.github.tags import Tags, resolve
from sources.reading import Files
from sources.repository_tags import Asked, Tag
from sources.web import Web, WebError
from sources.web.pace import steady_clock
from sources.web.reply import TooLargeError

HOST = "github.com"
GONE = (404, 410, 422, 451)


@dataclass
class GitHubPlace:
    """Repositories of `github.com`, asked for at `api_url`. It pickles once `fetch` has run."""

    context: SourceContext
    cache: Path
    """A folder of its own."""
    api_url: str = PUBLIC
    limit: int = LIMIT
    """Bytes that one repository's tarball may have."""
    concurrency: int = 8
    sleep: Callable[[float], None] = time.sleep
    _unfetched: dict[str, str] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)

    def commits(self, asked: Sequence[Asked]) -> list[Mapping[str, str] | str]:
        """Raises `RequestError` when GitHub has to be asked and there is no token, `SourceError`
        when it cannot be."""
        found = {each: self._known(each) or self._missing(each) for each in asked}
        todo = [a for a in found if isinstance(found[a], str) and a.repository.host == HOST]
        if todo and not self.context.offline:
            with self._web() as web:
                budget = Budget(self.sleep, steady_clock, self.context.say)
                api = Api(web, endpoints(self.api_url).graphql, budget, self.context.say)
                answers = resolve(api, [Tags(a.repository.path, a.tags) for a in todo])
            for each, commits in zip(todo, answers, strict=True):
                found[each] = "is not at GitHub" if commits is None else commits
                if commits:
                    write_whole(self._record(each), json.dumps(commits, sort_keys=True).encode())
        return [found[each] for each in asked]

    def fetch(self, tags: Sequence[Tag]) -> None:
        self._unfetched, self._refused = {}, {}
        store = Store(self.cache)
        missing = {t.commit: t for t in tags if not store.tarball(t.commit).is_file()}
        if not missing:
            return
        if self.context.offline:
            self._unfetched = {
                commit: f"the tests of {tag.repository} at {tag.name} were never fetched here: run "
                "the same command once without --offline"
                for commit, tag in missing.items()
            }
            return
        todo = [missing[commit] for commit in sorted(missing)]
        with self._web() as web:
            rest = endpoints(self.api_url).rest

            def one(tag: Tag) -> None:
                try:
                    tarball(
                        tag.repository.path,
                        tag.commit,
                        self.cache,
                        web,
                        api=rest,
                        limit=self.limit,
                    )
                except SourceError as error:
                    may_pass = _may_pass(error)
                    (self._unfetched if may_pass else self._refused)[tag.commit] = str(error)

            for outcome in web.each(one, todo, stage="github: fetching tests", unit="repositories"):
                if isinstance(outcome, WebError):
                    raise outcome

    def files(self, tag: Tag) -> AbstractContextManager[Files]:
        if tag.commit in self._refused:
            raise ArchiveRefusedError(self._refused[tag.commit])
        if tag.commit in self._unfetched:
            raise SourceError(self._unfetched[tag.commit])
        return Store(self.cache).contents(tag.commit)

    def _known(self, asked: Asked) -> Mapping[str, str] | None:
        try:
            known = json.loads(self._record(asked).read_text("ascii"))
        except (OSError, ValueError):
            return None
        return {tag: commit for tag, commit in known.items() if tag in asked.tags}

    def _missing(self, asked: Asked) -> str:
        """Why a repository is not at hand that is not known here."""
        if asked.repository.host != HOST:
            return f"is not on {HOST}"
        return "was never looked up here: run the same command once without --offline"

    def _record(self, asked: Asked) -> Path:
        told = "\n".join([str(asked.repository), *asked.tags])
        return self.cache / "tags" / f"{hashlib.sha256(told.encode()).hexdigest()}.json"

    def _web(self) -> Web:
        token = self.context.secret(TOKEN)
        if not token:
            raise RequestError(
                f"pairing releases with their repositories' tags at GitHub needs a token in the "
                f"environment variable {TOKEN} (any personal access token will do, without scopes)"
            )
        return Web(
            self.cache / "web",
            "github",
            base=endpoints(self.api_url).rest,
            headers={"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"},
            secrets={"authorization": f"Bearer {token}"},
            concurrency=self.concurrency,
            progress=self.context.progress,
            sleep=self.sleep,
        )


def _may_pass(error: BaseException | None) -> bool:
    """Whether another run may mend it: the network's fault, not the archive's."""
    while error is not None:
        if isinstance(error, WebError):
            return not isinstance(error, TooLargeError) and error.status not in GONE
        error = error.__cause__
    return False
