"""The live view is drawn at each look, when asked, and when the size changes; a key ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.commands.scene import Scene, moderate
from tests.support.clock import SettableClock
from watchkeeper.live import loop


class Keyboard:
    """Stands in for the terminal's keys: each wait plays the next step, then `q` is pressed."""

    def __init__(self, clock: SettableClock, *steps: str | Callable[[], object]) -> None:
        self._clock = clock
        self._steps = list(steps)
        self.waited_s: list[float] = []

    def wait(self, seconds: float) -> str:
        self.waited_s.append(seconds)
        self._clock.advance(seconds)
        if not self._steps:
            return "q"
        step = self._steps.pop(0)
        if isinstance(step, str):
            return step
        step()
        return ""


class Paper:
    """Stands in for the screen."""

    def __init__(self) -> None:
        self.pages: list[str] = []
        self.columns_and_lines = (80, 24)

    def size(self) -> tuple[int, int]:
        return self.columns_and_lines

    def draw(self, text: str) -> None:
        self.pages.append(text)

    def widen(self) -> None:
        self.columns_and_lines = (100, 24)


def test_a_key_ends_it(scene: Scene, clock: SettableClock) -> None:
    """q ends the live view after one page."""
    moderate(scene)
    paper = Paper()

    loop.on_screen(scene.app(), None, 5.0, paper, Keyboard(clock))

    assert 1 == len(paper.pages)
    assert "42%" in paper.pages[0]


def test_it_looks_again_at_each_interval(scene: Scene, clock: SettableClock) -> None:
    """After an interval the page is drawn anew, with what has happened meanwhile."""
    moderate(scene)
    paper = Paper()
    steps: list[str | Callable[[], object]] = [lambda: scene.report(43.4, 165, 0), "", "", ""]

    loop.on_screen(scene.app(), None, 2.0, paper, Keyboard(clock, *steps))

    assert ["42%", "43%"] == [page.split("%")[0].split()[-1] + "%" for page in paper.pages]
    assert "12:00:02" in paper.pages[1]


def test_a_key_looks_again_at_once(scene: Scene, clock: SettableClock) -> None:
    """r does not wait for the interval."""
    moderate(scene)
    paper = Paper()

    loop.on_screen(scene.app(), None, 3_600.0, paper, Keyboard(clock, "r"))

    assert 2 == len(paper.pages)


def test_a_new_size_is_drawn_at_once(scene: Scene, clock: SettableClock) -> None:
    """Whoever makes the window wider sees it within half a second."""
    moderate(scene)
    paper = Paper()
    keyboard = Keyboard(clock, paper.widen)

    loop.on_screen(scene.app(), None, 3_600.0, paper, keyboard)

    assert [80, 100] == [len(page.splitlines()[0]) for page in paper.pages]
    assert 0.5 == max(keyboard.waited_s)


def test_lines_come_only_with_changes(scene: Scene, clock: SettableClock) -> None:
    """Where nobody watches, a line is written for the first look and for each change."""
    moderate(scene)
    written: list[dict[str, Any]] = []
    steps: list[str | Callable[[], object]] = ["", "", lambda: scene.report(60.0, 165, 0), ""]

    loop.as_lines(scene.app(), None, 5.0, Keyboard(clock, *steps), written.append)

    assert ["good", "moderate"] == [view["quota"]["level"] for view in written]


def test_settings_that_change_apply(scene: Scene, clock: SettableClock) -> None:
    """The live view follows the settings."""
    moderate(scene)
    written: list[dict[str, Any]] = []
    steps: list[str | Callable[[], object]] = [lambda: scene.settings(quota={"levels": {"danger": 40}})]

    loop.as_lines(scene.app(), None, 5.0, Keyboard(clock, *steps), written.append)

    assert ["good", "danger"] == [view["quota"]["level"] for view in written]
