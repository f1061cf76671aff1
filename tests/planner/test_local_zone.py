"""The machine's time zone has a name wherever the system tells one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.clock import NOON
from watchkeeper.planner import local_zone
from watchkeeper.planner.local_zone import local_zone_name


@pytest.mark.parametrize(
    ("variable", "expected"),
    [("Europe/Berlin", "Europe/Berlin"), (":America/New_York", "America/New_York"), ("", "UTC")],
)
def test_the_variable(variable: str, expected: str, time_zone: Callable[[str], None]) -> None:
    """The variable TZ names the zone; an empty one means UTC."""
    time_zone(variable)

    assert expected == local_zone_name({"TZ": variable}, NOON)


def test_the_link_of_the_system(
    time_zone: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it the name follows from where the system's link points to."""
    time_zone("Asia/Kathmandu")
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Asia/Kathmandu")
    monkeypatch.setattr(local_zone, "_LINK", str(link))

    assert "Asia/Kathmandu" == local_zone_name({}, NOON)


@pytest.mark.parametrize("variable", ["CET-1CEST,M3.5.0,M10.5.0/3", "Nowhere/Land", "../../etc/passwd", "Asia/Tokyo"])
def test_what_is_no_name(variable: str, time_zone: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules without a name, an unknown one, and one whose clocks differ from this machine's give UTC."""
    time_zone("Pacific/Chatham")
    monkeypatch.setattr(local_zone, "_LINK", "/nowhere")
    monkeypatch.setattr(local_zone, "_FILE", "/nowhere")

    assert "UTC" == local_zone_name({"TZ": variable}, NOON)
