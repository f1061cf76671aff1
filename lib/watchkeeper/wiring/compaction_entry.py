"""What settings.json tells the client of its automatic compaction: our members of it, beside the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchkeeper.core.autocompact import LARGEST_WINDOW_TOKENS, PCT_VARIABLE, WINDOW_SETTING, WINDOW_VARIABLE
from watchkeeper.core.settings import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from watchkeeper.core.paths import Paths

Members = tuple[tuple[str, "str | int"], ...]
"""Dotted path of a member and its value; no key of ours has a dot."""

_PCT, _WINDOW = f"env.{PCT_VARIABLE}", WINDOW_SETTING


def wanted_pct(paths: Paths) -> float:
    """Return the share that the configuration of `paths` names."""
    return float(load(paths)["context"]["auto_compact_pct"])


def members(settings: Mapping[str, Any], pct: float) -> Members:
    """Return what to put into `settings`, which hold none of ours, so that the client compacts at `pct`; 0: nothing.

    The client heeds the share in every window once it is told a window too: in the largest, which is any model's own.
    Where the user has set a share nothing is put, and the user's own window stays.
    """
    env = _variables(settings)
    if not pct or env is None or env.get(PCT_VARIABLE) is not None:
        return ()
    share: Members = ((_PCT, f"{pct:g}"),)
    has_window = settings.get(WINDOW_SETTING) is not None or env.get(WINDOW_VARIABLE) is not None
    return share if has_window else (*share, (_WINDOW, LARGEST_WINDOW_TOKENS))


def standing(settings: Mapping[str, Any], written: Members) -> Members:
    """Return which of the members that were written still stand in `settings` as they were."""
    return tuple((path, value) for path, value in written if _value(settings, path.split(".")) == value)


def is_as_wanted(settings: Mapping[str, Any], pct: float, written: Members) -> bool:
    """Return whether `settings`, into which `written` was put, hold of ours what is wanted and no more."""
    ours = standing(settings, written)
    own = dict(settings)
    for path, _ in ours:
        own = _without(own, path.split("."))
    return members(own, pct) == ours


def remarks(settings: Mapping[str, Any], pct: float, written: Members) -> list[str]:
    """Return what to say of values of the user's own that decide beside or instead of ours."""
    ours = {path for path, _ in standing(settings, written)}
    env = _variables(settings)
    if not pct:
        return []
    if env is None:
        return ["Your settings.json has an `env` that is no object, so context.auto_compact_pct is not passed on."]
    share, window = env.get(PCT_VARIABLE), settings.get(WINDOW_SETTING)
    if share is not None and _PCT not in ours and share != f"{pct:g}":
        why = f"Your settings.json has a {PCT_VARIABLE} of {share} of its own: it stays and decides"
        return [f"{why}, and context.auto_compact_pct = {pct:g} waits until you take it out."]
    result = []
    if window is not None and _WINDOW not in ours:
        result.append(f"Your own {WINDOW_SETTING} of {window} stays: the {pct:g}% are of that, where it is smaller.")
    if env.get(WINDOW_VARIABLE) is not None:
        result.append(f"Your own {WINDOW_VARIABLE} of {env[WINDOW_VARIABLE]} stays: the {pct:g}% are of that.")
    return result


def by_hand(pct: float) -> str:
    """Return what to say where nothing of ours is wired into settings.json, so that nothing is put there either."""
    return (
        "Claude Code is not told yet, because install.py has not wired Watchkeeper into its settings: run it, or put "
        f'"{PCT_VARIABLE}": "{pct:g}" into `env` there yourself.'
    )


def _variables(settings: Mapping[str, Any]) -> Mapping[str, Any] | None:
    env = settings.get("env")
    return {} if env is None else env if isinstance(env, dict) else None


def _value(settings: Any, path: Sequence[str]) -> Any:
    for key in path:
        settings = settings.get(key) if isinstance(settings, dict) else None
    return settings


def _without(settings: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    key, *below = path
    if below:
        return {**settings, key: _without(settings[key], below)}
    return {name: value for name, value in settings.items() if name != key}
