"""The ledger against a generated history whose every total is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.environment import User
from tests.support.processes import PythonRunner
from tests.transcripts.samples import KINDS, SHARED, History, needs_generator

pytestmark = needs_generator


@pytest.mark.parametrize(
    ("size_mb", "seed"),
    [
        (10, 7),
        (10, 1),
        (10, 20_261_120),
        pytest.param(3, 99, id="small"),
        pytest.param(100, 7, marks=pytest.mark.slow),
        pytest.param(100, 4, marks=pytest.mark.slow),
    ],
)
def test_the_ledger_equals_the_ground_truth(
    home: User, run_python: PythonRunner, tmp_path: Path, size_mb: int, seed: int
) -> None:
    """For any seed every kind of token and the number of responses are exact, also after a rebuild."""
    made = tmp_path / "corpus"
    generator = str(SHARED / "bench" / "gen_corpus.py")
    done = run_python(generator, "--home", str(made), "--size-mb", str(size_mb), "--seed", str(seed))
    assert 0 == done.returncode, done.stderr
    truth = json.loads((made / "ground_truth.json").read_text(encoding="utf-8"))
    expected = (
        truth["responses"],
        *(truth["totals"][kind.removesuffix("_tokens").removesuffix("_input")] for kind in KINDS),
    )
    history = History(home._replace(config=made / ".claude"))

    for rebuild in (False, False, True):
        history.refresh(rebuild=rebuild)
        assert expected == history.totals()
