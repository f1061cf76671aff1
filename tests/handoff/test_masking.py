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


_MIXED = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"
_HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "secret",
    [
        *(f"{mark}_{_MIXED}" for mark in ("sk_test", "gsk", "lin_api", "ntn", "figd", "dckr_pat", "glsa", "whsec")),
        *(f"{mark}-{_MIXED}" for mark in ("sk-proj", "xai", "pplx", "glpat", "glrt", "sq0atp", "PMAK", "xoxb")),
        f"sbp_{_HEX[:40]}",
        f"dapi{_HEX[:32]}",
        f"SK{_HEX[:32]}",
        f"key-{_HEX[:32]}",
        f"hvs.CAESI{_MIXED}",
        f"123456789:AAF{_MIXED}",
        f"EAA{_MIXED}",
        f"{_MIXED}{_MIXED}==",
    ],
)
def test_keys_are_known_by_their_shape(secret: str) -> None:
    """Whatever stands around a key that its service marks, or a long run of mixed letters and digits, it goes."""
    assert (f"set {MASK}, then go", 1) == masked(f"set {secret}, then go")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("DefaultEndpointsProtocol=https;AccountName=x;AccountKey=", ";EndpointSuffix=x"),
        ("https://x.org/?api_key=", "&v=1"),
        ("curl -u admin:", " https://x.org"),
        ("curl --user 'admin:", "' https://x.org"),
        ("sshpass -p '", "' ssh x"),
        ("docker login -u me -p ", ""),
        ("mysql -u root -p", " db"),
        ("MYSQL_PWD=", " mysql"),
        ("DB_PASS=", ""),
        ('db_pass: "', '"'),
        ("gpg --passphrase ", ""),
        ("openssl enc -k ", " -in x"),
        ("Set-Cookie: sid=", "; Path=/"),
        ("the password is ", " as ever"),
        ("amqp://guest:", "/more@host"),
        ("//registry.npmjs.org/:_authToken=", ""),
    ],
)
def test_secrets_are_known_by_what_names_them(before: str, after: str) -> None:
    """A value that a name, an option, a header or an address gives away goes, and what is around it stays."""
    text, count = masked(f"{before}hunter2secret{after}")

    assert (1, True, False) == (count, text.startswith(before + MASK), "hunter2" in text)


def test_the_secret_part_of_a_web_hook_goes() -> None:
    """Who may post stays a secret, where to does not."""
    address = "https://hooks.slack.com/services/"

    assert (f"{address}{MASK}", 1) == masked(f"{address}T00000000/B00000000/{'X' * 24}")


def test_a_pgp_key_goes_whole() -> None:
    """A block ends where it ends, or with the text."""
    begin, end = "-----BEGIN PGP PRIVATE KEY BLOCK-----", "-----END PGP PRIVATE KEY BLOCK-----"

    assert [(f"a {MASK} b", 1), (f"a {MASK}", 1)] == [
        masked(f"a {begin}\nlQOYBF\n{end} b"),
        masked(f"a {begin}\nlQOYBF"),
    ]


@pytest.mark.parametrize("part", ["a.", "a-", "_a", "eyJaaaaaaaa-", "://", "a://b:", "key-", "password ", "aB1", "--"])
def test_no_text_takes_for_ever(part: str) -> None:
    """Looking through a text of many beginnings takes a time in proportion to its length; else this would never end."""
    text = part * (30_000 // len(part))

    assert masked(text)[1] in (0, 1)


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
        "tests pass = 12 and pass: 15 of 15",
        "docker run -u 1000:1000 -p 8080:80 x",
        "mysql -u root -p",
        "git push -u origin feature/auth",
        "https://example.org:8443/x/@scope/package",
        "PWD=/home/ada2/project",
        "Cookie: the banner is hidden",
        "TestSignInWithRefreshTokensOverHttp2AndExpiry",
        "test_sha256_of_base64_in_utf8_and_utf16_files",
        "3176e328-f364-47e2-81b5-f6ddd8100350",
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


def test_what_is_compared_later_stays() -> None:
    """A project in a folder that looks like a secret is still that project."""
    told = AUTH.model_copy(update={"project": f"/home/ada/sk-{_LONG}", "branch": f"token={_LONG}"})

    assert (told.project, told.branch, 0) == (
        without_secrets(told).project,
        without_secrets(told).branch,
        without_secrets(told).masked,
    )
