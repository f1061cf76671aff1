"""The name of this machine's time zone, such as Europe/Berlin."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from .availability import offset_s, zone_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UTC = "UTC"
_LINK, _FILE = "/etc/localtime", "/etc/timezone"
_FOLDER = "zoneinfo/"
_HALF_A_YEAR_S = 182 * 86_400.0


def local_zone_name(environ: Mapping[str, str], now: float) -> str:
    """Return the name of the zone whose clocks run as this machine's do; UTC where none is found, as on Windows."""
    for name in _named(environ):
        try:
            zone = zone_named(name)
        except (KeyError, ValueError, OSError):
            continue
        if zone is not None and all(
            offset_s(zone, at) == time.localtime(at).tm_gmtoff for at in (now, now + _HALF_A_YEAR_S)
        ):
            return name
    return UTC


def _named(environ: Mapping[str, str]) -> Iterator[str]:
    if "TZ" in environ:
        yield environ["TZ"].lstrip(":") or UTC
    target = os.path.realpath(_LINK)
    if _FOLDER in target:
        yield target.rpartition(_FOLDER)[2]
    try:
        with open(_FILE, encoding="ascii", errors="replace") as file:
            yield file.readline().strip()
    except OSError:
        return
