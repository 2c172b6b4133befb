"""Secrets are in no message, no log line and no address that is shown."""

from __future__ import annotations

import logging
import traceback

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.errors import RequestError
from sources.web import WebError
from sources.web.secrecy import Secrets
from tests.loopback import KINDS, Answer, Loopback, Request
from tests.sources.web.conftest import Client, Told

TOKEN = "ghp_Zm9vYmFyYmF6"


def test_nothing_that_is_said_holds_the_token(
    client: Client, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    """Every fault and refusal, with all the logging of all the libraries on."""
    caplog.set_level(logging.DEBUG)

    def handle(request: Request) -> Answer:
        signed = f"/signed?token={TOKEN}&X-Amz-Signature={TOKEN}"
        answers = {
            "/gone": Answer(404, TOKEN.encode()),
            "/no": Answer(401),
            "/loop": Answer(302, headers={"location": "/loop?access_token=" + TOKEN}),
            "/other": Answer(302, headers={"location": "http://127.0.0.1:1" + signed}),
            "/wait": Answer(429, headers={"retry-after": "5"}),
            "/long": Answer(200, b"x" * 1000),
        }
        return answers.get(request.path, Answer(503))

    with Loopback(handle, script={f"/{kind}": [kind] * 9 for kind in KINDS}) as server:
        web = client(server.url, secrets={"authorization": f"Bearer {TOKEN}"}, attempts=2)
        said = []
        for path in ("gone", "no", "loop", "other", "wait", "long", *KINDS):
            try:
                web.get(f"{path}?token={TOKEN}&q=1", limit=500)
            except WebError as error:
                said += [str(error), error.url, repr(error), repr(error.__cause__)]
                said += traceback.format_exception(error)
    assert len(said) > 50
    everything = "\n".join([*said, *told.lines, caplog.text])
    assert TOKEN not in everything
    assert "/gone?token=…&q=1: the server answered 404" in everything


def test_a_secret_that_got_into_an_address_is_not_shown(client: Client) -> None:
    with Loopback(lambda _: Answer(404)) as server, pytest.raises(WebError) as caught:
        client(server.url, secrets={"x-key": TOKEN}).get(f"of/{TOKEN}/x", params={"q": TOKEN})
    assert str(caught.value).startswith(f"{server.url}/of/…/x?q=…: the server answered 404")
    assert caught.value.url == f"{server.url}/of/…/x?q=…"


@pytest.mark.parametrize("secret", ["Bearer abc\n", "Bearer a\x00b", "Bearer é", "a\rb"])
def test_a_secret_that_no_header_can_carry_is_named_not_shown(client: Client, secret: str) -> None:
    with pytest.raises(RequestError, match="the secret for the header 'authorization'") as caught:
        client("http://127.0.0.1", secrets={"Authorization": secret})
    assert secret not in "".join(traceback.format_exception(caught.value))


def test_a_user_in_the_address_is_a_secret(client: Client) -> None:
    with Loopback(lambda _: Answer(404)) as server:
        base = server.url.replace("//", "//ann:open%20sesame@")
        with pytest.raises(WebError) as caught:
            client(base).get("a")
        assert server.requests[0].headers["authorization"] == "Basic YW5uOm9wZW4gc2VzYW1l"
    assert str(caught.value).startswith(server.url + "/a: ")


@given(
    user=st.text("abc:@/ü", max_size=5),
    key=st.sampled_from(["token", "access_token", "sig", "X-Amz-Signature", "password", "api_key"]),
    secret=st.text("SECRT%&= ü", min_size=5, max_size=12).filter(lambda s: len(s.strip()) > 4),
)
def test_an_address_is_shown_without_what_looks_secret(user: str, key: str, secret: str) -> None:
    secrets = Secrets("x", "https://hex.pm/api", {})
    own = httpx.URL("https://hex.pm/api/x", params={key: secret, "page": "2"})
    assert secrets.shown(own) == f"https://hex.pm/api/x?{key}=…&page=2"
    other = httpx.URL("https://cdn.example/x", params={"anything": secret})
    assert secrets.shown(other) == "https://cdn.example/x?…"
    with_user = own.copy_with(username=user, password=secret, query=None)
    assert secrets.shown(with_user) == "https://hex.pm/api/x"


def test_the_empty_secret_is_none(client: Client) -> None:
    with Loopback(lambda _: Answer(200)) as server:
        client(server.url, secrets={"authorization": ""}).get("a")
        assert "authorization" not in server.requests[0].headers
