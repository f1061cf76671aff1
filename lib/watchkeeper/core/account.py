"""Whose quota it is: a key for the signed-in account, made from the account id in `.claude.json`."""

from __future__ import annotations

from . import state, usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .ledger import Ledger
    from .paths import Paths

# Sessions that pay by the token have no five-hour window.
API = "api"

_PROVIDERS = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY")
_MOST_BYTES = 32 << 20
_WORD = b'"accountUuid"'


def account_key(paths: Paths, environ: Mapping[str, str], is_told_limits: bool = False) -> str:
    """Return a short hash of the account's id, `API` for sessions on an API key or a cloud provider, "" if unknown.

    Whoever is told limits has a subscription, whatever the environment looks like.
    """
    signed_in = is_told_limits or bool(environ.get("CLAUDE_CODE_OAUTH_TOKEN"))
    if not is_told_limits and any(environ.get(name) not in (None, "", "0", "false") for name in _PROVIDERS):
        return API
    if not signed_in and (environ.get("ANTHROPIC_API_KEY") or environ.get("ANTHROPIC_AUTH_TOKEN")):
        return API
    try:
        with open(paths.account, "rb") as file:
            data = file.read(_MOST_BYTES)
    except OSError:
        return ""
    return _hash(_value_after(data, _WORD))


def account_of_session(ledger: Ledger, session_id: str, paths: Paths, environ: Mapping[str, str]) -> str:
    """Return the account that a session runs on: as its status line told last, as its start told, or as it is now."""
    snapshot = state.snapshot_of(ledger.state, session_id)
    if snapshot is not None:
        return snapshot.account
    stored = usage.session_row(ledger.usage, session_id).get("account")
    return stored if isinstance(stored, str) and stored else account_key(paths, environ)


def _value_after(data: bytes, word: bytes) -> bytes:
    # The file holds the client's whole history and can be large; one word of it is wanted.
    start = data.find(word)
    if start < 0:
        return b""
    parts = data[start + len(word) : start + len(word) + 200].split(b'"', 2)
    return parts[1] if len(parts) == 3 and parts[0].strip() == b":" else b""


def _hash(account_id: bytes) -> str:
    if not account_id:
        return ""
    import hashlib

    return hashlib.blake2s(account_id, digest_size=8).hexdigest()
