"""When sessions may run: working hours less quiet hours, by the clock on the wall of one time zone."""

from __future__ import annotations

import bisect
import math
import time
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.config.hours import DAY_MIN, Hours, parse_hours

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WEEK_MIN = 7 * DAY_MIN
_DAY_S, _WEEK_S = 86_400.0, 7 * 86_400.0
# The first of January 1970 was a Thursday.
_FIRST_MONDAY_S = 4 * _DAY_S
# No zone changes its clocks twice within this.
_STEP_S = 12 * 3600.0

Spans = list[tuple[float, float]]


class Availability(NamedTuple):
    """Hours in which sessions may run.

    A moment is free when the clock on the wall reads a working minute that is not a quiet one: an hour that clocks
    repeat is free twice, and one that they skip never is.
    """

    working: tuple[Hours, ...] = ()
    """None means any hour."""
    quiet: tuple[Hours, ...] = ()
    zone: tzinfo | None = None
    """None is this machine's own."""

    def free_spans(self, since_at: float, until_at: float) -> Spans:
        """Return the free stretches of time in epoch seconds, ascending, as long as they get."""
        free_min = _without(_week(self.working) if self.working else [(0, WEEK_MIN)], _week(self.quiet))
        if free_min == [(0, WEEK_MIN)]:
            return [(since_at, until_at)]
        found: Spans = []
        for start_at, end_at, offset_s in offsets(self.zone, since_at, until_at):
            for span in _spans_of(free_min, start_at, end_at, offset_s):
                if found and found[-1][1] >= span[0]:
                    found[-1] = (found[-1][0], span[1])
                else:
                    found.append(span)
        return found

    def why_closed(self, at: float) -> str:
        """Return in words what keeps sessions from running at `at`; empty when nothing does."""
        if self._is_in(self.quiet, at):
            return "quiet hours"
        if self.working and not self._is_in(self.working, at):
            return "outside working hours"
        return ""

    def _is_in(self, hours: Sequence[Hours], at: float) -> bool:
        minute = ((at + offset_s(self.zone, at) - _FIRST_MONDAY_S) % _WEEK_S) // 60
        return any(start <= minute < end for start, end in _week(hours))


def of_settings(settings: dict[str, dict[str, Any]]) -> Availability:
    """Return the availability that the settings describe."""
    table = settings["planner"]
    return Availability(
        tuple(parse_hours(text) for text in table["working_hours"]),
        tuple(parse_hours(text) for text in table["quiet_hours"]),
        zone_named(table["time_zone"]),
    )


def zone_named(name: str) -> tzinfo | None:
    """Return the time zone of that name, None (this machine's) for an empty one."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(name) if name else None


def earliest_start(spans: Spans, at: float, duration_s: float) -> float | None:
    """Return the first moment from `at` on from which `duration_s` are free without a break; None when none is."""
    place = max(0, bisect.bisect_right(spans, (at, math.inf)) - 1)
    for number in range(place, len(spans)):
        start, end = spans[number]
        begin = max(at, start)
        if begin + duration_s <= end:
            return begin
    return None


def offset_s(zone: tzinfo | None, at: float) -> float:
    """Return how far clocks in `zone` are ahead of UTC at `at`, in seconds."""
    if zone is None:
        # The variable TZ may set clocks further ahead than a datetime can say.
        return float(time.localtime(at).tm_gmtoff)
    ahead = datetime.fromtimestamp(at, zone).utcoffset()
    return 0.0 if ahead is None else ahead.total_seconds()


def offsets(zone: tzinfo | None, since_at: float, until_at: float) -> Iterator[tuple[float, float, float]]:
    """Yield the stretches of time in which clocks keep their distance from UTC: (start, end, offset in seconds)."""
    start_at, current_s = since_at, offset_s(zone, since_at)
    at = since_at
    while at < until_at:
        ahead = min(at + _STEP_S, until_at)
        if offset_s(zone, ahead) != current_s:
            changed_at = _change_between(zone, at, ahead, current_s)
            yield start_at, changed_at, current_s
            start_at, current_s = changed_at, offset_s(zone, changed_at)
            ahead = changed_at
        at = ahead
    if start_at < until_at:
        yield start_at, until_at, current_s


def _change_between(zone: tzinfo | None, before: float, after: float, offset_before_s: float) -> float:
    """The first full second whose offset differs from that at `before`."""
    low, high = int(before), int(after) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if offset_s(zone, middle) == offset_before_s:
            low = middle
        else:
            high = middle
    return float(high)


def _spans_of(
    free_min: list[tuple[int, int]], start_at: float, end_at: float, offset_s: float
) -> Iterator[tuple[float, float]]:
    week_at = (start_at + offset_s - _FIRST_MONDAY_S) // _WEEK_S * _WEEK_S + _FIRST_MONDAY_S - offset_s
    while week_at < end_at:
        for first, last in free_min:
            begin, end = max(start_at, week_at + first * 60), min(end_at, week_at + last * 60)
            if begin < end:
                yield begin, end
        week_at += _WEEK_S


def _week(hours: Sequence[Hours]) -> list[tuple[int, int]]:
    """The minutes of a week that the hours cover, ascending, without overlap."""
    parts = []
    for each in hours:
        for day in each.days:
            start, end = day * DAY_MIN + each.start_min, day * DAY_MIN + each.end_min
            parts.append((start, min(end, WEEK_MIN)))
            if end > WEEK_MIN:
                parts.append((0, end - WEEK_MIN))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(parts):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _without(spans: list[tuple[int, int]], taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    for start, end in taken:
        spans = [
            part
            for first, last in spans
            for part in ((first, min(last, start)), (max(first, end), last))
            if part[0] < part[1]
        ]
    return spans
