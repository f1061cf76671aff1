"""The status line: what the client tells on every message is stored, and one line is shown."""

from __future__ import annotations

import sys

from . import autocompact, clock, entry, levels, message, paths, payload, state, words
from .account import API, account_key
from .context import read_context
from .decoder import decode
from .ledger import Transaction
from .quota import ESTIMATED, FIVE_HOUR, MEASURED, REPORTED, SEVEN_DAY, read_quota, report_of
from .watch import is_watching

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, NamedTuple, NoReturn

    from .context import Context
    from .passthrough import OtherLine
    from .quota import Quota
    from .watch import Watch
else:
    from .named import NamedTuple

_RED, _YELLOW, _GREEN, _DIM, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[2m", "\x1b[0m"
_COLOURS = {
    "fresh": _GREEN,
    "excellent": _GREEN,
    "good": _GREEN,
    "healthy": _GREEN,
    "moderate": _YELLOW,
    "warning": _YELLOW,
    "danger": _YELLOW,
    "critical": _RED,
    "emergency": _RED,
}
_SEPARATOR = " · "
# Given up from the left where the terminal is too narrow.
_LEAST_WANTED = ("pace", "reset", "machine", "context", "level")
_MARK_AFTER_S = 60.0
_SAMPLE_AGE_S = 600.0


class Segments(NamedTuple):
    """The parts of the line, each in a long and a short form; empty ones are left out."""

    long: dict[str, str]
    short: dict[str, str]
    colours: dict[str, str]


def main() -> NoReturn:
    """Answer the client's call of the status line, running the one that was there before ours too."""
    environ = paths.environment()
    try:
        data = sys.stdin.buffer.read()
        watch = entry.watch(environ, clock.now())
        command = "" if environ.get(paths.BESIDE) else watch.settings["status_line"]["passthrough"]
        other = _start_other(command, data) if command else None
        try:
            # The client ends whichever process is slow, so what it told is stored before the other one is waited for.
            line = run(data, watch)
        finally:
            if other is not None:
                sys.stdout.buffer.write(other.output())
                sys.stdout.buffer.flush()
        if line:
            sys.stdout.buffer.write((line + "\n").encode("utf-8", "replace"))
            sys.stdout.buffer.flush()
    except BaseException as error:  # noqa: BLE001 - a status line never shows an error
        entry.log_failure("status line", error, environ)
    entry.leave()


def run(data: bytes, watch: Watch) -> str:
    """Store what the client's JSON `data` tells and return the line to show, empty when there is nothing to show."""
    if watch.environ.get(paths.BESIDE):
        return ""
    try:
        fields = decode(data)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(fields, dict) or not is_watching(watch, _text(fields, "cwd")):
        return ""
    snapshot = store(fields, watch)
    account = snapshot.account if snapshot is not None else account_key(watch.paths, watch.environ)
    quota = read_quota(watch.ledger, watch.settings, account, watch.now)
    session_id = snapshot.session_id if snapshot is not None else ""
    control = autocompact.read(watch.paths, watch.environ)
    context = read_context(watch.ledger, watch.settings, session_id, watch.now, control)
    sample = state.latest_sample(watch.ledger.state, watch.now)
    segments = describe(quota, context, snapshot, sample, watch.settings, watch.now)
    return lay_out(
        segments, watch.settings["status_line"]["format"], columns(watch.environ), wants_colour(watch.environ)
    )


def store(fields: dict[str, Any], watch: Watch) -> state.Snapshot | None:
    """Store limits and context as far as they are news; return what the client told, None if it names no session.

    A terminal that is drawn anew says again what it was told long ago: figures are as old as the session's last
    word with the API.
    """
    session_id = payload.identifier(fields.get("session_id"))
    if not session_id:
        return None
    limits = fields.get("rate_limits")
    account = account_key(watch.paths, watch.environ, isinstance(limits, dict))
    snapshot = _snapshot(fields, session_id, account, isinstance(limits, dict), watch.now)
    before = state.snapshot_of(watch.ledger.state, session_id)
    if before is not None and before.activity == snapshot.activity and before.at <= watch.now:
        snapshot = snapshot._replace(at=before.at)
    reports = [report_of(kind, limits, account, watch.now) for kind in (FIVE_HOUR, SEVEN_DAY)]
    told = [report._replace(at=snapshot.at) for report in reports if report is not None]
    news = [report for report in told if state.is_news(watch.ledger.state, report, watch.now)]
    if news or snapshot != before:
        with Transaction(watch.ledger.state) as db:
            state.save_snapshot(db, snapshot)
            for report in news:
                state.save_report(db, report, watch.now)
    return snapshot


def describe(
    quota: Quota,
    context: Context,
    snapshot: state.Snapshot | None,
    sample: state.Sample | None,
    settings: dict[str, dict[str, Any]],
    now: float,
) -> Segments:
    """Return the parts of the line for these readings."""
    long: dict[str, str] = {}
    short: dict[str, str] = {}
    colours: dict[str, str] = {}
    level = levels.level_of(quota.used_pct, settings["quota"]["levels"])
    if quota.used_pct is not None:
        source = {REPORTED: "reported", MEASURED: "measured", ESTIMATED: "estimated"}[quota.source]
        age = f" {words.age(now - quota.at)}" if now - quota.at >= _MARK_AFTER_S else ""
        about = f", about {words.share(quota.about_pct)} now" if quota.about_pct is not None else ""
        sign = "~" if quota.source == ESTIMATED else ""
        long["quota"] = f"5h {sign}{words.share(quota.used_pct)} {source}{age}{about}"
        short["quota"] = f"5h {sign}{words.share(quota.used_pct)} {source[:3]}"
        long["level"] = short["level"] = "extra usage" if quota.overage else level
        colours["quota"] = colours["level"] = _COLOURS.get(level, "")
        if quota.window.resets_at is not None:
            left = words.duration(quota.window.resets_at - now)
            long["reset"] = f"resets {words.clock_time(quota.window.resets_at, now)} in {left}"
            short["reset"] = f"in {left}"
        runway = message.runway_min(quota, now)
        left_s = (quota.window.resets_at or now) - now
        if runway is not None and runway * 60.0 < left_s:
            long["pace"] = f"full in {words.duration(runway * 60.0)} at this pace"
            short["pace"] = f"full in {words.duration(runway * 60.0)}"
            colours["pace"] = _YELLOW
    elif quota.account == API:
        if snapshot is not None and snapshot.cost_usd is not None:
            long["quota"] = short["quota"] = f"${snapshot.cost_usd:.2f} so far"
    else:
        long["quota"] = short["quota"] = "5h unknown"
        colours["quota"] = _DIM
    if context.used_pct is not None:
        word = "context" if context.source == REPORTED else f"context {context.source}"
        long["context"] = f"{word} {words.share(context.used_pct)}"
        short["context"] = f"ctx {words.share(context.used_pct)}"
        colours["context"] = _COLOURS.get(levels.level_of(context.used_pct, settings["context"]["levels"]), "")
    if sample is not None and sample.level not in ("fine", "unknown") and 0 <= now - sample.at < _SAMPLE_AGE_S:
        long["machine"] = short["machine"] = f"machine {sample.level}"
        colours["machine"] = _RED if sample.level in ("critical", "emergency") else _YELLOW
    return Segments(long, short, colours)


def lay_out(segments: Segments, template: str, columns: int, colour: bool) -> str:
    """Return the line by `template` (groups of `{part}` between ` · `) in at most `columns` characters.

    Groups without a part to show vanish. Where it is too wide the short forms serve, then the least wanted parts go.
    """
    parts = segments.long
    dropped: list[str] = []
    line = _fill(template, parts, {})
    while len(line) > columns:
        if parts is segments.long:
            parts = segments.short
        else:
            left = [name for name in _LEAST_WANTED if name in parts and name not in dropped]
            if not left:
                return line[:columns]
            dropped.append(left[0])
        line = _fill(template, {name: text for name, text in parts.items() if name not in dropped}, {})
    if not colour:
        return line
    return _fill(template, {name: text for name, text in parts.items() if name not in dropped}, segments.colours)


def columns(environ: Mapping[str, str]) -> int:
    """Return the terminal's width as the client tells it, less what the client keeps for itself; 120 if unknown."""
    told = environ.get("COLUMNS", "")
    return max(20, int(told) - 4) if told.isascii() and told.isdigit() and len(told) < 6 else 120


def wants_colour(environ: Mapping[str, str]) -> bool:
    """Return whether colours are wanted (https://no-color.org)."""
    return not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def _start_other(command: str, data: bytes) -> OtherLine:
    # Imported here because it takes milliseconds and most users had no status line before.
    from .passthrough import OtherLine

    return OtherLine(command, data)


def _fill(template: str, parts: dict[str, str], colours: dict[str, str]) -> str:
    groups = []
    for group in template.split(_SEPARATOR):
        shown = group
        names = [name for name in (*_LEAST_WANTED, "quota") if "{" + name + "}" in group]
        for name in names:
            text = parts.get(name, "")
            colour = colours.get(name, "") if text else ""
            shown = shown.replace("{" + name + "}", f"{colour}{text}{_PLAIN}" if colour else text)
        if not names or any(parts.get(name) for name in names):
            groups.append(" ".join(shown.split(" ")).strip())
    return _SEPARATOR.join(groups)


def _snapshot(fields: dict[str, Any], session_id: str, account: str, has_limits: bool, now: float) -> state.Snapshot:
    window = fields.get("context_window")
    window = window if isinstance(window, dict) else {}
    use = window.get("current_usage")
    # Between a compaction and the next response the client knows no usage and tells nulls or zeros.
    context_tokens = _count(window.get("total_input_tokens")) if isinstance(use, dict) else None
    cost = fields.get("cost")
    usd = cost.get("total_cost_usd") if isinstance(cost, dict) else None
    model = fields.get("model")
    model = model if isinstance(model, dict) else {"id": model}
    agent = fields.get("agent")
    return state.Snapshot(
        session_id,
        now,
        account,
        _text(model, "id"),
        _text(model, "display_name"),
        _text(agent, "name") if isinstance(agent, dict) else "",
        _text(fields, "version"),
        context_tokens,
        _count(window.get("context_window_size")) or None,
        float(usd) if isinstance(usd, (int, float)) and not isinstance(usd, bool) and 0 <= usd < 1e9 else None,
        has_limits,
        _activity(fields),
    )


def _activity(fields: dict[str, Any]) -> str:
    cost = fields.get("cost")
    spent = cost.get("total_api_duration_ms") if isinstance(cost, dict) else None
    return f"{spent!r:.40} {fields.get('rate_limits')!r:.300} {fields.get('context_window')!r:.400}"


def _text(fields: dict[str, Any], field: str) -> str:
    value = fields.get(field)
    if not isinstance(value, str):
        return ""
    return value[:1000].encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12 else None
