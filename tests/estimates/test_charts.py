"""Pictures are SVG that runs nothing, fetches nothing, and can be read on light and dark ground."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from tests.support.processes import PythonRunner
from tests.support.tree import TREE
from watchkeeper.estimates import charts
from watchkeeper.estimates.charts import Point

PLAN = [Point(0, 100_000), Point(1.5, 60_000), Point(3, 0)]
USED = [Point(0, 100_000), Point(1, 70_000), Point(2.5, -8_000)]
PICTURES = {
    "burn-down": charts.burn_down("Left of <plan> & more", PLAN, USED),
    "without hours": charts.burn_down("Left", [], USED),
    "trend": charts.accuracy_trend("Trend", ["11-01", "11-05", "11-05"], [72.0, 0.0, 100.0]),
}


@pytest.mark.parametrize("name", PICTURES)
def test_it_is_a_picture_and_nothing_else(name: str) -> None:
    """Well-formed, with a drawn line, without scripts and addresses; no random and no date in it."""
    root = ET.fromstring(PICTURES[name])
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}

    assert "svg" in tags
    assert "path" in tags
    assert "script" not in tags
    assert {"http://www.w3.org/2000/svg"} == set(re.findall(r"https?://[^\"'\s)<]*", PICTURES[name]))
    assert "<!--" not in PICTURES[name]


def test_light_and_dark() -> None:
    """Ground, text and guides have their colours for both."""
    style = PICTURES["burn-down"]

    assert style.index("#ffffff") < style.index("prefers-color-scheme:dark") < style.index("#0d1117")


def test_words_are_text() -> None:
    """A title with markup in it is shown as it is."""
    titles = [element.text for element in ET.fromstring(PICTURES["burn-down"]).iter() if element.text]

    assert "Left of <plan> & more" in titles


def test_the_same_figures_make_the_same_picture() -> None:
    """A report that is written again changes nothing."""
    assert PICTURES["burn-down"] == charts.burn_down("Left of <plan> & more", PLAN, USED)


def test_drawing_leaves_the_process_as_it_was(run_python: PythonRunner) -> None:
    """Whoever asks for an installed package's version afterwards is told it."""
    script = f"""if True:
        import sys
        sys.path.insert(0, {str(TREE / "lib")!r})
        from watchkeeper.estimates import charts
        charts._pygal()
        from importlib import metadata
        print(metadata.version("pydantic") != "")
    """

    assert "True" == run_python("-c", script).stdout.strip()
