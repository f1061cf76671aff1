"""A headless run of Claude Code: its command line, and what its stream of JSON lines tells, line by line.

`claude -p --output-format stream-json --verbose` prints one object a line: `system`/`init` with the session's id,
`rate_limit_event` with the limits (subscriptions only), the conversation, and at the end one `result`. Nothing of the
conversation is kept here; the lines themselves go into a file.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.adapters.child import Child
from watchkeeper.core import quota, state
from watchkeeper.core.decoder import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .plan import Plan

# Only lines that hold one of these are read; the conversation's own can be megabytes long.
_MARKS = ('"system"', '"rate_limit_event"', '"result"')
_MOST_TEXT = 2_000
# No figure of the client's is larger, and JSON may hold what no float does.
_LARGEST = 1e15
_STREAM = "stream"


class Ended(NamedTuple):
    """How a run ended, from its `result`; what it did not say is None."""

    subtype: str
    is_error: bool
    text: str
    session_id: str
    turns: int | None
    cost_usd: float | None
    tokens: dict[str, int]
    """Input, output, cache creation and cache read tokens of all models together, sub-agents included."""
    api_error: str
    """What the API refused with, for example usage_limit_reached."""
    denials: int
    """How often a tool was not allowed to run."""


class Follower:
    """Reads the lines of one run and keeps what matters: `session_id`, `limits` and `ended`."""

    def __init__(
        self,
        account: str,
        now: Callable[[], float],
        on_start: Callable[[str], None] = lambda _: None,
        on_limits: Callable[[list[state.Report]], None] = lambda _: None,
    ) -> None:
        """`on_start` is told the session's id, `on_limits` what the client reports of the limits of `account`."""
        self.session_id = ""
        self.ended: Ended | None = None
        self._account = account
        self._now = now
        self._on_start = on_start
        self._on_limits = on_limits

    def line(self, text: str) -> None:
        """Read one line; what is no message of the client's is passed over."""
        if not text.startswith("{") or not any(mark in text for mark in _MARKS):
            return
        try:
            message: Any = decode(text)
        except (ValueError, RecursionError):
            return
        if not isinstance(message, dict):
            return
        kind = message.get("type")
        if kind == "system" and message.get("subtype") == "init" and not self.session_id:
            self.session_id = _text(message.get("session_id"))
            self._on_start(self.session_id)
        elif kind == "rate_limit_event":
            reports = reports_of(message.get("rate_limit_info"), self._account, self._now())
            if reports:
                self._on_limits(reports)
        elif kind == "result":
            self.ended = ended_of(message)


def command(claude: str, plan: Plan, session_id: str, prompt: str, resumes: bool = False) -> list[str]:
    """Return the command line of a headless run; the prompt comes last, behind `--`, and is never an option.

    With `resumes` the session of that id goes on, else it begins.
    """
    stream = ["-p", "--output-format", "stream-json", "--verbose"]
    budget = [] if plan.budget_usd is None else [f"--max-budget-usd={plan.budget_usd:g}"]
    return [claude, *stream, *options(plan, session_id, resumes), *budget, *plan.extra, "--", prompt]


def options(plan: Plan, session_id: str, resumes: bool = False) -> list[str]:
    """Return the options that headless and interactive sessions have in common; values are joined to their names."""
    chosen = {
        "--resume" if resumes else "--session-id": session_id,
        "--agent": plan.agent,
        "--model": plan.model,
        "--permission-mode": plan.permission_mode,
    }
    return [f"{name}={value}" for name, value in chosen.items() if value]


def start(
    argv: Sequence[str],
    folder: str,
    environment: Mapping[str, str | None],
    output_path: str,
    follower: Follower,
    mark: str = "",
) -> Child:
    """Start a run whose output is kept in a file. Raise ProgramFailed when it cannot be started.

    A variable that is None is taken away. `mark` is what its family of processes is known by, made up where none is
    given.
    """
    return Child(
        argv,
        folder=folder,
        output_path=output_path,
        extra_environment=environment,
        on_line=_safely(follower.line),
        mark=mark,
    )


def reports_of(info: object, account: str, at: float) -> list[state.Report]:
    """Return the reports in a `rate_limit_info` of the stream; `utilization` there is a share of 1."""
    windows = info.get("unifiedWindows") if isinstance(info, dict) else None
    if not isinstance(info, dict) or not isinstance(windows, dict):
        return []
    found = []
    for kind in (quota.FIVE_HOUR, quota.SEVEN_DAY):
        window = windows.get(kind)
        share = window.get("utilization") if isinstance(window, dict) else None
        if not isinstance(window, dict) or isinstance(share, bool) or not isinstance(share, (int, float)):
            continue
        # Over 1 it is all of it, as in the status line; what is no number stays none.
        used_pct = 100.0 * min(max(share, -1), 1)
        told = {kind: {"used_percentage": used_pct, "resets_at": window.get("resetsAt")}}
        report = quota.report_of(kind, told, account, at)
        if report is not None:
            overage = kind == quota.FIVE_HOUR and info.get("isUsingOverage") is True
            found.append(report._replace(source=_STREAM, overage=overage))
    return found


def ended_of(message: Mapping[str, Any]) -> Ended:
    """Return what a `result` message tells."""
    usage = message.get("modelUsage")
    by_model = [each for each in usage.values() if isinstance(each, dict)] if isinstance(usage, dict) else []
    names = {
        "input_tokens": "inputTokens",
        "output_tokens": "outputTokens",
        "cache_creation_input_tokens": "cacheCreationInputTokens",
        "cache_read_input_tokens": "cacheReadInputTokens",
    }
    denials = message.get("permission_denials")
    return Ended(
        subtype=_text(message.get("subtype")),
        is_error=message.get("is_error") is not False,
        text=_text(message.get("result"))[:_MOST_TEXT],
        session_id=_text(message.get("session_id")),
        turns=_whole(message.get("num_turns")),
        cost_usd=_number(message.get("total_cost_usd")),
        tokens={name: sum(_whole(each.get(told)) or 0 for each in by_model) for name, told in names.items()},
        api_error=_text(message.get("api_error")),
        denials=len(denials) if isinstance(denials, list) else 0,
    )


def _safely(read: Callable[[str], None]) -> Callable[[str], None]:
    def line(text: str) -> None:
        # Whoever follows a run must not stop it; a ledger that is locked for long gets the next report.
        with contextlib.suppress(Exception):
            read(text)

    return line


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if -_LARGEST < value < _LARGEST else None
