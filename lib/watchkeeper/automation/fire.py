"""What happens when a booking's time has come: it is claimed by one process, checked, and started or put off."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.adapters.program import UnfitProgram
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.core import words
from watchkeeper.core.ledger import Transaction
from watchkeeper.errors import UserError
from watchkeeper.handoff import pending
from watchkeeper.planner.forecast import AFTER_RESET_S

from . import bookings, facts, jobs, launch, notices, recovery, running, session_log
from . import plan as plans
from . import preflight as checks
from .quota_facts import known_reset_at

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .bookings import Booking
    from .doors import Doors
    from .facts import Fact, Verdict
    from .plan import Plan
    from .preflight import Preflight

# A scheduler that knows full minutes only may be this early by the clock that it goes by.
_EARLY_S = 90.0
_PATIENCE_MS = 120_000


class Fired(NamedTuple):
    """What came of it: the booking as it is then, what the preflight found, and whether a session was started."""

    booking: Booking
    facts: tuple[Fact, ...]
    launched: bool
    said: str
    """In a sentence."""


def fire(app: App, booking_id: str, doors: Doors, by_scheduler: bool) -> Fired:
    """Start a booked session if everything is ready; else put it off, or give it up and say why.

    Called by a person it starts ahead of its time, and what was missed or refused. Raise UserError when another process
    has it, or it is over.
    """
    booking = bookings.find(app.ledger.state, booking_id)
    if booking is None:
        raise UserError(f"No booking is called {booking_id!r}; `watchkeeper automation-status` lists them.")
    if by_scheduler:
        # Its job comes once: whoever holds the ledger right now is waited for.
        app.ledger.state.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
    if by_scheduler and booking.state == bookings.BOOKED and booking.at > app.now + _EARLY_S:
        return _too_early(app, booking, doors)
    _claim(app, booking, doors, by_scheduler)
    try:
        return _claimed(app, booking, doors, by_scheduler)
    except BaseException as error:
        # Nothing was started while it is in `firing`; whoever looks next must not wait for this process.
        reason = f"the check was broken off ({type(error).__name__})"
        if _end(app, booking, bookings.REFUSED, reason):
            _tell(app, booking, doors, notices.REFUSED, reason)
        raise


def _claim(app: App, booking: Booking, doors: Doors, by_scheduler: bool) -> None:
    takes = [bookings.BOOKED] if by_scheduler else [bookings.BOOKED, *bookings.ASKS]
    if booking.state == bookings.FIRING and not recovery.is_held(booking, doors):
        # Whoever had it has ended before anything was started.
        takes.append(bookings.FIRING)
    with Transaction(app.ledger.state) as db:
        current = bookings.find(db, booking.booking_id)
        has_moved = current is not None and current.fired_by != booking.fired_by
        is_mine = not has_moved and bookings.move(
            db,
            booking.booking_id,
            takes,
            bookings.FIRING,
            app.now,
            fired_at=app.now,
            fired_by=recovery.this_process(doors),
        )
        if is_mine and booking.handoff_id and booking.state in bookings.ASKS:
            pending.tie(db, booking.handoff_id, booking.booking_id, app.now)
    if not is_mine:
        state = current.state if current is not None else "gone"
        raise UserError(f"Booking {booking.booking_id} is {state}: {_advice(state)}")


def _claimed(app: App, booking: Booking, doors: Doors, by_scheduler: bool) -> Fired:
    try:
        plan = plans.read(booking.plan)
    except ValueError:
        return _refuse(app, booking, doors, "it was changed by hand and can no longer be read: book it again", ())
    late_s = app.now - booking.at
    if by_scheduler and late_s > 60.0 * app.settings["automation"]["grace_minutes"]:
        return _miss(app, booking, doors, late_s)
    found = checks.preflight(app, booking, plan, doors, app.now)
    with Transaction(app.ledger.state) as db:
        told = bookings.encoded([each._asdict() for each in found.facts])
        bookings.note(db, booking.booking_id, preflight=told, preflight_at=app.now)
    verdict = facts.decide(found.facts, plan.even_if_unknown)
    if verdict.action == facts.REFUSE:
        return _refuse(app, booking, doors, verdict.reason, found.facts)
    if verdict.action == facts.WAIT:
        return _wait(app, booking, doors, found, verdict)
    return _start(app, booking, plan, found, doors)


def _start(app: App, booking: Booking, plan: Plan, found: Preflight, doors: Doors) -> Fired:
    started = booking._replace(session_id=str(uuid.uuid4()))
    with Transaction(app.ledger.state) as db:
        # Written before anything is started: whoever finds it so never starts it a second time.
        is_mine = bookings.move(
            db,
            booking.booking_id,
            (bookings.FIRING,),
            bookings.LAUNCHING,
            doors.now(),
            session_id=started.session_id,
        )
    if not is_mine:
        raise UserError(f"Booking {booking.booking_id} was cancelled while it was checked; nothing was started.")
    # Fired by hand ahead of its time there are some; what has fired is gone already.
    _forget_jobs(app, booking, doors)
    session_log.write(app.paths, booking, "launching", f"session {started.session_id}", doors.now())
    plan = launch.asking(app.paths, booking.project, plan)
    run = running.headless_session if plan.headless else running.window_session
    ended = run(app, started, plan, found, doors)
    after = bookings.find(app.ledger.state, booking.booking_id) or started
    return Fired(after, found.facts, ended.launched, ended.said)


def _wait(app: App, booking: Booking, doors: Doors, found: Preflight, verdict: Verdict) -> Fired:
    automation = app.settings["automation"]
    tries = booking.tries + 1
    if tries >= automation["tries"]:
        return _refuse(app, booking, doors, f"not ready after {tries} tries; {verdict.reason}", found.facts, tries)
    at = next_try_at(app, found, verdict, doors.now())
    again = booking._replace(at=at, tries=tries)
    try:
        held = jobs.hold(app, doors.scheduler(booking.scheduler), again, doors.now())
    except (ProgramFailed, UnfitProgram) as error:
        return _refuse(app, booking, doors, f"{verdict.reason}; and it cannot be put off ({error})", found.facts, tries)
    at = held.at if held else at
    with Transaction(app.ledger.state) as db:
        is_mine = bookings.move(
            db,
            booking.booking_id,
            (bookings.FIRING,),
            bookings.BOOKED,
            app.now,
            at=at,
            tries=tries,
            reason=verdict.reason,
        )
        if is_mine and booking.handoff_id:
            pending.tie(db, booking.handoff_id, booking.booking_id, at)
    if not is_mine:
        _forget_jobs(app, booking, doors)
    when = words.clock_time(at, app.now)
    said = f"Not ready at try {tries} of {automation['tries']}; the next one is at {when}."
    session_log.write(app.paths, booking, "not ready", f"next try {when}; {verdict.reason}", app.now)
    return Fired(bookings.find(app.ledger.state, booking.booking_id) or again, found.facts, False, said)


def next_try_at(app: App, found: Preflight, verdict: Verdict, now: float) -> float:
    """Return when it is tried again: after the usual wait, and not before what is known to stand in the way is over."""
    at: float = now + 60.0 * app.settings["automation"]["retry_minutes"]
    against = {each.fact for each in verdict.because if each.state == facts.NO}
    reset_at = known_reset_at(found.standing, now)
    if against & {"quota reset", "quota free", "estimate fits"} and reset_at is not None:
        at = max(at, reset_at + AFTER_RESET_S)
    if "open hours" in against and found.quiet_until is not None:
        at = max(at, found.quiet_until)
    return at


def _refuse(
    app: App, booking: Booking, doors: Doors, reason: str, found: tuple[Fact, ...], tries: int | None = None
) -> Fired:
    columns = {} if tries is None else {"tries": tries}
    _end(app, booking, bookings.REFUSED, reason, **columns)
    _forget_jobs(app, booking, doors)
    said = f"The booked session was not started: {reason}."
    _tell(app, booking, doors, notices.REFUSED, reason)
    return Fired(bookings.find(app.ledger.state, booking.booking_id) or booking, found, False, said)


def _miss(app: App, booking: Booking, doors: Doors, late_s: float) -> Fired:
    reason = f"it was due {words.duration(late_s)} ago and the machine was asleep or off"
    _end(app, booking, bookings.MISSED, reason)
    said = f"The booked session was missed: {reason}; `watchkeeper automation fire {booking.booking_id}` starts it now."
    _tell(app, booking, doors, notices.MISSED, reason)
    return Fired(bookings.find(app.ledger.state, booking.booking_id) or booking, (), False, said)


def _too_early(app: App, booking: Booking, doors: Doors) -> Fired:
    # The clock was set back, or the time was changed by hand: the job that came is used up, so another one is held.
    try:
        jobs.hold(app, doors.scheduler(booking.scheduler), booking, app.now)
    except (ProgramFailed, UnfitProgram) as error:
        reason = f"its job came too early, and another one cannot be held ({error})"
        with Transaction(app.ledger.state) as db:
            if bookings.move(db, booking.booking_id, (bookings.BOOKED,), bookings.REFUSED, app.now, reason=reason):
                pending.untie(db, booking.booking_id)
        _tell(app, booking, doors, notices.REFUSED, reason)
        after = bookings.find(app.ledger.state, booking.booking_id) or booking
        return Fired(after, (), False, f"The booked session was not started: {reason}.")
    when = words.clock_time(booking.at, app.now)
    return Fired(booking, (), False, f"Booking {booking.booking_id} is not due before {when}.")


def _end(app: App, booking: Booking, state: str, reason: str, **columns: object) -> bool:
    with Transaction(app.ledger.state) as db:
        ended = bookings.move(db, booking.booking_id, (bookings.FIRING,), state, app.now, reason=reason, **columns)
        if ended:
            pending.untie(db, booking.booking_id)
    return ended


def _tell(app: App, booking: Booking, doors: Doors, what: str, reason: str) -> None:
    notices.tell(app, doors, booking, what, reason)
    session_log.write(app.paths, booking, what, reason, app.now)


def _forget_jobs(app: App, booking: Booking, doors: Doors) -> None:
    try:
        jobs.drop(doors.scheduler(booking.scheduler), booking.booking_id)
    except ProgramFailed as error:
        app.complain(f"{booking.scheduler} still holds a job of booking {booking.booking_id}: {error.words}.")


def _advice(state: str) -> str:
    advice = {
        bookings.FIRING: "another process is checking it right now.",
        bookings.LAUNCHING: "its session is being started, or gave no sign yet; `watchkeeper sessions` shows it.",
        bookings.LAUNCHED: "its session was started; `watchkeeper sessions` shows it.",
        bookings.FAILED: "it may have started, so it is not started again: book anew once you have looked.",
    }
    return advice.get(state, "book it again with `watchkeeper automation book`.")
