"""Pictures beside a report: tokens left against the plan, and accuracy from session to session; light and dark."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core import words

if TYPE_CHECKING:
    from collections.abc import Sequence

_ID, _NAMESPACE = "watchkeeper", "http://www.w3.org/2000/svg"
_WIDTH, _HEIGHT = 760, 380
# Strong enough on white and on black.
_COLOURS = ("#a371f7", "#2f81f7")
_CSS = """
#chart-watchkeeper { color-scheme: light dark; }
#chart-watchkeeper .graph > .background { fill: #ffffff; }
#chart-watchkeeper text, #chart-watchkeeper .title, #chart-watchkeeper .axis text,
#chart-watchkeeper .axis text.major, #chart-watchkeeper .legends .legend text { fill: #1f2328; }
#chart-watchkeeper .axis .line, #chart-watchkeeper .axis .major.line { stroke: #656d76; }
#chart-watchkeeper .axis .guide.line, #chart-watchkeeper .axis .major.guide.line {
  stroke: #d0d7de; stroke-dasharray: none;
}
#chart-watchkeeper .series .line.reactive { stroke-width: 2.5; }
@media (prefers-color-scheme: dark) {
#chart-watchkeeper .graph > .background { fill: #0d1117; }
#chart-watchkeeper text, #chart-watchkeeper .title, #chart-watchkeeper .axis text,
#chart-watchkeeper .axis text.major, #chart-watchkeeper .legends .legend text { fill: #e6edf3; }
#chart-watchkeeper .axis .line, #chart-watchkeeper .axis .major.line { stroke: #8b949e; }
#chart-watchkeeper .axis .guide.line, #chart-watchkeeper .axis .major.guide.line { stroke: #30363d; }
}
"""


class Point(NamedTuple):
    """Tokens at a moment, in hours since the beginning."""

    hours: float
    tokens: float


def burn_down(title: str, plan: Sequence[Point], actual: Sequence[Point]) -> str:
    """Return, as SVG, the tokens of the estimate that were left: as planned, and as they were used."""
    chart = _xy(title, "hours worked", "tokens left")
    chart.add("planned", [(each.hours, each.tokens) for each in plan], stroke_style={"dasharray": "6, 4"})
    chart.add("used", [(each.hours, each.tokens) for each in actual])
    return _svg(chart)


def accuracy_trend(title: str, names: Sequence[str], accuracy_pct: Sequence[float]) -> str:
    """Return, as SVG, how close the estimate of each session was, in percent."""
    chart = _pygal().Line(**_options(title, "session", "accuracy in %"), range=(0, 100), show_legend=False)
    chart.x_labels = list(names)
    chart.value_formatter = lambda value: f"{value:.0f}%"
    chart.add("accuracy", list(accuracy_pct))
    return _svg(chart)


def _xy(title: str, across: str, up: str) -> Any:
    chart = _pygal().XY(**_options(title, across, up))
    chart.value_formatter = lambda value: f"-{words.tokens(-value)}" if value < 0 else words.tokens(value)
    chart.x_value_formatter = lambda value: f"{value:.1f}"
    return chart


def _options(title: str, across: str, up: str) -> dict[str, Any]:
    style = _pygal().style.Style(
        colors=_COLOURS,
        background="transparent",
        plot_background="transparent",
        font_family="system-ui, sans-serif",
        title_font_size=14,
        label_font_size=12,
        major_label_font_size=12,
        legend_font_size=13,
    )
    return {
        "title": title,
        "x_title": across,
        "y_title": up,
        "width": _WIDTH,
        "height": _HEIGHT,
        "explicit_size": True,
        "style": style,
        "css": ["file://style.css", "file://graph.css", f"inline:{_CSS}"],
        # A picture that runs nothing and fetches nothing.
        "js": [],
        "show_dots": True,
        "dots_size": 2,
        "legend_at_bottom": True,
    }


def _svg(chart: Any) -> str:
    import xml.etree.ElementTree as ET

    # The same figures make the same picture: no random id, and no comment with the date.
    chart.uuid = _ID
    root = ET.fromstring(chart.render())  # noqa: S314 - what was drawn here a moment ago
    ET.register_namespace("", _NAMESPACE)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    for parent in list(root.iter()):
        for child in [each for each in parent if each.tag == f"{{{_NAMESPACE}}}script"]:
            parent.remove(child)
    return ET.tostring(root, encoding="unicode") + "\n"


def _pygal() -> Any:
    # Imported here because only a report draws.
    finders = sys.meta_path[:]
    own = [(finder, vars(finder).get("find_distributions")) for finder in finders if hasattr(finder, "__dict__")]
    import pygal  # type: ignore[import-untyped]

    # It puts a finder for plug-ins there that newer Pythons warn of at every import; nothing here needs it.
    sys.meta_path[:] = finders
    # It also takes from the standard finder what tells of installed packages, which others in this process ask for.
    for finder, find_distributions in own:
        if find_distributions is not None:
            setattr(finder, "find_distributions", find_distributions)  # noqa: B010 - a class of Python's own
    return pygal
