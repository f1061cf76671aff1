"""`config` shows settings with their origin, and changes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import Scene
from watchkeeper.core import settings
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen


def option(name: str, value: object, default: object, line: int | None = None) -> dict[str, object]:
    changed = value != default
    return {
        "name": name,
        "value": value,
        "default": default,
        "line": line,
        "changed": changed,
        "meaning": "Its meaning.",
    }


VIEW = {
    "path": "/home/ada/.claude/watchkeeper/config.toml",
    "exists": True,
    "modified_at": 1_795_170_000.0,
    "options": [
        option("watch.enabled", True, True),
        option("watch.projects_off", ["/home/ada/secret"], [], 3),
        option("quota.plan", "pro", "", 6),
        option("quota.alerts", [50.0, 80, 92.5], "hyperaware", 7),
        option("quota.levels.danger", 80, 80),
        option("status_line.passthrough", 'say "hi"\x1b[31m', "", 12),
    ],
}


def test_page() -> None:
    """What differs from its default stands out, with the line it is on."""
    assert_golden(
        "config", lambda columns, colour: engine.render("config", VIEW, Pen(colour), columns, 1_795_176_000.0)
    )


def test_page_of_one() -> None:
    """A single option is explained."""
    view = {**VIEW, "options": [option("quota.plan", "", "")], "exists": False, "modified_at": None}

    assert_golden("config-one", lambda columns, colour: engine.render("config", view, Pen(colour), columns, 0.0))


def test_set_puts_the_value_in_force_and_keeps_comments(scene: Scene) -> None:
    """A changed option is in the file, in what hooks read, and the rest of the file is as it was."""
    path = Path(scene.paths.config_file)
    path.parent.mkdir(parents=True)
    path.write_text("# mine\n[quota]\n# the plan I pay for\nplan = 'free'\n", encoding="utf-8")

    ran = scene.run("config", "set", "quota.plan", "pro")

    assert (0, "") == (ran.code, ran.err)
    assert 'plan = "pro"' in ran.out
    assert "# mine\n[quota]\n# the plan I pay for\nplan = " in path.read_text(encoding="utf-8")
    assert "pro" == settings.load(scene.paths)["quota"]["plan"]


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        pytest.param(("context.alerts", "40", "70"), "context.alerts", [40, 70], id="a list as words"),
        pytest.param(("notices.desktop", "off"), "notices.desktop", False, id="a switch"),
        pytest.param(
            ("--", "status_line.passthrough", "-x"), "status_line.passthrough", "-x", id="looks like an option"
        ),
        pytest.param(("status_line.passthrough", ""), "status_line.passthrough", "", id="nothing"),
    ],
)
def test_set_takes_plain_words(scene: Scene, words: tuple[str, ...], name: str, value: object) -> None:
    """Values are written on the command line as people write them."""
    ran = scene.run("config", "set", *words)

    shown = json.loads(scene.run("config", "show", name, "--json").out)["options"]
    assert (0, value) == (ran.code, shown[0]["value"])


def test_show_says_where_a_value_comes_from(scene: Scene) -> None:
    """An option of the file is marked with its line, every other one as default."""
    scene.run("config", "set", "quota.plan", "pro")

    options = {each["name"]: each for each in json.loads(scene.run("config", "show", "--json").out)["options"]}

    assert ("file", True) == (options["quota.plan"]["source"], options["quota.plan"]["changed"])
    assert options["quota.plan"]["line"] > 0
    assert ("default", None) == (options["quota.alerts"]["source"], options["quota.alerts"]["line"])


def test_config_alone_shows_what_was_changed(scene: Scene) -> None:
    """Without a sub-command only what differs from the defaults is shown."""
    before = scene.run("config").out
    scene.run("config", "set", "quota.plan", "pro")

    assert "Every setting has its default" in before
    assert 1 == scene.run("config").out.count(" = ")


def test_path(scene: Scene) -> None:
    """The path is printed alone, for scripts."""
    assert f"{scene.paths.config_file}\n" == scene.run("config", "path").out
    assert {"path": scene.paths.config_file} == json.loads(scene.run("config", "path", "--json").out)


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("set", "quota.pln", "pro"), "did you mean quota.plan", 1),
        (("set", "quota.plan", "enterprise"), "must be one of", 1),
        (("set", "quota.plan"), "Missing argument", 2),
        (("show", "quota.pln"), "`watchkeeper config show` lists them all", 1),
        (("frobnicate",), "No such command", 2),
    ],
)
def test_wrong_words_are_a_sentence(scene: Scene, words: tuple[str, ...], said: str, code: int) -> None:
    """A mistake is explained in one line, and nothing is written."""
    ran = scene.run("config", *words)

    assert (code, "") == (ran.code, ran.out)
    assert said in ran.err
    assert 1 == ran.err.count("\n")
    assert not Path(scene.paths.config_file).exists()


def test_a_broken_file_is_a_sentence_with_its_line(scene: Scene) -> None:
    """Whoever edits by hand is told where the mistake is."""
    path = Path(scene.paths.config_file)
    path.parent.mkdir(parents=True)
    path.write_text("[quota]\nplan = 'enterprise'\n", encoding="utf-8")

    ran = scene.run("config", "show")

    assert (1, "") == (ran.code, ran.out)
    assert "line 2" in ran.err
