"""The preflight of a booked session: everything it needs is looked at anew, and each finding is a fact."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.adapters.run import ProgramFailed
from watchkeeper.catchup import catch_up
from watchkeeper.core import paths as places
from watchkeeper.core.account import API, account_key
from watchkeeper.handoff import folder as handoff_folder
from watchkeeper.handoff import pending
from watchkeeper.mutes import watching
from watchkeeper.planner import availability
from watchkeeper.readings.sessions import IDLE, LIVE, sessions_view

from . import client_state, live_sessions, place_facts, quota_facts
from .doors import find_claude
from .place_facts import Login

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchkeeper.app import App

    from .bookings import Booking
    from .doors import Doors
    from .facts import Fact
    from .live_sessions import LiveSession
    from .plan import Plan
    from .quota_facts import Standing

_VERSION_TIMEOUT_S = 30.0
_LOGIN_TIMEOUT_S = 60.0
_LATEST_MS = 1e15
_QUIET_AHEAD_S = 8 * 86_400.0
_BY_TOKEN = ("api_key", "third_party")
_SUBSCRIBED = ("claude.ai", "oauth_token", "oauth")


class Preflight(NamedTuple):
    """What was found, and what the launch goes on with."""

    facts: tuple[Fact, ...]
    claude: str
    """The client's absolute path; empty when it was not found."""
    account: str
    standing: Standing
    quiet_until: float | None


def preflight(app: App, booking: Booking, plan: Plan, doors: Doors, now: float) -> Preflight:
    """Look at everything that a booked session needs."""
    catch_up(app)
    variables = booking.variables
    claude, version, why = _claude(doors, variables)
    runs = version is not None
    login = _login(doors, claude, variables) if claude and runs else Login(None, "", None, "it does not run")
    account = account_of(app, variables, login)
    standing = quota_facts.standing_of(app.ledger, app.settings, account, now, plan.model)
    here = _sessions_here(app, doors, booking.project)
    quiet_until = quiet_until_at(app.settings, now)
    facts = (
        _handoff(app, booking),
        place_facts.project_fact(_folder(booking)),
        place_facts.trusted_fact(client_state.is_trusted(app.paths, booking.project), booking.project),
        place_facts.claude_fact(claude, version, why),
        place_facts.login_fact(login, booking.left_out_names, now),
        _terminal(app, doors, booking, plan),
        place_facts.permissions_fact(plan, _is_root(), client_state.warns_of_bypass(app.paths)),
        *quota_facts.quota_facts(standing, need_of(app, plan, booking.first_at), now),
        place_facts.machine_fact(_sample(app, doors, now), app.settings["resources"]),
        place_facts.idle_fact(here, [] if here is not None else _recent(app, booking.project, (LIVE,))),
        _continuation(app, here, booking.project),
        place_facts.quiet_fact(quiet_until, now),
    )
    return Preflight(facts, claude or "", account, standing, quiet_until)


def need_of(app: App, plan: Plan, first_at: float) -> quota_facts.Need:
    """Return what a booked session needs of the limits; `first_at` is the time that the user asked for."""
    return quota_facts.Need(
        float(app.settings["automation"]["ready_free_pct"]),
        float(app.settings["quota"]["levels"]["emergency"]),
        plan.estimated_tokens,
        first_at if plan.start.startswith("reset") else None,
    )


def account_of(app: App, variables: Mapping[str, str], login: Login) -> str:
    """Return whose limits the session uses, by what the client says of its login."""
    if login.method in _BY_TOKEN:
        return API
    return account_key(app.paths, {**app.environ, **variables}, is_told_limits=login.method in _SUBSCRIBED)


def quiet_until_at(settings: dict[str, dict[str, Any]], now: float) -> float | None:
    """Return when the quiet hours end that `now` is in, None outside of them."""
    quiet = availability.of_settings(settings)._replace(working=())
    if not quiet.why_closed(now):
        return None
    spans = quiet.free_spans(now, now + _QUIET_AHEAD_S)
    return spans[0][0] if spans else now + _QUIET_AHEAD_S


def login_of(text: str) -> Login:
    """Return what `claude auth status` has printed."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return Login(None, "", None, "its answer cannot be read")
    if not isinstance(told, dict) or not isinstance(told.get("loggedIn"), bool):
        return Login(None, "", None, "its answer does not name it")
    expires = told.get("loginExpiresAt")
    method = told.get("authMethod")
    return Login(told["loggedIn"], method if isinstance(method, str) else "", _epoch(expires))


def _claude(doors: Doors, variables: Mapping[str, str]) -> tuple[str | None, str | None, str]:
    path = find_claude(variables)
    if path is None:
        return None, None, ""
    try:
        answer = doors.ask([path, "--version"], variables, _VERSION_TIMEOUT_S)
    except ProgramFailed as failed:
        return path, None, failed.words
    return (path, answer.stdout, "") if answer.code == 0 else (path, None, f"it ended with code {answer.code}")


def _login(doors: Doors, claude: str, variables: Mapping[str, str]) -> Login:
    # It answers from what is stored, without the network: whether a login is there, not whether the server takes it.
    try:
        answer = doors.ask([claude, "auth", "status", "--json"], variables, _LOGIN_TIMEOUT_S)
    except ProgramFailed as failed:
        return Login(None, "", None, failed.words)
    return login_of(answer.stdout)


def _epoch(value: object) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not 0 < value < _LATEST_MS:
            return None
        return value / 1000.0 if value > 1e11 else float(value)
    if isinstance(value, str):
        from watchkeeper.core.records import epoch_of

        return epoch_of(value) or None
    return None


def _handoff(app: App, booking: Booking) -> Fact:
    waiting = pending.find(app.ledger.state, booking.handoff_id) if booking.handoff_id else None
    is_readable = False
    if waiting is not None:
        try:
            is_readable = bool(handoff_folder.read(waiting.path))
        except OSError:
            is_readable = False
    watched = watching(app.ledger, app.settings, {**app.environ, **booking.variables}, booking.project, app.now)
    is_off = watched["state"] == "off"
    return place_facts.handoff_fact(booking.handoff_id, waiting, is_readable, is_off)


def _folder(booking: Booking) -> place_facts.Folder:
    path = booking.project
    return place_facts.Folder(path, os.path.isdir(path), os.path.realpath(path), booking.real_project)


def _terminal(app: App, doors: Doors, booking: Booking, plan: Plan) -> Fact:
    if plan.headless:
        return place_facts.terminal_fact(plan, "", None)
    terminal = doors.terminal(booking.terminal or app.settings["automation"]["terminal"], booking.variables)
    return place_facts.terminal_fact(plan, terminal.name, terminal.unavailable())


def _sessions_here(app: App, doors: Doors, project: str) -> list[LiveSession] | None:
    running = live_sessions.live_sessions(app.paths, doors.identify)
    if running is None:
        return None
    real = places.project_of(project)
    return [each for each in running if each.project == real]


def _continuation(app: App, here: list[LiveSession] | None, project: str) -> Fact:
    candidates = [each.session_id for each in here] if here is not None else _recent(app, project, (LIVE, IDLE))
    waiting = [each for each in candidates if live_sessions.continues_by_itself(app.paths, each)]
    return place_facts.continuation_fact(waiting, None if here is None else True)


def _recent(app: App, project: str, states: tuple[str, ...]) -> list[str]:
    found = sessions_view(app, most=50)["sessions"]
    return [each["id"] for each in found if each["state"] in states and each["project"] == project]


def _sample(app: App, doors: Doors, now: float) -> Any:
    try:
        return doors.look(app.paths.state, now)
    except Exception:  # noqa: BLE001 - whatever is wrong with a sensor, it is a fact that nothing is known
        return None


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
