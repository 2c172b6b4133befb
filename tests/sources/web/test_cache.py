"""What is kept: always asked about, never another's, never half, never a secret."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.web import WebError
from sources.web import cache as stored
from sources.web.cache import Cache, Entry
from tests.loopback import Answer, Loopback, Request
from tests.sources.web.conftest import Client

BODY = b"the answer\n" * 1000


def tagged(tag: str) -> Answer:
    return Answer(200, BODY, {"etag": tag, "set-cookie": "id=1", "x-ratelimit-remaining": "9"})


@pytest.mark.parametrize("tag", ['"quoted"', 'W/"weak"', "5d41402abc4b2a76b9719d911017c592", "a b"])
def test_a_second_run_asks_whether_the_answer_stands(client: Client, tag: str) -> None:
    """Hex's tags come unquoted; they go back exactly as they came."""

    def handle(request: Request) -> Answer:
        if request.headers.get("if-none-match") == tag:
            return Answer(304, headers={"etag": tag, "x-new": "1"})
        return tagged(tag)

    with Loopback(handle) as server:
        client(server.url).get("a")
        web = client(server.url)
        reply = web.get("a")
        assert [asked.status for asked in server.requests] == [200, 304]
    assert (reply.status, reply.body, reply.fresh) == (304, BODY, False)
    assert (reply.headers["etag"], reply.headers["x-new"]) == (tag, "1")
    assert (web.counts.requests, web.counts.conditional, web.counts.not_modified) == (1, 1, 1)
    assert web.counts.bytes == 0


def test_a_date_asks_too_and_a_change_is_seen(client: Client) -> None:
    date = "Sun, 06 Nov 1994 08:49:37 GMT"
    bodies = [b"old", b"new"]

    def handle(request: Request) -> Answer:
        return Answer(200, bodies.pop(0), {"last-modified": date})

    with Loopback(handle) as server:
        web = client(server.url)
        assert [web.get("a").body, web.get("a").body] == [b"old", b"new"]
        assert server.requests[1].headers["if-modified-since"] == date
    assert client(server.url, offline=True).get("a").body == b"new"


@pytest.mark.parametrize("tag", ["\xfcml\xe4ut", "\x80", "", "\ta"])
def test_a_tag_that_no_request_can_hold_is_no_tag(client: Client, tag: str) -> None:
    with Loopback(lambda _: tagged(tag)) as server:
        assert [client(server.url).get("a").body for _ in range(2)] == [BODY, BODY]
        assert all("\xfc" not in str(asked.headers) for asked in server.requests)


def test_cookies_are_not_sent_back(client: Client) -> None:
    with Loopback(lambda _: tagged("t")) as server:
        web = client(server.url)
        web.get("a")
        web.get("b")
        assert all("cookie" not in asked.headers for asked in server.requests)


def test_a_folder_that_takes_nothing_is_an_error(client: Client, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with Loopback(lambda _: tagged("t")) as server:
        web = client(server.url)
        told = r"^hex: what comes cannot be kept: .* \(.*cache.*\); make room"
        with pytest.raises(WebError, match=told):
            web.get("a")
        with pytest.raises(WebError, match=told):
            web.download("a", tmp_path / "a", limit=10**6)
        (tmp_path / "cache").unlink()
        with pytest.raises(WebError, match=told.replace("cache", "a")):
            (tmp_path / "a").mkdir()
            web.download("a", tmp_path / "a", limit=10**6)


def test_what_may_not_be_stored_is_not(client: Client) -> None:
    answer = Answer(200, b"x", {"etag": '"1"', "cache-control": "private, no-store"})
    with Loopback(lambda _: answer) as server:
        web = client(server.url)
        web.get("a")
        web.get("a")
        assert web.counts.conditional == 0


def test_what_is_not_sound_is_not_stored_nor_used(client: Client) -> None:
    """Say a registry's file with a bad signature."""
    bodies = [b"bad", b"good", b"bad"]

    def handle(request: Request) -> Answer:
        return Answer(200, bodies.pop(0), {"etag": "t"})

    def sound(body: bytes) -> bool:
        return body == b"good"

    with Loopback(handle) as server:
        web = client(server.url)
        offline = client(server.url, offline=True)
        assert web.get("a", sound=sound).body == b"bad"
        with pytest.raises(WebError, match="never fetched"):
            offline.get("a", sound=sound)
        assert web.get("a", sound=sound).body == b"good"
        assert offline.get("a", sound=sound).body == b"good"
        assert web.get("a").body == b"bad"
        with pytest.raises(WebError, match="never fetched"):
            offline.get("a", sound=sound)
        tags = [asked.headers.get("if-none-match") for asked in server.requests]
    assert tags == [None, None, "t"]


def test_an_answer_is_for_who_asked_and_for_what_was_accepted(client: Client) -> None:
    def handle(request: Request) -> Answer:
        if "if-none-match" in request.headers:
            return Answer(304)
        who = request.headers.get("authorization", "nobody")
        return Answer(200, f"{who} {request.headers.get('accept')}".encode(), {"etag": "same"})

    with Loopback(handle) as server:
        ann = client(server.url, secrets={"authorization": "Bearer ann-token"})
        bob = client(server.url, secrets={"authorization": "Bearer bob-token"})
        nobody = client(server.url)
        for _ in range(2):
            assert ann.get("a", accept="x").body == b"Bearer ann-token x"
            assert ann.get("a", accept="y").body == b"Bearer ann-token y"
            assert bob.get("a", accept="x").body == b"Bearer bob-token x"
            assert nobody.get("a", accept="x").body == b"nobody x"


def test_no_secret_is_on_disk(client: Client, tmp_path: Path) -> None:
    token, password = "ghp_0123456789", "open sesame"
    with Loopback(lambda _: tagged("t")) as server:
        client(server.url, secrets={"Authorization": f"Bearer {token}"}).get("a?key=" + token)
        client(server.url.replace("//", "//ann:open%20sesame@")).get("b")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2
    for path in files:
        content = str(path).encode() + path.read_bytes()
        for secret in (token, password, "open%20sesame", "set-cookie", "ratelimit"):
            assert secret.encode() not in content


@given(st.data())
def test_any_damage_is_seen(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder))
        name = stored.key("http://x/", {}, "")
        entry = Entry("at", 200, {"etag": "x"}, b"some body")
        cache.write(name, entry)
        assert cache.read(name) == entry
        [path] = [p for p in Path(folder).rglob("*") if p.is_file()]
        raw = bytearray(path.read_bytes())
        place = data.draw(st.integers(0, len(raw) - 1))
        if data.draw(st.booleans()):
            del raw[place:]
        else:
            raw[place] ^= data.draw(st.integers(1, 255))
        path.write_bytes(raw)
        assert cache.read(name) is None
        assert not path.exists()


def test_a_damaged_answer_is_fetched_anew(client: Client, tmp_path: Path) -> None:
    with Loopback(lambda _: tagged("t")) as server:
        client(server.url).get("a")
        [path] = [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]
        path.write_bytes(path.read_bytes().replace(b"the answer", b"THE ANSWER", 1))
        reply = client(server.url).get("a")
        assert (reply.body, reply.fresh) == (BODY, True)
        assert "if-none-match" not in server.requests[1].headers
    assert client(server.url, offline=True).get("a").body == BODY


def test_a_process_killed_while_it_writes_leaves_the_old_answer(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    name = stored.key("http://x/", {}, "")
    old = Entry("at", 200, {}, b"old")
    cache.write(name, old)
    killed = textwrap.dedent(f"""
        import os, signal
        from pathlib import Path
        from sources.web import cache

        def dying(entry):
            yield b"web1 and half of it"
            os.kill(os.getpid(), signal.SIGKILL)

        cache._packed = dying
        cache.Cache(Path({str(tmp_path)!r})).write(
            {name!r}, cache.Entry("at", 200, {{}}, b"new" * 100)
        )
    """)
    done = subprocess.run([sys.executable, "-c", killed], check=False)
    assert done.returncode == -signal.SIGKILL
    [left] = (tmp_path / "new").iterdir()
    assert Cache(tmp_path).read(name) == old
    # What was left is removed when it is nobody's any more, and not before.
    Cache(tmp_path).write(name, old)
    assert left.exists()
    os.utime(left, (0, 0))
    Cache(tmp_path).write(name, old)
    assert not left.exists()


def test_several_share_a_folder(tmp_path: Path) -> None:
    """Every reader sees one whole entry or another, whoever writes meanwhile."""
    name = stored.key("http://x/", {}, "")
    entries = [Entry("at", 200, {"n": str(n)}, bytes([n]) * 50_000) for n in range(4)]
    Cache(tmp_path).write(name, entries[0])
    code = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from sources.web.cache import Cache, Entry
        cache, n = Cache(Path({str(tmp_path)!r})), int(sys.argv[1])
        for _ in range(200):
            cache.write({name!r}, Entry("at", 200, {{"n": str(n)}}, bytes([n]) * 50_000))
    """)
    writers = [subprocess.Popen([sys.executable, "-c", code, str(n)]) for n in (1, 2, 3)]
    seen = []
    reader = Cache(tmp_path)
    while any(writer.poll() is None for writer in writers):
        seen.append(reader.read(name))
        threading.Event().wait(0.005)
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert all(entry in entries for entry in seen)


@pytest.mark.parametrize(("status", "is_kept"), [(404, False), (410, False), (403, True)])
def test_what_is_gone_does_not_come_back_offline(
    client: Client, status: int, is_kept: bool
) -> None:
    answers = [tagged("x"), Answer(status)]
    with Loopback(lambda _: answers.pop(0)) as server:
        client(server.url).get("a")
        with pytest.raises(WebError, match=str(status)):
            client(server.url).get("a")
        offline = client(server.url, offline=True)
        if is_kept:
            assert offline.get("a").body == BODY
        else:
            with pytest.raises(WebError, match="was never fetched here"):
                offline.get("a")
