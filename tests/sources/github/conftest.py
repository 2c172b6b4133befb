"""Every test of GitHub has the token that the server wants, and no other."""

from __future__ import annotations

import pytest

from tests.sources.github.graphql_server import TOKEN


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    return TOKEN
