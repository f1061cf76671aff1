"""Estimates in the real client: a plan is estimated for nothing, a session is compared with it, and reported on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from tests.estimates import plans
from tests.realclient import session as sessions
from tests.realclient.messages import Tool, Turn, Usage, bash
from tests.realclient.product import Product
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn

pytestmark = pytest.mark.realclient

PLAN = "docs/my plan.md"
WAIT_S = 30.0


@pytest.fixture
def product(claude: Claude, monkeypatch: pytest.MonkeyPatch) -> Product:
    """Watchkeeper, installed, and a project with a plan. The client may run and edit what the work needs."""
    allowed = ["--permission-mode", "default", "--allowedTools", "Edit,Read,Bash"]
    monkeypatch.setattr(sessions, "_permissions", lambda: allowed)
    claude.make_git_repository()
    plan = claude.project / PLAN
    plan.parent.mkdir()
    plan.write_text(plans.RECKONED, encoding="utf-8")
    made = Product(claude)
    made.install(quota__plan="pro")
    return made


def wait_for(what: Callable[[], bool]) -> None:
    """Wait until a background job has done its work."""
    until = time.monotonic() + WAIT_S
    while not what():
        assert time.monotonic() < until, "the background job did not do it"
        time.sleep(0.05)


def ticks(claude: Claude) -> Tool:
    """The call by which Claude ticks the last box of the first phase."""
    edit = {"file_path": str(claude.project / PLAN), "old_string": "- [ ] worker", "new_string": "- [x] worker"}
    return Tool("Edit", edit)


def test_a_plan_is_estimated_for_nothing(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """The command is answered with the plan's estimate, by a path with a space in it, and no request is made."""
    run = claude.headless(f"/estimate-session '{PLAN}'", output="text")

    assert 0 == run.returncode
    assert [] == stand_in.exchanges()
    assert "Auction backend" in run.stdout
    assert "Cover it with tests" in run.stdout
    assert "the sums of the phases" in run.stdout
    assert "" == product.hook_failures()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("gone.md", "There is no file"),
        ("'docs/my plan.md", "cannot be read"),
        ("docs; echo pwned > pwned", "echo"),
        ("$(touch pwned)", "Too much is given"),
        ("../../../../etc/passwd --write", ""),
    ],
)
def test_hostile_arguments(product: Product, claude: Claude, stand_in: StandIn, arguments: str, sentence: str) -> None:
    """What is typed behind the command is arguments and nothing else: no shell, and no request."""
    run = claude.headless(f"/estimate-session {arguments}", output="text")

    assert sentence in run.stdout
    assert [] == stand_in.exchanges()
    assert not (claude.project / "pwned").exists()


def test_a_session_is_compared_with_its_plan(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """Saved in the session, advanced by a box that Claude ticks, told once, reported on when the session ends."""
    stand_in.script(
        Turn("Reading.", (Tool("Read", {"file_path": str(claude.project / PLAN)}),), Usage(100, 900, 9_000, 0)),
        Turn("Working.", (bash("echo one"),), Usage(50, 4_000, 2_000, 9_000)),
        Turn("Ticking.", (ticks(claude),), Usage(100, 2_000, 3_000, 20_000)),
        Turn("The first phase is done.", (), Usage(10, 300, 400, 14_000)),
        Turn("On with it.", (bash("echo two"),), Usage(20, 1_500, 700, 15_000)),
        Turn("Enough for today.", (), Usage(10, 200, 100, 16_000)),
    )
    with claude.terminal(lines=60) as terminal:
        terminal.submit(f"/estimate-session '{PLAN}' --save")
        terminal.wait_for("this session is compared with it")
        assert [] == stand_in.exchanges()
        terminal.submit("Work on the plan")
        terminal.wait_for("The first phase is done.")
        wait_for(
            lambda: product.query("state.db", "SELECT ended_at FROM estimate_phases WHERE number = 1") != [(None,)]
        )
        # Told by the hook that ends the turn, or by the next one where the job takes longer than that.
        terminal.wait_until(
            lambda text: "'Bid queue' is done" in text or product.query("state.db", "SELECT 1 FROM due_lines"),
            "nothing is said of the phase",
        )
        terminal.submit("Go on")
        terminal.wait_for("'Bid queue' is done")
        terminal.wait_for("Enough for today.")
        terminal.quit()

    (document,) = (claude.config / "session-tracking").glob("*.json")
    reports = claude.config / "session-reports"
    wait_for(lambda: any(reports.glob("*-report.md")))
    (report,) = reports.glob("*-report.md")
    text = report.read_text(encoding="utf-8")
    content = json.loads(document.read_text(encoding="utf-8"))
    # What the quota counts of the two responses before the box was ticked; the next two came while that was noticed.
    first = content["actual"]["phases"]["phase1"]["actualTokens"]
    assert 10_000 + 6_050 <= first <= 10_000 + 6_050 + 5_100 + 710
    assert ("completed", report.name.removesuffix("-report.md")) == (content["status"], content["sessionId"])
    assert "# Session report: Auction backend" in text
    assert "The plan is not finished" in text
    assert "| 1 | Bid queue | implementation |" in text
    assert "| Read | " in text
    assert 24_390 == content["actual"]["totalTokens"]
    assert [("saved", ""), ("done", content["sessionId"])] == sorted(
        product.query("state.db", "SELECT state, session_id FROM estimates"), key=lambda row: row[1]
    )
    assert [f"{content['sessionId']}-burn-down.svg"] == [each.name for each in reports.glob("*.svg")]
    assert (claude.config / "ml-model" / "estimation-model.json").exists()
    assert "" == product.hook_failures()
