"""Which background jobs a hook starts, each claimed so that no other hook starts it too."""

from __future__ import annotations

from . import levels, settings, state
from .ledger import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .alerts import Reading
    from .payload import Event
    from .reply import Reply
    from .watch import Watch

# Where more is unread than a hook may read, or the settings have changed, a job is wanted at once.
_AT_ONCE_S = 5.0
_REFRESH_INTERVAL_S = 600.0
_DRAFT_INTERVAL_S = 30.0
_DANGER_DRAFT_INTERVAL_S = 300.0
_EDITORS, _PLANS = ("Edit", "Write", "MultiEdit"), (".md", ".markdown", ".txt")
_DANGER_LEVELS = ("emergency", "critical", "danger")


def take(watch: Watch, event: Event, left_bytes: int, reading: Reading, reply: Reply) -> tuple[str, ...]:
    """Return the background jobs to start after an event: name, or name=argument (see `watchkeeper.jobs`).

    `left_bytes` of the transcripts are still unread, `reading` is how things stand, `reply` what the hook answers.
    """
    return _regular(watch, left_bytes, reply) + _draft(watch, event, reading) + _plan(watch, event)


def _regular(watch: Watch, left_bytes: int, reply: Reply) -> tuple[str, ...]:
    """The jobs that are due every so often, and the desktop notice of a reply."""
    wanted = {
        "sample": float(watch.settings["resources"]["sample_interval_s"]),
        "refresh": _AT_ONCE_S if left_bytes else _REFRESH_INTERVAL_S,
    }
    if settings.are_stale(watch.paths, watch.settings):
        wanted["compile"] = _AT_ONCE_S
    due = [
        name for name, interval_s in wanted.items() if state.is_job_due(watch.ledger.state, name, interval_s, watch.now)
    ]
    if due:
        with Transaction(watch.ledger.state) as db:
            due = [name for name in due if state.claim_job(db, name, wanted[name], watch.now)]
    if reply.notice:
        due.append("notify=" + reply.notice)
    return tuple(due)


def _draft(watch: Watch, event: Event, reading: Reading) -> tuple[str, ...]:
    """The job that renews the session's draft where something might be lost: a limit, an end, a compaction.

    In danger it is renewed at each level that is reached, while work goes on there, and at each turn's end: what a tool
    has done stands in the transcript only some time after its hook.
    """
    reasons = {
        "SessionEnd": "end",
        "StopFailure": "limit" if event.text("error") == "rate_limit" else "",
        "PreCompact": "compaction" if event.text("trigger") == "auto" else "",
    }
    reason, interval_s = reasons.get(event.name, ""), _DRAFT_INTERVAL_S
    if event.name in ("PostToolUse", "PostToolUseFailure", "Stop"):
        reason, interval_s = _danger(watch, reading), _DANGER_DRAFT_INTERVAL_S
    if reason and event.name == "Stop":
        reason, interval_s = "turn", _DRAFT_INTERVAL_S
    if not reason or event.agent_id:
        return ()
    name = f"draft {reason} {event.session_id}"
    if not state.is_job_due(watch.ledger.state, name, interval_s, watch.now):
        return ()
    with Transaction(watch.ledger.state) as db:
        is_due = state.claim_job(db, name, interval_s, watch.now)
    return (f"draft={reason}:{event.session_id}",) if is_due else ()


def _plan(watch: Watch, event: Event) -> tuple[str, ...]:
    """The job that looks at a plan right after it was edited, or that ends comparing a session with it."""
    asked = event.fields.get("tool_input") if event.text("tool_name") in _EDITORS else None
    path = asked.get("file_path") if isinstance(asked, dict) else None
    is_plan = isinstance(path, str) and path.endswith(_PLANS)
    if event.agent_id or not (is_plan or event.name == "SessionEnd"):
        return ()
    # Imported here because few events have to do with plans.
    from . import due_lines

    if event.name == "SessionEnd":
        is_compared = due_lines.is_compared(watch.ledger.state, event.session_id)
        return (f"report={event.session_id}",) if is_compared else ()
    return ("track",) if due_lines.is_compared(watch.ledger.state, event.session_id, str(path)) else ()


def _danger(watch: Watch, reading: Reading) -> str:
    """The level that quota or context has reached, the worse of the two; empty below danger."""
    shares = (("quota", reading.quota.used_pct), ("context", reading.context.used_pct))
    reached = {levels.level_of(pct, watch.settings[table]["levels"]) for table, pct in shares}
    return next((level for level in _DANGER_LEVELS if level in reached), "")
