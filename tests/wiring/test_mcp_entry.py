"""The MCP server is there when it was asked for, and goes again; a server of the user's own is left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.wiring.machine import Machine
from watchkeeper.errors import UserError
from watchkeeper.wiring import files, mcp_entry
from watchkeeper.wiring.environment import MARKER

FOREIGN = {"type": "http", "url": "http://127.0.0.1:1/"}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Nothing is installed."""
    return Machine(tmp_path)


def locked(machine: Machine) -> str:
    """Which requirements the environment was made of."""
    made: str = json.loads((machine.place.environment / MARKER).read_text(encoding="utf-8"))["lock_sha256"]
    names = ("requirements.lock", "requirements-mcp.lock")
    return next(name for name in names if files.sha256((machine.checkout / name).read_bytes()) == made)


def test_it_is_off_by_default(machine: Machine) -> None:
    """Nobody pays for tools that nobody asked for."""
    machine.install()

    assert ({}, "requirements.lock") == (machine.servers(), locked(machine))


def test_it_is_put_in_once(machine: Machine) -> None:
    """The client is given the installed command; a second run, and an update, change nothing."""
    assert machine.install(mcp=True)

    server = machine.servers()["watchkeeper"]
    assert (str(machine.place.python), "requirements-mcp.lock") == (server["command"], locked(machine))
    assert [str(machine.place.entry), "mcp"] == server["args"][3:5]
    assert not machine.install(mcp=True)
    assert not machine.install()


def test_it_is_taken_out_again(machine: Machine) -> None:
    """With --no-mcp, and by an uninstall, the entry goes, and so do the packages."""
    machine.install(mcp=True)
    machine.install(mcp=False)
    assert ({}, "requirements.lock") == (machine.servers(), locked(machine))

    machine.install(mcp=True)
    machine.uninstall()
    assert {} == machine.servers()


def test_another_directory_is_named(tmp_path: Path) -> None:
    """A server of another configuration directory reads that one's figures."""
    machine = Machine(tmp_path, tmp_path / "elsewhere")
    machine.install(mcp=True)

    assert ["--config-dir", str(machine.config)] == machine.servers()["watchkeeper"]["args"][-2:]


def test_a_server_of_the_users_own_is_left(machine: Machine) -> None:
    """Of the same name, put in before ours or in its place: it stays, and that is said."""
    machine.config.mkdir(parents=True)
    machine.client_state.write_text(json.dumps({"mcpServers": {"watchkeeper": FOREIGN}}), encoding="utf-8")
    machine.install(mcp=True)
    assert {"watchkeeper": FOREIGN} == machine.servers()
    assert any("of your own: it is left" in sentence for sentence in machine.said)

    machine.uninstall()
    assert {"watchkeeper": FOREIGN} == machine.servers()


def test_a_registration_that_fails_is_made_up_for(machine: Machine) -> None:
    """It is said, and the next run registers it."""
    machine.fails = lambda words: "disk full" if words[1:3] == ["mcp", "add-json"] else None
    with pytest.raises(UserError, match="disk full"):
        machine.install(mcp=True)

    machine.fails = lambda _: None
    assert machine.install(mcp=True)
    assert "watchkeeper" in machine.servers()


def test_a_removal_that_fails_says_how(machine: Machine) -> None:
    """What the client does not take out is named with the command that does."""
    machine.install(mcp=True)
    machine.fails = lambda words: "busy" if words[1:3] == ["mcp", "remove"] else None
    machine.uninstall()

    assert any("claude mcp remove --scope user watchkeeper" in sentence for sentence in machine.said)


def test_without_a_client(machine: Machine) -> None:
    """The command that registers it is told; a removal says what stays."""
    (machine.programs / "claude").unlink()
    machine.install(mcp=True)

    assert any("claude mcp add-json --scope user watchkeeper" in sentence for sentence in machine.said)
    machine.client_state.write_text(
        json.dumps({"mcpServers": {"watchkeeper": json.loads(mcp_entry.definition(machine.place))}}), encoding="utf-8"
    )
    machine.uninstall()
    assert any("stays registered" in sentence for sentence in machine.said)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"mcpServers": 1}', b'{"mcpServers": {"watchkeeper": 1}}'])
def test_a_damaged_state_file_holds_none(tmp_path: Path, content: bytes) -> None:
    """What cannot be read is no server."""
    (tmp_path / "x").write_bytes(content)

    assert mcp_entry.registered(str(tmp_path / "x")) is None
