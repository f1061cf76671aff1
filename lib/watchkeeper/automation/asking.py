"""From what the user said to a booking: the handoff is found, the time read, and asked once whether it is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.catchup import catch_up
from watchkeeper.core import words
from watchkeeper.core.account import account_of_session
from watchkeeper.core.quota import read_quota
from watchkeeper.errors import UserError
from watchkeeper.handoff import folder as handoff_folder
from watchkeeper.handoff import markdown, pending, planning, start_time, stored
from watchkeeper.readings.session import find_session
from watchkeeper.render.columns import clean, wrapped

from . import booking as booking_room
from . import bookings, client_state, jobs, place_facts, preflight, quota_facts, recovery, view
from . import plan as plans
from .doors import find_claude
from .ready import tokens_of

if TYPE_CHECKING:
    from watchkeeper.app import App
    from watchkeeper.handoff.model import Handoff
    from watchkeeper.handoff.planning import ToBook
    from watchkeeper.handoff.start_time import Start

    from .bookings import Booking
    from .doors import Doors
    from .facts import Fact
    from .plan import Plan


class Said(NamedTuple):
    """The options of `automation book`, as they were typed; empty where nothing was said."""

    at: str
    handoff: str = ""
    headless: bool = False
    agent: str = ""
    model: str = ""
    permission_mode: str = ""
    budget: str = ""
    tokens: str = ""
    scheduler: str = ""
    terminal: str = ""
    even_if_unknown: bool = False
    yes: bool = False
    extra: tuple[str, ...] = ()


def book(app: App, said: Said, doors: Doors, is_quiet: bool = False) -> dict[str, Any]:
    """Book what was asked for and return what is shown of it.

    Raise UserError when something of it cannot be, or when the person who is asked says no.
    """
    catch_up(app)
    recovery.settle(app, doors)
    entry = _entry(app, said.handoff)
    handoff = _read(app, entry.path) if entry is not None else None
    project = entry.project if entry is not None and entry.project else booking_room.project_here(app)
    start = _start(app, said.at)
    plan = _plan(said, handoff, start)
    _refuse_silent_bypass(app, said, plan, is_quiet)
    if not (said.yes or is_quiet) and app.surroundings.is_interactive and not _is_meant(app, project, start, plan):
        raise UserError("Nothing was booked: answer yes, or give --yes.")
    if entry is not None:
        # Whatever it was before, it waits for this session now.
        stored.use(app, entry.id)
    wish = booking_room.Wish(
        float(start.at or 0.0), project, plan, entry.id if entry else "", said.scheduler, said.terminal
    )
    return booked_view(app, booking_room.book(app, wish, doors), doors)


def book_planned(app: App, to_book: ToBook, doors: Doors, by: str = "planning") -> Booking:
    """Book the session that a handoff was planned for. Raise UserError when that is not possible.

    The caller has settled what broke off (recovery.settle) before it looked at what is booked.
    """
    waiting = pending.find(app.ledger.state, to_book.handoff_id)
    handoff = _read(app, waiting.path) if waiting is not None else None
    said = Said(at="", agent=to_book.agent)
    plan = _plan(said, handoff, start_time.Start(to_book.choice, to_book.at))
    return booking_room.book(
        app, booking_room.Wish(to_book.at, to_book.project, plan, to_book.handoff_id, by=by), doors
    )


def with_booking(app: App, planned: dict[str, Any], doors: Doors) -> dict[str, Any]:
    """Return the view of a planned session with its booking, if a time was chosen for it.

    What keeps it from being booked is said on standard error: the handoff is written and waits all the same.
    """
    to_book = planning.to_book(planned)
    booking = book_or_say(app, to_book, doors) if to_book is not None else None
    if booking is None:
        return planned
    booked = booked_view(app, booking, doors)
    return {**planned, "booking": {**booked["booking"], "against": booked["against"]}}


def book_or_say(app: App, to_book: ToBook, doors: Doors) -> Booking | None:
    """Book what was planned, or say on standard error why that is not possible and return None.

    Who has no scheduler start anything notes the time and starts the session by hand.
    """
    if app.settings["automation"]["scheduler"] == booking_room.NONE:
        return None
    recovery.settle(app, doors)
    try:
        return book_planned(app, to_book, doors)
    except UserError as error:
        app.complain(f"The handoff waits, but no session is booked: {error}")
        return None


def booked_view(app: App, booking: Booking, doors: Doors) -> dict[str, Any]:
    """Return what is shown of a new booking, with what would keep it from starting as things are."""
    held = recovery.held_jobs(doors, {booking.scheduler})
    is_reminded = jobs.reminds(held.get(booking.scheduler, ()), booking.booking_id)
    return {
        "now_at": app.now,
        "booking": view.booking_view(booking, app, held),
        "against": [each._asdict() for each in objections(app, booking, doors)],
        "notice_minutes": app.settings["automation"]["notice_minutes"] if is_reminded else 0,
    }


def objections(app: App, booking: Booking, doors: Doors) -> list[Fact]:
    """Return what would keep a booking from starting unless somebody does something; nothing is run for it."""
    plan = plans.read(booking.plan)
    variables = booking.variables
    name = booking.terminal or app.settings["automation"]["terminal"]
    terminal = None if plan.headless else doors.terminal(name, variables)
    found = [
        place_facts.trusted_fact(client_state.is_trusted(app.paths, booking.project), booking.project),
        place_facts.terminal_fact(
            plan, terminal.name if terminal else "", terminal.unavailable() if terminal else None
        ),
    ]
    if find_claude(variables) is None:
        found.append(place_facts.claude_fact(None, None))
    standing = quota_facts.standing_of(app.ledger, app.settings, _account(app), app.now, plan.model)
    # By then the window is to be a fresh one.
    fresh = standing._replace(ended_at=app.now)
    found.append(quota_facts.fits_fact(fresh, preflight.need_of(app, plan, booking.first_at)))
    return [each for each in found if each.state != "yes"]


def _entry(app: App, named: str) -> handoff_folder.Entry | None:
    if named:
        return stored.find(app, named)
    project = booking_room.project_here(app)
    waiting = pending.waiting_in(app.ledger.state, project) or pending.booked_in(app.ledger.state, project)
    return stored.find(app, waiting.handoff_id) if waiting is not None else None


def _read(app: App, path: str) -> Handoff | None:
    try:
        return markdown.parse(handoff_folder.read(path))
    except (OSError, ValueError):
        return None


def _start(app: App, text: str) -> Start:
    resets_at = read_quota(app.ledger, app.settings, _account(app), app.now).window.resets_at
    start = start_time.parse_start(text, resets_at, app.now)
    if start.at is None:
        raise UserError("A booking needs a time: give --at 18:05, --at reset+5m or --at 'in 2h'.", 2)
    return start


def _account(app: App) -> str:
    return account_of_session(app.ledger, find_session(app, None), app.paths, app.environ)


def _plan(said: Said, handoff: Handoff | None, start: Start) -> Plan:
    budget = None
    if said.budget:
        try:
            budget = float(said.budget.removeprefix("$"))
        except ValueError:
            raise UserError(f"{said.budget!r} is no sum of money: write it like 2.50.", 2) from None
    agent = said.agent or (handoff.agent if handoff is not None else "")
    estimated = tokens_of(said.tokens)
    if estimated is None and handoff is not None:
        estimated = handoff.estimated_tokens
    return plans.made(
        headless=said.headless,
        # Plans name an agent by its file, the client by its name.
        agent=agent.removesuffix(".md"),
        model=said.model,
        permission_mode=said.permission_mode,
        budget_usd=budget,
        extra=list(said.extra),
        even_if_unknown=said.even_if_unknown,
        estimated_tokens=estimated,
        start=start.choice,
    )


def _refuse_silent_bypass(app: App, said: Said, plan: Plan, is_quiet: bool) -> None:
    if plan.bypasses and not said.yes and (is_quiet or not app.surroundings.is_interactive):
        raise UserError("A session that asks nothing before it acts needs your word for it: add --yes.", 2)


def _is_meant(app: App, project: str, start: Start, plan: Plan) -> bool:
    when = words.clock_time(start.at or app.now, app.now)
    agent = f" with the agent {plan.agent}" if plan.agent else ""
    kind = "a headless session" if plan.headless else "a session"
    replaced = bookings.in_states(app.ledger.state, (bookings.BOOKED,), project)
    instead = f", in place of the one at {words.clock_time(replaced[0].at, app.now)}" if replaced else ""
    what = f"At {when} {kind} of Claude Code starts by itself in {project}{agent}{instead}."
    for sentence in (what, f"How it asks before it acts: {view.permissions_of(plan)}."):
        app.say("\n".join(wrapped(clean(sentence), app.columns)))
    return app.confirm("Book it?")
