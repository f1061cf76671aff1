"""What a finished session teaches: phases outside their ranges, and what the data say that set them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core.usage import counted_sum

from . import variance

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from .progress import Use
    from .tracked import Tracked, TrackedPhase

# A figure that differs from that of the other phases by so much sets a phase apart.
_APART = 1.5
_FEWEST_CALLS = 8
_LONGER, _SHORTER = 1.25, 0.8


class Traits(NamedTuple):
    """What can be counted of a phase."""

    calls: int
    failed_pct: float
    agent_pct: float
    """Share of the tokens that sub-agents took."""
    created_pct: float
    """Share of what was read that had to be put into the cache anew."""
    compactions: int
    tokens_per_call: float


def lessons(
    usage: sqlite3.Connection, made: Tracked, uses: Sequence[Use], deviations: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return what each finished phase outside its range shows, and what was noted of it by a person or Claude."""
    done = [
        (phase, use)
        for phase, use in zip(made.phases, uses, strict=True)
        if phase.ended_at is not None and use.tokens > 0
    ]
    traits = {phase.number: _traits(usage, made, phase) for phase, _ in done}
    noted = {str(each.get("phase")): each for each in deviations}
    found = []
    for phase, use in done:
        own = noted.get(f"phase{phase.number}", {})
        said = {name: own.get(name) for name in ("reason", "category", "preventable", "lesson")}
        is_outside = not variance.is_inside(phase, use.tokens)
        if not is_outside and not any(value is not None for value in said.values()):
            continue
        others = [traits[other.number] for other, _ in done if other is not phase]
        found.append(
            {
                "phase": phase.name,
                "number": phase.number,
                "type": phase.task_type,
                "extra_tokens": round(use.tokens - phase.mid_tokens),
                "variance_pct": variance.pct(use.tokens, phase.mid_tokens),
                "outside": is_outside,
                "distinguished_by": _apart(phase, use, traits[phase.number], others),
                **said,
            }
        )
    return found


def _apart(phase: TrackedPhase, use: Use, own: Traits, others: Sequence[Traits]) -> list[str]:
    found = []
    if phase.hours and use.hours and not _SHORTER <= use.hours / phase.hours <= _LONGER:
        found.append(f"it was worked on for {use.hours:.1f} hours, planned {phase.hours:.1f}")
    if phase.new_libraries:
        found.append(f"libraries that were new: {', '.join(phase.new_libraries)}")
    if own.compactions:
        found.append(f"{own.compactions} compaction{'s' if own.compactions > 1 else ''} fell into it")
    if not others:
        return found
    for name, unit, what in (
        ("failed_pct", "%", "of its tool calls failed"),
        ("agent_pct", "%", "of its tokens were sub-agents'"),
        ("created_pct", "%", "of what it read had to be cached anew"),
        ("tokens_per_call", "", "tokens for each tool call"),
    ):
        value, usual = getattr(own, name), sum(getattr(each, name) for each in others) / len(others)
        is_enough = own.calls >= _FEWEST_CALLS and value - usual >= (5.0 if unit else 0.0)
        if is_enough and value > _APART * usual:
            found.append(f"{value:,.0f}{unit} {what}, {usual:,.0f}{unit} in the other phases")
    return found


def _traits(db: sqlite3.Connection, made: Tracked, phase: TrackedPhase) -> Traits:
    within = (made.session_id, phase.started_at, phase.ended_at)
    calls, failed = db.execute(
        "SELECT count(*), ifnull(sum(failed), 0) FROM tool_calls WHERE session_id = ? AND at >= ? AND at < ?", within
    ).fetchone()
    counted = counted_sum(made.counted)
    tokens, agents, created, read = db.execute(
        f"SELECT ifnull(sum({counted}), 0), ifnull(sum(CASE agent_id WHEN '' THEN 0 ELSE {counted} END), 0),"
        " ifnull(sum(cache_creation_input_tokens), 0),"
        " ifnull(sum(input_tokens + cache_creation_input_tokens + cache_read_input_tokens), 0)"
        " FROM responses WHERE session_id = ? AND at >= ? AND at < ?",
        within,
    ).fetchone()
    (compactions,) = db.execute(
        "SELECT count(*) FROM compactions WHERE session_id = ? AND at >= ? AND at < ?", within
    ).fetchone()
    return Traits(
        calls,
        100.0 * failed / calls if calls else 0.0,
        100.0 * agents / tokens if tokens else 0.0,
        100.0 * created / read if read else 0.0,
        compactions,
        tokens / calls if calls else 0.0,
    )
