"""What a full disk cut short is told from what is whole."""

from __future__ import annotations

import compileall
import sys
from pathlib import Path

import pytest

from watchkeeper.core import compiled_files

SOURCE = "WORDS = {'a': 1, 'b': 2}\n\n\ndef answer(of):\n    return [of, WORDS]\n"


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    """A compiled file, whole."""
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "module.py").write_text(SOURCE, encoding="utf-8")
    compileall.compile_dir(tmp_path, quiet=1)
    return tmp_path / "room" / "__pycache__" / f"module.{sys.implementation.cache_tag}.pyc"


def test_what_is_cut_short_anywhere_is_removed(compiled: Path, tmp_path: Path) -> None:
    """Wherever behind its header a compiled file ends, it is known for what it is and removed."""
    whole = compiled.read_bytes()
    for length in range(16, len(whole)):
        compiled.write_bytes(whole[:length])

        assert compiled_files.remove_cut_short([str(tmp_path / "none"), str(tmp_path)]), length
        assert not compiled.exists()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _: None, id="whole"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:16] + b"\xff" * 50), id="damaged in another way"),
        pytest.param(lambda path: path.rename(path.with_name("module.cpython-20.pyc")), id="another Python's"),
        pytest.param(lambda path: path.rename(path.with_name("module.bin")), id="another file"),
    ],
)
def test_everything_else_stays(compiled: Path, tmp_path: Path, change: object) -> None:
    """What is whole, or not known to be cut short, is left where it is."""
    assert callable(change)
    change(compiled)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    assert not compiled_files.remove_cut_short([str(tmp_path)])
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
