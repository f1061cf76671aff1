"""A slash command typed in Claude Code is answered here, and only when it is ours."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.commands.scene import SESSION, Scene, danger
from tests.support.environment import User
from tests.support.guards import ROOT
from tests.support.processes import PythonRunner
from watchkeeper import expansion
from watchkeeper.core import payload
from watchkeeper.core.reply import MOST_CHARACTERS, encode
from watchkeeper.render.columns import unpainted, width_of

HOOK = f"{ROOT}/hooks/user_prompt_expansion.py"
ATTENDED = {"CLAUDE_CODE_SESSION_ATTENDED": "1", "CLAUDE_CODE_ENTRYPOINT": "cli"}
HEADLESS = {"CLAUDE_CODE_SESSION_ATTENDED": "0", "CLAUDE_CODE_ENTRYPOINT": "sdk-cli"}


@pytest.fixture
def scene(home: User) -> Scene:
    return Scene(home)


def told(name: str = "session-status", arguments: str = "", source: str = "userSettings") -> bytes:
    fields = {
        "session_id": SESSION,
        "transcript_path": "/nowhere.jsonl",
        "cwd": "/home/ada/my-project",
        "hook_event_name": expansion.EVENT,
        "expansion_type": "slash_command",
        "command_name": name,
        "command_args": arguments,
        "command_source": source,
        "prompt": f"/{name} {arguments}",
    }
    return json.dumps(fields).encode()


def answer(scene: Scene, data: bytes, **environ: str) -> str:
    event = payload.parse(data, expansion.EVENT)
    assert event is not None
    return expansion.answer(event, {**scene.environ, **environ}, scene.now).answer


@pytest.mark.parametrize(
    ("name", "source", "ours"),
    [
        ("session-status", "userSettings", True),
        ("watchkeeper:session-status", "plugin", True),
        ("session-status", "projectSettings", False),
        ("session-status", "", False),
        ("other:session-status", "plugin", False),
        ("session-statuses", "userSettings", False),
        ("commit", "userSettings", False),
    ],
)
def test_only_ours_is_answered(name: str, source: str, ours: bool, tmp_path: Path) -> None:
    """A project's own command of that name, and every other one, is left to the client."""
    event = payload.parse(told(name, source=source), expansion.EVENT)
    (tmp_path / "commands").mkdir()
    shutil.copy(os.path.join(ROOT, "commands", "session-status.md"), tmp_path / "commands")

    assert event is not None
    assert ours == expansion.is_ours(event, str(tmp_path))


@pytest.mark.parametrize("own", ["Say how the session goes.\n", None], ids=["the user's own", "no file"])
def test_the_users_own_command_is_left_alone(own: str | None, tmp_path: Path) -> None:
    """As a plugin we see the user's own command of that name too: it is answered by what the user wrote."""
    event = payload.parse(told("session-status", source="userSettings"), expansion.EVENT)
    if own is not None:
        (tmp_path / "commands").mkdir()
        (tmp_path / "commands" / "session-status.md").write_text(own)

    assert event is not None
    assert not expansion.is_ours(event, str(tmp_path))


def test_the_answer_is_the_calling_sessions_status(scene: Scene) -> None:
    """The command knows which session typed it."""
    danger(scene)
    scene.environ.pop("CLAUDE_CODE_SESSION_ID")

    text = answer(scene, told(), **ATTENDED)

    assert SESSION in text
    assert "81%" in text


def test_every_letter_has_a_colour_of_its_own(scene: Scene) -> None:
    """Text without a colour takes on that of a warning in the client, so none is left without."""
    danger(scene)

    text = answer(scene, told(), COLUMNS="90", **ATTENDED)

    outside = [part.partition("m")[2] for part in text.split("\x1b[0")]
    assert "\x1b[" in text
    assert [] == [part for part in outside if part.partition("\x1b")[0].strip()]


def test_a_headless_run_gets_no_colours(scene: Scene) -> None:
    """Escape sequences would end up in the output of `claude -p`."""
    danger(scene)

    assert "\x1b" not in answer(scene, told(), **HEADLESS)


def test_no_color_is_respected(scene: Scene) -> None:
    """NO_COLOR counts here too."""
    danger(scene)

    assert "\x1b" not in answer(scene, told(), NO_COLOR="1", **ATTENDED)


@pytest.mark.parametrize(("columns", "most"), [("90", 80), ("60", 50), ("200", 120), ("", 80), ("x", 80)])
def test_it_fits_between_the_clients_margins(scene: Scene, columns: str, most: int) -> None:
    """The client keeps ten columns and would wrap longer lines."""
    danger(scene)

    text = answer(scene, told(), COLUMNS=columns, **ATTENDED)

    assert most == max(width_of(line) for line in text.splitlines())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ('--json "; echo pwned"', "Too much is given"),
        ("$(touch /tmp/pwned)", "Too much is given"),
        ("--bogus", "No such option"),
        ('--session "no such', "cannot be read"),
        ("--session zzz", "No session begins with"),
        ("--help", "Usage: watchkeeper session-status"),
    ],
)
def test_arguments_are_words_and_never_commands(scene: Scene, arguments: str, said: str) -> None:
    """Whatever follows the command is read as arguments; a wrong one is a sentence."""
    danger(scene)

    text = " ".join(unpainted(answer(scene, told(arguments=arguments), **ATTENDED)).split())

    assert said in text
    assert "Traceback" not in text


def test_arguments_reach_the_command(scene: Scene) -> None:
    """--json answers with JSON."""
    danger(scene)

    assert 81.5 == json.loads(answer(scene, told(arguments="--json"), **ATTENDED))["quota"]["used_pct"]


def test_an_answer_is_never_longer_than_the_client_shows(scene: Scene) -> None:
    """The busiest page in colour stays below the length at which the client makes a file of it."""
    danger(scene)

    for columns in ("60", "90", "130"):
        assert len(answer(scene, told(), COLUMNS=columns, **ATTENDED)) < 9_500


@pytest.mark.parametrize("line", ["x" * 99 + "\n", "x"])
def test_a_longer_text_is_cut_at_a_line(line: str) -> None:
    """Should a text be too long all the same, whole lines of it are shown, and where the rest is."""
    text = expansion.shortened(line * 20_000, "watchkeeper session-status")

    assert len(text) < MOST_CHARACTERS
    assert text.endswith("`watchkeeper session-status` in a terminal shows all of it.")
    assert {len(line.strip())} >= {len(part) for part in text.splitlines()[:-1]} or line == "x"


def test_a_long_backlog_is_left_to_the_background(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client waits five seconds, so a first import is not part of the answer."""
    started: list[Any] = []
    monkeypatch.setattr("watchkeeper.catchup.backlog_bytes", lambda _: 900_000_000)
    monkeypatch.setattr("watchkeeper.core.detach.start_jobs", started.append)
    danger(scene)

    text = answer(scene, told(), **HEADLESS)

    assert [["refresh"]] == started
    assert "900 MB of transcripts are not read yet" in text
    assert "81%" in text


def test_as_the_client_runs_it(run_python: PythonRunner, home: User) -> None:
    """The hook as a process: the prompt is blocked, the answer is its reason, and nothing else is printed."""
    boot = "import sys\ntry:\n exec(open(sys.argv[1],encoding='utf-8').read())\nexcept Exception:\n pass"
    (home.config / "commands").mkdir()
    shutil.copy(os.path.join(ROOT, "commands", "session-status.md"), home.config / "commands")

    done = run_python("-I", "-S", "-X", "utf8", "-c", boot, HOOK, stdin=told(), environ=ATTENDED)
    left_alone = run_python("-I", "-S", "-X", "utf8", "-c", boot, HOOK, stdin=told(source="projectSettings"))

    assert (0, "") == (done.returncode, done.stderr)
    reply = json.loads(done.stdout)
    assert "block" == reply["decision"]
    assert "Token quota" in reply["reason"]
    assert {"hookEventName": expansion.EVENT, "suppressOriginalPrompt": True} == reply["hookSpecificOutput"]
    assert (0, "", "") == (left_alone.returncode, left_alone.stdout, left_alone.stderr)


def test_the_answer_is_what_the_client_understands(scene: Scene) -> None:
    """The text survives the way through JSON, bars and colours included."""
    danger(scene)
    event = payload.parse(told(), expansion.EVENT)
    assert event is not None

    reply = expansion.answer(event, {**scene.environ, **ATTENDED}, scene.now)

    assert reply.answer == json.loads(encode(reply, expansion.EVENT))["reason"]


@pytest.mark.parametrize(
    ("typed", "is_windows", "arguments"),
    [
        ("'my plan.md' --save", False, ["my plan.md", "--save"]),
        ("my\\ plan.md", False, ["my plan.md"]),
        ("C:\\plans\\a.md --write", True, ["C:\\plans\\a.md", "--write"]),
        ('"C:\\my plans\\a.md"', True, ["C:\\my plans\\a.md"]),
    ],
)
def test_arguments_are_split_as_a_shell_would(typed: str, is_windows: bool, arguments: list[str]) -> None:
    """Quotes hold a path together, and on Windows a backslash is part of it."""
    assert arguments == expansion.split(typed, is_windows)
