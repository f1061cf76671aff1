"""Calendar files in the real client: /create-calendar-events is answered with no request."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.realclient.messages import Turn, Usage
from tests.realclient.product import Product
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn
from watchkeeper.planner.calendar import standing_events

pytestmark = pytest.mark.realclient


@pytest.fixture
def product(claude: Claude) -> Product:
    """Watchkeeper, installed, with two sessions in the queue, one of which has a time."""
    made = Product(claude)
    made.install(quota__plan="pro")
    at = time.strftime("%Y-%m-%d 09:00", time.localtime(time.time() + 2 * 86_400))
    for options in (
        ("--name", "Part 2; with, commas", "--tokens", "45k", "--hours", "3", "--at", at),
        ("--name", "Polish"),
    ):
        assert 0 == made.command("queue", "add", *options).returncode
    return made


def events(claude: Claude) -> dict[str, list[int]]:
    """The calendar files, and how often each of their events was changed."""
    files = sorted(Path(claude.config, "calendar").iterdir())
    return {
        path.name: [each.stamp.sequence for each in (standing_events(path.read_bytes()) or {}).values()]
        for path in files
    }


def test_in_a_terminal(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """The files are there, the page says where and how to import them, and the API sees nothing of it."""
    stand_in.script(Turn("Hello.", usage=Usage(1_000, 50, 2_000, 40_000)))

    with claude.terminal(columns=100, lines=70) as terminal:
        terminal.submit("Hello")
        terminal.wait_for("Hello.")
        before = len(stand_in.exchanges())
        terminal.submit("/create-calendar-events")
        text = terminal.wait_for("Next scheduled session")
        terminal.quit()

    assert before == len(stand_in.exchanges())
    assert "Part 2; with, commas" in text
    assert "30 and 5 minutes before" in text
    assert {"all-sessions.ics": [0], "session-part-2-with.ics": [0]} == events(claude)


def test_headless_and_after_changes(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """In -p it is answered with no request too; a moved and then a cancelled session follow."""
    for change, sequence in (((), 0), (("edit", "part-2-with", "--hours", "2"), 1), (("cancel", "part-2-with"), 2)):
        if change:
            assert 0 == product.command("queue", *change).returncode
        run = claude.headless("/create-calendar-events")

        assert 0 == run.returncode
        assert "Part 2; with, commas" in run.result["result"]
        assert {"all-sessions.ics": [sequence], "session-part-2-with.ics": [sequence]} == events(claude)
    assert "STATUS:CANCELLED" in Path(claude.config, "calendar", "session-part-2-with.ics").read_text(encoding="utf-8")
    assert [] == stand_in.exchanges()
    assert "" == product.hook_failures()
