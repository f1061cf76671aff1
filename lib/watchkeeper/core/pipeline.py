"""What happens at each hook, on one screen: record what it tells, compare with the thresholds, say what is due."""

from __future__ import annotations

from . import due_jobs, growth, limit_hits, paths, payload, state, telling, usage
from .account import account_key, account_of_session
from .follow import follow
from .ledger import Transaction
from .records import LimitHit
from .reply import SILENCE
from .watch import is_watching

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from .payload import Event
    from .reply import Reply
    from .watch import Watch
else:
    from .named import NamedTuple


class Outcome(NamedTuple):
    """What a hook answers, and the background jobs it starts."""

    reply: Reply
    jobs: tuple[str, ...]


def handle(watch: Watch, event: Event) -> Outcome:
    """Record an event and return what is due."""
    if not is_watching(watch, event.cwd):
        return Outcome(SILENCE, ())
    account = record_session(watch, event)
    left_bytes = record_use(watch, event, account)
    reading = telling.read(watch, event, account)
    reply = telling.reply_to(watch, event, reading)
    return Outcome(reply, due_jobs.take(watch, event, left_bytes, reading, reply))


def record_session(watch: Watch, event: Event) -> str:
    """Store what the event tells of its session; return the account it runs on."""
    row = usage.session_row(watch.ledger.usage, event.session_id)
    if event.name in ("SessionStart", "SessionEnd") or not row.get("transcript_path"):
        changes: dict[str, object] = {
            "cwd": event.cwd,
            "project": paths.project_of(event.cwd) if event.cwd else "",
            "transcript_path": event.transcript_path,
            "account": account_key(watch.paths, watch.environ),
            "attended": int(telling.is_attended(watch.environ)),
            "agent": event.text("agent_type") if not event.agent_id else "",
        }
        if event.name == "SessionEnd":
            changes["ended_at"] = watch.now
        if event.text("source") == telling.COMPACTED:
            changes["compacted_at"] = watch.now
        with Transaction(watch.ledger.usage) as db:
            usage.save_session(db, event.session_id, watch.now, **changes)
    return account_of_session(watch.ledger, event.session_id, watch.paths, watch.environ)


def record_use(watch: Watch, event: Event, account: str) -> int:
    """Store the tool call and what the transcripts have grown by; return how many bytes are left to read."""
    left_bytes = 0
    hits: list[LimitHit] = []
    with Transaction(watch.ledger.usage) as db:
        tool_use_id = payload.identifier(event.fields.get("tool_use_id"))
        if tool_use_id and event.name in ("PostToolUse", "PostToolUseFailure"):
            _record_tool_call(watch, event, tool_use_id)
        followed = [(event.transcript_path, False)]
        if event.agent_id:
            followed.append((payload.agent_transcript(event.transcript_path, event.agent_id), True))
        for path, in_agent_file in followed:
            if payload.is_transcript(path, watch.paths):
                seen = follow(db, path, event.session_id, in_agent_file)
                left_bytes += seen.left_bytes
                hits.extend(seen.limit_hits)
    if event.name == "StopFailure" and event.text("error") == "rate_limit":
        hits.append(LimitHit(event.session_id, watch.now, event.text("last_assistant_message")[:500]))
    if hits:
        limit_hits.save(watch.ledger, hits, account, watch.now)
    return left_bytes


def _record_tool_call(watch: Watch, event: Event, tool_use_id: str) -> None:
    name = event.text("tool_name")[:200]
    fields = event.fields
    call_tokens, result_tokens = growth.estimate(
        name,
        fields.get("tool_input"),
        fields.get("tool_response"),
        fields.get("error"),
        state.growth_coefficients(watch.ledger.state, name),
    )
    duration_ms = fields.get("duration_ms")
    is_duration = isinstance(duration_ms, int) and 0 <= duration_ms < 2**53
    usage.save_tool_call(
        watch.ledger.usage,
        tool_use_id,
        event.session_id,
        event.agent_id,
        name.encode("utf-8", "replace").decode("utf-8"),
        watch.now,
        duration_ms if is_duration else None,
        event.name == "PostToolUseFailure",
        call_tokens,
        result_tokens,
    )
