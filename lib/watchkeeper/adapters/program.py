"""What the operating system may be asked to run, now or later, in whatever port."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class UnfitProgram(Exception):
    """The system cannot keep such a program for later; the text says why, as the rest of a sentence."""


def check(
    who: str, argv: Sequence[str], environment: Mapping[str, str | None], folder: str = os.path.abspath(os.sep)
) -> None:
    """Raise ValueError for what no system may be given; `who` begins the sentence that says so.

    A program and its folder have absolute paths, a variable has a name, and no text holds a NUL.
    """
    if not argv or not os.path.isabs(argv[0]) or not os.path.isabs(folder):
        raise ValueError(f"{who} needs absolute paths, for its program and its folder")
    if not all(map(_VARIABLE.fullmatch, environment)):
        raise ValueError(f"{who} cannot have variables called {', '.join(environment)}")
    if any("\0" in text for text in (*argv, folder, *filter(None, environment.values()))):
        raise ValueError(f"{who} holds no NUL")


def plain_line(label: str) -> str:
    """Return what a person is shown as one line without anything that a shell, a terminal or a format could read."""
    return " ".join("".join(each if each.isalnum() or each in " .,:-" else " " for each in label).split())
