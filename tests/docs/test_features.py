"""The page of features claims nothing that is not there, and names a test for everything."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.docs.reading import rows
from tests.support.tree import TREE, syntax

PAGE = "docs/features.md"
_PROOF = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
_PROOFS = re.compile(rf"{_PROOF.pattern}(, {_PROOF.pattern})*")
ROWS = rows(PAGE)


@cache
def names_in(file: str) -> frozenset[str]:
    """The tests of a file below tests/, in classes too."""
    path = TREE / "tests" / file
    if not path.is_file():
        return frozenset()
    return frozenset(node.name for node in ast.walk(syntax(path)) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("heading", sorted({heading for heading, _ in ROWS}))
def test_every_feature_is_proved(heading: str) -> None:
    """Each row ends with tests that exist."""
    cells = [cells for each, cells in ROWS if each == heading]

    assert [] == [row[0] for row in cells if not _PROOFS.fullmatch(row[-1])]
    proofs = [match for row in cells for match in _PROOF.finditer(row[-1])]
    assert [] == [match[0] for match in proofs if match[2] not in names_in(match[1])]


def test_no_feature_is_claimed_twice() -> None:
    """A feature stands in one place."""
    features = [cells[0] for _, cells in ROWS]

    assert [] == sorted({each for each in features if features.count(each) > 1})
    assert len(features) > 150
