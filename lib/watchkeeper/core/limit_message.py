"""When a limit resets, read from the sentence in which the client says that it was reached. Hot ring.

The client writes `4:24pm (Europe/Berlin)` for a reset within a day and `Oct 6, 1pm (Europe/Berlin)` for a later one,
in the zone of the machine it runs on; older ones wrote no zone, a weekday, or `|` and epoch seconds. What is not
understood is None: a limit of one model, a spend limit, an unknown zone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from .quota import FIVE_HOUR, SEVEN_DAY, SPAN_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

# A message shows its minute without the seconds, and may be told a little after the reset it names.
TOLERANCE_S = 120.0
# Windows begin and end at full ten minutes.
_ROUNDING_S = 600.0

_KINDS = {
    "5-hour": FIVE_HOUR,
    "five-hour": FIVE_HOUR,
    "session": FIVE_HOUR,
    "weekly": SEVEN_DAY,
    "7-day": SEVEN_DAY,
    "seven-day": SEVEN_DAY,
}
# Words before `limit` that do not say which one it is.
_UNSAID = ("", "your", "the", "usage", "·", "∙", "⎿")
_FARTHEST = 40
_LONGEST_TEXT = 4_000

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# The client's JavaScript names these zones as they were called long ago; slim systems know only today's names.
_RENAMED = {
    "Africa/Asmera": "Africa/Asmara",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Catamarca": "America/Argentina/Catamarca",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Cordoba": "America/Argentina/Cordoba",
    "America/Godthab": "America/Nuuk",
    "America/Indianapolis": "America/Indiana/Indianapolis",
    "America/Jujuy": "America/Argentina/Jujuy",
    "America/Louisville": "America/Kentucky/Louisville",
    "America/Mendoza": "America/Argentina/Mendoza",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Europe/Kiev": "Europe/Kyiv",
    "Pacific/Enderbury": "Pacific/Kanton",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
}


def parse(text: object, said_at: float, local_zone: tzinfo | None = None) -> tuple[str, float] | None:
    """Return which limit (five_hour or seven_day) a message names and the epoch seconds of its reset, or None.

    `said_at` is when it was written, epoch seconds; `local_zone` is the zone of a time without one, None for this
    machine's own. Where the message does not say which limit it is, one that resets within five hours is the
    five-hour one and a later one the weekly.
    """
    if not isinstance(text, str) or not said_at > 0:
        return None
    text = text[:_LONGEST_TEXT].replace("\u202f", " ").replace("\u00a0", " ")
    lowered = text.lower()
    if len(lowered) != len(text):
        return None
    position = lowered.find("reset")
    while position >= 0:
        kind = _kind_before(lowered, position)
        resets_at = None if kind is None else _stated_at(text[position:], said_at, local_zone)
        if kind is not None and resets_at is not None:
            return _checked(kind, resets_at, said_at)
        position = lowered.find("reset", position + 1)
    marker = "usage limit reached|"
    position = lowered.find(marker)
    if position >= 0:
        digits = _leading_digits(lowered[position + len(marker) :])
        if len(digits) == 10:
            return _checked("", float(digits), said_at)
    return None


def clock_time(word: str) -> tuple[int, int] | None:
    """Return (hour, minute) of `4:24pm`, `3am` or `16:24`, or None."""
    half = word[-2:]
    digits = word[:-2] if half in {"am", "pm"} else word
    hours, colon, minutes = digits.partition(":")
    if not _is_number(hours, 2) or (colon and not (_is_number(minutes, 2) and len(minutes) == 2)):
        return None
    hour, minute = int(hours), int(minutes or 0)
    if minute > 59:
        return None
    if half in {"am", "pm"}:
        return (hour % 12 + (12 if half == "pm" else 0), minute) if 1 <= hour <= 12 else None
    return (hour, minute) if colon and hour <= 23 else None


def epochs_at(day: date, hour: int, minute: int, zone: tzinfo | None) -> Iterator[float]:
    """Yield the epoch seconds at which clocks in `zone` (None: this machine's) show a time on `day`, ascending.

    There is none in the hour that is skipped when clocks go forward, and two in the one that is repeated.
    """
    last = None
    for fold in (0, 1):
        moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold)
        at = moment.timestamp()
        if at != last and datetime.fromtimestamp(at, zone).replace(tzinfo=None) == moment.replace(tzinfo=None, fold=0):
            yield at
        last = at


def _kind_before(lowered: str, position: int) -> str | None:
    """The limit that is named last before `position`: a kind, "" where it is not said which, None for another."""
    before = lowered[max(0, position - 120) : position]
    at = before.rfind("limit")
    if at < 0 or len(before) - at > _FARTHEST:
        return None
    words = before[:at].replace("5 hour", "5-hour").replace("7 day", "7-day").split()
    word = words[-1] if words else ""
    return _KINDS.get(word, "" if word in _UNSAID else None)


def _stated_at(text: str, said_at: float, local_zone: tzinfo | None) -> float | None:
    """The first moment from `said_at` on that a text beginning with `resets` states."""
    clause = text
    for end in ("·", "∙", "\n", ". ", "|"):
        clause = clause.split(end, 1)[0]
    stated, parenthesis, inside = clause.partition("(")
    zone = local_zone
    if parenthesis:
        name, closing, _ = inside.partition(")")
        found = _zone(name.strip()) if closing else None
        if found is None:
            return None
        zone = found
    words = stated.lower().replace(",", " ").rstrip(" .").split()[1:]
    if words[:1] in (["at"], ["on"]):
        words = words[1:]
    words = [word for word in words if word != "at"]
    if words[-1:] in (["am"], ["pm"]) and len(words) > 1:
        words[-2:] = [words[-2] + words[-1]]
    time = clock_time(words[-1]) if words else None
    if time is None:
        return None
    earliest_at = said_at - TOLERANCE_S
    try:
        today = datetime.fromtimestamp(said_at, zone).date()
        for day in _days(words[:-1], today):
            for at in epochs_at(day, *time, zone):
                if at >= earliest_at:
                    return at
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _days(words: list[str], today: date) -> Iterator[date]:
    """Yield the days that a text can mean, ascending; none when it is not understood."""
    if not words or (len(words) == 1 and words[0][:3] in _WEEKDAYS):
        weekday = _WEEKDAYS.index(words[0][:3]) if words else None
        for offset in range(-1, 9):
            day = today + timedelta(days=offset)
            if weekday in {None, day.weekday()}:
                yield day
        return
    if len(words) not in {2, 3} or words[0][:3] not in _MONTHS or not _is_number(words[1], 2):
        return
    years = [today.year - 1, today.year, today.year + 1]
    if len(words) == 3:
        years = [int(words[2])] if _is_number(words[2], 4) else []
    for year in years:
        try:
            yield date(year, _MONTHS.index(words[0][:3]) + 1, int(words[1]))
        except ValueError:
            continue


def _checked(kind: str, resets_at: float, said_at: float) -> tuple[str, float] | None:
    """The reading, unless its reset is too far away for that limit."""
    away_s = resets_at - said_at
    if not kind:
        kind = FIVE_HOUR if away_s <= SPAN_S[FIVE_HOUR] + _ROUNDING_S else SEVEN_DAY
    if not -TOLERANCE_S <= away_s <= SPAN_S[kind] + _ROUNDING_S:
        return None
    return kind, resets_at


def _zone(name: str) -> tzinfo | None:
    if name in {"UTC", "GMT", "Etc/UTC"}:
        return timezone.utc
    from zoneinfo import ZoneInfo

    for candidate in (name, _RENAMED.get(name, "")):
        try:
            if candidate:
                return ZoneInfo(candidate)
        except Exception:  # noqa: BLE001 - what a zone's name may be wrong with differs from system to system
            continue
    return None


def _is_number(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text.isascii() and text.isdigit()


def _leading_digits(text: str) -> str:
    end = 0
    while end < len(text) and text[end].isascii() and text[end].isdigit():
        end += 1
    return text[:end]
