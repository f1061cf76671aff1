"""Draws the plugin's icon, a dial that is two thirds gone: `python -m tests.support.icon` writes it anew."""

from __future__ import annotations

import math
import struct
import zlib

from .tree import TREE

SIZE_PX = 512
PLACE = TREE / ".claude-plugin" / "icon.png"

_NIGHT, _GROOVE, _LAMP = (24, 32, 48), (52, 64, 86), (255, 184, 76)
_CORNER_PX, _RING_PX, _HALF_WIDTH_PX, _HUB_PX = 96.0, 150.0, 26.0, 44.0
_USED = 2 / 3

Colour = tuple[float, float, float]


def png() -> bytes:
    """Return the icon as a PNG file of SIZE_PX by SIZE_PX, with transparent corners."""
    rows = b"".join(b"\0" + _row(y) for y in range(SIZE_PX))
    head = struct.pack(">IIBBBBB", SIZE_PX, SIZE_PX, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")


def pixels(file: bytes) -> bytes:
    """Return the rows of a PNG file that this module has drawn, however it is compressed."""
    length = struct.unpack(">I", file[33:37])[0]
    return zlib.decompress(file[41 : 41 + length])


def _row(y: int) -> bytes:
    return b"".join(_pixel(x + 0.5 - SIZE_PX / 2, y + 0.5 - SIZE_PX / 2) for x in range(SIZE_PX))


def _pixel(x: float, y: float) -> bytes:
    """The colour at a point, measured from the middle."""
    ring = _inside(abs(math.hypot(x, y) - _RING_PX) - _HALF_WIDTH_PX)
    # Clockwise from the top, 0 to 1.
    turn = math.atan2(x, -y) / math.tau % 1.0
    lit = _inside((turn - _USED) * math.tau * _RING_PX) if turn < 0.9 else 0.0
    colour = _mixed(_NIGHT, _mixed(_GROOVE, _LAMP, lit), ring)
    colour = _mixed(colour, _LAMP, _inside(math.hypot(x, y) - _HUB_PX))
    edge = SIZE_PX / 2 - _CORNER_PX
    outside = math.hypot(max(abs(x) - edge, 0.0), max(abs(y) - edge, 0.0)) - _CORNER_PX
    return bytes([*(round(part) for part in colour), round(255 * _inside(outside))])


def _inside(distance_px: float) -> float:
    """How much of a pixel lies inside an edge, 0 to 1."""
    return min(1.0, max(0.0, 0.5 - distance_px))


def _mixed(below: Colour, above: Colour, share: float) -> Colour:
    first, second, third = ((1 - share) * low + share * high for low, high in zip(below, above, strict=True))
    return first, second, third


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    PLACE.write_bytes(png())
