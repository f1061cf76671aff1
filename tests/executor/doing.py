"""Commands that tasks of a test do, what they leave behind, and how they ended."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from watchkeeper.executor.run import Wishes

QUICK = Wishes(look_s=0.02)
OK = (sys.executable, "-I", "-S", "-c", "")


def noting(folder: Path, word: str) -> tuple[str, ...]:
    """A command that writes a word into the diary of the project."""
    return (sys.executable, "-I", "-S", "-c", f"open({str(folder / 'diary')!r}, 'a').write({word + ' '!r})")


def diary(folder: Path) -> list[str]:
    path = folder / "diary"
    return path.read_text().split() if path.exists() else []


def states(results: list[dict[str, Any]]) -> dict[str, str]:
    return {each["task_id"]: each["state"] for each in results}
