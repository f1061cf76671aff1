"""What is done for bookings whose process ended in the middle, and for those that the operating system has lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from watchkeeper.adapters.processes import Identity
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.core.ledger import Transaction
from watchkeeper.handoff import pending

from . import bookings, jobs, launch, live_sessions, session_log

if TYPE_CHECKING:
    from watchkeeper.adapters.scheduler.port import Booked, Scheduler
    from watchkeeper.app import App

    from .bookings import Booking
    from .doors import Doors

# What another process is in the middle of is left alone for so long.
_SETTLING_S = 60.0
_SAME_START_S = 1.0


def this_process(doors: Doors) -> str:
    """Return how this process is told apart from every other: its id and start."""
    identity = doors.identify(os.getpid())
    return f"{os.getpid()} {identity.started_at:.3f}" if identity is not None else f"{os.getpid()} 0"


def is_held(booking: Booking, doors: Doors) -> bool:
    """Return whether the process that has a booking in hand still runs."""
    who = _process(booking.fired_by)
    if who is None:
        return False
    now = doors.identify(who.pid)
    return now is not None and abs(now.started_at - who.started_at) < _SAME_START_S


def settle(app: App, doors: Doors) -> None:
    """Bring bookings to where they really are: what broke off, what has started after all, what nobody holds."""
    db = app.ledger.state
    for booking in bookings.in_states(db, (bookings.FIRING, bookings.LAUNCHING)):
        if not is_held(booking, doors):
            _broken_off(app, booking, doors)
    for booking in bookings.in_states(db, (bookings.FAILED,)):
        # It took its time, and then it came.
        if booking.session_id and launch.has_given_sign(app, booking, doors):
            _move(app, booking, (bookings.FAILED,), bookings.LAUNCHED, "", launched_at=app.now)
    _give_back(app, doors)
    _compare(app, doors)


def held_jobs(doors: Doors, names: set[str]) -> dict[str, list[Booked]]:
    """Return what each of these schedulers holds; one that cannot say is missing."""
    found = {}
    for name in sorted(names):
        try:
            found[name] = doors.scheduler(name).booked()
        except ProgramFailed:
            continue
    return found


def _broken_off(app: App, booking: Booking, doors: Doors) -> None:
    if booking.state == bookings.FIRING:
        _move(app, booking, (bookings.FIRING,), bookings.MISSED, "its check was broken off; nothing was started")
    elif launch.has_given_sign(app, booking, doors):
        _move(app, booking, (bookings.LAUNCHING,), bookings.LAUNCHED, "", launched_at=app.now)
    elif app.now - booking.changed_at > launch.SIGN_WAIT_S:
        reason = "what started it was ended, and Claude Code gave no sign: it may have started or not"
        _move(app, booking, (bookings.LAUNCHING,), bookings.FAILED, reason)


def _give_back(app: App, doors: Doors) -> None:
    """Let handoffs wait for anyone whose booked session was there and left without a prompt."""
    rows = app.ledger.state.execute(
        "SELECT bookings.booking_id, bookings.session_id FROM bookings JOIN handoffs USING (booking_id)"
        " WHERE bookings.state = ? AND handoffs.state = ? AND bookings.launched_at < ?",
        (bookings.LAUNCHED, pending.PENDING, app.now - _SETTLING_S),
    ).fetchall()
    if not rows:
        return
    running = {each.session_id for each in live_sessions.live_sessions(app.paths, doors.identify) or ()}
    with Transaction(app.ledger.state) as db:
        for booking_id, session_id in rows:
            if session_id not in running:
                pending.untie(db, booking_id)


def _compare(app: App, doors: Doors) -> None:
    """Compare with what the operating system holds: a booking that it has lost, and jobs that no booking has."""
    waiting = bookings.in_states(app.ledger.state, bookings.OPEN)
    names = {each.scheduler for each in waiting} | {
        each.scheduler for each in bookings.latest(app.ledger.state, 20) if each.scheduler
    }
    held = held_jobs(doors, names)
    for booking in waiting:
        if booking.state != bookings.BOOKED or app.now - booking.changed_at < _SETTLING_S:
            continue
        known = held.get(booking.scheduler)
        is_over = booking.at < app.now - 60.0 * app.settings["automation"]["grace_minutes"]
        is_lost = (
            known is not None and booking.scheduler != "none" and all(each.id != booking.booking_id for each in known)
        )
        if is_over:
            _move(app, booking, (bookings.BOOKED,), bookings.MISSED, "its time has passed and nothing started it")
        elif is_lost and booking.at > app.now + _SETTLING_S:
            # What is due about now may have been started a moment ago, and claims its booking next.
            _move(app, booking, (bookings.BOOKED,), bookings.MISSED, f"{booking.scheduler} no longer holds it")
    open_ids = {each.booking_id for each in bookings.in_states(app.ledger.state, bookings.OPEN)}
    for name, entries in held.items():
        for entry in entries:
            if jobs.booking_of(entry.id) not in open_ids:
                _take_out(doors.scheduler(name), entry.id)


def _take_out(scheduler: Scheduler, job_id: str) -> None:
    try:
        scheduler.cancel(job_id)
    except ProgramFailed:
        # What is left fires, finds no booking, and starts nothing.
        return


def _move(app: App, booking: Booking, out_of: tuple[str, ...], state: str, reason: str, **columns: object) -> None:
    with Transaction(app.ledger.state) as db:
        moved = bookings.move(db, booking.booking_id, out_of, state, app.now, reason=reason, **columns)
        if moved and state != bookings.LAUNCHED:
            pending.untie(db, booking.booking_id)
    if moved:
        session_log.write(app.paths, booking, state, reason or "it has given a sign", app.now)


def _process(text: str) -> Identity | None:
    pid, _, started_at = text.partition(" ")
    try:
        return Identity(int(pid), float(started_at), "")
    except ValueError:
        return None
