"""What a hook answers the client: JSON on standard output, or nothing at all."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from .named import NamedTuple

# The client shows longer texts as a preview of a file it writes.
MOST_CHARACTERS = 9_500


class Reply(NamedTuple):
    """What to tell: the user, the model, the terminal; or an answer in place of a typed command."""

    user: str = ""
    model: str = ""
    terminal_sequence: str = ""
    answer: str = ""
    notice: str = ""
    """For the desktop; a background job shows it, the client is told nothing of it."""


SILENCE = Reply()


def joined(one: Reply, other: Reply) -> Reply:
    """Return a reply that tells what both tell."""
    return one._replace(user=f"{one.user} {other.user}".strip(), model=f"{one.model}\n{other.model}".strip())


def encode(reply: Reply, event_name: str) -> str:
    """Return what to print for `reply`, empty when there is nothing to say: a hook that prints leaves a trace."""
    body: dict[str, Any] = {}
    if reply.answer:
        body["decision"] = "block"
        body["reason"] = reply.answer[:MOST_CHARACTERS]
        body["hookSpecificOutput"] = {"hookEventName": event_name, "suppressOriginalPrompt": True}
    if reply.user:
        body["systemMessage"] = reply.user[:MOST_CHARACTERS]
    if reply.model:
        body["hookSpecificOutput"] = {"hookEventName": event_name, "additionalContext": reply.model[:MOST_CHARACTERS]}
    if reply.terminal_sequence:
        body["terminalSequence"] = reply.terminal_sequence
    if not body:
        return ""
    # Imported here because most hooks say nothing.
    import json

    return json.dumps(body)
