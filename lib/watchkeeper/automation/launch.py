"""Starting the booked session: its prompt, its environment, its window, and the sign that it is really there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.adapters.terminal import choose
from watchkeeper.adapters.terminal.port import Opening
from watchkeeper.core.quota import UNKNOWN
from watchkeeper.handoff.start import NAMED

from . import client_state, headless, live_sessions
from .plan import BYPASS

if TYPE_CHECKING:
    from watchkeeper.adapters.terminal.port import Window
    from watchkeeper.app import App
    from watchkeeper.core.paths import Paths

    from .bookings import Booking
    from .doors import Doors
    from .plan import Plan
    from .preflight import Preflight

BOOKING = "WATCHKEEPER_BOOKING"
"""The variable by which a session knows that a booking has started it."""
SIGN_WAIT_S = 60.0
_LOOK_S = 0.5
# What describes the terminal that the booking was made in, and not the one that opens.
_OF_A_TERMINAL = frozenset(
    """COLORTERM KITTY_PID KITTY_PUBLIC_KEY KITTY_WINDOW_ID LC_TERMINAL LC_TERMINAL_VERSION STY TERM TERMINFO
    TERM_PROGRAM TERM_PROGRAM_VERSION TERM_SESSION_ID TMUX TMUX_PANE VTE_VERSION WT_PROFILE_ID WT_SESSION""".split()
)
_OF_A_TERMINAL_PREFIXES = ("GNOME_TERMINAL_", "ITERM_", "KONSOLE_", "WEZTERM_")
# What an old tmux server, started from inside a session, would hand down.
NEVER_INHERITED = (
    "CLAUDECODE",
    "CLAUDE_CODE_SESSION_ID",
    "CLAUDE_CODE_SESSION_ATTENDED",
    "CLAUDE_CODE_ENTRYPOINT",
    "CLAUDE_CODE_CHILD_SESSION",
    "CLAUDE_PROJECT_DIR",
    "CLAUDE_ENV_FILE",
)


def prompt(booking: Booking, found: Preflight) -> str:
    """Return what the session is told first. It is the same for every handoff: no text of one is in it."""
    quota = found.standing.quota
    free = "" if quota.used_pct is None or quota.source == UNKNOWN else f"{max(0, int(100 - quota.used_pct))}% of"
    limit = f", about {quota.limit_tokens:,} tokens in all" if quota.limit_tokens else ""
    left = f"{free or 'All that is left of'} the five-hour quota is free{limit}" if free else "The quota is not known"
    if found.standing.ended_at is not None:
        left = f"The five-hour quota has reset{limit}"
    if not booking.handoff_id:
        return f"This session was booked with Watchkeeper and starts as planned. {left}; work efficiently."
    return (
        "This session was booked with Watchkeeper to go on where an earlier one stopped; its handoff was given to you "
        "at the start. Acknowledge in a line that you have it, run the commands it names for the start under your "
        f"normal permissions, then begin with its objectives. {left}; work efficiently."
    )


def asking(paths: Paths, project: str, plan: Plan) -> Plan:
    """Return the plan with a mode that asks, where the settings alone would let the session act without a question.

    Only the plan itself may say that nothing is asked: nobody sits before a session that starts by itself.
    """
    if plan.permission_mode or plan.bypasses or client_state.default_mode(paths, project) != BYPASS:
        return plan
    return plan.model_copy(update={"permission_mode": "default"})


def environment(booking: Booking) -> dict[str, str]:
    """Return the variables of the session: those that were booked, less what describes a terminal, and our own."""
    kept = {name: value for name, value in booking.variables.items() if not _is_of_a_terminal(name)}
    own = {NAMED: booking.handoff_id, BOOKING: booking.booking_id}
    return {**kept, **{name: value for name, value in own.items() if value}}


def open_window(app: App, booking: Booking, plan: Plan, found: Preflight, doors: Doors) -> Window:
    """Open an interactive session in a terminal. Raise ProgramFailed when that does not work."""
    argv = [
        found.claude,
        *headless.options(plan, booking.session_id),
        *plan.extra,
        "--",
        prompt(booking, found),
    ]
    given: dict[str, str | None] = dict.fromkeys(NEVER_INHERITED)
    given.update(environment(booking))
    opening = Opening(tuple(argv), booking.project, "Claude Code, started by Watchkeeper", given)
    name = booking.terminal or app.settings["automation"]["terminal"]
    return choose.open_window(name, doors.terminals(booking.variables), opening)[1]


def has_given_sign(app: App, booking: Booking, doors: Doors) -> bool:
    """Return whether a booking's session is there: it runs, was given its handoff, or is in the ledger."""
    running = live_sessions.live_sessions(app.paths, doors.identify) or ()
    if any(each.session_id == booking.session_id for each in running):
        return True
    claimed = app.ledger.state.execute(
        "SELECT 1 FROM handoffs WHERE claimed_by = ? LIMIT 1", (booking.session_id,)
    ).fetchone()
    known = app.ledger.usage.execute(
        "SELECT 1 FROM sessions WHERE session_id = ? LIMIT 1", (booking.session_id,)
    ).fetchone()
    return claimed is not None or known is not None


def wait_for_sign(app: App, booking: Booking, doors: Doors, timeout_s: float = SIGN_WAIT_S) -> bool:
    """Wait until the session is there, at most `timeout_s`; return whether it is."""
    waited_s = 0.0
    while not has_given_sign(app, booking, doors):
        if waited_s >= timeout_s:
            return False
        doors.sleep(_LOOK_S)
        waited_s += _LOOK_S
    return True


def _is_of_a_terminal(name: str) -> bool:
    return name in _OF_A_TERMINAL or name.startswith(_OF_A_TERMINAL_PREFIXES)
