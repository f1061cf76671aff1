"""What the constants say of a piece of work."""

from __future__ import annotations

import pytest

from watchkeeper.estimates.prior import constants_say, prior_of
from watchkeeper.estimates.work import Work, library_key, size_of


@pytest.mark.parametrize(
    ("work", "tokens"),
    [
        pytest.param(Work(task_type="implementation", hours=1.25, familiarity="familiar"), 50_625, id="familiar"),
        pytest.param(Work(task_type="planning", hours=2.0), 40_000, id="planning"),
        pytest.param(
            Work(task_type="refactoring", hours=1.0, size="large", familiarity="learning", quality="legacy"),
            55_000 * 1.3 * 1.2 * 1.4,
            id="all factors",
        ),
        pytest.param(
            Work(task_type="implementation", hours=1.0, libraries=("a", "b"), new_libraries=("b",)),
            50_000,
            id="a new library of two",
        ),
        pytest.param(Work(task_type="testing", quality="clean"), 18_000 * 0.9, id="hours unknown"),
        pytest.param(Work(hours=1.0), 45_000, id="type unknown"),
        pytest.param(Work(task_type="testing", hours=0.1), 3_000, id="a short piece"),
    ],
)
def test_hours_rate_factors_and_libraries_make_the_prior(work: Work, tokens: float) -> None:
    """Hours x tokens per hour x factors + new libraries; without hours the least of the type."""
    assert tokens == pytest.approx(prior_of(work).tokens)


def test_the_parts_are_told() -> None:
    """The prior names what it was made of, so that it can be shown as a calculation."""
    prior = prior_of(Work(task_type="testing", hours=2.0, size="small", new_libraries=("x",)))

    assert (30_000, {"size": 0.8}, 0.8, 5_000) == (
        prior.tokens_per_hour,
        prior.factors,
        prior.factor,
        prior.library_tokens,
    )


def test_what_the_constants_say_of_types() -> None:
    """Types differ by the logarithm of their constants; an unknown type is as usual."""
    assert 0.0 == constants_say(Work()) == constants_say(Work(task_type="implementation", hours=2.0))
    assert 0.0 > constants_say(Work(task_type="polish", hours=2.0))
    assert 0.0 < constants_say(Work(task_type="refactoring"))


@pytest.mark.parametrize(
    ("lines", "size"),
    [(None, ""), (0, "small"), (4_999, "small"), (5_000, "medium"), (20_000, "large"), (50_000, "enterprise")],
)
def test_sizes(lines: int | None, size: str) -> None:
    """A project's size follows from its lines of code."""
    assert size == size_of(lines)


def test_one_library_has_one_key() -> None:
    """However a library is written, it is the same one."""
    assert {"socketio"} == {library_key(name) for name in ("Socket.IO", "socket.io", "socketio", "socket-io")}
