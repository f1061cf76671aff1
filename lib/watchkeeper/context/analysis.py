"""One look at a session's transcript: what the model reads of it, what that takes, and what could be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.transcripts import chain

from . import composition, items, measure, opportunities, pruning
from .brief import Brief, brief

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watchkeeper.transcripts.chain import Chain, Graph

    from .composition import Composition
    from .items import Reading
    from .measure import Measured
    from .opportunities import Candidate, Opportunity
    from .pruning import Plan
    from .task_list import Task


class Analysis(NamedTuple):
    """What a transcript's chain consists of."""

    path: str
    graph: Graph
    chain: Chain
    reading: Reading
    measured: Measured
    composition: Composition
    candidates: list[Candidate]
    plan: Plan
    """To leave out all that can be."""
    opportunities: list[Opportunity]

    @property
    def measured_at(self) -> float:
        """When the last response was; 0.0 if there is none."""
        return self.reading.responses[-1].at if self.reading.responses else 0.0

    @property
    def is_rewound(self) -> bool:
        """Whether the conversation was taken back to before the model's last response, which is not read any more."""
        boundary = self.chain.boundary
        start = self.graph.nodes[boundary.uuid].offset if boundary is not None else 0
        later = (node for node in reversed(self.graph.nodes.values()) if node.offset > start)
        last = next((node for node in later if node.kind == "assistant" and node.lane == chain.MAIN_LANE), None)
        return last is not None and last not in self.chain.nodes

    def is_cached(self, now: float) -> bool:
        """Return whether the API should still have at hand what it read last."""
        last = self.reading.responses[-1] if self.reading.responses else None
        return last is not None and 0.0 <= now - last.at < last.cache_s


def analyse(path: str, keep_recent: int = opportunities.KEEP_RECENT) -> Analysis:
    """Return what the transcript `path` says of its context. Raises OSError when it cannot be read."""
    graph = chain.read_graph(path)
    found = graph.chain()
    reading = items.take_apart(chain.records(path, found.nodes), found.preserved)
    measured = measure.measure(reading, 0.0 if reading.responses else _earlier_system_tokens(path, graph, found))
    whole = composition.compose(reading, measured, opportunities.spare_items(reading))
    candidates = opportunities.candidates(reading, measured, keep_recent)
    plan = pruning.plan(candidates, whole.total_tokens, path)
    could = opportunities.opportunities(reading, measured, plan.left_out, keep_recent)
    return Analysis(path, graph, found, reading, measured, whole, candidates, plan, could)


def read_brief(path: str, tasks: Iterable[Task] = ()) -> Brief:
    """Return what the transcript `path` says must survive, from its beginning on. Raises OSError as `analyse` does."""
    graph = chain.read_graph(path)
    found = graph.chain()
    return brief(chain.records(path, graph.history(found) + found.nodes), tasks)


def _earlier_system_tokens(path: str, graph: Graph, found: Chain) -> float:
    """Return how large system and tools were before the compaction that the chain begins with."""
    history = graph.history(found)
    start = max((place for place, node in enumerate(history) if node.kind == chain.BOUNDARY), default=0)
    return measure.measure(items.take_apart(chain.records(path, history[start:]))).system_tokens
