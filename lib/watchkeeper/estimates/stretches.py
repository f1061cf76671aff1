"""A session taken apart into stretches: pieces of work of one kind, each from a prompt to the end of what it led to.

A stretch ends where the next one that is worth a name begins: after a commit, after the task list was done, after a
plan was approved, after a long pause, or where the kind of work changes. What is too small for that, a "yes" or a
question, belongs to what it follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.context.content import blocks, is_typed, text_of
from watchkeeper.context.task_list import TaskList
from watchkeeper.core.records import epoch_of

from .evidence import Evidence
from .task_type import by_tools_alone, by_words_alone, classify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A pause that work is not counted over: while the user thinks, and while a tool runs.
THINKING_S, RUNNING_S = 600.0, 1_800.0
_LONG_PAUSE_S = 3_600.0
_FEWEST_CALLS = 4
_TODO_TOOLS = ("TodoWrite", "TaskCreate", "TaskUpdate")


class Stretch(NamedTuple):
    """A piece of a session. Times are epoch seconds; it lasts until the next one begins."""

    session_id: str
    started_at: float
    ended_at: float
    active_s: float
    """Without pauses."""
    task_type: str
    certainty: float
    tools_say: str
    """The type by the tools alone."""
    words_say: str
    """The type by the prompts alone, empty when they say nothing."""
    calls: int
    prompts: int
    libraries: tuple[str, ...]


def stretches_in(records: Iterable[dict[str, Any]]) -> Iterator[Stretch]:
    """Yield the stretches of the main chain of a transcript, whose records come in the order of the file."""
    stretch: _Piece | None = None
    for turn in _turns(records):
        if stretch is None or stretch.ends_before(turn):
            if stretch is not None:
                yield stretch.closed()
            stretch = turn
        else:
            stretch.join(turn)
    if stretch is not None:
        yield stretch.closed()


class _Piece:
    """A turn (a prompt and what it led to), and later the turns that follow it."""

    def __init__(self, session_id: str, at: float, pause_s: float) -> None:
        self.session_id = session_id
        self.started_at = self.ended_at = at
        self.pause_s = pause_s
        self.active_s = 0.0
        self.prompts = 0
        self.evidence = Evidence()
        self.is_finished = False
        """A commit, a done task list or an approved plan is its natural end."""

    def go_on(self, at: float, most_s: float) -> None:
        self.active_s += min(max(0.0, at - self.ended_at), most_s)
        self.ended_at = max(self.ended_at, at)

    def ends_before(self, turn: _Piece) -> bool:
        if turn.session_id != self.session_id:
            return True
        if min(self.evidence.calls, turn.evidence.calls) < _FEWEST_CALLS:
            return turn.pause_s > _LONG_PAUSE_S and self.evidence.calls >= _FEWEST_CALLS <= turn.evidence.calls
        if self.is_finished or turn.pause_s > _LONG_PAUSE_S:
            return True
        before, after = classify(self.evidence), classify(turn.evidence)
        return before.task_type != after.task_type and before.is_sure and after.is_sure

    def join(self, turn: _Piece) -> None:
        self.active_s += min(turn.pause_s, THINKING_S) + turn.active_s
        self.ended_at = max(self.ended_at, turn.ended_at)
        self.prompts += turn.prompts
        self.evidence.join(turn.evidence)
        self.is_finished = turn.is_finished or (self.is_finished and turn.evidence.calls < _FEWEST_CALLS)

    def closed(self) -> Stretch:
        verdict, words = classify(self.evidence), by_words_alone(self.evidence.words)
        return Stretch(
            self.session_id,
            self.started_at,
            self.ended_at,
            self.active_s,
            verdict.task_type,
            verdict.certainty,
            by_tools_alone(self.evidence).task_type,
            words.task_type if words else "",
            self.evidence.calls,
            self.prompts,
            self.evidence.libraries,
        )


def _turns(records: Iterable[dict[str, Any]]) -> Iterator[_Piece]:
    turn: _Piece | None = None
    tasks, open_calls = TaskList(), dict[str, tuple[str, Any]]()
    for record in records:
        at = epoch_of(record.get("timestamp"))
        message = record.get("message")
        if at <= 0 or not isinstance(message, dict) or record.get("isSidechain") is True:
            continue
        if "forkedFrom" in record:
            # A copy of another session's record.
            continue
        prompt = _prompt(record, message)
        if prompt:
            if turn is not None:
                yield turn
            session_id = text_of(record.get("sessionId"))
            turn = _Piece(session_id, at, max(0.0, at - turn.ended_at) if turn else 0.0)
            turn.prompts = 1
            turn.evidence.take_prompt(prompt)
            open_calls.clear()
        if turn is None:
            continue
        turn.go_on(at, RUNNING_S)
        is_approved = _take(turn, record, message, tasks, open_calls)
        if is_approved:
            turn.is_finished = True
            yield turn
            turn = _Piece(turn.session_id, at, 0.0)
            turn.evidence.take_prompt("implement the plan")
    if turn is not None:
        yield turn


def _take(
    turn: _Piece,
    record: dict[str, Any],
    message: dict[str, Any],
    tasks: TaskList,
    open_calls: dict[str, tuple[str, Any]],
) -> bool:
    """Take in a record; return whether it is the approval of a plan."""
    is_approved = False
    for block in blocks(message.get("content")):
        if block.get("type") == "tool_use":
            call_id, tool = text_of(block.get("id")), text_of(block.get("name"))
            if call_id not in open_calls:
                turn.evidence.take_call(call_id, tool, block.get("input"))
            turn.is_finished = turn.evidence.commits > 0 or turn.is_finished
            open_calls[call_id] = (tool, block.get("input") if tool in _TODO_TOOLS else None)
        elif block.get("type") == "tool_result":
            call_id, is_error = text_of(block.get("tool_use_id")), block.get("is_error") is True
            tool, asked = open_calls.pop(call_id, ("", None))
            turn.evidence.take_result(call_id, is_error)
            if tool in _TODO_TOOLS:
                tasks.take(tool, asked, record.get("toolUseResult"), is_error)
                states = {task.state for task in tasks.tasks()}
                turn.is_finished = turn.is_finished or states == {"completed"}
            is_approved = is_approved or (tool == "ExitPlanMode" and not is_error)
    return is_approved


def _prompt(record: dict[str, Any], message: dict[str, Any]) -> str:
    """Return what a person typed in a record, empty if it is none of theirs."""
    if record.get("type") != "user" or record.get("isMeta") is True or record.get("isCompactSummary") is True:
        return ""
    return "\n".join(text_of(block.get("text")) for block in blocks(message.get("content")) if is_typed(block))
