"""Looking again and again: at the ledger's figures, at the size of the screen, for a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from watchkeeper.catchup import catch_up
from watchkeeper.core import clock, settings

from .view import figures, live_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from watchkeeper.app import App

ENDS, LOOKS_AGAIN = ("q", "Q", "\x1b"), ("r", "R", " ")
# How soon a changed size of the terminal is seen.
_SLICE_S = 0.5


class Surface(Protocol):
    """What the live view is drawn on; see screen.Screen."""

    def size(self) -> tuple[int, int]:
        """Return its columns and lines."""

    def draw(self, text: str) -> None:
        """Show a page."""


class Keyboard(Protocol):
    """What is pressed; see keys.Keys."""

    def wait(self, seconds: float) -> str:
        """Return the key that is pressed within so many seconds, else an empty text."""


def look(app: App, session: str | None) -> dict[str, Any]:
    """Return the live view as it is now; settings that were changed meanwhile apply."""
    app.now = clock.now()
    app.settings = settings.load(app.paths)
    catch_up(app)
    return live_view(app, session)


def on_screen(app: App, session: str | None, interval_s: float, screen: Surface, keys: Keyboard) -> None:
    """Draw the live view every `interval_s`, when a key asks for it and when the size changes, until a key ends it."""
    from watchkeeper.render import engine

    while True:
        view = look(app, session)
        left_s = interval_s
        drawn = (0, 0)
        while left_s > 0:
            size = screen.size()
            if size != drawn:
                columns, lines = size
                text = engine.render("watch", {**view, "lines": lines}, app.pen, max(20, columns), app.now)
                screen.draw(text)
                drawn = size
            key = keys.wait(min(_SLICE_S, left_s))
            if key in ENDS:
                return
            if key in LOOKS_AGAIN:
                break
            left_s -= _SLICE_S


def as_lines(
    app: App, session: str | None, interval_s: float, keys: Keyboard, write: Callable[[dict[str, Any]], None]
) -> None:
    """Tell `write` the live view whenever it has changed, until the process is ended."""
    before: tuple[object, ...] | None = None
    while True:
        view = look(app, session)
        if figures(view) != before:
            before = figures(view)
            write(view)
        if keys.wait(interval_s) in ENDS:
            return
