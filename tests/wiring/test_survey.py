from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.wiring.machine import Machine, write_program
from tests.wiring.test_installation import MINE
from watchkeeper.errors import UserError


def as_link(machine: Machine) -> None:
    target = machine.config.parent / "dotfiles.json"
    target.write_bytes(b"{}")
    machine.client_settings.unlink()
    machine.client_settings.symlink_to(target)


def as_folder(machine: Machine) -> None:
    machine.client_settings.unlink()
    machine.client_settings.mkdir()


REFUSALS: dict[str, tuple[Callable[[Machine], object], str]] = {
    "comments": (lambda m: m.write_settings('{"a": 1} // x'), "has comments"),
    "invalid": (lambda m: m.write_settings("{"), "is not valid JSON"),
    "other encoding": (lambda m: m.write_settings(b"\xff"), "is not UTF-8"),
    "hostile shape": (lambda m: m.write_settings({"hooks": {"Stop": "x"}}), "has hooks for Stop"),
    "status line": (lambda m: m.write_settings({"statusLine": []}), "has a statusLine"),
    "link": (as_link, "is a link"),
    "write-protected": (lambda m: m.client_settings.chmod(0o444), "is write-protected"),
    "a folder": (as_folder, "is not a regular file"),
    "state is a link": (
        lambda m: (m.config / "watchkeeper").symlink_to(m.config.parent),
        "watchkeeper is a link",
    ),
    "old client": (lambda m: setattr(m, "client_answer", "2.1.100"), "is older than"),
    "incomplete": (lambda m: (m.checkout / "hooks/status_line.py").unlink(), "is incomplete"),
    "no Python": (lambda m: setattr(m, "fails", lambda _: "broken"), "No Python 3.10"),
    "no ensurepip": (lambda m: setattr(m, "has_ensurepip", False), "sudo apt install python3-venv"),
}


@pytest.mark.skipif(os.name == "nt", reason="links and modes of POSIX")
@pytest.mark.parametrize(("prepare", "reason"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_touches_nothing(machine: Machine, prepare: Callable[[Machine], object], reason: str) -> None:
    """What cannot be done is refused in one sentence, before a single file is touched."""
    machine.write_settings(MINE)
    prepare(machine)
    before = machine.tree()

    with pytest.raises(UserError) as refused:
        machine.install()

    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)
    assert before == machine.tree()


def test_a_whole_environment_needs_no_ensurepip(machine: Machine) -> None:
    """Where the environment is whole, nothing is asked of the Python that could make another."""
    machine.install()
    machine.has_ensurepip = False

    assert not machine.install()


def test_uv_needs_no_ensurepip(machine: Machine) -> None:
    """Where uv makes the environment, a Debian without python3-venv will do."""
    machine.has_ensurepip = False
    write_program(machine.programs / "uv")

    assert machine.install()
