"""Whatever a session did, its composition adds up and what could be left out is really there."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.context.stories import stories
from tests.context.transcript import Transcript
from watchkeeper.context import analysis, pruning
from watchkeeper.transcripts import fork

NEW = "11111111-2222-4333-8444-555555555555"


@given(told=stories(), keep_recent=st.integers(0, 6), target_tokens=st.integers(0, 60_000))
def test_every_session_adds_up_and_can_be_pruned(told: Transcript, keep_recent: int, target_tokens: int) -> None:
    """Parts make the total, nothing is negative, and the planned copy passes the proof."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(told.write(Path(folder)))
        found = analysis.analyse(path, keep_recent)
        whole = found.composition

        assert whole.total_tokens == sum(part.tokens for part in whole.parts)
        assert all(part.tokens >= 0 and part.number >= 0 for part in whole.parts)
        assert all(tokens >= 0 for tokens in found.measured.tokens)
        if found.reading.responses:
            assert found.reading.responses[-1].context_tokens == whole.total_tokens
        plan = pruning.plan(found.candidates, whole.total_tokens, path, target_tokens)
        assert 0 <= plan.tokens_after <= plan.tokens_before
        if found.chain.leaf:
            assert len(plan.stubs) == fork.write(path, found.graph, plan.stubs, NEW, keep_recent).stubs
