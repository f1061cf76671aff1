"""The source tree as data: which files there are, and what each imports and calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .guards import ROOT

TREE = Path(ROOT)
LIBRARY = TREE / "lib" / "watchkeeper"
PACKAGE = "watchkeeper"


class Import(NamedTuple):
    """One imported module by its absolute dotted name (of `from a import b` it is a.b), and where."""

    module: str
    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path.relative_to(TREE).as_posix()}:{self.line} imports {self.module}"


def python_files(*folders: str) -> list[Path]:
    """The Python files at and below these folders (or files) of the tree; those that do not exist have none."""
    found: list[Path] = []
    for folder in folders:
        place = TREE / folder
        found += [place] if place.is_file() else sorted(place.rglob("*.py"))
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(TREE).parts)]


def room_of(path: Path) -> str:
    """The room of the library a file is in: the first name below lib/watchkeeper, with no suffix."""
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[Import]:
    """Everything a file imports, at its top, inside functions and for type checkers alike."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, path, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = _base(path, node)
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", path, node.lineno)


def rooms_imported(path: Path) -> Iterator[tuple[str, Import]]:
    """The library's rooms that a file imports from, itself excepted."""
    for each in imports(path):
        parts = each.module.split(".")
        if parts[0] == PACKAGE and len(parts) > 1 and _is_room(parts[1]):
            yield parts[1], each


def uses(path: Path) -> Iterator[tuple[str, int]]:
    """The dotted names a file uses (`time.time`, `os.environ`, also after `from time import time`) and their lines."""
    names: dict[str, str] = {}
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                names |= {alias.asname: alias.name} if alias.asname else {first: first}
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield f"{node.module}.{alias.name}", node.lineno
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Attribute):
            first, _, rest = ast.unparse(node).partition(".")
            if first in names:
                yield f"{names[first]}.{rest}", node.lineno


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _base(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = [PACKAGE, *path.relative_to(LIBRARY).parts][: -node.level]
    return ".".join([*package, *filter(None, [node.module])])


def _is_room(name: str) -> bool:
    return (LIBRARY / name).is_dir() or (LIBRARY / f"{name}.py").is_file()
