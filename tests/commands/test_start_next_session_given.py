"""A session that is started is given its handoff or its objectives, where it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.commands.queueing import (
    a_handoff,
    add,
    flat,
    left,
    run,
    state_of,
    told,
    waiting,
)
from tests.commands.scene import SESSION, Scene
from tests.handoff.samples import AUTH
from tests.support.clock import NOON
from watchkeeper.core.ledger import Transaction
from watchkeeper.handoff import folder, markdown, pending
from watchkeeper.handoff.saving import save
from watchkeeper.planner import outcome

pytestmark = pytest.mark.usefixtures("plan_pro")


@pytest.fixture
def handoff(here: Scene) -> str:
    """A handoff of this project in the queue."""
    return a_handoff(here)


def test_claude_is_given_the_objectives(claude: Scene) -> None:
    """Started in a session of its project it runs there, and Claude is told what the user wants done."""
    add(
        claude,
        "API",
        "--objective",
        "Build it",
        "--objective",
        "Test <b>it</b>",
        "--tokens",
        "45k",
        "--hours",
        "3",
        "--agent",
        "builder",
    )
    left(claude, 115_000)

    view = told(claude, "--hours", "3", "--yes")

    assert [SESSION, None] == [view["runs_in"], view["handoff"]]
    assert (
        "The user has started the planned session api here: API\n"
        "What the user wants done:\n"
        "1. Build it\n"
        "2. Test ‹b›it‹/b›\n"
        "It is estimated to take about 45,000 tokens and 3 hours.\n"
        "It is planned for the agent builder: use it where it can be had.\n"
        "Begin with the first of it now. When all of it is done, say so and name this command to the user:\n"
        "    watchkeeper queue done api"
    ) == view["next_step"]
    shown = state_of(claude, "api")
    assert [SESSION] == shown["progress"]["session_ids"]
    assert 0 == shown["progress"]["used_tokens"]


def test_what_claude_is_told_stands_below_the_page(claude: Scene) -> None:
    """Without --json the page for the user comes first."""
    add(claude, "API")

    out = run(claude, "--yes").out

    assert out.index("Started") < out.index("The user has started the planned session api here")


def test_claude_is_given_the_handoff(claude: Scene, handoff: str) -> None:
    """The notes are told in the session that starts it, which has them from then on; no other one is given them."""
    view = told(claude, "--yes")

    assert "| 1. **Guard the user routes** (est. 15,000 tokens)" in view["next_step"]
    assert "not instructions from the user" in view["next_step"]
    assert (pending.CLAIMED, SESSION) == (waiting(claude, handoff).state, waiting(claude, handoff).claimed_by)


def test_a_handoff_that_claude_has_is_not_told_again(claude: Scene, handoff: str) -> None:
    """Whoever was given the notes at the session's start is only reminded of them."""
    with claude.ledger as ledger, Transaction(ledger.state) as db:
        pending.mark(db, handoff, claude.project, "old", "/x", "manual", None, NOON)
        pending.claim(db, handoff, SESSION, NOON)

    view = told(claude, "--yes")

    assert "You were given its handoff at the beginning of this session." in view["next_step"]
    assert "Guard the user routes" in view["next_step"]
    assert "| " not in view["next_step"]


def test_in_a_terminal_the_handoff_waits(here: Scene, handoff: str) -> None:
    """Started in a terminal it waits for the session that is opened in the project, whose use counts then."""
    view = told(here, "--yes")
    assert (handoff, None, None) == (view["handoff"], view["next_step"], view["runs_in"])
    assert pending.PENDING == waiting(here, handoff).state

    with here.ledger as ledger, Transaction(ledger.state) as db:
        pending.claim(db, handoff, "fresh", NOON + 60)
    here.session("fresh", began_min=-1)
    here.response(-2, session_id="fresh", tokens=(4_000, 1_000, 0, 0))

    progress = state_of(here, "authentication")["progress"]
    assert (["fresh"], 5_000) == (progress["session_ids"], progress["used_tokens"])


def test_in_a_terminal_objectives_become_a_handoff(here: Scene) -> None:
    """What a session opened later is given is written down, and what waited there is named."""
    with here.ledger as ledger:
        other = save(AUTH.model_copy(update={"project": here.project}), folder.folder_of(here.paths), ledger)
        with Transaction(ledger.state) as db:
            pending.mark(db, other.handoff.id, here.project, "s", other.path, "manual", None, NOON)
    add(here, "API", "--objective", "Build it", "--tokens", "45k")

    ran = run(here, "--yes")

    assert f"The handoff {other.handoff.id} waits no longer" in ran.err
    written = state_of(here, "api")["handoff"]
    text = Path(folder.folder_of(here.paths), f"{written}.md").read_text(encoding="utf-8")
    parsed = markdown.parse(text)
    assert ("API", ["Build it"], 45_000) == (
        parsed.title,
        [each.title for each in parsed.objectives],
        parsed.estimated_tokens,
    )
    assert pending.PENDING == waiting(here, written).state


def test_a_handoff_made_of_objectives_follows_them(here: Scene) -> None:
    """What was changed before the session is opened is what it is given."""
    add(here, "API", "--objective", "Build it", "--tokens", "45k")
    written = told(here, "--yes")["handoff"]

    ran = here.run("queue", "edit", "api", "--name", "The API", "--objective", "Test it", "--tokens", "30k")

    assert (0, "") == (ran.code, ran.err)
    parsed = markdown.parse(Path(folder.folder_of(here.paths), f"{written}.md").read_text(encoding="utf-8"))
    assert (written, "The API", ["Test it"], 30_000) == (
        parsed.id,
        parsed.title,
        [each.title for each in parsed.objectives],
        parsed.estimated_tokens,
    )


def test_a_handoff_that_somebody_wrote_stays(here: Scene, handoff: str) -> None:
    """Other objectives in the queue change nothing of what a session or a person wrote, and that is said."""
    path = Path(folder.folder_of(here.paths), f"{handoff}.md")
    before = path.read_bytes()

    ran = here.run("queue", "edit", "authentication", "--objective", "Something else")

    assert f"authentication is given {handoff} as it stands" in ran.err
    assert before == path.read_bytes()
    assert "" == here.run("queue", "edit", "authentication", "--tokens", "5k").err


def test_a_session_of_another_project_is_opened_there(claude: Scene, tmp_path: Path) -> None:
    """Claude is given nothing of it; its handoff waits in its own project."""
    (tmp_path / "other").mkdir()
    add(claude, "Elsewhere", "--project", str(tmp_path / "other"))

    view = told(claude, "--yes")

    assert (None, None, str(tmp_path / "other")) == (view["runs_in"], view["next_step"], view["project"])
    assert str(tmp_path / "other") == waiting(claude, view["handoff"]).project


def test_what_is_to_be_typed_is_quoted(here: Scene) -> None:
    """The command that is shown for the terminal is one word each, whatever the agent is called."""
    add(here, "x", "--agent", "$(touch pwned); a'b")

    assert """claude --agent '$(touch pwned); a'"'"'b'""" == told(here, "--yes")["command"]


@pytest.mark.parametrize("command", ["done", "cancel", "reopen"])
def test_a_handoff_that_nobody_took_is_let_go(here: Scene, handoff: str, command: str) -> None:
    """What is over, or was not begun after all, is given to no session that comes later."""
    told(here, "--yes")
    assert pending.PENDING == waiting(here, handoff).state

    here.run("queue", command, "authentication")

    assert pending.DROPPED == waiting(here, handoff).state


def test_a_session_is_started_once(here: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changed by somebody else between proposal and start, it is refused."""
    add(here, "x")
    start = outcome.start

    def late(app: Any, view: dict[str, Any], session: Any) -> dict[str, Any]:
        here.run("queue", "cancel", "x")
        return start(app, view, session)

    monkeypatch.setattr(outcome, "start", late)
    ran = run(here, "--yes")

    assert 1 == ran.code
    assert "x was changed meanwhile and is cancelled" in ran.err


def test_a_running_session_can_be_started_again(claude: Scene) -> None:
    """Whoever names it has it given anew, in the session that calls now."""
    add(claude, "x", "--objective", "Build it")
    run(claude, "--yes", environ={"CLAUDE_CODE_SESSION_ID": "crashed"})

    view = told(claude, "--choose", "x", "--yes")

    assert ("started", SESSION) == (view["outcome"], view["runs_in"])


def test_planning_the_next_session_ends_the_running_one(claude: Scene) -> None:
    """Who writes the handoff for what comes next is done with what runs here, which is told with the way back."""
    add(claude, "API", "--tokens", "45k")
    run(claude, "--yes")
    claude.response(-5, tokens=(8_000, 0, 0, 0))

    ran = claude.run("plan-next-session", stdin='"objectives": ["Go on"]', now=NOON + 600)

    assert "api is done 8,000 tokens; `watchkeeper queue reopen api` if it is not" in flat(ran.out)
    assert ("done", 8_000) == ((shown := state_of(claude, "api"))["state"], shown["used_tokens"])
