"""`memory` shows, opens and forgets what is remembered of a project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import Scene
from tests.support.clock import NOON
from watchkeeper.handoff import memory, remembered
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen

NOTES = [
    memory.SessionNote("s1", "", "2026-11-18T12:00:00+00:00", 145_000, "handoff-s1.md", ("Set up the project",), ()),
    memory.SessionNote(
        "s2-long-id", "", "2026-11-19T12:00:00+00:00", None, "", ("Sign-in", "Tests"), ("Guard the routes",)
    ),
]
CONTEXT = memory.Context(("Python", "FastAPI"), "REST with tokens", "pytest", ("Tokens, not sessions",))


@pytest.fixture
def here(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    project = tmp_path / "my-project"
    project.mkdir()
    monkeypatch.chdir(project)
    scene.project = str(project)
    kept: dict[str, Any] = {}
    for note in NOTES:
        kept = memory.merged(kept, scene.project, note, CONTEXT)
    memory.write(memory.path_of(scene.paths, scene.project), kept)
    return scene


def file_of(scene: Scene) -> Path:
    return Path(memory.path_of(scene.paths, scene.project))


def test_page(here: Scene) -> None:
    """What a person sees: the stack, decisions, sessions, and what a session is told."""
    view = json.loads(here.run("memory", "--json").out)
    view |= {"now_at": NOON, "project": "/home/ada/my-project", "path": "/home/ada/.claude/project-memory/0123.json"}

    assert_golden("memory", lambda columns, colour: engine.render("memory", view, Pen(colour), columns, NOON))


def test_nothing_stands_below_no_heading(here: Scene) -> None:
    """Where no session is remembered there is no heading for them."""
    kept = json.loads(file_of(here).read_text(encoding="utf-8"))
    assert "Sessions ─" in here.run("memory").out

    file_of(here).write_text(json.dumps(kept | {"sessions": []}), encoding="utf-8")

    assert "Sessions ─" not in here.run("memory").out


def test_json(here: Scene) -> None:
    """Programs are told the same."""
    view = json.loads(here.run("memory", "show", "--json").out)

    assert ("my-project", ["Python", "FastAPI"], True) == (view["name"], view["tech_stack"], view["injected"])
    assert ["s1", "s2-long-id"] == [session["id"] for session in view["sessions"]]
    assert "Focus noted last: Guard the routes" in view["told"]


def test_another_project_can_be_named(here: Scene, tmp_path: Path) -> None:
    """--project is any folder."""
    assert "Nothing is remembered" in here.run("memory", "--project", str(tmp_path / "other")).out
    assert "Sign-in" in here.run("memory", "show", "--project", here.project).out


def test_where_to_edit_is_said(here: Scene) -> None:
    """Without an editor the file is named; there is nothing to edit before something is remembered."""
    assert str(file_of(here)) in here.run("memory", "edit").out
    file_of(here).unlink()
    assert "Nothing is remembered" in here.run("memory", "edit").err


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"EDITOR": "vi"}, ["vi", "/m.json"]),
        ({"EDITOR": "vi", "VISUAL": "code --wait"}, ["code", "--wait", "/m.json"]),
        ({"EDITOR": "'unclosed"}, []),
        ({}, []),
    ],
)
def test_the_editor_is_the_users(environ: dict[str, str], expected: list[str]) -> None:
    """$VISUAL goes before $EDITOR, its words are an argument list, and no shell sees them."""
    assert expected == remembered.editor_command(environ, "/m.json")


def test_a_session_is_forgotten(here: Scene) -> None:
    """One session is taken out, and a later handoff of it does not bring it back."""
    assert "Session s1 is forgotten." in here.run("memory", "forget", "s1").out

    kept = memory.read(str(file_of(here)))
    assert ["s2-long-id"] == [
        each["id"] for each in memory.sessions_of(memory.merged(kept, here.project, NOTES[0], CONTEXT))
    ]


@pytest.mark.parametrize(
    ("options", "answer", "interactive", "is_there"),
    [
        (("--yes",), "", False, False),
        ((), "yes\n", True, False),
        ((), "no\n", True, True),
        ((), "", False, True),
    ],
    ids=["told to", "agreed", "refused", "nobody there"],
)
def test_all_is_forgotten_when_somebody_agrees(
    here: Scene, options: tuple[str, ...], answer: str, interactive: bool, is_there: bool
) -> None:
    """The whole memory goes with --yes or after a yes, and otherwise stays."""
    ran = here.run("memory", "forget", *options, stdin=answer, is_interactive=interactive)

    assert is_there == file_of(here).exists()
    assert int(is_there) == ran.code


@pytest.mark.parametrize("name", ["s", "nobody"])
def test_a_session_must_be_told(here: Scene, name: str) -> None:
    """A beginning that fits none or several is refused."""
    assert 1 == here.run("memory", "forget", name).code


def test_a_damaged_file_is_named(here: Scene) -> None:
    """A file that is no JSON is not shown, and not touched."""
    file_of(here).write_text("{", encoding="utf-8")

    ran = here.run("memory")

    assert 1 == ran.code
    assert "is no JSON object" in ran.err


def test_what_a_person_wrote_never_reaches_the_terminal_raw(here: Scene) -> None:
    """Escapes in an edited file are shown inert."""
    kept = memory.read(str(file_of(here)))
    kept["cumulativeContext"]["architecture"] = "\x1b[31mred\x1b]0;x\x07"
    memory.write(str(file_of(here)), kept)

    out = here.run("memory").out

    assert "red" in out
    assert out.replace("\n", "").isprintable()
