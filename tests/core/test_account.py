"""Tests of core/account.py."""

from __future__ import annotations

import json

import pytest

from tests.support.environment import User
from watchkeeper.core import account, paths

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def key(home: User, **environ: str) -> str:
    return account.account_key(paths.paths_in(str(home.config), home.environ), environ)


def test_the_key_is_a_hash_of_the_accounts_id(home: User) -> None:
    """Two accounts have two keys, the same account always one, and the id itself is not in it."""
    keys = []
    for uuid in (UUID, UUID, UUID.replace("0", "1")):
        (home.config / ".claude.json").write_text(
            json.dumps({"history": "x" * 10_000, "oauthAccount": {"accountUuid": uuid}})
        )
        keys.append(key(home))

    assert keys[0] == keys[1] != keys[2]
    assert 16 == len(keys[0])
    assert UUID[:8] not in keys[0]


@pytest.mark.parametrize("text", ["", "{}", '{"accountUuid": 7}', '{"accountUuid"', '"accountUuid":', "\x00\xff"])
def test_without_an_account_the_key_is_empty(home: User, text: str) -> None:
    """A file that names no account, or is no JSON, gives the empty key."""
    (home.config / ".claude.json").write_text(text)

    assert "" == key(home)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({"ANTHROPIC_API_KEY": "k"}, account.API, id="API key"),
        pytest.param({"ANTHROPIC_AUTH_TOKEN": "k"}, account.API, id="gateway token"),
        pytest.param({"CLAUDE_CODE_USE_BEDROCK": "1"}, account.API, id="Bedrock"),
        pytest.param({"CLAUDE_CODE_USE_VERTEX": "true"}, account.API, id="Vertex"),
        pytest.param({"CLAUDE_CODE_USE_BEDROCK": "0"}, "", id="Bedrock switched off"),
        pytest.param({"CLAUDE_CODE_OAUTH_TOKEN": "t", "ANTHROPIC_API_KEY": "k"}, "", id="subscription token"),
    ],
)
def test_who_pays_by_the_token_is_told_by_the_environment(home: User, environ: dict[str, str], expected: str) -> None:
    """API keys and cloud providers have no five-hour window."""
    assert expected == key(home, **environ)
