"""The back-test over published transcripts keeps what it has shown."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from tests.bench import estimates_backtest as backtest
from tests.support.environment import User
from tests.transcripts.samples import SHARED, needs_shared
from watchkeeper.estimates.cases import Case
from watchkeeper.estimates.work import SESSION, STRETCH

pytestmark = needs_shared


@pytest.fixture(scope="module")
def by_author(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Case]]:
    """What the published transcripts hold, read once."""
    return backtest.imported(SHARED / "transcripts", Path(tmp_path_factory.mktemp("authors")))


@pytest.mark.parametrize("kind", [SESSION, STRETCH])
def test_the_model_keeps_its_promise(real_processes: User, by_author: dict[str, list[Case]], kind: str) -> None:
    """With planned hours the error is under half that of the constants, no more than the mean's, and ranges hold."""
    found = backtest.outcomes(by_author, kind, backtest.HOURS_PLANNED)
    constants, mean, model = (
        statistics.median(getattr(each, which) for each in found) for which in ("constants", "mean", "model")
    )

    assert len(found) > 50
    assert model <= constants / 2.0
    assert model <= mean
    assert 0.75 <= statistics.fmean(each.inside for each in found) <= 0.85


def test_no_case_sees_what_came_later(real_processes: User, by_author: dict[str, list[Case]]) -> None:
    """Work that comes later, and takes a hundred times as much, changes no earlier estimate."""
    own = max(by_author.values(), key=len)[:24]
    future = [
        case._replace(tokens=100.0 * case.tokens, at=case.at + 1e9, started_at=case.started_at + 1e9) for case in own
    ]
    seen = backtest.outcomes({"author": own}, STRETCH, backtest.HOURS_KNOWN)

    assert len(seen) > 5
    assert seen == backtest.outcomes({"author": own + future}, STRETCH, backtest.HOURS_KNOWN)[: len(seen)]
