"""The commands that texts name are there: nobody is sent to one that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.guards import ROOT
from watchkeeper.cli import COMMANDS

_PLACES = (("lib", "*.py"), ("templates", "*.j2"), ("commands", "*.py"), ("commands", "*.md"))
_TYPED = re.compile(r"`watchkeeper ([a-z][a-z-]*)")
# Ours have a hyphen each, and paths are no commands.
_SLASHED = re.compile(r"(?<![\w/.~<}\]*-])/([a-z]+(?:-[a-z]+)+)(?![\w/.*-])")


def named(pattern: re.Pattern[str]) -> dict[str, str]:
    """What a pattern finds in the sources, each with a file that names it."""
    found: dict[str, str] = {}
    for folder, files in _PLACES:
        for path in sorted(Path(ROOT, folder).rglob(files)):
            found |= dict.fromkeys(pattern.findall(path.read_text(encoding="utf-8")), str(path.relative_to(ROOT)))
    return found


@pytest.mark.parametrize(
    ("pattern", "known"),
    [(_TYPED, set(COMMANDS)), (_SLASHED, {path.stem for path in Path(ROOT, "commands").glob("*.md")})],
    ids=["watchkeeper", "slash"],
)
def test_every_command_that_is_named_is_there(pattern: re.Pattern[str], known: set[str]) -> None:
    """What a page, a sentence or a docstring tells people to type can be typed."""
    found = named(pattern)

    assert {} == {name: place for name, place in found.items() if name not in known}
    assert len(found) > 5
