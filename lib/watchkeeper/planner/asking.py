"""Starting the next session with the person before the terminal: how many hours, and which session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core import words
from watchkeeper.handoff.questions import Asker
from watchkeeper.render import engine
from watchkeeper.render.columns import clean

from . import outcome, proposal
from .candidate import SMALLER, START
from .model import OPEN_STATES, RUNNING
from .wanted import hours_of

if TYPE_CHECKING:
    from watchkeeper.app import App

    from .proposal import Proposal

MOST_HOURS = 24.0
_NO, _YES = ("", "0", "n", "no"), ("y", "yes")


def converse(app: App, hours: float | None, chosen: str, is_now: bool) -> dict[str, Any]:
    """Show how things stand, ask for what was not said, show the proposal and do what the answer is.

    Return the view of it. Raise typer.Abort when there is nobody any more.
    """
    asker = Asker(app.surroundings.stdin, app.surroundings.stdout)
    first = proposal.propose(app, hours, chosen, is_now)
    _print(app, "parts/start-status", proposal.status_view(app, first))
    is_open = any(each.state in OPEN_STATES and each.state != RUNNING for each in first.mine)
    found = first
    if hours is None and not chosen and is_open:
        found = proposal.propose(app, _ask_hours(asker), chosen, is_now)
    view = proposal.proposal_view(app, found)
    asker.say("")
    _print(app, "parts/start-proposal", view)
    return _answered(app, asker, found, view)


def parse_hours(text: str) -> float | None:
    """Return the hours that `text` says, None where it says none."""
    hours = hours_of(text)
    is_number = isinstance(hours, float) and 0 < hours <= MOST_HOURS
    return hours if is_number else None


def _ask_hours(asker: Asker) -> float:
    while True:
        hours = parse_hours(asker.ask("\nHow many hours can you work? [1-5]"))
        if hours is not None:
            return hours
        asker.say("A number of hours such as 3 or 1.5.")


def _answered(app: App, asker: Asker, found: Proposal, view: dict[str, Any]) -> dict[str, Any]:
    decision, session = found.decision, found.session
    if decision.decision == SMALLER:
        return _of_several(app, asker, found, view)
    if session is None:
        return view
    if decision.decision == START:
        return outcome.start(app, view, session) if app.confirm("\nStart this session?") else view
    at = None if found.is_scheduled(app.now) else decision.scheduled_for_at
    if at is not None and app.confirm(f"\nSchedule this session for {words.clock_time(at, app.now)}?"):
        return outcome.schedule(app, view, session, at)
    if decision.alternatives and app.confirm("\nStart it now by using the reserve?"):
        return outcome.start(app, view, session)
    return view


def _of_several(app: App, asker: Asker, found: Proposal, view: dict[str, Any]) -> dict[str, Any]:
    """Ask which of the smaller sessions is started, or whether the one that does not fit is scheduled."""
    offered = [each["id"] for each in (view["session"], *view["alternatives"]) if each is not None]
    ids = list(dict.fromkeys(offered))
    at, wanted = found.decision.scheduled_for_at, view["wanted"]
    later = ""
    if at is not None and wanted is not None:
        later = f", s to schedule {clean(wanted['name'])} for {words.clock_time(at, app.now)}"
    while True:
        answer = asker.ask(f"\nStart which session? ({_numbers(ids)}{later}, or 0 to cancel)").lower()
        if answer in _NO:
            return view
        if answer == "s" and at is not None and wanted is not None:
            return outcome.schedule(app, view, found.queue[wanted["id"]], at)
        number = int(answer) if answer.isdecimal() and len(answer) < 4 else int(len(ids) == 1 and answer in _YES)
        if 1 <= number <= len(ids):
            return outcome.start(app, view, found.queue[ids[number - 1]])
        asker.say("That is none of them.")


def _numbers(ids: list[str]) -> str:
    return f"1-{len(ids)}" if len(ids) > 1 else "1"


def _print(app: App, template: str, view: dict[str, Any]) -> None:
    app.say(engine.render(template, view, app.pen, app.columns, app.now))
