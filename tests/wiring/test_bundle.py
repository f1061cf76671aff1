from __future__ import annotations

from pathlib import Path

import pytest

from tests.wiring.machine import BUNDLE, Machine, compile_below
from watchkeeper.errors import UserError
from watchkeeper.wiring import bundle


def test_contents(machine: Machine) -> None:
    """The bundle is what is installed: no caches, no editor's copies, nothing beside the known folders."""
    compile_below(machine.checkout / "lib", machine.cache_tag)
    machine.put(
        {
            "tests/test_x.py": "",
            "lib/.mypy_cache/x.json": "",
            "lib/watchkeeper/.DS_Store": "",
            "hooks/stop.py~": "",
            "lib/watchkeeper.egg-info/PKG-INFO": "",
            "NOTES.md": "",
        }
    )

    assert {name: text.encode() for name, text in BUNDLE.items()} == bundle.contents(machine.checkout)


@pytest.mark.parametrize("name", bundle.REQUIRED)
def test_incomplete(machine: Machine, name: str) -> None:
    """A copy without a file that everything needs is refused by its name."""
    (machine.checkout / name).unlink()

    with pytest.raises(UserError, match=f"incomplete \\({name} is missing\\)"):
        bundle.contents(machine.checkout)


def test_differences(tmp_path: Path) -> None:
    """What is missing or different has to be written; what has no source any more has to go."""
    wanted = {"lib/a.py": b"a", "lib/b.py": b"b", "README.md": b"c"}
    present = {"lib/a.py": b"a", "lib/b.py": b"old", "lib/gone.py": b"", "x/y.txt": b""}
    for name, content in present.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    compile_below(tmp_path / "lib", "cpython-311")

    found = bundle.differences(wanted, tmp_path)

    assert {"lib/b.py": b"b", "README.md": b"c"} == found.to_write
    assert ["lib/__pycache__/gone.cpython-311.pyc", "lib/gone.py", "x/y.txt"] == found.to_remove


def test_caches_live_as_long_as_what_they_are_made_from(tmp_path: Path) -> None:
    """Compiled templates stay beside their folder's templates, and go with the last of them."""
    for name in ("templates", "gone"):
        (tmp_path / name / "__pycache__").mkdir(parents=True)
        (tmp_path / name / "__pycache__" / "0a1b.jinja").touch()
    (tmp_path / "templates" / "a.j2").touch()

    assert ["gone/__pycache__/0a1b.jinja"] == bundle.differences({"templates/a.j2": b""}, tmp_path).to_remove


def test_nothing_installed_yet(tmp_path: Path) -> None:
    """Where nothing is, everything has to be written."""
    assert ({"a": b""}, []) == bundle.differences({"a": b""}, tmp_path / "app")


def test_uncompiled(machine: Machine) -> None:
    """A module without a compiled file for this Python is noticed."""
    contents = bundle.contents(machine.checkout)
    assert bundle.uncompiled(contents, machine.checkout, machine.cache_tag)

    compile_below(machine.checkout / "lib", machine.cache_tag)

    assert not bundle.uncompiled(contents, machine.checkout, machine.cache_tag)
    assert bundle.uncompiled(contents, machine.checkout, "cpython-399")
