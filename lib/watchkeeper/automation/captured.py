"""The environment that a booking keeps for its session: the user's own as it was, without secrets."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from watchkeeper.handoff.masking import masked

if TYPE_CHECKING:
    from collections.abc import Mapping

# What belongs to the session, terminal or process that books, and would mislead the one that starts.
_OF_THE_MOMENT = frozenset(
    """_ AI_AGENT CLAUDECODE CLAUDE_CODE_ENTRYPOINT CLAUDE_CODE_EXECPATH CLAUDE_CODE_SSE_PORT CLAUDE_EFFORT
    CLAUDE_ENV_FILE CLAUDE_PID CLAUDE_PROJECT_DIR COLUMNS INVOCATION_ID JOURNAL_STREAM LINES OLDPWD PWD SHLVL
    WINDOWID""".split()
)
_OF_THE_MOMENT_PREFIXES = ("CLAUDE_CODE_SESSION", "CLAUDE_CODE_CHILD_", "CLAUDE_CODE_MESSAGING_", "WATCHKEEPER_")
_SECRET_NAME = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|PASSCODE|CREDENTIAL|COOKIE|BEARER|OAUTH|PRIVATE"
    r"|(?:^|_)(?:API_?|ACCESS_?|AUTH_?|ACCOUNT_?|ENCRYPTION_?|SIGNING_?|MASTER_?|LICENSE_?)?KEY(?:S|$|_)"
    r"|PASS(?:$|_)"
    r"|(?:^|_)(?:AUTH|PWD|PW|PAT|DSN|SAS|JWT|PIN|SALT|CUSTOM_HEADERS|CONNECTION_STRING)(?:$|_)"
)
# Paths to things that are secret are no secrets, and whoever works with them needs the path.
_PATH_NAMES = frozenset(
    {"SSH_AUTH_SOCK", "XAUTHORITY", "AWS_SHARED_CREDENTIALS_FILE", "GOOGLE_APPLICATION_CREDENTIALS"}
)
_RANDOM = re.compile(r"[A-Za-z0-9+/_=-]{24,}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST_CHARACTERS = 32_768


def captured(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the variables that a booking keeps, and the names of those that it leaves out because they look secret."""
    kept: dict[str, str] = {}
    left_out: list[str] = []
    for name, value in sorted(environ.items()):
        if not _NAME.fullmatch(name) or _is_of_the_moment(name) or "\0" in value or len(value) > _MOST_CHARACTERS:
            continue
        if is_secret(name, value):
            left_out.append(name)
        else:
            kept[name] = value
    return kept, left_out


def is_secret(name: str, value: str) -> bool:
    """Return whether a variable looks like a secret, by its name, by the shape of its value, or because it is random.

    An empty value, a switch such as `0` or `true`, and a number of tokens give nothing away.
    """
    if name in _PATH_NAMES or len(value) < 4 or value.lower() in ("true", "false", "none", "null"):
        return False
    if value.isdigit() and "TOKENS" in name.upper():
        return False
    if _SECRET_NAME.search(name.upper()) and not _is_plain_path(value):
        return True
    return masked(f"{name}={value}")[1] > 0 or masked(value)[1] > 0 or _is_random(value)


def _is_of_the_moment(name: str) -> bool:
    return name in _OF_THE_MOMENT or name.startswith(_OF_THE_MOMENT_PREFIXES)


def _is_plain_path(value: str) -> bool:
    return value.startswith(("/", "~")) or re.match(r"[A-Za-z]:[\\/]", value) is not None


def _is_random(value: str) -> bool:
    """A long word of letters and digits mixed, as keys are and words and paths are not."""
    if not _RANDOM.fullmatch(value) or value.startswith("/"):
        return False
    kinds = [any(map(kind, value)) for kind in (str.isdigit, str.islower, str.isupper)]
    is_hexadecimal = re.fullmatch(r"[0-9a-fA-F]{24,}", value) is not None
    changes = sum(one.isdigit() != other.isdigit() for one, other in itertools.pairwise(value))
    return (is_hexadecimal and kinds[0]) or (all(kinds) and changes >= 4)
