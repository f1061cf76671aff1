"""What must be so of folder, client, login, machine and other sessions: facts from what was gathered, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core import words
from watchkeeper.handoff import pending
from watchkeeper.resources import levels
from watchkeeper.wiring import client

from .facts import Fact, fact
from .plan import BYPASS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.core.state import Sample
    from watchkeeper.handoff.pending import Waiting

    from .live_sessions import LiveSession
    from .plan import Plan


class Folder(NamedTuple):
    """The project's folder as it is now, and as it was when it was booked."""

    path: str
    exists: bool
    real_path: str
    booked_real_path: str


class Login(NamedTuple):
    """What `claude auth status` said; None where it did not say."""

    is_logged_in: bool | None
    method: str
    expires_at: float | None
    why: str = ""
    """Why nothing is known."""


def handoff_fact(handoff_id: str, waiting: Waiting | None, is_readable: bool, is_off: bool) -> Fact:
    """Return whether the handoff is there, waits for this session, and would be given to it: `is_off` keeps it away."""
    name = "handoff"
    if not handoff_id:
        return fact(name, True, "none was booked")
    if is_off:
        return fact(name, False, "Watchkeeper is switched off, so nothing would be given to it: `watchkeeper on`")
    if waiting is None:
        return fact(name, False, f"{handoff_id} waits for no session; `watchkeeper handoffs use {handoff_id}` lets it")
    if not is_readable:
        return fact(name, False, f"the file of {handoff_id} is gone or cannot be read")
    if waiting.state in (pending.CLAIMED, pending.USED):
        return fact(name, False, f"{handoff_id} was given to session {waiting.claimed_by[:8]} already")
    return fact(name, waiting.state == pending.PENDING, f"{handoff_id} is {_waits(waiting.state)}")


def project_fact(folder: Folder) -> Fact:
    """Return whether the project's folder is there, and still the one that was booked."""
    name = "project"
    if not folder.exists:
        return fact(name, False, f"the folder {folder.path} is not there")
    if folder.booked_real_path and folder.real_path != folder.booked_real_path:
        moved = f"{folder.path} leads to {folder.real_path} and led to {folder.booked_real_path} when it was booked"
        return fact(name, False, moved)
    return fact(name, True, folder.path)


def trusted_fact(is_trusted: bool | None, folder: str) -> Fact:
    """Return whether the user has told the client that they trust the folder, without which it would ask and wait."""
    name = "trusted"
    if is_trusted is None:
        return fact(name, None, "Claude Code's own state (.claude.json) cannot be read")
    if is_trusted:
        return fact(name, True, "you have told Claude Code so")
    return fact(name, False, f"you have not told Claude Code that you trust {folder}: open it there once")


def claude_fact(path: str | None, said: str | None, why: str = "") -> Fact:
    """Return whether the client is found and runs; `said` is what it printed of its version, None if it did not run."""
    name = "claude"
    if path is None:
        return fact(name, False, "no `claude` is on the search path that was booked")
    if said is None:
        return fact(name, False, f"{path} does not run: {why}")
    version = client.parsed(said)
    if version is None:
        return fact(name, None, f"{path} does not say its version")
    if version < client.OLDEST_SUPPORTED:
        oldest = client.spelled(client.OLDEST_SUPPORTED)
        return fact(name, False, f"{path} is {client.spelled(version)}, older than {oldest}: run `claude update`")
    return fact(name, True, f"{path}, {client.spelled(version)}")


def login_fact(login: Login, left_out: Sequence[str], now: float) -> Fact:
    """Return whether the client says it is logged in, here and without the user's terminal."""
    name = "login"
    if login.is_logged_in is None:
        return fact(name, None, f"Claude Code does not say ({login.why})" if login.why else "Claude Code does not say")
    if not login.is_logged_in:
        hint = "run `claude auth login`, or `claude setup-token` where the keychain stays locked"
        keys = [each for each in left_out if each.startswith(("ANTHROPIC_", "CLAUDE_", "AWS_"))]
        if keys:
            hint = f"{', '.join(keys)} was set when you booked and is not stored: sign in with `claude auth login`"
        return fact(name, False, f"not logged in where nobody is at the terminal; {hint}")
    if login.expires_at is not None and login.expires_at <= now:
        return fact(name, False, f"the login ended at {words.clock_time(login.expires_at, now)}: `claude auth login`")
    return fact(name, True, login.method or "logged in")


def machine_fact(sample: Sample | None, resources: dict[str, Any]) -> Fact:
    """Return whether the machine has room for a session."""
    name = "machine"
    if sample is None:
        return fact(name, None, "neither memory nor temperature can be read")
    level, reasons = levels.level_of(sample, resources)
    if level == levels.UNKNOWN:
        return fact(name, None, "neither memory nor temperature can be read")
    seen = [] if sample.ram_available_gb is None else [f"{sample.ram_available_gb:.1f} GB of memory available"]
    seen += [] if sample.cpu_temp_c is None else [f"{sample.cpu_temp_c:.0f} °C"]
    return fact(name, level not in (levels.CRITICAL, levels.EMERGENCY), "; ".join(reasons) or ", ".join(seen))


def idle_fact(here: Sequence[LiveSession] | None, recent: Sequence[str]) -> Fact:
    """Return whether no session works on the project; `recent` are those that were active in the last ten minutes.

    They are looked at where the client does not say which sessions run (None).
    """
    name = "idle project"
    if here is None:
        if recent:
            return fact(name, None, f"session {recent[0][:8]} was at work minutes ago and may still be")
        return fact(name, True, "no session was at work here in the last ten minutes")
    busy = [each for each in here if each.is_busy]
    silent = [each for each in here if each.is_busy is None]
    if busy:
        return fact(name, False, f"session {busy[0].session_id[:8]} is working here")
    if silent:
        return fact(name, None, f"session {silent[0].session_id[:8]} is open and does not say whether it works")
    open_here = "1 session is open here and idle" if len(here) == 1 else f"{len(here)} sessions are open here and idle"
    return fact(name, True, open_here if here else "no session is open here")


def continuation_fact(waiting: Sequence[str], runs: bool | None) -> Fact:
    """Return whether no session here waits for the reset and goes on by itself.

    `waiting` are those whose last word was that they do; `runs` is whether they still run, None if that is not known.
    """
    name = "nobody waits"
    if not waiting:
        return fact(name, True, "no session here waits for the reset by itself")
    if runs is None:
        return fact(name, None, f"session {waiting[0][:8]} was to continue by itself and may still run")
    return fact(name, False, f"session {waiting[0][:8]} waits for the reset and continues by itself")


def terminal_fact(plan: Plan, terminal: str, reason: str | None) -> Fact:
    """Return whether there is where an interactive session can be opened; `reason` is why the terminal cannot."""
    name = "terminal"
    if plan.headless:
        return fact(name, True, "none needed: it runs headless")
    return fact(name, reason is None, terminal if reason is None else reason)


def permissions_fact(plan: Plan, is_root: bool, warns: bool) -> Fact:
    """Return whether the client takes the permission mode that was booked, without a word of warning to be answered."""
    name = "permissions"
    if plan.bypasses and is_root:
        return fact(name, False, f"Claude Code refuses {BYPASS} to root: book another --permission-mode")
    if plan.bypasses and warns and not plan.headless:
        return fact(name, False, f"Claude Code would warn of {BYPASS} and wait: start it so once, or book --headless")
    if plan.bypasses:
        return fact(name, True, "no questions asked, as you wrote into the booking")
    usual = "as Claude Code starts headless: what needs a question is refused"
    return fact(name, True, plan.permission_mode or (usual if plan.headless else "as Claude Code starts"))


def quiet_fact(quiet_until: float | None, now: float) -> Fact:
    """Return whether the time is none of the quiet hours; `quiet_until` is when they end."""
    if quiet_until is None:
        return fact("open hours", True, "these are no quiet hours")
    return fact("open hours", False, f"quiet hours until {words.clock_time(quiet_until, now)}")


def _waits(state: str) -> str:
    return "waiting" if state == pending.PENDING else f"{state}: `watchkeeper handoffs` shows what waits"
