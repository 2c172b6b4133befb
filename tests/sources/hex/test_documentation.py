"""docs/hex.md: its options are the source's, and its commands do what it says."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

from sources.hex import Hex
from sources.hex.options import HexOptions
from tests.sources.hex.world import hex_at, labels, world_of
from tests.sources.hex_server.server import HexServer

PAGE = (Path(__file__).parents[3] / "docs/hex.md").read_text()


def commands() -> list[list[str]]:
    blocks = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return [shlex.split(block.replace("\\\n", " ")) for block in blocks]


def options(words: list[str]) -> dict[str, str]:
    given = [word for before, word in pairwise(words) if before == "--set"]
    return dict(word.removeprefix("sources.hex.").split("=", 1) for word in given)


def test_every_option_is_told_and_no_other() -> None:
    told = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert told | {"mirror", "github_api_url"} == HexOptions.model_fields.keys()
    assert "github_api_url" in PAGE
    assert "`mirror: FOLDER`" in PAGE


def test_a_mirror_needs_its_address_alone() -> None:
    check, mirror, _ = commands()
    assert check[:4] == ["factory", "sources", "check", "hex"]
    assert options(mirror).keys() == {"repo_url"}
    assert Hex.Options.model_validate(options(mirror) | {"top": 1}).public_key == ""


def test_a_repository_without_an_api_is_read_by_its_index(tmp_path: Path) -> None:
    own = options(commands()[2])
    names = {"repo_url", "api_url", "public_key", "repository", "at_root", "top"}
    assert own.keys() == names
    assert Hex.Options.model_validate(own | {"api_url": None}).api_url == ""  # as YAML has it
    world = world_of(3)
    world.hexpm.name = own["repository"]
    with HexServer(world) as server:
        del own["repo_url"], own["public_key"]
        assert labels(hex_at(server, tmp_path, **own)) == [f"demo_00{n} 1.0.0" for n in (1, 2, 3)]
        assert server.log.count("/repo/versions") == 1
        assert server.log.count("/api") == 0


def test_how_many_requests_a_crawl_takes(tmp_path: Path) -> None:
    """Of n packages by downloads: n/100 pages, n registry entries, n tarballs; then all of the
    first two again, conditionally."""
    assert "about 3,015 requests, and a second one about 1,515" in PAGE
    with HexServer(world_of(150)) as server:
        source = hex_at(server, tmp_path, top=150)
        source.fetch([each for each in source.releases() if hasattr(each, "label")])
        assert len(server.log.requests) == 2 + 150 + 150
        server.log.forget()
        again = hex_at(server, tmp_path, top=150)
        again.fetch([each for each in again.releases() if hasattr(each, "label")])
        assert [asked.status for asked in server.log.requests] == [304] * 152
