"""A desktop notice as a terminal escape sequence, which the client passes on where hooks have no terminal. Hot ring."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 240
# What a terminal does with an unknown sequence is to ignore it, but some know two and would show a notice twice.
_KNOW_777 = ("rxvt", "foot", "contour")


def notice_sequence(title: str, body: str, environ: Mapping[str, str] | None = None) -> str:
    """Return the sequence that shows a notice in the terminal that `environ` tells of: OSC 777 or else OSC 9."""
    environ = environ or {}
    term = environ.get("TERM", "")
    if environ.get("VTE_VERSION") or term.startswith(_KNOW_777):
        return osc_777(title, body)
    return osc_9(title, body)


def osc_9(title: str, body: str) -> str:
    """Return iTerm2's notice, which has one text."""
    text = plain(f"{title}: {body}" if title and body else title or body)
    # A number in front would be another command of the same sequence.
    if text[:1].isdigit():
        text = f"\u2022 {text}"
    return f"\x1b]9;{text}\x07"


def osc_777(title: str, body: str) -> str:
    """Return rxvt's notice, whose fields a semicolon separates."""
    return f"\x1b]777;notify;{plain(title).replace(';', ',')};{plain(body).replace(';', ',')}\x07"


def plain(text: str) -> str:
    """Return `text` on one line without anything that a terminal would obey, cut to a notice's length."""
    kept = "".join(character if _is_shown(character) else " " for character in text[: 4 * _LONGEST])
    words = " ".join(kept.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "\u2026"


def _is_shown(character: str) -> bool:
    # Lone surrogates cannot be written; marks that turn the direction of writing can make a text lie.
    code = ord(character)
    return (
        code >= 0x20
        and not 0x7F <= code <= 0x9F
        and not 0xD800 <= code <= 0xDFFF
        and code not in {0x061C, 0x200E, 0x200F, 0x2028, 0x2029}
        and not 0x202A <= code <= 0x202E
        and not 0x2066 <= code <= 0x2069
    )
