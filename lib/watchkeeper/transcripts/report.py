"""What was used, summed up for the `usage` command: in all, and by day, session, project, model or window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core.usage import WINDOW_S

from .days import SLICE_S, day_of, start_of_day
from .retention import PRUNED_COST

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable
    from datetime import tzinfo

DAY, SESSION, PROJECT, MODEL, WINDOW = "day", "session", "project", "model", "window"
GROUPINGS = (DAY, SESSION, PROJECT, MODEL, WINDOW)

_SUMS = "sum(input_tokens), sum(output_tokens), sum(cache_creation_input_tokens), sum(cache_read_input_tokens)"
_WINDOW_OF = "(SELECT max(started_at) FROM windows WHERE started_at <= at)"


class Used(NamedTuple):
    """Tokens of so many messages."""

    messages: int
    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int
    cache_read_input_tokens: int

    def plus(self, other: Used) -> Used:
        """Return the sum of both."""
        return Used(*(one + another for one, another in zip(self, other, strict=True)))

    def view(self) -> dict[str, Any]:
        """Return the figures by name, with their total."""
        return {**self._asdict(), "total_tokens": sum(self[1:])}


NOTHING = Used(0, 0, 0, 0, 0)


class Span(NamedTuple):
    """The time that is reported: [since_at, until_at), None for no limit; days are those of `zone`."""

    since_at: float | None = None
    until_at: float | None = None
    zone: tzinfo | None = None


def report(
    db: sqlite3.Connection,
    by: str | None = None,
    since_at: float | None = None,
    until_at: float | None = None,
    zone: tzinfo | None = None,
) -> dict[str, Any]:
    """Return what was used in [since_at, until_at): the figures, and in `groups` the same by one of GROUPINGS.

    Days are those of `zone`, None for this machine's own. What is older than the retention is known by day, project
    and model alone: it counts by whole days, and in other groups it stands under None, as what has no date does.
    `cost_usd` is what the client reckoned for the sessions whose last response is in the span, None if it did not.
    """
    span = Span(since_at, until_at, zone)
    used = _total([*_sums(db, "1", span).values(), *_folded(db, span, "1").values()])
    return {
        "since_at": since_at,
        "until_at": until_at,
        "by": by,
        **used.view(),
        "cost_usd": _cost_usd(db, span),
        "groups": [] if by is None else _GROUPS[by](db, span),
    }


def _by_day(db: sqlite3.Connection, span: Span) -> list[dict[str, Any]]:
    slices = _sums(db, f"CASE WHEN at > 0 THEN CAST(at / {SLICE_S} AS INTEGER) END", span)
    days: dict[Any, Used] = _folded(db, span, "day")
    for number, used in slices.items():
        day = None if number is None else day_of(number * SLICE_S + 1, span.zone)
        days[day] = days.get(day, NOTHING).plus(used)
    return [{"day": day, **days[day].view()} for day in sorted(days, key=_earliest_first)]


def _by_session(db: sqlite3.Connection, span: Span) -> list[dict[str, Any]]:
    used = _sums(db, "session_id", span) | _older(db, span)
    rows = db.execute("SELECT session_id, project, cwd, started_at, last_at, cost_usd FROM sessions")
    known = {session_id: rest for session_id, *rest in rows}
    groups = []
    for session_id, own in used.items():
        project, cwd, started_at, last_at, cost_usd = known.get(session_id, ("", "", None, None, None))
        names = {"session": session_id, "project": project or cwd or None, "started_at": started_at, "last_at": last_at}
        groups.append({**names, **own.view(), "cost_usd": cost_usd})
    return sorted(groups, key=lambda group: _earliest_first(group["started_at"]))


def _by_project(db: sqlite3.Connection, span: Span) -> list[dict[str, Any]]:
    rows = db.execute("SELECT session_id, CASE project WHEN '' THEN cwd ELSE project END FROM sessions")
    project_of = dict(rows.fetchall())
    projects = _folded(db, span, "project")
    for session_id, used in _sums(db, "session_id", span).items():
        project = project_of.get(session_id) or None
        projects[project] = projects.get(project, NOTHING).plus(used)
    return _largest_first("project", projects)


def _by_model(db: sqlite3.Connection, span: Span) -> list[dict[str, Any]]:
    models = _folded(db, span, "model")
    for model, used in _sums(db, "nullif(model, '')", span).items():
        models[model] = models.get(model, NOTHING).plus(used)
    return _largest_first("model", models)


def _by_window(db: sqlite3.Connection, span: Span) -> list[dict[str, Any]]:
    # Before the first window there is only what has no date.
    windows = _sums(db, _WINDOW_OF, span)
    older = _older(db, span)
    if older:
        windows[None] = windows.get(None, NOTHING).plus(older[None])
    return [
        {"window_at": at, "ends_at": None if at is None else at + WINDOW_S, **windows[at].view()}
        for at in sorted(windows, key=_earliest_first)
    ]


_GROUPS: dict[str, Callable[[sqlite3.Connection, Span], list[dict[str, Any]]]] = {
    DAY: _by_day,
    SESSION: _by_session,
    PROJECT: _by_project,
    MODEL: _by_model,
    WINDOW: _by_window,
}


def _sums(db: sqlite3.Connection, key: str, span: Span) -> dict[Any, Used]:
    """Return the sums of the single responses in the span by an expression over their columns."""
    bounds = (span.since_at, span.since_at, span.until_at, span.until_at)
    rows = db.execute(
        f"SELECT {key}, count(*), {_SUMS} FROM responses"
        " WHERE (? IS NULL OR at >= ?) AND (? IS NULL OR at < ?) GROUP BY 1",
        bounds,
    )
    return {name: Used(*figures) for name, *figures in rows}


def _folded(db: sqlite3.Connection, span: Span, key: str) -> dict[Any, Used]:
    """Return the sums of what is older than the retention by one of its columns; days that the span cuts are whole."""
    since_day = "" if span.since_at is None else day_of(span.since_at, span.zone)
    rows = db.execute(
        f"SELECT nullif({key}, ''), sum(messages), {_SUMS} FROM totals WHERE day >= ? AND day < ? GROUP BY 1",
        (since_day, _day_after(span)),
    )
    return {name: Used(*figures) for name, *figures in rows}


def _older(db: sqlite3.Connection, span: Span) -> dict[Any, Used]:
    used = _total(_folded(db, span, "day").values())
    return {None: used} if used.messages else {}


def _day_after(span: Span) -> str:
    """Return the first day that is wholly after the span."""
    if span.until_at is None:
        return "~"
    last = day_of(span.until_at, span.zone)
    return last if start_of_day(span.until_at, span.zone) == span.until_at else last + "~"


def _cost_usd(db: sqlite3.Connection, span: Span) -> float | None:
    at = "coalesce(last_at, started_at, 0)"
    bounds = (span.since_at, span.since_at, span.until_at, span.until_at)
    rows = db.execute(
        f"SELECT cost_usd FROM sessions WHERE cost_usd IS NOT NULL AND (? IS NULL OR {at} >= ?)"
        f" AND (? IS NULL OR {at} < ?)",
        bounds,
    ).fetchall()
    if span.since_at is None:
        # Sessions that are no longer kept.
        rows += db.execute("SELECT value FROM facts WHERE name = ?", (PRUNED_COST,)).fetchall()
    return sum(cost_usd for (cost_usd,) in rows) if rows else None


def _total(parts: Iterable[Used]) -> Used:
    total = NOTHING
    for part in parts:
        total = total.plus(part)
    return total


def _largest_first(name: str, groups: dict[Any, Used]) -> list[dict[str, Any]]:
    order = sorted(groups, key=lambda key: (-sum(groups[key][1:]), key or ""))
    return [{name: key, **groups[key].view()} for key in order]


def _earliest_first(key: Any) -> tuple[bool, Any]:
    return (key is not None, key)
