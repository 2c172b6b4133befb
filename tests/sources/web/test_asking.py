"""What a request looks like, what comes back, and what offline gives."""

from __future__ import annotations

import json
import pickle

import pytest

from factory.errors import RequestError, SourceError
from sources.web import WebError
from tests.loopback import Answer, Loopback, Request
from tests.sources.web.conftest import Client


def echo(request: Request) -> Answer:
    said = {"path": request.path, "query": dict(request.query), "method": request.method}
    return Answer(200, json.dumps(said).encode(), {"content-type": "application/json"})


def test_a_request_names_us_and_goes_below_the_base(client: Client) -> None:
    with Loopback(echo) as server:
        web = client(server.url + "/api/", headers={"X-Version": "2"})
        reply = web.get("packages", params={"sort": "downloads", "page": 2}, accept="text/x")
        whole = web.get(server.url + "/elsewhere")
    assert json.loads(reply.body) == {
        "path": "/api/packages",
        "query": {"sort": "downloads", "page": "2"},
        "method": "GET",
    }
    assert (reply.status, reply.fresh) == (200, True)
    assert reply.headers["content-type"] == "application/json"
    assert json.loads(whole.body)["path"] == "/elsewhere"
    sent = server.requests[0].headers
    assert sent["user-agent"].startswith("elixir-factory/0")
    assert sent["accept"] == "text/x"
    assert sent["x-version"] == "2"
    assert sent["accept-encoding"] == "gzip"
    assert "cookie" not in sent


def test_a_question_is_json_and_never_stored(client: Client) -> None:
    def handle(request: Request) -> Answer:
        return Answer(200, request.body, {"etag": '"x"'})

    with Loopback(handle, script={"/graphql": ["502", "reset"]}) as server:
        web = client(server.url)
        first = web.post("graphql", json={"query": "{ viewer }"})
        second = web.post("graphql", json={"query": "{ viewer }"})
        assert server.requests[-1].headers["content-type"] == "application/json"
        assert web.counts.requests == 4
        assert web.counts.conditional == 0
    assert json.loads(first.body) == json.loads(second.body) == {"query": "{ viewer }"}
    with pytest.raises(WebError, match="never fetched here"):
        client(server.url, offline=True).post("graphql", json={"query": "{ viewer }"})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 501])
def test_what_will_not_pass_is_raised_at_once(client: Client, status: int) -> None:
    with Loopback(lambda _: Answer(status)) as server:
        web = client(server.url)
        with pytest.raises(WebError) as caught:
            web.get("gone")
        assert server.count() == 1
    assert caught.value.status == status
    assert caught.value.url == server.url + "/gone"
    assert str(caught.value).startswith(f"{server.url}/gone: the server answered {status}")
    assert isinstance(caught.value, SourceError)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.status, again.url) == (
        str(caught.value),
        status,
        caught.value.url,
    )


@pytest.mark.parametrize("status", [300, 304, 305])
def test_an_answer_that_nobody_asked_for_is_refused(client: Client, status: int) -> None:
    with Loopback(lambda _: Answer(status)) as server, pytest.raises(WebError, match=str(status)):
        client(server.url).get("x")


def test_offline_gives_what_is_on_disk_and_asks_nothing(client: Client) -> None:
    with Loopback(echo) as server:
        online = client(server.url).get("a", params={"q": "1"})
        asked = server.count()
        offline = client(server.url, offline=True)
        reply = offline.get("a", params={"q": "1"})
        assert (reply.status, reply.body, reply.fresh) == (200, online.body, False)
        assert reply.headers["content-type"] == "application/json"
        for missing in ({"q": "2"}, {}):
            with pytest.raises(WebError, match="was never fetched here: run the same command"):
                offline.get("a", params=missing)
        assert server.count() == asked
        assert offline.counts.requests == 0


def test_an_address_that_is_none_is_said(client: Client) -> None:
    with pytest.raises(RequestError, match=r"hex: ftp:// is no address of a web server"):
        client("ftp://mirror")
    with pytest.raises(RequestError, match="no whole address"):
        client("").get("packages")
    with pytest.raises(WebError, match="no address"):
        client("").get("http://x:port/")


def test_a_proxy_is_used_but_not_for_this_machine(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Loopback(lambda _: Answer(200, b"proxy")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        with Loopback(lambda _: Answer(200, b"here")) as server:
            assert client(server.url).get("a").body == b"here"
        assert client("http://hex.example/api").get("a").body == b"proxy"
        assert [asked.path for asked in proxy.requests] == ["http://hex.example/api/a"]


def test_a_closed_client_asks_nothing(client: Client) -> None:
    with Loopback(echo) as server:
        web = client(server.url)
        with web:
            web.get("a")
        with pytest.raises(WebError, match="closed"):
            web.get("b")
        assert server.count() == 1
