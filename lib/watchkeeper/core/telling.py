"""Who is told what: the user once a window, the model once a session, the desktop while nobody else can be."""

from __future__ import annotations

import os

from . import alerts, autocompact, paths, payload, state, tail
from .alerts import Reading
from .context import read_context
from .ledger import Transaction
from .quota import FIVE_HOUR, MEASURED, REPORTED, measured_tokens, read_quota, read_weekly
from .reply import SILENCE, Reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .alerts import Alert
    from .payload import Event
    from .watch import Watch

COMPACTED = "compact"
_TOOL_EVENTS = ("PostToolUse", "PostToolUseFailure")
# The client shows a word to the user after these, and not after the others.
_SHOWN_EVENTS = (*_TOOL_EVENTS, "Stop", "SessionStart")
_EVIDENCE_BYTES = 64 * 1024


def is_attended(environ: Mapping[str, str]) -> bool:
    """Return whether a person sits before this session; clients that do not say so are told apart by how they ran."""
    attended = environ.get("CLAUDE_CODE_SESSION_ATTENDED")
    return attended == "1" if attended is not None else environ.get("CLAUDE_CODE_ENTRYPOINT", "cli") == "cli"


def read(watch: Watch, event: Event, account: str) -> Reading:
    """Return how things stand for the session of an event."""
    return Reading(
        read_quota(watch.ledger, watch.settings, account, watch.now),
        read_weekly(watch.ledger, account, watch.now),
        read_context(
            watch.ledger, watch.settings, event.session_id, watch.now, autocompact.read(watch.paths, watch.environ)
        ),
    )


def reply_to(watch: Watch, event: Event, reading: Reading) -> Reply:
    """Return what is due at an event, claimed, so that no other process tells it too."""
    is_seen = is_attended(watch.environ) and event.name in _SHOWN_EVENTS and not event.agent_id
    if event.name == "SessionStart" and event.text("source") == COMPACTED:
        return _after_compaction(watch, event)
    reply = SILENCE
    if not _is_snoozed(watch, event):
        if event.name == "SessionStart":
            reply = _greeting(watch, event, reading) if is_seen else SILENCE
        elif event.agent_id:
            reply = _desktop_notice(watch, event, reading)
        else:
            reply = _with_due_lines(watch, event, _to_user(watch, event, reading)) if is_seen else SILENCE
            if event.name in _TOOL_EVENTS:
                reply = reply._replace(model=_to_model(watch, event, reading))
    notices = watch.ledger.take_notices() if is_seen else []
    return reply._replace(user=" ".join([reply.user, "Watchkeeper:", *notices]).strip()) if notices else reply


def _greeting(watch: Watch, event: Event, reading: Reading) -> Reply:
    quota, window = reading.quota, reading.quota.window
    is_known = quota.source in (REPORTED, MEASURED) and window.started_at is not None
    if not is_known:
        return SILENCE
    due = alerts.due_alerts(watch.ledger, watch.settings, alerts.USER, event.session_id, reading, watch.now)
    kinds = (FIVE_HOUR, alerts.TIME_LEFT)
    danger = [alert for alert in due if alert.kind in kinds and alerts.is_danger(alert, watch.settings)]
    # Told at the start, it is not told again at the first tool call.
    told = alerts.claim(watch.ledger, alerts.USER, danger, watch.now)
    if not any(alert.kind == FIVE_HOUR for alert in told):
        return SILENCE
    # Imported here, as below, because most hooks have nothing to say.
    from . import message

    return Reply(user=message.at_start(quota, watch.settings, watch.now))


def _after_compaction(watch: Watch, event: Event) -> Reply:
    with Transaction(watch.ledger.state) as db:
        return Reply(model=state.take_essentials(db, event.session_id))


def _to_user(watch: Watch, event: Event, reading: Reading) -> Reply:
    due = alerts.due_alerts(watch.ledger, watch.settings, alerts.USER, event.session_id, reading, watch.now)
    told = alerts.claim(watch.ledger, alerts.USER, due, watch.now)
    line = _line_for_user(watch, told, reading)
    if any(alert.kind == FIVE_HOUR and alerts.is_danger(alert, watch.settings) for alert in told):
        line = f"{line} {_rest_of_plan(watch, event, reading)}".rstrip()
    is_urgent = any(alert.kind == alerts.RESET or alerts.is_danger(alert, watch.settings) for alert in told)
    return _with_notice(watch, Reply(user=line), line) if is_urgent else Reply(user=line)


def _rest_of_plan(watch: Watch, event: Event, reading: Reading) -> str:
    from . import due_lines

    quota = reading.quota
    used_tokens = measured_tokens(watch.ledger.usage, watch.settings, quota.account, quota.window, watch.now)
    return due_lines.rest_of_plan(watch.ledger.state, event.session_id, quota, used_tokens)


def _with_due_lines(watch: Watch, event: Event, reply: Reply) -> Reply:
    if not state.has_due_lines(watch.ledger.state, event.session_id):
        return reply
    from . import due_lines

    due = due_lines.take(watch.ledger.state, event.session_id, watch.now)
    return reply._replace(user=f"{reply.user} {due}".strip()) if due else reply


def _desktop_notice(watch: Watch, event: Event, reading: Reading) -> Reply:
    # The client shows nothing that a sub-agent's hook says; the desktop does, and the user's own alert is kept.
    if not is_attended(watch.environ) or not watch.settings["notices"]["desktop"]:
        return SILENCE
    open_for_user = alerts.due_alerts(watch.ledger, watch.settings, alerts.USER, event.session_id, reading, watch.now)
    due = alerts.due_alerts(watch.ledger, watch.settings, alerts.DESKTOP, event.session_id, reading, watch.now)
    told = alerts.claim(watch.ledger, alerts.DESKTOP, [alert for alert in due if alert in open_for_user], watch.now)
    return _with_notice(watch, SILENCE, _line_for_user(watch, told, reading)) if told else SILENCE


def _to_model(watch: Watch, event: Event, reading: Reading) -> str:
    due = alerts.due_alerts(watch.ledger, watch.settings, alerts.MODEL, event.session_id, reading, watch.now)
    # One at a time: a line that is cut short would use an alert up unsaid.
    if not due or _is_sub_agents(event):
        return ""
    told: list[Alert] = alerts.claim(watch.ledger, alerts.MODEL, due[:1], watch.now)
    if not told:
        return ""
    from . import message

    return message.for_model(told[0], reading, watch.now)


def _line_for_user(watch: Watch, told: Sequence[Alert], reading: Reading) -> str:
    if not told:
        return ""
    from . import message

    return message.for_user(told, watch.settings, reading, watch.now)


def _with_notice(watch: Watch, reply: Reply, line: str) -> Reply:
    if not watch.settings["notices"]["desktop"]:
        return reply
    from .notice_sequence import notice_sequence

    text = line.partition(": ")[2]
    sequence = notice_sequence("Watchkeeper", text, watch.environ)
    return reply._replace(terminal_sequence=sequence, notice=text)


def _is_snoozed(watch: Watch, event: Event) -> bool:
    project = paths.project_of(event.cwd) if event.cwd else ""
    return state.is_muted(watch.ledger.state, project, "alerts", watch.now)


def _is_sub_agents(event: Event) -> bool:
    # A sub-agent's call carries the agent's id; one that reached a hook without it was seen, and its own transcript
    # gives it away.
    tool_use_id = payload.identifier(event.fields.get("tool_use_id")).encode()
    folder = os.path.join(event.transcript_path[: -len(".jsonl")], "subagents")
    try:
        names = [name for name in os.listdir(folder) if name.endswith(".jsonl")]
    except OSError:
        return False
    return any(tool_use_id in tail.last_bytes(os.path.join(folder, name), _EVIDENCE_BYTES) for name in names)
