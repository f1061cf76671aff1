"""What transcript records said, put together before it is merged into the ledger."""

from __future__ import annotations

from .records import MAIN, Compaction, Cost, Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .records import Fact, LimitHit


class Gathered:
    """What transcript records said, gathered by response, session and sub-agent in the way the ledger merges it.

    Plain tuples and dicts, so that it travels between processes. Of two that are joined the first one's sessions own
    the responses that both hold.
    """

    def __init__(self) -> None:
        self.responses: dict[str, tuple[Any, ...]] = {}
        """The first ten fields of a Response by its message_id."""
        self.spans: dict[str, list[Any]] = {}
        """By session: first time and the folder then, last time and the model then, time and size of the context."""
        self.agents: dict[str, list[Any]] = {}
        """By sub-agent: its session, first and last time."""
        self.tool_uses: list[tuple[str, str, str, str, float]] = []
        """The tool calls that responses hold: id, session, sub-agent, tool and time; history leaves them out."""
        self.compactions: list[Compaction] = []
        self.costs: dict[str, Cost] = {}
        self.limit_hits: list[LimitHit] = []

    def add(self, fact: Fact) -> None:
        """Take in one fact."""
        if isinstance(fact, Response):
            self.add_response(fact[:10], fact.cwd, fact.tool_uses)
        elif isinstance(fact, Compaction):
            self.compactions.append(fact)
        elif isinstance(fact, Cost):
            self._add_cost(fact)
        else:
            self.limit_hits.append(fact)

    def join(self, later: Gathered) -> None:
        """Take in what was gathered elsewhere and is not needed there any more."""
        for message_id in self.responses.keys() & later.responses.keys():
            later.responses[message_id] = _merged(self.responses[message_id], later.responses[message_id])
        self.responses.update(later.responses)
        for session_id, span in later.spans.items():
            self._add_span(session_id, *span)
        for agent_id, agent in later.agents.items():
            self._add_agent(agent_id, *agent)
        self.tool_uses += later.tool_uses
        self.compactions += later.compactions
        for cost in later.costs.values():
            self._add_cost(cost)
        self.limit_hits += later.limit_hits

    def add_response(self, row: tuple[Any, ...], cwd: str, tool_uses: Iterable[tuple[str, str]]) -> None:
        """Take in a response by its first ten fields and the rest."""
        message_id, rank, session_id, agent_id, model, at, input_tokens, _, creation_tokens, read_tokens = row
        old = self.responses.get(message_id)
        if old is None:
            self.responses[message_id] = row
        elif old[6:] != row[6:] or old[4] != model or old[1] != rank or old[3] != agent_id or not 0 < old[5] <= at:
            self.responses[message_id] = _merged(old, row)
        span = self.spans.get(session_id)
        if span is not None and span[1] and 0 < span[0] < at > span[2]:
            # The rule, and all that is to do then.
            span[2], span[3] = at, model
            if rank == MAIN:
                span[4], span[5] = at, input_tokens + creation_tokens + read_tokens
        else:
            context = (at, input_tokens + creation_tokens + read_tokens) if rank == MAIN else (0.0, 0)
            self._add_span(session_id, at, cwd, at, model, *context)
        if agent_id:
            agent = self.agents.get(agent_id)
            if agent is not None and 0 < agent[1] < at > agent[2]:
                agent[2] = at
            else:
                self._add_agent(agent_id, session_id, at, at)
        for tool_use_id, name in tool_uses:
            self.tool_uses.append((tool_use_id, session_id, agent_id, name, at))

    def _add_span(
        self,
        session_id: str,
        first_at: float,
        cwd: str,
        last_at: float,
        model: str,
        context_at: float,
        context_tokens: int,
    ) -> None:
        span = self.spans.get(session_id)
        if span is None:
            self.spans[session_id] = [first_at, cwd, last_at, model, context_at, context_tokens]
            return
        if cwd and (not span[1] or 0 < first_at < span[0]):
            span[1] = cwd
        span[0] = _earliest(span[0], first_at)
        span[2:4] = max((span[2], span[3]), (last_at, model))
        span[4:6] = max((span[4], span[5]), (context_at, context_tokens))

    def _add_agent(self, agent_id: str, session_id: str, first_at: float, last_at: float) -> None:
        agent = self.agents.get(agent_id)
        if agent is None:
            self.agents[agent_id] = [session_id, first_at, last_at]
        else:
            agent[1], agent[2] = _earliest(agent[1], first_at), max(agent[2], last_at)

    def _add_cost(self, cost: Cost) -> None:
        old = self.costs.get(cost.session_id)
        # The client counts on when a session is resumed, and does not say when it wrote the figure down.
        if old is None or (cost.at, cost.usd) > (old.at, old.usd):
            self.costs[cost.session_id] = cost


def _merged(old: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    better = new if _worth(new) > _worth(old) else old
    return (*better[:2], old[2], *better[3:5], _earliest(old[5], new[5]), *better[6:])


def _worth(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row[1], row[6] + row[7] + row[8] + row[9], row[7], row[6], row[8], row[4], row[3]


def _earliest(one: float, other: float) -> float:
    return min(one, other) if one > 0 and other > 0 else max(one, other)
