from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.handoff.samples import AUTH
from watchkeeper.handoff.masking import MASK, masked
from watchkeeper.handoff.saving import without_secrets

_LONG = "abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"the key sk-ant-api03-{_LONG} works", f"the key {MASK} works"),
        ("aws AKIAIOSFODNN7EXAMPLE", f"aws {MASK}"),
        (f"ghp_{_LONG}", MASK),
        ("export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", f"export AWS_SECRET_ACCESS_KEY={MASK}"),
        ('api_key: "abc123def456"', f'api_key: "{MASK}"'),
        ("password: hunter2hunter2", f"password: {MASK}"),
        ("mysql --password hunter22 db", f"mysql --password {MASK} db"),
        ("postgres://ada:s3cret@db.example.org/app", f"postgres://ada:{MASK}@db.example.org/app"),
        ("curl -H 'Authorization: Bearer abcdef0123456789'", f"curl -H 'Authorization: Bearer {MASK}'"),
        (f"eyJhbGciOiJI.eyJzdWIiOiIx.{_LONG}", MASK),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nmore", f"{MASK}\nmore"),
    ],
    ids=["anthropic", "aws", "github", "variable", "yaml", "prose", "option", "address", "header", "jwt", "pem"],
)
def test_secrets_are_masked(text: str, expected: str) -> None:
    """What looks like a secret is taken out, and what names it stays."""
    assert (expected, 1) == masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "We use tokens; password: min 8 chars, require a special one",
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "max_tokens=200000",
        "const token = await getToken();",
        "password=os.environ['X']",
        "export TOKEN=$OTHER",
        "token expiry: 15 minutes",
        "src/auth/token.service2.ts",
        "git config credential.helper store",
        f"api_key={MASK}",
    ],
)
def test_words_about_secrets_stay(text: str) -> None:
    """Talk about passwords, numbers of tokens, code and hashes are no secrets."""
    assert (text, 0) == masked(text)


@given(st.text())
def test_masking_twice_finds_nothing_more(text: str) -> None:
    """What is masked is not masked again."""
    once, _ = masked(text)

    assert MASK in once or once == masked(once)[0]


def test_a_handoff_says_how_much_was_masked() -> None:
    """Secrets in any section are masked and counted; ids and hashes stay."""
    told = AUTH.model_copy(update={"decisions": ("password: hunter2hunter2",), "commands": (f"x --token ghp_{_LONG}",)})

    clean = without_secrets(told)

    assert 2 == clean.masked
    assert (f"password: {MASK}",) == clean.decisions
    assert (f"x --token {MASK}",) == clean.commands
    assert (AUTH.commit, AUTH.from_session) == (clean.commit, clean.from_session)
