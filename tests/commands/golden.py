"""Pages compared with what they looked like when somebody last looked at them.

WATCHKEEPER_TEST_UPDATE=1 writes the files in tests/golden anew; look at the difference before you keep it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from watchkeeper.render.columns import unpainted, width_of

FOLDER = Path(__file__).parents[1] / "golden"
WIDTHS = (80, 120)
_ESCAPE_SHOWN = "␛"


def assert_golden(name: str, draw: Callable[[int, bool], str]) -> None:
    """Compare a page, drawn at both widths with and without colour, with the file of that name."""
    pages = {(columns, colour): draw(columns, colour) for columns in WIDTHS for colour in (False, True)}
    for (columns, colour), page in pages.items():
        assert all(width_of(line) <= columns for line in page.splitlines()), f"wider than {columns} columns"
        assert all(unpainted(line).isprintable() for line in page.splitlines())
        assert colour or "\x1b" not in page
    for columns in WIDTHS:
        assert pages[columns, False] == unpainted(pages[columns, True]), "colour changes the words"
    path = FOLDER / f"{name}.txt"
    drawn = "\n".join(
        f"=== {columns} columns{', colour' if colour else ''}\n{page.rstrip()}\n"
        for (columns, colour), page in pages.items()
    ).replace("\x1b", _ESCAPE_SHOWN)
    if os.environ.get("WATCHKEEPER_TEST_UPDATE"):
        path.write_text(drawn, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == drawn
