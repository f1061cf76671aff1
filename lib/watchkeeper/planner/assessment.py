"""Whether one session fits into what is left, in figures and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchkeeper.core import words

from .candidate import Assessment

if TYPE_CHECKING:
    from .candidate import Candidate
    from .forecast import Forecast

FITS, RESERVE, TOKENS, WEEK, HOURS, TOO_LARGE, BLOCKED, UNKNOWN = (
    "fits", "reserve", "tokens", "week", "hours", "too_large", "blocked", "unknown",
)  # fmt: skip


def assess(candidate: Candidate, forecast: Forecast, hours: float | None) -> Assessment:
    """Return whether a candidate fits into what window and week have left, and into `hours` (None: not said).

    Its middle estimate is what it needs. One that fits only by using the reserve does not fit, and its code says so.
    """
    needs, has = candidate.mid_tokens, least(forecast.usable_now_tokens, forecast.week.left_tokens)
    fits, code, sentence = _finding(candidate, forecast, hours)
    return Assessment(
        candidate,
        fits,
        code,
        sentence,
        needs,
        has,
        None if needs is None or has is None else has - needs,
        None if has is None else likelihood_pct(candidate, has),
    )


def likelihood_pct(candidate: Candidate, tokens: float) -> float | None:
    """Return how likely a session takes no more than `tokens`, in percent; None for an estimate without a spread.

    Low, middle and high are read as the three points of a triangular distribution.
    """
    low, middle, high = candidate.low_tokens, candidate.mid_tokens, candidate.high_tokens
    if low is None or middle is None or high is None or not low <= middle <= high or low == high:
        return None
    if tokens <= low:
        return 0.0
    if tokens >= high:
        return 100.0
    if tokens <= middle:
        return 100.0 * (tokens - low) ** 2 / ((high - low) * (middle - low))
    return 100.0 - 100.0 * (high - tokens) ** 2 / ((high - low) * (high - middle))


def _finding(candidate: Candidate, forecast: Forecast, hours: float | None) -> tuple[bool | None, str, str]:
    needs, left, has = candidate.mid_tokens, forecast.left_tokens, forecast.usable_now_tokens
    week_left, whole = forecast.week.left_tokens, forecast.usable_tokens
    if hours is not None and candidate.hours is not None and candidate.hours > hours:
        return False, HOURS, f"takes {_hours(candidate.hours)}, and you have {_hours(hours)}"
    if needs is not None and whole is not None and needs > whole:
        return False, TOO_LARGE, f"needs {needs:,} tokens, more than the {whole:,} of a whole window: split it"
    if week_left is not None and (week_left <= 0 or (needs is not None and needs > week_left)):
        return False, WEEK, f"{_needs(needs)}, and the week has {week_left:,} left for planned sessions"
    if left is not None and has is not None and (left <= 0 or (needs is not None and needs > has)):
        if needs is not None and needs <= left:
            return (
                False,
                RESERVE,
                (
                    f"needs {needs:,} of the {left:,} tokens left, and leaves {left - needs:,} for saving the work "
                    f"instead of {forecast.reserve_tokens:,}"
                ),
            )
        return False, TOKENS, f"{_needs(needs)}, has {_has(forecast)}"
    if not forecast.is_metered:
        return True, FITS, f"{_needs(needs)}; these sessions are paid by the token and have no five-hour window"
    if needs is None:
        return None, UNKNOWN, "whether it fits cannot be told: it has no estimate"
    if has is None:
        return None, UNKNOWN, f"needs {needs:,} tokens; whether it fits cannot be told: the quota is unknown"
    return (
        True,
        FITS,
        f"needs {_range(candidate)} tokens, has {_has(forecast)}: {has - needs:,} to spare{_likely(candidate, has)}",
    )


def _likely(candidate: Candidate, has: int) -> str:
    likelihood = likelihood_pct(candidate, has)
    return "" if likelihood is None else f", {words.share(likelihood)} likely to be enough"


def _range(candidate: Candidate) -> str:
    if candidate.low_tokens is None or candidate.high_tokens is None or candidate.low_tokens == candidate.high_tokens:
        return f"{candidate.mid_tokens:,}"
    return f"{candidate.mid_tokens:,} ({candidate.low_tokens:,} to {candidate.high_tokens:,})"


def _needs(needs: int | None) -> str:
    return "has no estimate" if needs is None else f"needs {needs:,} tokens"


def _has(forecast: Forecast) -> str:
    """What there is to use, and how that comes about."""
    about = "about " if forecast.source == "estimated" else ""
    left, has = forecast.left_tokens, forecast.usable_now_tokens
    return f"{about}{has:,} ({left:,} left less the reserve of {forecast.reserve_tokens:,})"


def _hours(hours: float) -> str:
    return words.duration(hours * 3600.0)


def least(*known: int | None) -> int | None:
    """Return the smallest of the numbers that are known, None if none is."""
    return min((each for each in known if each is not None), default=None)
