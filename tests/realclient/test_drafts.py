"""Drafts in the real client: in danger, refused, at an end and before a compaction one is there, unasked."""

from __future__ import annotations

import time

import pytest

from tests.realclient.messages import Tool, Turn, Usage, bash, usage_limit
from tests.realclient.product import Product
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn
from watchkeeper.handoff import markdown
from watchkeeper.handoff.model import Handoff

pytestmark = pytest.mark.realclient

RESETS_AT = float(int(time.time()) + 2 * 3600)
WAIT_S = 30.0
OPEN_TASK = Tool("TaskCreate", {"subject": "Refresh tokens", "description": "Refresh tokens"})


@pytest.fixture
def product(claude: Claude) -> Product:
    """Watchkeeper, installed; the client keeps a task list."""
    claude.environment["CLAUDE_CODE_ENABLE_TODO_TOOLS"] = "1"
    made = Product(claude)
    made.install()
    return made


def wait_for_draft(claude: Claude, *names: str) -> Handoff:
    """The one handoff there is, once it is there and names these files."""
    deadline = time.monotonic() + WAIT_S
    while True:
        files = sorted((claude.config / "session-handoffs").glob("*.md"))
        drafts = [markdown.parse(file.read_text(encoding="utf-8")) for file in files]
        if drafts and names == drafts[0].files_modified:
            (draft,) = drafts
            return draft
        assert time.monotonic() < deadline, f"no draft of {names} came, but {drafts}"
        time.sleep(0.05)


def edit(claude: Claude) -> Tool:
    return Tool("Write", {"file_path": str(claude.project / "auth.py"), "content": "TOKENS = 1\n"})


@pytest.mark.parametrize("used_pct", [80.5, 91.0], ids=["danger", "critical"])
def test_near_the_limit_of_the_quota(product: Product, claude: Claude, stand_in: StandIn, used_pct: float) -> None:
    """At 80 % of the quota a draft is written while the session works on, and it costs no request."""
    claude.use_oauth_token()
    stand_in.report_limits(five_hour_pct=used_pct, five_hour_resets_at=RESETS_AT)
    stand_in.script(Turn("Ready."), Turn("Writing.", (edit(claude),)), Turn("More.", (OPEN_TASK,)), Turn("Worked."))

    with claude.terminal() as terminal:
        terminal.submit("Get ready for sign-in")
        terminal.wait_for(f"5h {used_pct:.0f}% reported")
        terminal.submit("Work on sign-in, please")
        terminal.wait_for("Worked.")
        draft = wait_for_draft(claude, "auth.py")
        # Killed, as a machine that is switched off kills it: no end is told to anybody.
        terminal.close()

    assert ("draft", ("auth.py",), "Get ready for sign-in") == (draft.kind, draft.files_modified, draft.title)
    assert [] == product.query("state.db", "SELECT * FROM handoffs")
    assert [4, 4] == [len(stand_in.exchanges("main")), len(stand_in.exchanges("main", "subagent", "compaction"))]
    assert "" == product.hook_failures()


def test_near_the_limit_of_the_context(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """At 80 % of the usable window the same happens, whatever the quota says."""
    stand_in.script(
        Turn("Writing.", (edit(claude),), Usage(1_000, 50, 2_000, 140_000)),
        Turn("More.", (OPEN_TASK,), Usage(1_000, 50, 2_000, 141_000)),
        Turn("Worked.", usage=Usage(1_000, 50, 2_000, 142_000)),
    )

    with claude.terminal("--model", "claude-sonnet-4-5") as terminal:
        terminal.submit("Work on sign-in, please")
        terminal.wait_for("Worked.")
        draft = wait_for_draft(claude, "auth.py")
        terminal.close()

    assert ("draft", ("auth.py",)) == (draft.kind, draft.files_modified)
    assert "" == product.hook_failures()


@pytest.mark.parametrize("is_headless", [True, False], ids=["headless", "terminal"])
def test_refused_by_the_limit(product: Product, claude: Claude, stand_in: StandIn, is_headless: bool) -> None:
    """A session whose request is refused leaves a draft, although nobody waits for its hook in a headless run."""
    claude.use_oauth_token()
    stand_in.script(Turn("Writing.", (edit(claude),)), usage_limit(RESETS_AT), usage_limit(RESETS_AT))

    if is_headless:
        claude.headless("Work on sign-in, please")
        draft = wait_for_draft(claude, "auth.py")
    else:
        with claude.terminal() as terminal:
            terminal.submit("Work on sign-in, please")
            draft = wait_for_draft(claude, "auth.py")
            terminal.close()

    assert ("draft", ("auth.py",), "Work on sign-in, please") == (draft.kind, draft.files_modified, draft.title)
    assert "" == product.hook_failures()


def test_at_an_end_with_open_tasks(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """Who leaves with a task open finds it in a draft; who leaves with nothing open finds none."""
    stand_in.script(Turn("Looked.", (bash("ls"),)), Turn("Nothing there."))
    claude.headless("Look around, please")
    stand_in.script(Turn("Noting.", (OPEN_TASK,)), Turn("Noted."))

    with claude.terminal() as terminal:
        terminal.submit("Note what is open, please")
        terminal.wait_for("Noted.")
        terminal.quit()
    draft = wait_for_draft(claude)

    assert ["Refresh tokens"] == [task.subject for task in draft.tasks]
    assert "" == product.hook_failures()


def compaction_jobs(product: Product) -> list[object]:
    """The claims of drafts before a compaction; in so small a window a draft may be due for danger before."""
    return product.query("state.db", "SELECT name FROM jobs WHERE name LIKE 'draft compaction %'")


def test_before_an_automatic_compaction(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """What the summary may lose is in a draft."""
    claude.environment["CLAUDE_CODE_AUTO_COMPACT_WINDOW"] = "100000"
    stand_in.script(
        Turn("Writing.", (edit(claude),), Usage(1_000, 50, 2_000, 60_000)),
        Turn("Worked.", usage=Usage(1_000, 50, 2_000, 99_000)),
        Turn("Going on."),
    )

    with claude.terminal("--model", "claude-sonnet-4-5") as terminal:
        terminal.submit("Work on sign-in, please")
        terminal.wait_for("Worked.")
        assert [] == compaction_jobs(product)
        terminal.submit("Go on with it, please")
        stand_in.wait_for(1, "compaction")
        draft = wait_for_draft(claude, "auth.py")
        terminal.wait_for("Going on.")
        terminal.close()

    assert 1 == len(compaction_jobs(product))
    assert ("draft", ("auth.py",), "Work on sign-in, please") == (draft.kind, draft.files_modified, draft.title)
    assert "" == product.hook_failures()
