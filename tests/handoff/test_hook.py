"""What a session is told at its start and settles at its end, through the hooks' own entry points."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.scene import Scene
from tests.handoff.samples import AUTH
from tests.support.environment import User
from tests.support.guards import ROOT
from tests.support.processes import PythonRunner
from watchkeeper.core import entry, payload
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.reply import MOST_CHARACTERS, Reply
from watchkeeper.handoff import folder, hook, memory, pending
from watchkeeper.handoff.saving import save

MARK = "notes from an earlier session"
FRESH = "11111111-2222-4333-8444-555555555555"


class Hooks(Scene):
    """A scene whose hooks are called as the client calls them."""

    def start(self, session_id: str = FRESH, source: str = "startup", later_s: float = 10.0, **environ: str) -> Reply:
        return self._call(hook.at_start, "SessionStart", session_id, later_s, environ, source=source)

    def resume(self, **fields: Any) -> Reply:
        return self._call(hook.at_start, "SessionStart", FRESH, 10.0, {}, source="resume", **fields)

    def end(self, session_id: str = FRESH) -> Reply:
        return self._call(hook.at_end, "SessionEnd", session_id, 60.0, {}, reason="clear")

    def _call(
        self, do: Any, name: str, session_id: str, later_s: float, environ: dict[str, str], **fields: Any
    ) -> Reply:
        told = {"session_id": session_id, "cwd": self.project, "transcript_path": "", **fields}
        watch = entry.watch({**self.environ, "CLAUDE_CODE_SESSION_ATTENDED": "1", **environ}, self.now + later_s)
        event = payload.parse(json.dumps(told).encode(), name)
        assert event is not None
        with watch.ledger:
            reply: Reply = do(watch, event)
            return reply


@pytest.fixture
def hooks(home: User, tmp_path: Path) -> Hooks:
    made = Hooks(home)
    project = tmp_path / "proj"
    project.mkdir()
    made.project = str(project)
    return made


def leave_handoff(hooks: Hooks, booking_id: str = "", **changes: Any) -> str:
    with hooks.ledger as ledger:
        fields = {
            "project": hooks.project,
            "branch": "",
            "commit": "",
            "files_to_read": (),
            "files_modified": (),
            **changes,
        }
        saved = save(AUTH.model_copy(update=fields), folder.folder_of(hooks.paths), ledger)
        with Transaction(ledger.state) as db:
            pending.mark(
                db,
                saved.handoff.id,
                hooks.project,
                AUTH.from_session,
                saved.path,
                "manual",
                None,
                hooks.now,
                booking_id,
            )
    return saved.handoff.id


@pytest.mark.parametrize("source", ["startup", "clear"])
def test_the_next_session_is_given_it_once(hooks: Hooks, source: str) -> None:
    """The first attended session gets the handoff, a second one does not."""
    name = leave_handoff(hooks)

    first, second = hooks.start(source=source), hooks.start("another", source=source)

    assert 1 == first.model.count(MARK)
    assert f"Watchkeeper: Claude was given the handoff {name}, written just now." == first.user
    assert Reply() == second


@pytest.mark.parametrize("source", ["resume", "compact", "fork"])
def test_sessions_that_go_on_are_given_nothing(hooks: Hooks, source: str) -> None:
    """Whoever resumes knows already; the handoff goes on waiting."""
    leave_handoff(hooks)

    assert MARK not in hooks.start(source=source).model
    assert MARK in hooks.start("another").model


def test_headless_sessions_eat_nothing(hooks: Hooks) -> None:
    """A `claude -p` is given neither handoff nor memory, unless it was started for that handoff."""
    name = leave_handoff(hooks)

    assert Reply() == hooks.start(CLAUDE_CODE_SESSION_ATTENDED="0")
    assert MARK in hooks.start("booked", CLAUDE_CODE_SESSION_ATTENDED="0", WATCHKEEPER_HANDOFF=name).model


def test_a_booked_handoff_is_for_its_session(hooks: Hooks) -> None:
    """Others hear in a line that it exists; the session that names it has it."""
    name = leave_handoff(hooks, booking_id="b1")

    other = hooks.start()

    assert (f"Watchkeeper: the handoff {name} waits for the session that is booked.", "") == other[:2]
    assert MARK in hooks.start("booked", WATCHKEEPER_HANDOFF=name).model


@pytest.mark.parametrize("name", ["../../etc/passwd", "handoff-none", "x" * 5_000])
def test_a_name_that_is_none_gets_nothing(hooks: Hooks, name: str) -> None:
    """The variable names a handoff that is known, or it is as if it were not there."""
    leave_handoff(hooks)

    assert "" == hooks.start(CLAUDE_CODE_SESSION_ATTENDED="0", WATCHKEEPER_HANDOFF=name).model
    assert MARK in hooks.start("attended", WATCHKEEPER_HANDOFF=name).model


def test_it_is_given_back_without_a_prompt(hooks: Hooks) -> None:
    """A session that ends unanswered leaves it to the next; after an answer it is used."""
    leave_handoff(hooks)
    hooks.start()
    hooks.session(FRESH, began_min=0)
    hooks.end()
    assert MARK in hooks.start("second").model

    hooks.session("second", began_min=0)
    hooks.response(-0.3, session_id="second", tokens=(1, 2, 3, 4))
    hooks.end("second")
    assert MARK not in hooks.start("third").model


def test_a_prompted_session_keeps_it_however_long_it_is_open(hooks: Hooks) -> None:
    """Half a day later it is not given to a second session: only who was never answered gives it back."""
    leave_handoff(hooks)
    hooks.start()
    hooks.session(FRESH, began_min=0)
    hooks.response(-0.3, session_id=FRESH, tokens=(1, 2, 3, 4))

    assert MARK not in hooks.start("second", later_s=13 * 3600.0).model


def test_a_crashed_session_does_not_keep_it(hooks: Hooks) -> None:
    """A session that was never answered and never ended has lost its claim half a day later."""
    leave_handoff(hooks)
    hooks.start()

    assert MARK not in hooks.start("second", later_s=11 * 3600.0).model
    assert MARK in hooks.start("third", later_s=13 * 3600.0).model


def test_a_booked_session_can_be_restarted(hooks: Hooks) -> None:
    """A session that was started for a handoff, and is cleared after it wrote the next one, is given that."""
    name = leave_handoff(hooks, booking_id="b1")
    hooks.start("booked", WATCHKEEPER_HANDOFF=name)
    hooks.session("booked", began_min=0)
    hooks.response(-0.3, session_id="booked", tokens=(1, 2, 3, 4))
    hooks.end("booked")
    following = leave_handoff(hooks, title="The next one")

    assert following in hooks.start("cleared", source="clear", WATCHKEEPER_HANDOFF=name).model
    third = leave_handoff(hooks, title="The third")
    assert third != following
    assert "" == hooks.start("inner", CLAUDE_CODE_SESSION_ATTENDED="0", WATCHKEEPER_HANDOFF=name).model


def test_wired_twice_it_is_told_once(hooks: Hooks) -> None:
    """Installed and loaded as a plugin, the same start is answered once, memory included."""
    leave_handoff(hooks)
    remember(hooks)

    replies = [hooks.start(), hooks.start(later_s=11.0)]

    assert [1, 0] == [reply.model.count(MARK) for reply in replies]
    assert [1, 0] == [reply.model.count("memory of") for reply in replies]


def test_a_file_that_is_gone_is_said(hooks: Hooks) -> None:
    """A handoff whose file was deleted is told of, once, and waits no more."""
    name = leave_handoff(hooks)
    Path(folder.path_of(folder.folder_of(hooks.paths), name)).unlink()

    assert (f"Watchkeeper: the handoff {name} that waited here is gone.", "") == hooks.start()[:2]
    assert Reply() == hooks.start("another")


def test_differences_are_told_to_both(hooks: Hooks) -> None:
    """What has changed since is told to the user and to Claude."""
    leave_handoff(hooks, branch="feature/auth", commit="0" * 40)

    reply = hooks.start()

    assert reply.user.endswith("Git cannot tell the state of the project.")
    assert "Compared with the project now: Git cannot tell the state of the project." in reply.model


def remember(hooks: Hooks, **settings: Any) -> None:
    note = memory.SessionNote("s1", "2026-11-19T12:00:00+00:00", "", 1, "", ("Set up the project",), ("Add sign-in",))
    memory.write(memory.path_of(hooks.paths, hooks.project), memory.merged({}, hooks.project, note, memory.Context()))
    if settings:
        hooks.settings(**settings)


def test_memory_is_told_at_a_start(hooks: Hooks) -> None:
    """A session is told what was done before, and what is left of the quota."""
    remember(hooks)
    hooks.settings(quota={"plan": "pro"})
    hooks.report(40.0, 60)

    text = hooks.start().model

    assert "- 2026-11-19: Set up the project\nFocus noted last: Add sign-in\nTokens available: about 120,000." in text


def test_memory_can_be_switched_off(hooks: Hooks) -> None:
    """One setting silences it."""
    remember(hooks, memory={"inject": False})

    assert Reply() == hooks.start()


def test_both_fit_into_one_answer(hooks: Hooks) -> None:
    """The longest handoff and the memory stay below what the client shows whole."""
    leave_handoff(hooks, decisions=tuple("word " * 30 for _ in range(200)))
    remember(hooks)

    text = hooks.start().model

    assert len(text) <= MOST_CHARACTERS
    assert "Set up the project" in text


def test_a_cold_resume_is_compared(hooks: Hooks) -> None:
    """A resumed session whose cache is cold gets one line for the user, measured against this project's sessions."""
    for number in range(3):
        hooks.session(f"old{number}", began_min=900)
        hooks.response(800, session_id=f"old{number}", tokens=(1_000, 5, 9_000, 12_000))
        hooks.response(700, session_id=f"old{number}", tokens=(1_000, 5, 90_000, 12_000))
    hooks.session(FRESH, began_min=600)
    hooks.response(600, session_id=FRESH, tokens=(1_000, 5, 150_000, 0))
    cold = {"prompt_cache_likely_expired": True, "context_tokens": 155_000, "estimated_cache_write_usd": 0.775}

    reply = hooks.resume(**cold)

    assert "A fresh session takes about 22k (14% of that): /save-and-restart --draft." in reply.user
    assert "" == reply.model


def test_the_hook_needs_no_packages(run_python: PythonRunner, hooks: Hooks) -> None:
    """What runs at a session's start works in a bare Python, as hooks are started."""
    leave_handoff(hooks)
    script = f"""if True:
        import sys
        sys.path.insert(0, {str(Path(ROOT, "lib"))!r})
        from watchkeeper.core import entry, payload, paths
        from watchkeeper.handoff import hook
        watch = entry.watch(paths.environment(), {hooks.now + 10})
        event = payload.parse(sys.stdin.buffer.read(), "SessionStart")
        print(hook.at_start(watch, event).model)
        hook.at_end(watch, event)
        print({{"pydantic", "jinja2", "typer", "orjson"}} & set(sys.modules))
    """
    told = {"session_id": FRESH, "cwd": hooks.project, "source": "startup"}

    done = run_python("-I", "-S", "-X", "utf8", "-c", script, stdin=json.dumps(told).encode())

    assert "" == done.stderr
    assert MARK in done.stdout
    assert done.stdout.endswith("set()\n")
