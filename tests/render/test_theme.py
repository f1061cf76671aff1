"""Plain text inside Claude Code has a colour that can be read on the user's theme."""

from __future__ import annotations

import json

import pytest

from tests.support.environment import User
from watchkeeper.core.paths import Paths, paths_in
from watchkeeper.render.theme import plain_ink

LIGHT_TEXT, DARK_TEXT, GREY = "\x1b[37m", "\x1b[30m", "\x1b[38;5;243m"


@pytest.fixture
def paths(home: User) -> Paths:
    return paths_in(str(home.config), home.environ)


@pytest.mark.parametrize(
    ("theme", "ink"),
    [
        ("dark", LIGHT_TEXT),
        ("dark-ansi", LIGHT_TEXT),
        ("light", DARK_TEXT),
        ("light-daltonized", DARK_TEXT),
        ("auto", GREY),
        ("custom:mine", GREY),
    ],
)
def test_text_contrasts_with_the_theme(home: User, paths: Paths, theme: str, ink: str) -> None:
    """A dark theme gets light text, a light one dark text, any other grey."""
    (home.config / "settings.json").write_text(json.dumps({"hooks": {}, "theme": theme}, indent=2), encoding="utf-8")

    assert ink == plain_ink(paths)


def test_settings_win_over_the_clients_state(home: User, paths: Paths) -> None:
    """The client moves the theme into the settings; before that it stands in its own state."""
    (home.config / ".claude.json").write_text('{"numStartups": 3, "theme":"light"}', encoding="utf-8")
    before = plain_ink(paths)
    (home.config / "settings.json").write_text('{"theme": "dark"}', encoding="utf-8")

    assert (DARK_TEXT, LIGHT_TEXT) == (before, plain_ink(paths))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b'{"theme": 3}', b'{"theme"', b'"theme":'])
def test_without_a_theme_it_is_the_dark_one(home: User, paths: Paths, content: bytes) -> None:
    """A file that names no theme leaves it at the dark one, with which the client begins."""
    (home.config / "settings.json").write_bytes(content)

    assert LIGHT_TEXT == plain_ink(paths)
