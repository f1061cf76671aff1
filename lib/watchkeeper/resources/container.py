"""How much memory a Linux container may use: what the kernel tells of its control group, version 1 or 2."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    # Returns a file's text, None where there is none.
    Reader = Callable[[str], str | None]

_ROOT = "/sys/fs/cgroup"
# Without a limit version 1 states a number near the largest there is.
_NO_LIMIT_BYTES = 1 << 60
_MOST_DIGITS = 20


class MemoryLimit(NamedTuple):
    """What may be used and what is used of it, caches that the kernel can drop not counted."""

    limit_bytes: int
    used_bytes: int


def memory_limit(read: Reader | None = None) -> MemoryLimit | None:
    """Return the limit that leaves least memory of all that apply to this process, None where there is none."""
    read = read or _text
    groups = read("/proc/self/cgroup")
    if groups is None:
        return None
    found: list[MemoryLimit] = []
    for line in groups.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if number == "0" and not controllers:
            found += _limits(read, _ROOT, group, "memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            found += _limits(read, f"{_ROOT}/memory", group, *names)
    return min(found, key=lambda each: each.limit_bytes - each.used_bytes, default=None)


def _limits(read: Reader, root: str, group: str, limit: str, usage: str, cache: str) -> list[MemoryLimit]:
    """The limits of a group and of those that hold it, as far as they can be seen from inside."""
    found = []
    folder = posixpath.normpath(f"{root}/{group.lstrip('/')}")
    while folder.startswith(root):
        limit_bytes = _number(read(f"{folder}/{limit}"))
        if limit_bytes is not None and 0 < limit_bytes < _NO_LIMIT_BYTES:
            used_bytes = _number(read(f"{folder}/{usage}")) or 0
            found.append(MemoryLimit(limit_bytes, max(0, used_bytes - _cached(read(f"{folder}/memory.stat"), cache))))
        folder = posixpath.dirname(folder)
    return found


def _cached(statistics: str | None, name: str) -> int:
    for line in (statistics or "").splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return _number(value) or 0
    return 0


def _number(text: str | None) -> int | None:
    stripped = (text or "").strip()
    return int(stripped) if stripped.isascii() and stripped.isdigit() and len(stripped) <= _MOST_DIGITS else None


def _text(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1 << 20)
    except OSError:
        return None
