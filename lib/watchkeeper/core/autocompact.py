"""At which size the client compacts a conversation by itself, as far as its settings and variables say."""

from __future__ import annotations

import os

from .decoder import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NamedTuple

    from .paths import Paths
else:
    from .named import NamedTuple

PCT_VARIABLE, WINDOW_VARIABLE = "CLAUDE_AUTOCOMPACT_PCT_OVERRIDE", "CLAUDE_CODE_AUTO_COMPACT_WINDOW"
WINDOW_SETTING = "autoCompactWindow"
LARGEST_WINDOW_TOKENS = 1_000_000

# What the client keeps free of its window: for an answer, and beyond it for the summary (tried, see docs/client.md).
_ANSWER_TOKENS, _SUMMARY_TOKENS = 20_000, 13_000
_SMALLEST_WINDOW_TOKENS = 100_000
_SWITCHES_OFF = ("DISABLE_AUTO_COMPACT", "DISABLE_COMPACT")
_TRUE = ("1", "true", "yes", "on")
_MOST_BYTES = 1 << 20
# Every hook reads the file, and in most nothing is told: without one of these, the last being an escaped letter.
_WORDS = (b"autoCompact", b"COMPACT", b"\\u00")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Control(NamedTuple):
    """What the user has told the client; None: nothing."""

    is_on: bool = True
    pct: float | None = None
    """Share of the window less what is kept for an answer."""
    window_tokens: int | None = None
    """As if the model's window were no larger."""
    model_windows: tuple[tuple[str, int], ...] = ()
    """The same for single models."""


NOTHING_TOLD = Control()


def read(paths: Paths, environ: Mapping[str, str]) -> Control:
    """Return what the variables and the user's settings tell the client.

    Below the client `environ` holds the variables of every settings file; elsewhere those of the user's are added.
    """
    settings = _settings(os.path.join(paths.config, "settings.json"))
    of_settings = settings.get("env")
    variables = environ
    if environ.get("CLAUDECODE") != "1" and isinstance(of_settings, dict):
        variables = {**environ, **{name: str(value) for name, value in of_settings.items()}}
    by_model = settings.get("modelSettings")
    models = by_model.items() if isinstance(by_model, dict) else ()
    named = [(str(name), _window(each.get(WINDOW_SETTING))) for name, each in models if isinstance(each, dict)]
    of_variable = _window(_number(variables.get(WINDOW_VARIABLE, "")))
    is_off = settings.get("autoCompactEnabled") is False or any(
        variables.get(name, "").strip().lower() in _TRUE for name in _SWITCHES_OFF
    )
    return Control(
        not is_off,
        _share(variables.get(PCT_VARIABLE, "")),
        of_variable or _window(settings.get(WINDOW_SETTING)),
        () if of_variable else tuple((name, tokens) for name, tokens in named if tokens),
    )


def threshold_tokens(control: Control, model: str, window_tokens: int) -> int | None:
    """Return the size at which the client compacts in a window of `window_tokens`, None where nothing was told of it.

    None, too, where the client waits until the window is full: it does in a window of 200,000 tokens that is the
    model's own, unless a smaller or larger one was told.
    """
    told = dict(control.model_windows).get(model, control.window_tokens)
    if told is None and (control.pct is None or window_tokens < LARGEST_WINDOW_TOKENS):
        return None
    room = min(window_tokens, told or window_tokens) - _ANSWER_TOKENS
    latest = room - _SUMMARY_TOKENS
    return max(1, latest if control.pct is None else min(int(room * control.pct / 100.0), latest))


def _settings(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            data = file.read(_MOST_BYTES)
        # A codec that takes the mark away would have to be imported.
        data = data.removeprefix(_BYTE_ORDER_MARK)
        found = decode(data) if any(word in data for word in _WORDS) else None
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _share(text: str) -> float | None:
    try:
        share = float(text)
    except ValueError:
        return None
    return share if 0.0 < share <= 100.0 else None


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _window(tokens: object) -> int | None:
    return max(_SMALLEST_WINDOW_TOKENS, tokens) if type(tokens) is int and tokens > 0 else None
