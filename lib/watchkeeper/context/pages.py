"""What the two commands do: find the session's transcript, look at it, write the pruned copy, say what to do."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper import git
from watchkeeper.errors import UserError
from watchkeeper.transcripts import chain, fork

from . import analysis, pruning, steering, view, ways
from .task_list import stored_tasks

if TYPE_CHECKING:
    from watchkeeper.core.paths import Paths
    from watchkeeper.transcripts.fork import Fork

    from .analysis import Analysis
    from .pruning import Plan

_GIT_TIMEOUT_S = 2.0


class Wish(NamedTuple):
    """What the user wants of a pruned copy."""

    keep_recent: int
    target_pct: float | None
    writes_copy: bool


def context_status(
    status: dict[str, Any], paths: Paths, settings: dict[str, dict[str, Any]], keep_recent: int
) -> dict[str, Any]:
    """Return the view of /context-status, given what readings.status says of the session."""
    path = chain.session_file(paths.projects, status["session"]["id"] or "")
    if path is None:
        return view.context_status(status, None, None, keep_recent)
    looked_at = analysis.analyse(path, keep_recent)
    advice = _advice(looked_at, looked_at.plan, status, settings, ways.GOAL_PCT)[1]
    return view.context_status(status, looked_at, advice, keep_recent)


def compact_context(
    status: dict[str, Any], paths: Paths, settings: dict[str, dict[str, Any]], wish: Wish
) -> dict[str, Any]:
    """Return the view of /compact-context, and write the pruned copy where that is wished and frees anything.

    Raise UserError when there is no transcript, --target cannot be reckoned, or a copy would not be faithful.
    """
    looked_at = analysis.analyse(_transcript_of(status, paths), wish.keep_recent)
    if not looked_at.chain.leaf:
        raise UserError("Nothing was said in this session yet, so there is nothing to free.")
    plan = _plan(looked_at, wish.target_pct, status)
    found, advice = _advice(looked_at, plan, status, settings, wish.target_pct or ways.GOAL_PCT)
    copy = _copy(looked_at, plan, wish, status["now_at"]) if wish.writes_copy and plan.stubs else None
    return view.compact_context(status, looked_at, plan, found, advice, copy, wish)


class Steering(NamedTuple):
    """What the summariser is told, and what the model is told again after the compaction."""

    instructions: str
    essentials: str


def instructions(status: dict[str, Any], paths: Paths) -> dict[str, Any]:
    """Return what steers a compaction of the session and what is told again after it. Raise UserError as above."""
    told = steering_of(_transcript_of(status, paths), status["session"]["id"] or "", paths)
    return {"now_at": status["now_at"], "session": status["session"], **told._asdict()}


def steering_of(path: str, session_id: str, paths: Paths) -> Steering:
    """Return what steers a compaction of the session whose transcript is at `path`."""
    told = analysis.read_brief(path, stored_tasks(paths.config, session_id))
    # A hook has five seconds in all, and nobody compares what is not committed here.
    seen = git.look(told.folder, _GIT_TIMEOUT_S, reads_files=False)
    return Steering(steering.instructions(told, seen), steering.essentials(told, seen))


def new_session_id() -> str:
    """Return an id that no session has."""
    return str(uuid.uuid4())


def _transcript_of(status: dict[str, Any], paths: Paths) -> str:
    session_id = status["session"]["id"]
    path = chain.session_file(paths.projects, session_id or "")
    if path is None:
        which = f"of session {session_id[:8]}" if session_id else "of a session in this folder"
        raise UserError(
            f"There is no transcript {which}; `watchkeeper sessions` lists those there are, and --session names one."
        )
    return path


def _plan(looked_at: Analysis, target_pct: float | None, status: dict[str, Any]) -> Plan:
    usable = status["context"]["limit_tokens"]
    if target_pct is None:
        return looked_at.plan
    if not usable:
        raise UserError(
            "How large the model's window is, is not known yet (the status line tells it), so --target means nothing: "
            "leave it out."
        )
    target_tokens = target_pct * usable / 100.0
    return pruning.plan(looked_at.candidates, looked_at.composition.total_tokens, looked_at.path, target_tokens)


def _advice(
    looked_at: Analysis, plan: Plan, status: dict[str, Any], settings: dict[str, dict[str, Any]], goal_pct: float
) -> tuple[list[ways.Way], ways.Advice]:
    usable = status["context"]["limit_tokens"]
    used = looked_at.composition.total_tokens
    used_pct = 100.0 * used / usable if usable else None
    found = ways.ways(looked_at.composition, plan, usable, looked_at.is_cached(status["now_at"]), goal_pct)
    chosen = settings["context"]
    return found, ways.advise(found, used, used_pct, float(chosen["levels"]["warning"]), int(chosen["alert_tokens"]))


def _copy(looked_at: Analysis, plan: Plan, wish: Wish, now: float) -> Fork:
    fork.sweep(looked_at.path, now)
    return fork.write(looked_at.path, looked_at.graph, plan.stubs, new_session_id(), wish.keep_recent)
