"""The options of config.toml: what each means and which values it takes. Their defaults stand in core/settings.py."""

from __future__ import annotations

import itertools
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from watchkeeper.core.settings import ALERT_SETS

from .hours import parse_hours

Percent = Annotated[float, Field(gt=0, le=100)]
Minutes = Annotated[int, Field(ge=1, le=300)]
Sentence = Annotated[str, Field(max_length=200)]
TokenKind = Literal["input", "output", "cache_creation", "cache_read"]
Plan = Literal["", "free", "pro", "team", "max5", "max20", "custom"]
Resource = Literal["tokens", "memory", "temperature", "load", "power", "disk"]
Notifier = Literal["auto", "notify-send", "macos", "windows", "none"]
Scheduler = Literal["auto", "launchd", "task-scheduler", "systemd", "at", "cron", "none"]
Terminal = Literal[
    "auto", "windows-terminal", "terminal", "iterm", "default", "gnome-terminal", "kitty", "wezterm", "tmux"
]


def _alert_set(value: str | list[float]) -> str | list[float]:
    if isinstance(value, str) and value not in ALERT_SETS:
        raise ValueError(_ALERTS)
    return value


def _hours(text: str) -> str:
    parse_hours(text)
    return text


def _time_zone(name: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        if name:
            ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"has {name!r}, which is no time zone: write one like Europe/Berlin") from None
    return name


def _without_repetition(values: list[str]) -> list[str]:
    if len(set(values)) < len(values):
        raise ValueError("must name nothing twice")
    return values


_ALERTS = 'must be "hyperaware", "basic" or a list of percentages such as [50, 80, 90]'
WeekHours = Annotated[str, AfterValidator(_hours)]
TimeZone = Annotated[str, Field(max_length=100), AfterValidator(_time_zone)]
TokenKinds = Annotated[list[TokenKind], AfterValidator(_without_repetition)]
Alerts = Annotated[str | list[Percent], AfterValidator(_alert_set)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


def _ascending(table: BaseModel, names: tuple[str, ...]) -> None:
    for lower, higher in itertools.pairwise(names):
        if getattr(table, lower) >= getattr(table, higher):
            raise ValueError(
                f"must ascend, but {lower} is {getattr(table, lower):g} and {higher} {getattr(table, higher):g}"
            )


class Watch(_Table):
    enabled: bool = Field(description="Whether Watchkeeper watches at all.")
    projects_off: list[str] = Field(description="Folders of projects that are left alone.")


class QuotaLevels(_Table):
    excellent: Percent = Field(
        description="Share of the five-hour window, in percent, from which its level is excellent."
    )
    good: Percent = Field(description="From which it is good.")
    moderate: Percent = Field(description="From which it is moderate.")
    danger: Percent = Field(description="From which it is danger.")
    critical: Percent = Field(description="From which it is critical.")
    emergency: Percent = Field(description="From which it is emergency.")

    @model_validator(mode="after")
    def _ascend(self) -> QuotaLevels:
        _ascending(self, ("excellent", "good", "moderate", "danger", "critical", "emergency"))
        return self


class Quota(_Table):
    plan: Plan = Field(description="The subscription; empty when it is not known, custom to use limit_tokens.")
    limit_tokens: int = Field(ge=0, le=10**12, description="Tokens per five hours of the plan custom.")
    counted: TokenKinds = Field(min_length=1, description="The kinds of tokens that count towards the limit.")
    alerts: Alerts = Field(description="Shares of the five-hour window that are told: hyperaware, basic or a list.")
    weekly_alerts: list[Percent] = Field(description="Shares of the weekly window that are told.")
    time_left_alerts_min: list[Minutes] = Field(description="Minutes before the reset that are told.")
    reserve_pct: float = Field(
        ge=0, le=50, description="Share of the limit that plans and overnight runs leave for saving work."
    )
    levels: QuotaLevels

    @model_validator(mode="after")
    def _agree(self) -> Quota:
        if self.plan == "custom" and not self.limit_tokens:
            raise ValueError("has the plan custom, which needs limit_tokens above 0")
        return self


class ContextLevels(_Table):
    healthy: Percent = Field(description="Share of the usable context, in percent, from which its level is healthy.")
    moderate: Percent = Field(description="From which it is moderate.")
    warning: Percent = Field(description="From which it is warning.")
    danger: Percent = Field(description="From which it is danger.")
    critical: Percent = Field(description="From which it is critical.")

    @model_validator(mode="after")
    def _ascend(self) -> ContextLevels:
        _ascending(self, ("healthy", "moderate", "warning", "danger", "critical"))
        return self


class Context(_Table):
    alerts: list[Percent] = Field(description="Shares of the usable context that are told.")
    alert_tokens: int = Field(
        ge=0, le=10**9, description="Size of the context that is told whatever its share; 0 for never."
    )
    reserve_tokens: int = Field(
        ge=0,
        le=10**6,
        description="What the client keeps free of the window until that was learned from its own compactions.",
    )
    auto_compact_pct: float = Field(
        ge=0,
        le=100,
        description="Share of the window, less 20,000 tokens for an answer, at which Claude Code compacts by itself; "
        "0 leaves that to it.",
    )
    steer: bool = Field(description="Whether a compaction is told what must survive it.")
    levels: ContextLevels


class StatusLine(_Table):
    format: str = Field(max_length=500, description="The parts of the status line, in this order.")
    passthrough: str = Field(
        max_length=4000, description="The command of the status line that goes on running beside ours."
    )


class Notices(_Table):
    desktop: bool = Field(description="Whether urgent alerts are shown on the desktop too.")
    notifier: Notifier = Field(description="What shows them; auto takes the first that works here.")


class Resources(_Table):
    sample_interval_s: int = Field(ge=5, le=3600, description="Seconds between two looks at the machine.")
    ram_warning_gb: float = Field(ge=0, le=4096, description="Available memory in GB below which the level is warning.")
    ram_critical_gb: float = Field(ge=0, le=4096, description="Available memory in GB below which it is critical.")
    ram_warning_pct: float = Field(
        ge=0, le=90, description="The same as a share of the machine's memory; the larger of the two counts."
    )
    ram_critical_pct: float = Field(ge=0, le=90, description="Likewise for critical.")
    temp_warm_c: float = Field(
        ge=20, le=130, description="Processor temperature in °C from which the level is warning."
    )
    temp_critical_c: float = Field(ge=20, le=130, description="From which it is critical.")
    temp_emergency_c: float = Field(ge=20, le=130, description="From which it is emergency.")
    load_warning_pct: float = Field(
        ge=50, le=10_000, description="Load, in percent of all cores, from which the level is warning."
    )
    battery_warning_pct: float = Field(
        ge=0, le=100, description="Charge, in percent, below which the level is warning while on battery."
    )
    battery_critical_pct: float = Field(ge=0, le=100, description="Below which it is critical.")
    disk_warning_gb: float = Field(
        ge=0, le=10_000, description="Free disk space in GB below which the level is warning."
    )
    disk_critical_gb: float = Field(ge=0, le=10_000, description="Below which it is critical.")

    @model_validator(mode="after")
    def _ascend(self) -> Resources:
        _ascending(self, ("temp_warm_c", "temp_critical_c", "temp_emergency_c"))
        for name, unit in (("ram", "gb"), ("ram", "pct"), ("battery", "pct"), ("disk", "gb")):
            critical, warning = f"{name}_critical_{unit}", f"{name}_warning_{unit}"
            if getattr(self, critical) > getattr(self, warning):
                raise ValueError(f"must not have {critical} above {warning}")
        return self


class Estimates(_Table):
    history: bool = Field(description="Whether estimates learn from the work in transcripts, also from older ones.")


class Memory(_Table):
    inject: bool = Field(description="Whether a session that starts is told what is remembered of its project.")


class SessionMonitor(_Table):
    enabled: bool = Field(description="Whether the monitor may be started.")
    check_interval_seconds: float = Field(ge=0.5, le=3600, description="Seconds between two looks of the monitor.")
    token_warning_threshold: Percent = Field(
        description="Share of the worse of quota and context at which the monitor warns."
    )
    token_critical_threshold: Percent = Field(description="At which it is critical.")
    max_restart_attempts: int = Field(ge=0, le=20, description="How often a session that was ended is started again.")
    restart_backoff_seconds: float = Field(
        ge=0, le=3600, description="Seconds before that, doubled with each further try."
    )
    workspace_base_dir: str = Field(
        max_length=4_000, description="Folder of the monitor's files; empty is Watchkeeper's own."
    )
    auto_terminate: bool = Field(
        description="Whether a session is ended and started again by itself when it is critical."
    )

    @model_validator(mode="after")
    def _ascend(self) -> SessionMonitor:
        _ascending(self, ("token_warning_threshold", "token_critical_threshold"))
        return self


class Executor(_Table):
    tokens_warning_pct: Percent = Field(
        description="Share of the limit, above the reserve, below which no further task is started."
    )
    tokens_critical_pct: Percent = Field(description="Below which that is critical.")
    tokens_emergency_pct: Percent = Field(description="Below which a run saves its state and stops at once.")
    allow_unknown: list[Resource] = Field(description="What may be unknown when a task is started.")
    task_timeout_minutes: int = Field(ge=1, le=10_000, description="Minutes after which a task is ended.")
    summary_every: int = Field(ge=1, le=1_000, description="After how many tasks a run says how it stands.")

    @model_validator(mode="after")
    def _ascend(self) -> Executor:
        _ascending(self, ("tokens_emergency_pct", "tokens_critical_pct", "tokens_warning_pct"))
        return self


class Automation(_Table):
    scheduler: Scheduler = Field(description="What starts booked sessions; auto takes the first that works here.")
    terminal: Terminal = Field(
        description="Where they open; auto takes the one that you work in, else the first that works."
    )
    auto_schedule: bool = Field(
        description="Whether the next session is booked by itself, five minutes after the reset, at critical."
    )
    ready_free_pct: Percent = Field(description="Share of the five-hour window that must be free for a booked session.")
    retry_minutes: int = Field(ge=1, le=1440, description="Minutes until the next try where one is not ready.")
    tries: int = Field(ge=1, le=100, description="How often a booked session is tried before it is given up.")
    grace_minutes: int = Field(
        ge=0, le=1440, description="Minutes by which it may start late after the machine slept; later it asks."
    )
    notice_minutes: int = Field(ge=0, le=240, description="Minutes before its start at which you are told; 0: never.")


class Planner(_Table):
    working_hours: list[WeekHours] = Field(
        max_length=50, description="When planned sessions may run, such as Mon-Fri 09:00-18:00; empty is any time."
    )
    quiet_hours: list[WeekHours] = Field(max_length=50, description="When none of them may run, such as 22:00-07:00.")
    time_zone: TimeZone = Field(
        description="The zone of these hours and of calendar files, such as Europe/Berlin; empty is this machine's."
    )
    weekly_use_pct: Percent = Field(description="Share of the weekly limit that plans and overnight runs may use up.")
    look_ahead_days: int = Field(ge=1, le=366, description="How many days a plan looks ahead.")


class Calendar(_Table):
    reminders_min: list[Annotated[int, Field(ge=0, le=10_080)]] = Field(
        max_length=5, description="Minutes before a session's start at which the calendar reminds you of it."
    )
    show_reset: bool = Field(description="Whether the reset of the five-hour window is in the calendar too.")


class Storage(_Table):
    retention_days: int = Field(
        ge=8, le=36_500, description="Days for which more than totals is kept; a weekly window needs eight."
    )


class QuotaAdvice(_Table):
    fresh: Sentence = Field(description="What to do at the quota level fresh.")
    excellent: Sentence = Field(description="At excellent.")
    good: Sentence = Field(description="At good.")
    moderate: Sentence = Field(description="At moderate.")
    danger: Sentence = Field(description="At danger.")
    critical: Sentence = Field(description="At critical.")
    emergency: Sentence = Field(description="At emergency.")


class ContextAdvice(_Table):
    fresh: Sentence = Field(description="What to do at the context level fresh.")
    healthy: Sentence = Field(description="At healthy.")
    moderate: Sentence = Field(description="At moderate.")
    warning: Sentence = Field(description="At warning.")
    danger: Sentence = Field(description="At danger.")
    critical: Sentence = Field(description="At critical.")


class Advice(_Table):
    quota: QuotaAdvice
    context: ContextAdvice


class Config(_Table):
    """Every option: what `core.settings.merged(DEFAULTS, file)` must look like."""

    watch: Watch
    quota: Quota
    context: Context
    status_line: StatusLine
    notices: Notices
    resources: Resources
    planner: Planner
    calendar: Calendar
    storage: Storage
    memory: Memory
    estimates: Estimates
    session_monitor: SessionMonitor
    executor: Executor
    automation: Automation
    advice: Advice


def options(table: type[BaseModel] = Config, prefix: str = "") -> dict[str, str]:
    """Return what each option means by its dotted name, in the order of the file."""
    found: dict[str, str] = {}
    for name, field in table.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= options(inner, f"{prefix}{name}.")
        else:
            found[prefix + name] = field.description or ""
    return found


def tables(table: type[BaseModel] = Config, prefix: str = "") -> list[str]:
    """Return the dotted names of the tables that hold the options."""
    found = []
    for name, field in table.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found += [prefix + name, *tables(inner, f"{prefix}{name}.")]
    return found
