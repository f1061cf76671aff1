"""One line for a session that is resumed after its cache has gone cold: what going on costs against starting fresh."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core import words

if TYPE_CHECKING:
    from collections.abc import Mapping

# Below this a fresh start saves nothing worth a line.
LEAST_TOKENS = 50_000
# A token of notes has about so many characters.
_CHARACTERS_PER_TOKEN = 3.5
_MOST_TOKENS = 10**8
# A fresh start that takes more of the old session's size is not worth a line.
_WORTHWHILE = 0.8


def cold_cache_line(fields: Mapping[str, Any], fresh_tokens: int | None, handoff_characters: int | None) -> str:
    """Return the line for the payload `fields` of a resumed session, empty while its cache is warm or small.

    `fresh_tokens` is what a session of this project reads at its first prompt, None if that is not known;
    `handoff_characters` is how long the handoff is that a fresh one would be given, None where there is none.
    """
    context_tokens = _count(fields.get("context_tokens"))
    if fields.get("prompt_cache_likely_expired") is not True or context_tokens < LEAST_TOKENS:
        return ""
    usd = fields.get("estimated_cache_write_usd")
    is_price = isinstance(usd, (int, float)) and not isinstance(usd, bool) and 0 < usd < 10_000
    price = f" (about ${usd:.2f})" if is_price else ""
    going_on = (
        f"this session's cache has gone cold: its next prompt writes {words.tokens(context_tokens)} tokens{price}"
    )
    # Without a model: a handoff that Claude writes would cost the very prompt that is to be saved.
    start, way = "A fresh session", "/save-and-restart --draft"
    if handoff_characters is not None:
        start, way = "A fresh one with its handoff", "/clear"
    cost = ""
    if fresh_tokens is not None:
        needed = fresh_tokens + int((handoff_characters or 0) / _CHARACTERS_PER_TOKEN)
        if needed > _WORTHWHILE * context_tokens:
            return ""
        cost = f" about {words.tokens(needed)} ({100 * needed // context_tokens}% of that)"
    return f"Watchkeeper: {going_on}. {start} takes{cost or ' less'}: {way}."


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MOST_TOKENS else 0
