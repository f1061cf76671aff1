"""Transcripts as hypothesis makes them up: everything that a session can do, in any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.context.transcript import Call, Transcript, numbered, thought

_FILES = ("/home/dev/project/a.py", "/home/dev/project/b.py", "/home/dev/project/ä “c”.py")
_TEXTS = (
    numbered(3),
    numbered(60, "row"),
    numbered(400, "entry"),
    "x" * 9_000,
    "short",
    "\u2028 é 🎉 \x07 </tag>" * 40,
)
_WORDS = st.sampled_from(
    ("Go on", "Now the tests", "Why?", "We decided to use tabs.", "{json}", "[Request interrupted]")
)

Step = Callable[[Transcript, st.DataObject], None]


def _context(told: Transcript, data: st.DataObject) -> int:
    # It grows as a rule, by what was said or by something else, and sometimes it shrinks.
    return 15_000 + 40 * len(told.lines) + data.draw(st.integers(0, 8_000), label="context")


def _prompt(told: Transcript, data: st.DataObject) -> None:
    told.prompt(data.draw(_WORDS), isMeta=data.draw(st.booleans()) and data.draw(st.booleans()))


def _respond(told: Transcript, data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from(("text", "thinking", "read", "bash", "write")), min_size=1, max_size=5))
    blocks: list[Any] = []
    for kind in kinds:
        path = data.draw(st.sampled_from(_FILES))
        blocks.append(
            {
                "text": data.draw(_WORDS),
                "thinking": thought(
                    data.draw(st.sampled_from(("", "Hm. " * 50))), "c2ln" * data.draw(st.integers(1, 90))
                ),
                "read": Call("Read", {"file_path": path}),
                "bash": Call("Bash", {"command": "make test"}),
                "write": Call("Write", {"file_path": path, "content": "new"}),
            }[kind]
        )
    calls = told.respond(_context(told, data), *blocks)
    answered = data.draw(st.permutations(calls))
    if answered and data.draw(st.sampled_from((False, False, False, True)), label="interrupted"):
        answered = answered[1:]
    for call in answered:
        text = data.draw(st.sampled_from(_TEXTS))
        content = text if data.draw(st.booleans()) else [{"type": "text", "text": text}]
        told.result(call, content, is_error=data.draw(st.sampled_from((False, False, True))))


def _compact(told: Transcript, data: st.DataObject) -> None:
    how_many = data.draw(st.integers(0, 3))
    kept = told.links[len(told.links) - how_many :] if how_many <= len(told.links) else []
    told.compact(150_000, "What was said so far.", kept)


def _sidechain(told: Transcript, data: st.DataObject) -> None:
    parent = told.last if data.draw(st.booleans()) else None
    told.add("user", parent, isSidechain=True, agentId="a1", message={"role": "user", "content": "Look around"})


def _attachment(told: Transcript, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(("date", "prompt_snapshot", "hook_additional_context", "skill_listing", "file")))
    told.attachment(kind, data.draw(st.sampled_from((None, "Today is Friday.", "skill " * 300))))


def _other(told: Transcript, data: st.DataObject) -> None:
    some = data.draw(st.sampled_from(told.links)) if told.links else ""
    told.line(
        data.draw(
            st.sampled_from(
                (
                    {"type": "last-prompt", "leafUuid": some, "lastPrompt": "Go on", "sessionId": told.session_id},
                    {"type": "file-history-snapshot", "messageId": some, "snapshot": {"messageId": some, some: [some]}},
                    {
                        "type": "marble-origami",
                        "uuid": f"unknown-{len(told.lines)}",
                        "of": {"deep": [some, {"x": 1.5}]},
                    },
                    {"type": "cost-state", "totalCostUSD": 1.5, "sessionId": told.session_id},
                    {"type": "api-request-blob", "uuid": "r", "message": {}},
                )
            )
        )
    )


def _rewind(told: Transcript, data: st.DataObject) -> None:
    if told.links:
        told.last = data.draw(st.sampled_from(told.links))


def _tear(told: Transcript, data: st.DataObject) -> None:
    if told.lines:
        place = data.draw(st.integers(0, len(told.lines) - 1))
        how = data.draw(st.sampled_from(("torn", "glued", "gone")))
        if how == "torn":
            told.lines.insert(place, told.lines[place][: len(told.lines[place]) // 2] + b"\n")
        elif how == "glued":
            told.lines[place] = told.lines[place].rstrip(b"\n")
        else:
            del told.lines[place]


_CALM: tuple[Step, ...] = (_prompt, _respond, _respond, _respond, _attachment)
_WILD: tuple[Step, ...] = (_compact, _sidechain, _other, _rewind)


@st.composite
def stories(draw: st.DrawFn) -> Transcript:
    """A session, from empty to long, of which a few lines may be damaged in the end."""
    told = Transcript()
    data = draw(st.data())
    for step in draw(st.lists(st.sampled_from(_CALM + _WILD), max_size=25)):
        step(told, data)
    for _ in range(draw(st.sampled_from((0, 0, 1, 3)))):
        _tear(told, data)
    is_open: bool = draw(st.booleans())
    if told.lines and is_open:
        told.lines[-1] = told.lines[-1].rstrip(b"\n")
    return told
