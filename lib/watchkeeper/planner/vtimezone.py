"""A time zone as a calendar file describes it: each change of the clocks in the years that matter."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING

from .availability import offsets

if TYPE_CHECKING:
    from icalendar import Timezone

    from .availability import Spans


def years_around(spans: Spans, zone: tzinfo) -> tuple[float, float]:
    """Return the epoch seconds between which the years lie that the spans fall into."""
    first = datetime.fromtimestamp(min(start for start, _ in spans), zone).year
    last = datetime.fromtimestamp(max(end for _, end in spans), zone).year
    return datetime(first, 1, 1, tzinfo=zone).timestamp(), datetime(last + 1, 1, 1, tzinfo=zone).timestamp()


def vtimezone(name: str, zone: tzinfo, since_at: float, until_at: float) -> Timezone:
    """Return the VTIMEZONE component of RFC 5545, exact between the two times.

    A change begins at the time that the clocks showed before it, as the standard has it.
    """
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

    component = Timezone()
    component.add("tzid", name)
    before_s = None
    for start_at, _, offset_s in offsets(zone, since_at, until_at):
        moment = datetime.fromtimestamp(start_at, zone)
        change = TimezoneDaylight() if moment.dst() else TimezoneStandard()
        shown_s = offset_s if before_s is None else before_s
        change.add("dtstart", datetime.fromtimestamp(start_at + shown_s, timezone.utc).replace(tzinfo=None))
        change.add("tzoffsetfrom", timedelta(seconds=shown_s))
        change.add("tzoffsetto", timedelta(seconds=offset_s))
        change.add("tzname", moment.tzname() or name)
        component.add_component(change)
        before_s = offset_s
    return component
