"""What the context is reckoned to be right before each compaction, beside what the client noted."""

from __future__ import annotations

from watchkeeper.context import items, measure
from watchkeeper.transcripts import chain


def sizes_before_compactions(path: str) -> list[tuple[int, int]]:
    """Return for each compaction on the chain the size that the client noted and the one that is reckoned.

    What came after the last response before it is estimated. Compactions that the client noted no size for are left
    out.
    """
    graph = chain.read_graph(path)
    found = graph.chain()
    nodes = graph.history(found) + found.nodes
    noted = {boundary.uuid: boundary.pre_tokens for boundary in graph.boundaries}
    sizes = []
    start = 0
    for end, node in enumerate(nodes):
        if node.uuid in noted:
            measured = measure.measure(items.take_apart(chain.records(path, nodes[start:end]), found.preserved))
            if measured.total_tokens is not None and noted[node.uuid]:
                sizes.append((noted[node.uuid], measured.total_tokens + round(measured.pending_tokens)))
            start = end
    return sizes
