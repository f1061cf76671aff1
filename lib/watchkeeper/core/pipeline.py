"""What happens at each hook, on one screen: record what it tells, compare with the thresholds, say what is due."""

from __future__ import annotations

from . import growth, levels, limits, paths, payload, settings, state, telling, usage
from .account import account_key, account_of_session
from .follow import follow
from .ledger import Transaction
from .records import LimitHit
from .reply import SILENCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NamedTuple

    from .alerts import Reading
    from .ledger import Ledger
    from .paths import Paths
    from .payload import Event
    from .reply import Reply
else:
    from .named import NamedTuple

REFRESH_INTERVAL_S = 600.0
DRAFT_INTERVAL_S = 30.0
DANGER_DRAFT_INTERVAL_S = 300.0
EDITORS, PLANS = ("Edit", "Write", "MultiEdit"), (".md", ".markdown", ".txt")
DANGER_LEVELS = ("emergency", "critical", "danger")


class Watch(NamedTuple):
    """What a hook works with."""

    ledger: Ledger
    settings: dict[str, dict[str, Any]]
    paths: Paths
    environ: Mapping[str, str]
    now: float


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
    jobs = due_jobs(watch, left_bytes, reply) + draft_jobs(watch, event, reading) + plan_jobs(watch, event)
    return Outcome(reply, jobs)


def is_watching(watch: Watch, cwd: str) -> bool:
    """Return whether Watchkeeper is switched on: in the settings, in this project, in this process."""
    if watch.environ.get("WATCHKEEPER_OFF") == "1" or not watch.settings["watch"]["enabled"]:
        return False
    off = watch.settings["watch"]["projects_off"]
    project = paths.project_of(cwd) if cwd else ""
    return project not in off and not state.is_muted(watch.ledger.state, project, "everything", watch.now)


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
        limits.save_limit_hits(watch.ledger, hits, account, watch.now)
    return left_bytes


def draft_jobs(watch: Watch, event: Event, reading: Reading) -> tuple[str, ...]:
    """Return the job that renews the session's draft where something might be lost: a limit, an end, a compaction.

    In danger it is renewed at each level that is reached, while work goes on there, and at each turn's end: what a tool
    has done stands in the transcript only some time after its hook.
    """
    reasons = {
        "SessionEnd": "end",
        "StopFailure": "limit" if event.text("error") == "rate_limit" else "",
        "PreCompact": "compaction" if event.text("trigger") == "auto" else "",
    }
    reason, interval_s = reasons.get(event.name, ""), DRAFT_INTERVAL_S
    if event.name in ("PostToolUse", "PostToolUseFailure", "Stop"):
        reason, interval_s = _danger(watch, reading), DANGER_DRAFT_INTERVAL_S
    if reason and event.name == "Stop":
        reason, interval_s = "turn", DRAFT_INTERVAL_S
    if not reason or event.agent_id:
        return ()
    name = f"draft {reason} {event.session_id}"
    if not state.is_job_due(watch.ledger.state, name, interval_s, watch.now):
        return ()
    with Transaction(watch.ledger.state) as db:
        is_due = state.claim_job(db, name, interval_s, watch.now)
    return (f"draft={reason}:{event.session_id}",) if is_due else ()


def due_jobs(watch: Watch, left_bytes: int, reply: Reply) -> tuple[str, ...]:
    """Return the background jobs to start, claimed so that no other hook starts them too."""
    wanted = {
        "sample": float(watch.settings["resources"]["sample_interval_s"]),
        "refresh": 5.0 if left_bytes else REFRESH_INTERVAL_S,
    }
    if settings.are_stale(watch.paths, watch.settings):
        wanted["compile"] = 5.0
    due = [
        name for name, interval_s in wanted.items() if state.is_job_due(watch.ledger.state, name, interval_s, watch.now)
    ]
    if due:
        with Transaction(watch.ledger.state) as db:
            due = [name for name in due if state.claim_job(db, name, wanted[name], watch.now)]
    if reply.notice:
        due.append("notify=" + reply.notice)
    return tuple(due)


def plan_jobs(watch: Watch, event: Event) -> tuple[str, ...]:
    """Return the job that looks at a plan right after it was edited, or that ends comparing a session with it."""
    asked = event.fields.get("tool_input") if event.text("tool_name") in EDITORS else None
    path = asked.get("file_path") if isinstance(asked, dict) else None
    is_plan = isinstance(path, str) and path.endswith(PLANS)
    if event.agent_id or not (is_plan or event.name == "SessionEnd"):
        return ()
    # Imported here because few events have to do with plans.
    from . import due_lines

    if event.name == "SessionEnd":
        is_compared = due_lines.is_compared(watch.ledger.state, event.session_id)
        return (f"report={event.session_id}",) if is_compared else ()
    return ("track",) if due_lines.is_compared(watch.ledger.state, event.session_id, str(path)) else ()


def _danger(watch: Watch, reading: Reading) -> str:
    """Return the level that quota or context has reached, the worse of the two; empty below danger."""
    shares = (("quota", reading.quota.used_pct), ("context", reading.context.used_pct))
    reached = {levels.level_of(pct, watch.settings[table]["levels"]) for table, pct in shares}
    return next((level for level in DANGER_LEVELS if level in reached), "")


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
