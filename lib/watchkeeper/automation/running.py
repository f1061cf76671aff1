"""From the launch to the proof of it: a window that shows a session, or a headless session to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.core import state
from watchkeeper.core.ledger import Ledger, Transaction
from watchkeeper.handoff import pending

from . import bookings, headless, launch, notices, session_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.adapters.child import Child
    from watchkeeper.app import App

    from .bookings import Booking
    from .doors import Doors
    from .plan import Plan
    from .preflight import Preflight

_LOOK_S = 3600.0


class Launched(NamedTuple):
    """Whether a session was started, and a sentence about it."""

    launched: bool
    said: str


def window_session(app: App, booking: Booking, plan: Plan, found: Preflight, doors: Doors) -> Launched:
    """Open an interactive session and wait for its sign."""
    try:
        window = launch.open_window(app, booking, plan, found, doors)
    except (ProgramFailed, ValueError) as error:
        return _not_started(app, booking, doors, error)
    outcome = {"window": window.identity, "reach": window.reach}
    with Transaction(app.ledger.state) as db:
        bookings.note(db, booking.booking_id, outcome=bookings.encoded(outcome))
    if not launch.wait_for_sign(app, booking, doors):
        reason = f"Claude Code gave no sign within {launch.SIGN_WAIT_S:.0f} seconds"
        where = f"; look at it with: {window.reach}" if window.reach else ""
        _no_sign(app, booking, doors, reason, where)
        return Launched(False, f"A window was opened, but {reason}{where}.")
    reach = f": {window.reach}" if window.reach else ""
    _started(app, booking, doors, f"in a window of its own{reach}")
    return Launched(
        True, f"Session {booking.session_id} has started{f'; see it with {window.reach}' if reach else ''}."
    )


def headless_session(app: App, booking: Booking, plan: Plan, found: Preflight, doors: Doors) -> Launched:
    """Run a headless session to its end, with its output in a file and its limits in the ledger."""
    path = session_log.output_path(app.paths, booking.booking_id)
    folder = app.ledger.folder

    def save(reports: Sequence[state.Report]) -> None:
        # On the thread that reads the stream, which needs a connection of its own.
        with Ledger(folder, doors.now()) as ledger, Transaction(ledger.state) as db:
            for report in reports:
                state.save_report(db, report, doors.now())

    def began(session_id: str) -> None:
        with Ledger(folder, doors.now()) as ledger:
            _mark_launched(ledger, booking, doors.now(), {"output": path, "session": session_id})

    follower = headless.Follower(found.account, doors.now, began, save)
    argv = headless.command(found.claude, plan, booking.session_id, launch.prompt(booking, found))
    try:
        variables = {**dict.fromkeys(launch.NEVER_INHERITED), **launch.environment(booking)}
        child = headless.start(argv, booking.project, variables, path, follower)
    except (ProgramFailed, OSError) as error:
        return _not_started(app, booking, doors, error)
    notices.tell(app, doors, booking, notices.STARTED, f"headless; its output is in {path}")
    session_log.write(app.paths, booking, "launched", f"headless, process {child.pid}, output {path}", doors.now())
    code = _wait(child)
    child.close()
    if follower.ended is None and not follower.session_id:
        reason = _without_result(code, path)
        _no_sign(app, booking, doors, reason)
        return Launched(False, f"Claude Code was started, but {reason}.")
    return _headless_ended(app, booking, follower.ended, code, path, doors)


def _headless_ended(
    app: App, booking: Booking, ended: headless.Ended | None, code: int | None, path: str, doors: Doors
) -> Launched:
    if ended is None:
        # It never got as far as its first answer, or was ended from outside.
        reason = _without_result(code, path)
    elif ended.is_error or code:
        reason = f"it ended with an error ({ended.api_error or ended.subtype}): {ended.text[:200]}"
    else:
        reason = ""
    told = {} if ended is None else {**ended._asdict(), "text": ended.text[:500]}
    outcome = {"output": path, "code": code, "ended_at": doors.now(), **told}
    with Transaction(app.ledger.state) as db:
        bookings.move(
            db, booking.booking_id, (bookings.LAUNCHING,), bookings.LAUNCHED, doors.now(), launched_at=doors.now()
        )
        bookings.note(db, booking.booking_id, outcome=bookings.encoded(outcome), reason=reason)
        # Given back by a session that got no answer, it is for whoever comes next.
        pending.untie(db, booking.booking_id)
    cost = "" if ended is None or ended.cost_usd is None else f", ${ended.cost_usd:.2f} as Claude Code reckons it"
    turns = "" if ended is None or ended.turns is None else f"{ended.turns} turns{cost}"
    notices.tell(app, doors, booking, notices.ENDED, reason or turns or "it is done")
    session_log.write(app.paths, booking, "ended", reason or turns, doors.now())
    return Launched(True, f"Headless session {booking.session_id} has run{f', but {reason}' if reason else ''}.")


def _without_result(code: int | None, output_path: str) -> str:
    return f"it ended with code {code} and no result; its output is in {output_path}"


def _wait(child: Child) -> int | None:
    while child.wait(_LOOK_S) is None:
        continue
    return child.code


def _started(app: App, booking: Booking, doors: Doors, how: str) -> None:
    _mark_launched(app.ledger, booking, doors.now(), None)
    notices.tell(app, doors, booking, notices.STARTED, how)
    session_log.write(app.paths, booking, "launched", f"session {booking.session_id}, {how}", doors.now())


def _mark_launched(ledger: Ledger, booking: Booking, now: float, outcome: dict[str, str] | None) -> None:
    columns = {} if outcome is None else {"outcome": bookings.encoded(outcome)}
    with Transaction(ledger.state) as db:
        bookings.move(
            db, booking.booking_id, (bookings.LAUNCHING,), bookings.LAUNCHED, now, launched_at=now, reason="", **columns
        )


def _not_started(app: App, booking: Booking, doors: Doors, error: Exception) -> Launched:
    reason = error.words if isinstance(error, ProgramFailed) else str(error)
    _end(app, booking, bookings.REFUSED, reason, doors)
    notices.tell(app, doors, booking, notices.REFUSED, reason)
    session_log.write(app.paths, booking, "refused", reason, doors.now())
    return Launched(False, f"The session could not be started: {reason}.")


def _no_sign(app: App, booking: Booking, doors: Doors, reason: str, where: str = "") -> None:
    _end(app, booking, bookings.FAILED, reason, doors)
    notices.tell(app, doors, booking, notices.FAILED, reason + where)
    session_log.write(app.paths, booking, "no sign", reason + where, doors.now())


def _end(app: App, booking: Booking, to: str, reason: str, doors: Doors) -> None:
    with Transaction(app.ledger.state) as db:
        if bookings.move(db, booking.booking_id, (bookings.LAUNCHING,), to, doors.now(), reason=reason):
            pending.untie(db, booking.booking_id)
