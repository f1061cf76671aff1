"""Memory limits of Linux containers, as their kernels tell them."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.resources.container import MemoryLimit, memory_limit

GIB = 1 << 30
ROOT = "/sys/fs/cgroup"


def files(**texts: str) -> Callable[[str], str | None]:
    """A reader of these files; `__` stands for a slash, `cgroup` is this process's list of groups."""
    found = {f"{ROOT}/{name.replace('__', '/').replace('_dot_', '.')}": text for name, text in texts.items()}
    found["/proc/self/cgroup"] = texts["cgroup"]
    return found.get


def test_version_2() -> None:
    """The limit and the use of a container, caches that the kernel can drop not counted."""
    read = files(
        cgroup="0::/\n",
        memory_dot_max=f"{4 * GIB}\n",
        memory_dot_current=f"{3 * GIB}\n",
        memory_dot_stat=f"anon 5\ninactive_file {GIB}\n",
    )

    assert MemoryLimit(4 * GIB, 2 * GIB) == memory_limit(read)


def test_version_2_without_a_limit() -> None:
    """`max` is no limit."""
    assert memory_limit(files(cgroup="0::/user.slice\n", memory_dot_max="max\n")) is None


def test_limit_of_an_outer_group_counts() -> None:
    """Of nested groups the one that leaves least memory counts."""
    read = files(
        cgroup="0::/outer/inner\n",
        outer__memory_dot_max=f"{2 * GIB}",
        outer__memory_dot_current=f"{GIB}",
        outer__inner__memory_dot_max=f"{8 * GIB}",
        outer__inner__memory_dot_current=f"{GIB}",
    )

    assert MemoryLimit(2 * GIB, GIB) == memory_limit(read)


def test_version_1() -> None:
    """Version 1 has other names, and its hierarchy of memory alone matters."""
    read = files(
        cgroup="5:cpu:/docker/x\n4:memory:/docker/x\n0::/\n",
        memory__docker__x__memory_dot_limit_in_bytes=f"{GIB}\n",
        memory__docker__x__memory_dot_usage_in_bytes=f"{GIB // 2}\n",
        memory__docker__x__memory_dot_stat=f"inactive_file 5\ntotal_inactive_file {GIB // 4}\n",
    )

    assert MemoryLimit(GIB, GIB // 4) == memory_limit(read)


def test_version_1_seen_from_inside() -> None:
    """Inside a container its own group is at the root, whatever it is called outside."""
    read = files(
        cgroup="4:memory:/docker/x\n",
        memory__memory_dot_limit_in_bytes=f"{GIB}",
        memory__memory_dot_usage_in_bytes="5",
    )

    assert MemoryLimit(GIB, 5) == memory_limit(read)


def test_version_1_without_a_limit() -> None:
    """A number near the largest there is is no limit."""
    read = files(cgroup="4:memory:/\n", memory__memory_dot_limit_in_bytes="9223372036854771712\n")

    assert memory_limit(read) is None


def test_no_control_groups() -> None:
    """Where there is nothing to read there is no limit."""
    assert memory_limit(dict[str, str]().get) is None


@given(st.text(), st.text())
def test_odd_files_are_no_failure(groups: str, content: str) -> None:
    """Whatever the kernel tells, there is a limit or none."""
    found = memory_limit(lambda path: groups if path == "/proc/self/cgroup" else content)

    assert found is None or found.limit_bytes > 0


def test_group_outside_of_the_tree_ends() -> None:
    """A group's name with dots does not lead out of the tree."""
    asked: list[str] = []

    def read(path: str) -> str | None:
        asked.append(path)
        return "0::/../../../etc\n" if path == "/proc/self/cgroup" else None

    assert memory_limit(read) is None
    assert all(path.startswith((ROOT, "/proc/self/cgroup")) for path in asked)
