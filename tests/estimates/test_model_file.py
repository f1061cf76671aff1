"""The model file: readable, whole, for its owner only, and nothing depends on it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests.estimates.simulated import SimulatedUser
from tests.support.clock import NOON
from tests.support.environment import User
from watchkeeper.core import paths
from watchkeeper.estimates import model_file
from watchkeeper.estimates.learned import NOTHING, learn
from watchkeeper.estimates.work import SESSION, TASK_TYPES

COUNTED = ["input", "output", "cache_creation"]


@pytest.fixture
def where(home: User) -> paths.Paths:
    return paths.paths_in(str(home.config), home.environ)


def test_what_is_in_it() -> None:
    """Everything the file promises is there, derived from the work."""
    user = SimulatedUser(1)
    user.work(20)
    cases = user.work(6, library="httpx")
    sessions = [case._replace(work=case.work._replace(kind=SESSION)) for case in cases]
    model = model_file.document(learn([*cases, *sessions]), COUNTED, NOON)

    assert ("1.0.0", "2026-11-20T12:00:00+00:00", len(sessions)) == (
        model["version"],
        model["lastUpdated"],
        model["sessionsAnalyzed"],
    )
    assert "input, output, cache_creation" in model["tokens"]
    assert 0.0 <= model["overallAccuracy"] <= 1.0
    assert "intermediate" == model["userProfile"]["experienceLevel"]
    assert ["httpx"] == model["userProfile"]["specialties"]
    assert model["userProfile"]["avgBurnRate"] > 0
    assert model["userProfile"]["learningCurve"] is None
    assert set(model["taskTypeAccuracy"]) <= set(TASK_TYPES)
    assert set(TASK_TYPES) == set(model["tokensPerHour"])
    assert {"sessionsUsed", "avgIntegrationCost", "variance"} == set(model["libraryKnowledge"]["httpx"])
    assert {"confidence", "buffer", "phases"} == set(model["recommendations"])


def test_nothing_learned_says_so() -> None:
    """Without any work figures are null and the recommendation is to trust nothing."""
    model = model_file.document(NOTHING, COUNTED, NOON)

    assert (0, None, {}, {}) == (
        model["sessionsAnalyzed"],
        model["overallAccuracy"],
        model["taskTypeAccuracy"],
        model["libraryKnowledge"],
    )
    assert "may be far off" in model["recommendations"]["confidence"]


def test_getting_better_is_seen() -> None:
    """Estimates that come closer from piece to piece make a learning curve above zero."""
    cases = SimulatedUser(2).work(10)
    closer = [case._replace(estimated_tokens=case.tokens * (3.0 - 0.2 * place)) for place, case in enumerate(cases)]

    assert model_file.document(learn(closer), COUNTED, NOON)["userProfile"]["learningCurve"] > 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_it_is_for_its_owner_only(where: paths.Paths) -> None:
    """The file's mode lets nobody else read it."""
    path = model_file.write(where, NOTHING, COUNTED, NOON)

    assert 0o600 == stat.S_IMODE(os.stat(path).st_mode)
    assert [os.path.basename(path)] == os.listdir(os.path.dirname(path))


def test_what_was_written_can_be_read(where: paths.Paths) -> None:
    """The file holds the document as JSON."""
    path = model_file.write(where, NOTHING, COUNTED, NOON)

    assert str(Path(str(where.config), "ml-model", "estimation-model.json")) == path
    assert json.loads(Path(path).read_text(encoding="utf-8")) == model_file.read(path)


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[1]", b"\xff\xfe\x00", b"[" * 100_000],
    ids=["empty", "cut off", "no object", "no text", "too deep"],
)
def test_a_damaged_file_is_no_model(where: paths.Paths, damage: bytes) -> None:
    """Whatever stands in its place is no model, and is replaced by the next one that is written."""
    path = Path(model_file.path_of(where))
    path.parent.mkdir(parents=True)
    path.write_bytes(damage[:1_000_000])

    assert model_file.read(str(path)) is None
    assert model_file.read(model_file.write(where, NOTHING, COUNTED, NOON)) is not None


def test_a_missing_file_is_no_model(where: paths.Paths) -> None:
    """Where nothing was written there is nothing."""
    assert model_file.read(model_file.path_of(where)) is None
