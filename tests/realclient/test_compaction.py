"""Compaction in the real client: the summariser is told what must survive, and the model the essentials afterwards."""

from __future__ import annotations

import pytest

from tests.realclient.messages import Turn, bash
from tests.realclient.product import Product
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn

pytestmark = pytest.mark.realclient


def test_steering_and_essentials_arrive(claude: Claude, stand_in: StandIn) -> None:
    """The summariser's request holds the steering text once, and the next request of the model the essentials."""
    product = Product(claude)
    product.install()
    stand_in.script(
        Turn("Failing.", (bash("echo 'FAILED tests/test_dates.py::test_leap_year'; exit 1"),)),
        Turn("The leap year test fails; next I will mend the parser."),
        Turn("Going on."),
    )
    stand_in.script(Turn("A summary of it all."), kind="compaction")

    with claude.terminal() as terminal:
        terminal.submit("Teach the parser leap years")
        terminal.wait_for("next I will mend the parser")
        terminal.submit("/compact")
        [asked] = stand_in.wait_for(1, "compaction")
        terminal.wait_for("Compacted")
        terminal.submit("Go on")
        terminal.wait_for("Going on.")
        terminal.quit()

    later = stand_in.exchanges("main")[-1]
    assert 1 == asked.text.count("what these notes of Watchkeeper list")
    assert "Teach the parser leap years" in asked.text
    assert 1 == later.text.count("Notes of Watchkeeper from before the compaction")
    assert "" == product.hook_failures()


@pytest.mark.parametrize("command", ["/context-status", "/compact-context"])
def test_looking_at_the_context_costs_no_request(claude: Claude, stand_in: StandIn, command: str) -> None:
    """What fills the context, and the ways to free it, are shown without asking the API."""
    Product(claude).install()
    stand_in.script(Turn("Reading.", (bash("seq 1 400"),)), Turn("Done."))

    with claude.terminal(columns=100, lines=70) as terminal:
        terminal.submit("Read on")
        terminal.wait_for("Done.")
        before = len(stand_in.exchanges())
        terminal.submit(command)
        terminal.wait_for("operation blocked by hook")
        text = terminal.wait_for("nothing needs to be done")
        terminal.quit()

    assert before == len(stand_in.exchanges())
    assert "tokens" in text
