"""What past work is like the work ahead."""

from __future__ import annotations

from typing import Any

import pytest

from watchkeeper.estimates import similar
from watchkeeper.estimates.cases import Case
from watchkeeper.estimates.work import PHASE, SESSION, STRETCH, Work

AHEAD = Work(PHASE, "testing", 2.0, "/p", libraries=("zod",))


def case(session: str, kind: str = PHASE, task_type: str = "testing", at: float = 1.0, **about: Any) -> Case:
    told = about.pop("estimated_tokens", None)
    work = Work(kind, task_type, 2.0)._replace(**about)
    return Case(work, 90_000.0, at, session, 0.0, 2.0, float(told) if isinstance(told, int) else None)


def order(*cases: Case) -> list[str]:
    return [each.session_id for each in similar.similar([AHEAD], cases)]


def test_what_counts() -> None:
    """Type, project, libraries and a known estimate make work alike; of equals the latest comes first."""
    cases = [
        case("other type", task_type="polish"),
        case("older"),
        case("newer", at=2.0),
        case("same project", project="/p"),
        case("same library and estimated", libraries=("zod",), estimated_tokens=80_000),
    ]

    assert ["same library and estimated", "same project", "newer"] == order(*cases)


def test_sessions_are_like_by_what_was_done_in_them() -> None:
    """A session has the types of its stretches, by their hours; stretches themselves are not shown."""
    cases = [
        case("tests", SESSION, "", at=3.0),
        case("tests", STRETCH, "testing"),
        case("docs", SESSION, "", at=4.0),
        case("docs", STRETCH, "polish"),
    ]

    assert ["tests"] == order(*cases)


def test_once_a_session() -> None:
    """Of the phases of one session the likest is shown."""
    cases = [case("s", task_type="polish", project="/p"), case("s", name="best"), case("t")]

    assert ["best"] == [each.work.name for each in similar.similar([AHEAD], cases) if each.session_id == "s"]


@pytest.mark.parametrize(("told", "variance"), [(None, None), (80_000, 12.5)])
def test_view(told: int | None, variance: float | None) -> None:
    """What it was estimated at is shown where that is known."""
    view = similar.view_of(case("s", estimated_tokens=told))

    assert (90_000, told, variance) == (view["actual_tokens"], view["estimated_tokens"], view["variance_pct"])
