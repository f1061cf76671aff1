"""Risks of a plan, with what they could add and what is done against them."""

from __future__ import annotations

from watchkeeper.estimates import outline, risks
from watchkeeper.estimates.figures import Span


def found(text: str) -> list[tuple[str, Span | None, str]]:
    return [(risk.name, risk.tokens, risk.mitigation) for risk in risks.risks_in(outline.outline(text))]


def test_a_list_with_mitigations() -> None:
    """Entries with their tokens in brackets, their mitigation below; totals are no risks."""
    text = (
        "1. **Charts** (+10-15k tokens)\n   - Mitigation: defaults\n2. Rain\n   - could cost 5k tokens\n\n- Total: 3\n"
    )

    assert [("Charts", Span(10_000, 15_000), "defaults"), ("Rain", Span(5_000, 5_000), "")] == found(text)


def test_a_table() -> None:
    """A table's columns are told apart by their heads."""
    text = "| Risk | Impact | Mitigation |\n|--|--|--|\n| Hooks | +5k tokens | use the test CLI |\n"

    assert [("Hooks", Span(5_000, 5_000), "use the test CLI")] == found(text)
