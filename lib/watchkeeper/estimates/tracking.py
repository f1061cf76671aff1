"""Comparing a session with its estimate while it runs: phases advance, figures are stored, words are due."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core import due_lines, words
from watchkeeper.core.account import account_of_session
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.usage import session_row
from watchkeeper.errors import UserError

from . import plan_file, progress, quota_fit, tracked, tracking_document, variance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from watchkeeper.core.ledger import Ledger
    from watchkeeper.core.paths import Paths

    from .plan_file import Plan
    from .progress import Progress
    from .tracked import Tracked, TrackedPhase

# Responses that were on their way when a session ended come within this time.
RESUMED_AFTER_S = 60.0
# Two processes may read the clock in the other order than they write.
CLOCK_SLACK_S = 5.0
# How much the errors of one session's phases go together while it runs.
CORRELATION = 0.4


class Place(NamedTuple):
    """What a check works with."""

    ledger: Ledger
    settings: dict[str, dict[str, Any]]
    paths: Paths
    environ: Mapping[str, str]
    now: float


def check_all(place: Place) -> None:
    """Let sessions begin that are waited for, and check every one that is being compared with an estimate."""
    for made in tracked.waiting(place.ledger.state):
        if not reopen(place, made):
            attach(place, made)
    for made in tracked.running(place.ledger.state):
        check(place, made.estimate_id)


def check(place: Place, estimate_id: str, tells: bool = True) -> tuple[Tracked, Progress] | None:
    """Bring an estimate up to date with its session and its plan; note what is due to be told; write its file.

    With `tells` false what is due counts as told: whoever asked is shown it.
    """
    state = place.ledger.state
    made = tracked.find(state, estimate_id)
    if made is None or made.started_at is None:
        return None
    made = _advanced(place, made)
    found = progress.measure(place.ledger.usage, made, CORRELATION, place.now)
    with Transaction(state) as db:
        _store(db, made, found, place.now)
        if made.state == tracked.RUNNING:
            due = _due(db, made, found)
            if tells:
                _let_tell(place, db, made, found, due)
        # The ledger's lock lets one process at a time read the file and write it.
        path = tracking_document.path_of(place.paths, made.session_id)
        content = tracking_document.document(made, found, tracking_document.read(path))
        tracking_document.write(place.paths, made.session_id, content)
    return made, found


def finish(place: Place, estimate_id: str, number: int | None) -> Tracked:
    """End a phase, the one at hand or that of a number, and begin the next. Raise UserError if there is none."""
    made = _known(place, estimate_id)
    phase = made.current if number is None else _numbered(made, number)
    if phase is None or phase.ended_at is not None:
        raise UserError("No such phase is being worked on; `watchkeeper estimates phase` shows how they stand.")
    with Transaction(place.ledger.state) as db:
        tracked.end_phase(db, estimate_id, phase.number, place.now)
        begin_next(db, estimate_id, place.now)
    return _known(place, estimate_id)


def begin(place: Place, estimate_id: str, number: int) -> Tracked:
    """Begin a phase, ending the one at hand. Raise UserError if there is none of that number."""
    made = _known(place, estimate_id)
    phase = _numbered(made, number)
    with Transaction(place.ledger.state) as db:
        if made.current is not None and made.current.number != number:
            tracked.end_phase(db, estimate_id, made.current.number, place.now)
        tracked.begin_phase(db, estimate_id, phase.number, place.now)
    return _known(place, estimate_id)


def note(place: Place, made: Tracked, number: int, said: dict[str, object]) -> None:
    """Record why a phase deviated and what follows from it, in the session's file."""
    phase = _numbered(made, number)
    path = tracking_document.path_of(place.paths, made.session_id)
    with Transaction(place.ledger.state):
        content = tracking_document.filled_in(tracking_document.read(path), phase.number, **said)
        tracking_document.write(place.paths, made.session_id, content)


def end(place: Place, estimate_id: str, at: float) -> tuple[Tracked, Progress] | None:
    """Compare no longer: the session is over since `at`. Return how it ended."""
    with Transaction(place.ledger.state) as db:
        tracked.end(db, estimate_id, at)
    return check(place, estimate_id)


def reopen(place: Place, rest: Tracked) -> bool:
    """Go on comparing the session that left `rest` of its plan if it was resumed; return whether it was."""
    row = place.ledger.state.execute(
        "SELECT estimate_id, session_id FROM estimates WHERE state = ? AND plan_path = ? AND ended_at = ?",
        (tracked.DONE, rest.plan_path, rest.made_at),
    ).fetchone()
    if row is None:
        return False
    last_at = session_row(place.ledger.usage, row[1]).get("last_at")
    if not isinstance(last_at, float) or last_at < rest.made_at + RESUMED_AFTER_S:
        return False
    with Transaction(place.ledger.state) as db:
        tracked.stop(db, rest.estimate_id)
        tracked.start(db, row[0], row[1], place.now)
    return True


def attach(place: Place, made: Tracked) -> None:
    """Let an estimate that waits be compared with the first session that a person began in its project since."""
    if place.now - made.made_at > due_lines.WAITS_S:
        return
    row = place.ledger.usage.execute(
        "SELECT session_id, started_at FROM sessions WHERE project = ? AND started_at >= ? AND attended = 1"
        " AND last_at IS NOT NULL AND ended_at IS NULL ORDER BY started_at LIMIT 1",
        (made.project, made.made_at - CLOCK_SLACK_S),
    ).fetchone()
    if row is None or tracked.of_session(place.ledger.state, row[0]) is not None:
        return
    with Transaction(place.ledger.state) as db:
        tracked.start(db, made.estimate_id, row[0], row[1])
        due_lines.add(
            db,
            row[0],
            f"Watchkeeper: this session is compared with plan {made.title!r} ({words.tokens(made.mid_tokens)}"
            f" tokens estimated), beginning with {made.phases[0].name!r};"
            " `watchkeeper estimates phase stop` ends that.",
            place.now,
        )


def _advanced(place: Place, made: Tracked) -> Tracked:
    """Return the estimate after the plan's boxes that were ticked since it was looked at last."""
    try:
        modified_ns = os.stat(made.plan_path).st_mtime_ns
    except OSError:
        return made
    if modified_ns == made.plan_modified_ns or made.state != tracked.RUNNING:
        return made
    try:
        plan = plan_file.read(made.plan_path)
    except UserError:
        # A plan that is being written, or is gone: what was saved of it stands.
        return made
    done = _done(made, plan)
    # When the boxes were ticked, not when that was noticed.
    at = modified_ns / 1e9 if _began_last(made) <= modified_ns / 1e9 <= place.now else place.now
    with Transaction(place.ledger.state) as db:
        db.execute("UPDATE estimates SET plan_modified_ns = ? WHERE estimate_id = ?", (modified_ns, made.estimate_id))
        for phase in made.phases:
            if phase.ended_at is None and phase.number in done:
                tracked.end_phase(db, made.estimate_id, phase.number, at)
        begin_next(db, made.estimate_id, at)
    return _known(place, made.estimate_id)


def _done(made: Tracked, plan: Plan) -> set[int]:
    """Return the numbers of the phases that the plan says are done.

    Those of one name are told apart by their order; what was done before the estimate was saved came first.
    """
    in_plan: dict[str, list[bool]] = defaultdict(list)
    for phase in plan.phases:
        in_plan[phase.name.casefold()].append(phase.is_done)
    saved: dict[str, list[int]] = defaultdict(list)
    for each in made.phases:
        saved[each.name.casefold()].append(each.number)
    return {
        number
        for name, numbers in saved.items()
        for number, is_done in zip(numbers, in_plan[name][-len(numbers) :], strict=False)
        if is_done
    }


def _began_last(made: Tracked) -> float:
    return max((each.started_at for each in made.phases if each.started_at is not None), default=0.0)


def begin_next(db: Any, estimate_id: str, now: float) -> None:
    """Begin the first open phase if none is being worked on, inside a transaction."""
    made = tracked.find(db, estimate_id)
    if made is not None and made.current is None:
        following = next((each for each in made.phases if each.ended_at is None), None)
        if following is not None:
            tracked.begin_phase(db, estimate_id, following.number, now)


def _store(db: Any, made: Tracked, found: Progress, now: float) -> None:
    db.execute(
        "UPDATE estimates SET actual_tokens = ?, actual_hours = ?, projected_low_tokens = ?, projected_mid_tokens = ?,"
        " projected_high_tokens = ?, checked_at = ? WHERE estimate_id = ?",
        (found.use.tokens, found.use.hours, *found.projection[:3], now, made.estimate_id),
    )
    db.executemany(
        "UPDATE estimate_phases SET actual_tokens = ?, actual_hours = ? WHERE estimate_id = ? AND number = ?"
        " AND started_at IS NOT NULL",
        [
            (use.tokens, use.hours, made.estimate_id, phase.number)
            for phase, use in zip(made.phases, found.phases, strict=True)
        ],
    )


def _due(db: Any, made: Tracked, found: Progress) -> list[TrackedPhase]:
    """Claim and return the phases that are over or have left their range and of which nothing was told."""
    due = []
    for phase, use in zip(made.phases, found.phases, strict=True):
        if (
            phase.ended_at is not None
            and use.tokens
            and tracked.mark_told(db, made.estimate_id, phase.number, tracked.TOLD_ENDED)
        ) or (
            phase.ended_at is None
            and use.tokens > phase.high_tokens
            and tracked.mark_told(db, made.estimate_id, phase.number, tracked.TOLD_OUTSIDE)
        ):
            due.append(phase)
    return due


def _let_tell(place: Place, db: Any, made: Tracked, found: Progress, due: Sequence[TrackedPhase]) -> None:
    if not due:
        return
    account = account_of_session(place.ledger, made.session_id, place.paths, place.environ)
    room = quota_fit.room_of(place.ledger, place.settings, place.paths, place.environ, place.now, account)
    for phase in due:
        due_lines.add(db, made.session_id, f"Watchkeeper: {variance.sentence(made, phase, found, room)}", place.now)


def _known(place: Place, estimate_id: str) -> Tracked:
    made = tracked.find(place.ledger.state, estimate_id)
    if made is None:
        raise UserError("This session is compared with no estimate; /estimate-session PLAN --save begins it.")
    return made


def _numbered(made: Tracked, number: int) -> TrackedPhase:
    phase = next((each for each in made.phases if each.number == number), None)
    if phase is None:
        raise UserError(f"There is no phase {number}; `watchkeeper estimates phase` lists them.")
    return phase
