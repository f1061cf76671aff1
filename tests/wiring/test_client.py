from __future__ import annotations

from pathlib import Path

import pytest

from tests.wiring.machine import Machine, write_program
from watchkeeper.errors import UserError
from watchkeeper.wiring import client


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.1.329 (Claude Code)\n", (2, 1, 329)),
        ("update available\n2.1.139 (Claude Code)", (2, 1, 139)),
        ("claude native binary not installed", None),
        ("", None),
    ],
)
def test_version_is_read(text: str, version: client.Version | None) -> None:
    """The version is the first one in what `claude --version` prints."""
    assert version == client.parsed(text)


@pytest.mark.parametrize(
    ("version", "is_exec"),
    [((2, 1, 139), True), ((2, 1, 329), True), ((3, 0, 0), True), ((2, 1, 138), False), (None, False)],
)
def test_exec_form(version: client.Version | None, is_exec: bool) -> None:
    """Hooks are started without a shell from 2.1.139 on; an older or unknown client gets a command line."""
    assert is_exec == client.knows_exec_form(version)


@pytest.mark.parametrize("version", [(2, 1, 101), (2, 1, 329), None])
def test_supported(version: client.Version | None) -> None:
    """The oldest supported client, newer ones and unknown ones are served."""
    client.require_supported(version)


def test_too_old() -> None:
    """A client that would skip the whole settings file for an event it does not know is refused with what to do."""
    with pytest.raises(UserError, match=r"^Claude Code 2\.1\.100 is older than 2\.1\.101.*claude update"):
        client.require_supported((2, 1, 100))


def test_the_client_on_the_path_is_asked(machine: Machine) -> None:
    """The `claude` on the path says its version."""
    assert (2, 1, 329) == client.installed_version(machine.run, machine.environ)
    assert [[str(machine.programs / "claude"), "--version"]] == machine.ran


def test_no_client_or_a_broken_one_is_unknown(machine: Machine, tmp_path: Path) -> None:
    """Without an answer the version is unknown, which is not an error."""
    machine.fails = lambda _: "Error: 1.2.3 native binary not installed"

    assert client.installed_version(machine.run, machine.environ) is None
    assert client.installed_version(machine.run, {"PATH": str(tmp_path)}) is None
    assert client.installed_version(machine.run, {}) is None


def test_spelling() -> None:
    """A version reads as people write it."""
    assert ("2.1.139", "unknown") == (client.spelled((2, 1, 139)), client.spelled(None))


def test_programs_of_the_machine_are_pretended(machine: Machine) -> None:
    """The made-up machine starts nothing real."""
    write_program(machine.programs / "other")

    assert 127 == machine.run([str(machine.programs / "other")]).returncode
