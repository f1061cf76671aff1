from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.wiring import receipt

RECEIPT = receipt.Receipt(
    version="0.1.0",
    files={"install.py": "aa"},
    commands={"session-status": "bb"},
    interpreter="/usr/bin/python3",
    hook_form="exec",
    client_version="2.1.329",
    status_line="ours",
    passthrough="echo mine",
    commands_left=("context-status",),
    made_folders=(".", "commands"),
    settings=receipt.SettingsRecord("{}\r\n\ufeff", "cc", ("hooks", "hooks.Stop"), ("statusLine",), '"a\\u0062"'),
)


def test_it_is_read_as_written(tmp_path: Path) -> None:
    """Everything in a receipt comes back, the bytes of the settings included."""
    path = tmp_path / "receipt.json"
    path.write_bytes(RECEIPT.encoded())

    assert RECEIPT == receipt.read(path)


def test_no_receipt(tmp_path: Path) -> None:
    """Where there is none, none is read."""
    assert receipt.read(tmp_path / "receipt.json") is None


def stored(**changes: Any) -> bytes:
    return json.dumps({**json.loads(RECEIPT.encoded()), **changes}).encode()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff", id="not text"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="nothing in it"),
        pytest.param(stored(schema=2), id="of a newer version"),
        pytest.param(stored(settings=None), id="no settings"),
        pytest.param(stored(files={"a": 1}), id="hash a number"),
        pytest.param(stored(commands=[]), id="commands a list"),
        pytest.param(stored(made_folders="x"), id="folders a text"),
        pytest.param(b"[" * 100_000, id="nested too deeply"),
    ],
)
def test_a_receipt_that_cannot_be_trusted_is_none(tmp_path: Path, content: bytes) -> None:
    """A damaged or foreign receipt counts as none at all."""
    path = tmp_path / "receipt.json"
    path.write_bytes(content)

    assert receipt.read(path) is None


def test_command_names_lead_nowhere_else(tmp_path: Path) -> None:
    """A name with which a path could be made is not taken from a receipt."""
    path = tmp_path / "receipt.json"
    path.write_bytes(stored(commands={"../../x": "a", "/etc/x": "b", "session-status": "c"}))

    found = receipt.read(path)

    assert found is not None
    assert {"session-status": "c"} == found.commands
