"""Risks that a plan names: what could take more, how much more, and what is done against it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from . import figures, outline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .figures import Span
    from .outline import Line

FROM_PLAN, FROM_HISTORY = "plan", "history"
_HEADING = re.compile(r"\brisks?\b", re.IGNORECASE)
_MITIGATION = re.compile(r"(?:mitigations?|mitigate|plan b|fallback|prevention)\b", re.IGNORECASE)
_TOTAL = re.compile(r"(?:total|worst)\b", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*\([^()]*\)\s*")
_MOST = 50


class Risk(NamedTuple):
    """Something that could make work take more. `tokens` is how much more, None where nobody says."""

    name: str
    tokens: Span | None
    mitigation: str
    phase: int | None = None
    """The place of the phase that it is about; None for all of them."""
    source: str = FROM_PLAN


def is_about_risks(line: Line) -> bool:
    """Return whether a heading begins a list of risks."""
    return line.kind == outline.HEADING and bool(_HEADING.search(line.text))


def risks_in(lines: Sequence[Line]) -> list[Risk]:
    """Return the risks in the lines below such a heading: entries with their mitigation below them, or table rows."""
    found: list[Risk] = []
    head: tuple[str, ...] = ()
    for line in lines:
        if line.kind == outline.ROW:
            if line.level:
                head = tuple(cell.lower() for cell in line.cells)
            else:
                found.append(_of_row(line.cells, head))
        elif line.kind == outline.ITEM and line.level == 1 and not _TOTAL.match(line.label or line.text):
            found.append(Risk(_name(line.text), _tokens(line.text), ""))
        elif found and _MITIGATION.match(line.label or line.text):
            said = line.value or line.text.partition(":")[2].strip() or line.text
            found[-1] = found[-1]._replace(mitigation=said)
        elif found and line.level > 1 and found[-1].tokens is None:
            found[-1] = found[-1]._replace(tokens=_tokens(line.text))
    return [risk for risk in found if risk.name][:_MOST]


def _of_row(cells: tuple[str, ...], head: tuple[str, ...]) -> Risk:
    by_head = dict(zip(head, cells, strict=False))
    mitigation = next((cell for name, cell in by_head.items() if _MITIGATION.match(name)), "")
    tokens = next((span for cell in cells[1:] if (span := _tokens(cell)) is not None), None)
    return Risk(_name(cells[0]) if cells else "", tokens, mitigation)


def _name(text: str) -> str:
    plain = _BRACKETS.sub(" ", text) if _tokens(text) is not None else text
    return plain.partition(" → ")[0].strip(" :-–—")


def _tokens(text: str) -> Span | None:
    return figures.tokens_in(text)
