"""The machine as adapters see it."""

from __future__ import annotations

import os

import pytest

from watchkeeper.adapters.host import Host


def found(program: str, search_path: str | None) -> str | None:
    return f"{search_path}/{program}"


def missing(program: str, search_path: str | None) -> None:
    return None


def test_programs_are_looked_for_where_the_user_has_them() -> None:
    """The search path is the user's, which may not be this process's own."""
    assert "/opt/bin/tmux" == Host({"PATH": "/opt/bin"}, find=found).path_of("tmux")


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        (Host({}, "darwin", find=found), None),
        (Host({}, "darwin", find=missing), "it is not installed"),
        (Host({}, "linux", find=found), "this is not macOS"),
    ],
    ids=["there", "missing", "another system"],
)
def test_what_it_lacks_is_said(host: Host, reason: str | None) -> None:
    """The system comes first: what another one lacks is no advice."""
    assert reason == host.lacks("darwin", "osascript", "it is not installed")


@pytest.mark.parametrize(
    ("environ", "has"),
    [({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "wayland-0"}, True), ({"DISPLAY": ""}, False), ({}, False)],
    ids=["X", "Wayland", "empty", "none"],
)
def test_a_desktop_is_told_by_the_environment(environ: dict[str, str], has: bool) -> None:
    """Without one of the two variables no window opens."""
    assert has == Host(environ).has_desktop()


def test_a_path_below_home() -> None:
    """Without a home it is below the root, where nothing can be written: never below the current folder."""
    assert os.path.join("/home/ada", "a", "b") == Host({"HOME": "/home/ada"}).below_home("a", "b")
    assert os.path.isabs(Host({"HOME": ""}).below_home("a"))
