"""Booking a session, and taking a booking back."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.adapters.program import UnfitProgram
from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.core import paths as places
from watchkeeper.core.ledger import Transaction
from watchkeeper.errors import UserError
from watchkeeper.handoff import pending
from watchkeeper.render.json_text import iso

from . import bookings, captured, jobs, session_log
from .bookings import Booking

if TYPE_CHECKING:
    import sqlite3

    from watchkeeper.adapters.scheduler.port import Scheduler
    from watchkeeper.app import App

    from .doors import Doors
    from .plan import Plan

NONE = "none"
"""The scheduler of those who start their sessions by hand."""


class Wish(NamedTuple):
    """What is to be booked."""

    at: float
    project: str
    plan: Plan
    handoff_id: str = ""
    scheduler: str = ""
    terminal: str = ""
    by: str = "user"


def book(app: App, wish: Wish, doors: Doors) -> Booking:
    """Book a session in place of what is booked in the same project, and let the operating system hold it.

    Raise UserError when no scheduler works here, or the handoff does not wait.
    """
    scheduler = _scheduler(app, wish.scheduler, doors)
    new = _new(app, wish, scheduler)
    with Transaction(app.ledger.state) as db:
        before = bookings.in_states(db, bookings.OPEN, wish.project)
        for each in before:
            if each.state != bookings.BOOKED:
                raise UserError(
                    f"Booking {each.booking_id} of this project is starting right now: look again in a minute."
                )
        _tie(db, new)
        bookings.insert(db, new)
    try:
        held = jobs.hold(app, scheduler, new, app.now)
    except (ProgramFailed, UnfitProgram) as error:
        _undo(app, new, before)
        reason = error.words if isinstance(error, ProgramFailed) else str(error)
        raise UserError(
            f"{scheduler.name} does not take the booking ({reason}): name another one with --scheduler; "
            "`watchkeeper doctor` shows which work."
        ) from error
    booked = new._replace(at=held.at if held else new.at)
    with Transaction(app.ledger.state) as db:
        current = bookings.find(db, new.booking_id)
        is_over = current is None or current.state in (bookings.CANCELLED, bookings.REPLACED)
        replaced = [] if is_over else _replaced(db, before, booked, app.now)
    if is_over:
        _take_out(app, new, doors)
        raise UserError(
            f"Booking {new.booking_id} was replaced or cancelled while it was made: `watchkeeper automation-status` "
            "shows what is booked."
        )
    for each in replaced:
        _take_out(app, each, doors)
        session_log.write(app.paths, each, "replaced", f"by {new.booking_id}", app.now)
    session_log.write(app.paths, booked, "booked", f"for {iso(booked.at)} by {wish.by}, {scheduler.name}", app.now)
    return booked


def cancel(app: App, chosen: list[Booking], doors: Doors, why: str = "by the user") -> list[Booking]:
    """Take bookings back, also out of the operating system; return those that were waiting still."""
    cancelled = []
    for each in chosen:
        with Transaction(app.ledger.state) as db:
            was_waiting = bookings.move(
                db, each.booking_id, bookings.WAITING, bookings.CANCELLED, app.now, reason=f"cancelled {why}"
            )
            if was_waiting:
                pending.untie(db, each.booking_id)
        if was_waiting:
            _take_out(app, each, doors)
            session_log.write(app.paths, each, "cancelled", why, app.now)
            cancelled.append(each)
    return cancelled


def to_cancel(app: App, named: str, everything: bool) -> list[Booking]:
    """Return the bookings that are meant: the one named, all of them, else those of this folder's project.

    Raise UserError when there is none to cancel.
    """
    db = app.ledger.state
    if named:
        booking = find(app, named)
        if booking.state not in bookings.WAITING:
            raise UserError(f"Booking {booking.booking_id} is {booking.state} already: there is nothing to cancel.")
        return [booking]
    project = places.project_of(app.folder) if app.folder else ""
    waiting = bookings.in_states(db, bookings.WAITING)
    mine = waiting if everything else [each for each in waiting if each.project == project]
    if mine:
        return mine
    starting = bookings.in_states(db, (bookings.LAUNCHING,), project)
    if starting:
        raise UserError(f"Booking {starting[0].booking_id} is starting right now: end its session instead.")
    if waiting:
        raise UserError(
            f"Nothing is booked in this project, but {len(waiting)} elsewhere: `watchkeeper automation-status` shows "
            "what, and `watchkeeper cancel-next-session --all` cancels all of it."
        )
    raise UserError("Nothing is booked: `watchkeeper automation book --at TIME` books a session.")


def find(app: App, named: str) -> Booking:
    """Return the booking whose id begins so. Raise UserError when none does, or several."""
    found = bookings.named(app.ledger.state, named) if named else []
    if not found:
        raise UserError(f"No booking is called {named!r}; `watchkeeper automation-status` lists them.")
    if len(found) > 1:
        raise UserError(f"Several bookings begin with {named!r}: give more of the id.")
    return found[0]


def project_here(app: App) -> str:
    """Return the project of the folder that the command was called in. Raise UserError when that is not there."""
    if not app.folder or not os.path.isdir(app.folder):
        raise UserError(f"{app.folder or 'This folder'} is not there: call it in the project's folder.")
    return places.project_of(app.folder)


def _scheduler(app: App, named: str, doors: Doors) -> Scheduler:
    chosen = named or app.settings["automation"]["scheduler"]
    scheduler = doors.scheduler(chosen)
    reason = scheduler.unavailable()
    if reason is not None:
        raise UserError(f"{scheduler.name} cannot be used: {reason}; `watchkeeper doctor` shows which schedulers work.")
    if chosen == NONE and not named:
        raise UserError("Nothing starts by itself while automation.scheduler is none: name one with --scheduler.")
    if scheduler.name == NONE and not named:
        reasons = "; ".join(f"{each.name}: {each.unavailable()}" for each in doors.schedulers if each.name != NONE)
        raise UserError(
            f"Nothing here can start a session by itself ({reasons or 'there is no scheduler'}): mend one of them, or "
            "start it by hand with `watchkeeper start-next-session`."
        )
    return scheduler


def _new(app: App, wish: Wish, scheduler: Scheduler) -> Booking:
    variables, left_out = captured.captured(app.environ)
    if app.paths.config != places.config_dir(variables):
        # Booked with --config-dir: the session belongs to that directory too.
        variables["CLAUDE_CONFIG_DIR"] = app.paths.config
    return Booking(
        booking_id=secrets.token_hex(4),
        state=bookings.BOOKED,
        at=wish.at,
        first_at=wish.at,
        tries=0,
        project=wish.project,
        real_project=os.path.realpath(wish.project),
        handoff_id=wish.handoff_id,
        scheduler=scheduler.name,
        terminal=wish.terminal,
        plan=wish.plan.model_dump_json(),
        environment=bookings.encoded(variables),
        left_out=bookings.encoded(left_out),
        booked_at=app.now,
        booked_by=wish.by,
        changed_at=app.now,
    )


def _replaced(db: sqlite3.Connection, before: list[Booking], booked: Booking, now: float) -> list[Booking]:
    """Store when a new booking is really due, end those that it replaces, checked right now or not, and return them."""
    # Some schedulers know full minutes only.
    bookings.note(db, booked.booking_id, at=booked.at)
    if booked.handoff_id:
        pending.tie(db, booked.handoff_id, booked.booking_id, booked.at)
    reason = f"replaced by {booked.booking_id}"
    ended = [
        each
        for each in before
        if bookings.move(db, each.booking_id, bookings.WAITING, bookings.REPLACED, now, reason=reason)
    ]
    for each in ended:
        if each.handoff_id and each.handoff_id != booked.handoff_id:
            pending.drop(db, each.handoff_id)
    return ended


def _tie(db: sqlite3.Connection, booking: Booking) -> None:
    if booking.handoff_id and not pending.tie(db, booking.handoff_id, booking.booking_id, booking.at):
        raise UserError(
            f"{booking.handoff_id} does not wait for a session; `watchkeeper handoffs use ID` lets one wait."
        )


def _undo(app: App, new: Booking, before: list[Booking]) -> None:
    with Transaction(app.ledger.state) as db:
        bookings.move(
            db, new.booking_id, (bookings.BOOKED,), bookings.CANCELLED, app.now, reason="the scheduler did not take it"
        )
        keeper = next((each for each in before if each.handoff_id == new.handoff_id), None)
        if keeper is not None and new.handoff_id:
            pending.tie(db, new.handoff_id, keeper.booking_id, keeper.at)
        else:
            pending.untie(db, new.booking_id)


def _take_out(app: App, booking: Booking, doors: Doors) -> None:
    try:
        jobs.drop(doors.scheduler(booking.scheduler), booking.booking_id)
    except ProgramFailed as error:
        app.complain(
            f"{booking.scheduler} still holds booking {booking.booking_id} ({error.words}); when its time comes it "
            "starts nothing."
        )
