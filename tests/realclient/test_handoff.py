"""Handoffs in the real client: planned with a scripted reply, drafted without any, given to the next session once."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.realclient import session as sessions
from tests.realclient.exchanges import Exchange
from tests.realclient.messages import Tool, Turn, bash
from tests.realclient.product import Product
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn
from tests.realclient.terminal import Terminal
from watchkeeper.handoff import markdown
from watchkeeper.handoff.model import Handoff

pytestmark = pytest.mark.realclient

MARK = "notes from an earlier session"
MOST_TOKENS = 8_000
# Fewer characters than a token has in any text of ours, so that the figure is too high rather than too low.
CHARACTERS_PER_TOKEN = 3.0

SAID = """\
"title": "Sign-in, phase 2",
"accomplished": ["Sign-up and sign-in endpoints, with hashed passwords", "Tokens are issued and checked",
  "Fifteen unit tests for all of it, and the guide for operators in docs/sign-in.md"],
"tests": "14 of 15 pass; test_expiry fails because the clock is read in local time",
"objectives": [
  ["Guard the user routes", 15000, "Add the guard to every route below /users",
   "Use the signed-in user in the controller", "Test signed-in, signed-out and expired requests"],
  ["Add refresh tokens", 18000, "Add the endpoint", "Rotate a token when it is used", "Store them hashed"],
  ["Better errors", 12000, "One shape for all sign-in errors", "Log failed attempts without the password"]
],
"decisions": ["Tokens instead of sessions, since the API keeps no state", "15 minutes for access, 7 days for refresh",
  "Passwords have at least 8 characters; $(whoami) and `id` are only text here",
  "401 when unknown, 403 when not allowed"],
"blockers": ["The mail account for confirmations is missing: don't wait for it"],
"files_to_read": [["auth.py", "where tokens are made"], ["users.py", "where the guard goes"]],
"commands": ["git status", "python3 -m unittest"],
"instructions": "Begin with the guard, it is small. Then refresh tokens. Be thrifty: read only what you change."
"""


@pytest.fixture
def product(claude: Claude, monkeypatch: pytest.MonkeyPatch) -> Product:
    """Watchkeeper, installed. The client may run what the work needs; our commands bring their own leave."""
    allowed = ["--permission-mode", "default", "--allowedTools", "Write,Bash(git:*),Bash(python3:*)"]
    monkeypatch.setattr(sessions, "_permissions", lambda: allowed)
    claude.environment["CLAUDE_CODE_ENABLE_TODO_TOOLS"] = "1"
    claude.make_git_repository()
    for name, value in (("user.name", "Ada"), ("user.email", "ada@example.org")):
        subprocess.run(["git", "config", name, value], cwd=claude.project, env=claude.environment, check=True)
    made = Product(claude)
    # Another test may have started a scheduler of this machine's meanwhile, which would really book.
    made.install(automation__scheduler="none")
    return made


def work(claude: Claude) -> list[Turn]:
    """A session's work: an edit, a commit, two tasks, a failing test."""
    return [
        Turn("Writing.", (Tool("Write", {"file_path": str(claude.project / "auth.py"), "content": "TOKENS = 1\n"}),)),
        Turn("Committing.", (bash("git add . && git commit -qm 'Add sign-in'"),)),
        Turn("Noting.", (_task("Refresh tokens"), _task("Write the guide"))),
        Turn("Testing.", (bash("python3 -m unittest test_expiry"),)),
        Turn("Worked."),
    ]


def plan_call(product: Product, name: str = "plan-next-session", said: str = SAID) -> Turn:
    """What Claude answers to the command: one call, as its file has it."""
    launcher = product.state / "bin" / "watchkeeper"
    command = f"\"{launcher}\" {name} --no-color <<'WATCHKEEPER_END'\n{said}WATCHKEEPER_END"
    return Turn("", (bash(command),))


def written(claude: Claude) -> list[Handoff]:
    """The handoffs on the disk, by name."""
    files = sorted((claude.config / "session-handoffs").glob("*.md"))
    return [markdown.parse(file.read_text(encoding="utf-8")) for file in files]


def test_the_next_session_is_planned(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """What Claude says and what is known become one handoff, with no question asked and at most 8,000 tokens."""
    stand_in.script(*work(claude), plan_call(product, said='"at": "in 2h",\n' + SAID), Turn("Planned."))

    with claude.terminal(lines=60) as terminal:
        terminal.submit("Work on sign-in")
        terminal.wait_for("Worked.")
        before = stand_in.exchanges("main")[-1]
        terminal.submit("/plan-next-session --at 'in 2h'")
        terminal.wait_for("Planned.")
        planned = stand_in.exchanges("main")[-1]
        terminal.quit()

    (handoff,) = written(claude)
    assert ("composed", "Sign-in, phase 2", 45_000) == (handoff.kind, handoff.title, handoff.estimated_tokens)
    assert 2 * 3600 == pytest.approx((handoff.scheduled_for or 0) - handoff.written_at, abs=2)
    assert (("auth.py",), "Add sign-in", 0) == (handoff.files_modified, handoff.commit_subject, handoff.changed_files)
    assert ["Refresh tokens", "Write the guide"] == [task.subject for task in handoff.tasks]
    assert [("python3 -m unittest test_expiry", "failed")] == [(run.command, run.outcome) for run in handoff.runs]
    assert "Passwords have at least 8 characters; $(whoami) and `id` are only text here" in handoff.decisions
    shown = _last_result(planned)
    assert "45,000 tokens" in shown
    assert "handoffs drop" in shown
    # Claude repeats what the command printed.
    tokens = (_added_characters(before, planned) + len(shown)) / CHARACTERS_PER_TOKEN
    print(f"/plan-next-session: about {tokens:,.0f} tokens beyond what the session had")
    assert tokens <= MOST_TOKENS
    assert "" == product.hook_failures()


def test_what_is_wrong_comes_back_as_sentences(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """A handoff that cannot be used is refused with what to correct, and the corrected one is taken."""
    wrong = '"title": "x",\n"objectives": [["Guard the routes", "many tokens", 5, 6]],\n"blocker": []\n'
    stand_in.script(plan_call(product, said=wrong), plan_call(product), Turn("Planned."))

    run = claude.headless("/plan-next-session")

    assert 0 == run.returncode
    assert [] == run.result["permission_denials"]
    first = _last_result(stand_in.exchanges("main")[1])
    assert 'objectives[0] must be a text or a list such as ["what to do", 15000, "step"]' in first
    assert "blocker is no key of it; did you mean blockers?" in first
    assert 1 == len(written(claude))


def test_a_draft_needs_no_model(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """--draft names the files edited, the failing command and the open tasks of the session, without any request."""
    stand_in.script(*work(claude))
    claude.headless("Work on sign-in")
    before = len(stand_in.exchanges())

    view = product.json("plan-next-session", "--draft")["handoff"]

    assert before == len(stand_in.exchanges())
    assert ("draft", ["auth.py"], ["python3 -m unittest test_expiry"], ["Refresh tokens", "Write the guide"]) == (
        view["kind"],
        view["files_modified"],
        view["failing"],
        view["open_tasks"],
    )
    assert str(claude.project) == view["project"]


@pytest.mark.parametrize("command", ["plan-next-session", "save-and-restart"])
def test_the_handoff_is_given_once(product: Product, claude: Claude, stand_in: StandIn, command: str) -> None:
    """The first request after /clear carries it although sessions that nobody attends came between; a third has none.

    Those are a headless run, one that a Bash call starts inside the session, and one that only initialises.
    """
    stand_in.script(*work(claude), plan_call(product, command), Turn("Saved."))
    with claude.terminal(lines=60) as terminal:
        terminal.submit("Work on sign-in")
        terminal.wait_for("Worked.")
        terminal.submit(f"/{command}")
        terminal.wait_for("Saved.")
        inner = f"python3 -c \"import subprocess; subprocess.run(['{claude.client}', '-p', 'Look'])\""
        stand_in.script(Turn("Asking.", (bash(inner),)), Turn("Inner."), Turn("Asked."))
        terminal.submit("Ask another one")
        terminal.wait_for("Asked.")
        stand_in.script(Turn("Headless."))
        claude.headless("Something else")
        claude.run("--init-only")
        stand_in.script(Turn("Going on."), Turn("And on."))
        _clear(terminal)
        terminal.submit("Go on")
        terminal.wait_for("Going on.")
        terminal.submit("And on")
        terminal.wait_for("And on.")
        terminal.quit()
    stand_in.script(Turn("Third."))
    with claude.terminal() as terminal:
        terminal.submit("Hello")
        terminal.wait_for("Third.")
        terminal.quit()

    asking, inside, asked, headless, first, second, third = stand_in.exchanges("main")[-7:]
    assert inside.session_id not in {asking.session_id, headless.session_id}
    between = [exchange.text.count(MARK) for exchange in (asking, inside, asked, headless)]
    assert ([0, 0, 0, 0], [1, 1, 0]) == (between, [exchange.text.count(MARK) for exchange in (first, second, third)])
    assert "Guard the user routes" in first.text
    assert "not instructions from the user" in first.text
    assert [("used", first.session_id)] == product.query("state.db", "SELECT state, claimed_by FROM handoffs")
    assert "" == product.hook_failures()


def test_a_session_without_a_prompt_gives_it_back(product: Product, claude: Claude, stand_in: StandIn) -> None:
    """Who starts and leaves again does not use it up; a changed branch is told to who comes next."""
    stand_in.script(*work(claude), plan_call(product), Turn("Planned."))
    with claude.terminal(lines=60) as terminal:
        terminal.submit("Work on sign-in")
        terminal.wait_for("Worked.")
        terminal.submit("/plan-next-session")
        terminal.wait_for("Planned.")
        terminal.quit()
    with claude.terminal() as terminal:
        terminal.wait_for("was given the handoff")
        terminal.quit()
    subprocess.run(["git", "checkout", "-qb", "other"], cwd=claude.project, env=claude.environment, check=True)

    stand_in.script(Turn("Here."))
    with claude.terminal() as terminal:
        terminal.submit("Go on")
        terminal.wait_for("Here.")
        terminal.quit()

    text = stand_in.exchanges("main")[-1].text
    assert 1 == text.count(MARK)
    assert "The branch was master and is other." in text


def _clear(terminal: Terminal) -> None:
    terminal.submit("/clear")
    terminal.wait_for("was given the handoff")


def _task(subject: str) -> Tool:
    return Tool("TaskCreate", {"subject": subject, "description": subject})


def _last_result(exchange: Exchange) -> str:
    """The text of the tool result that a request ends with."""
    blocks = exchange.body["messages"][-1]["content"]
    return str(next(block["content"] for block in blocks if block["type"] == "tool_result"))


def _added_characters(before: Exchange, after: Exchange) -> int:
    """How many characters of messages the later request has more than the earlier one."""
    return len(json.dumps(after.body["messages"])) - len(json.dumps(before.body["messages"]))
