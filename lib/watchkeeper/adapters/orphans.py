"""Processes that are orphaned to this one: on Linux a process can be given whatever its children leave behind.

A program that forks twice, with an environment and a session of its own, is nobody's any more: it has neither the mark
nor the session of who started it, and becomes a child of the system's first process. Where this process has asked for
it (`prctl(2)`, PR_SET_CHILD_SUBREAPER) such a program becomes its child instead, which proves where it comes from.
"""

from __future__ import annotations

import contextlib
import os
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING

from . import processes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from .processes import Identity

_SET_CHILD_SUBREAPER = 36
_is_adopting: ContextVar[bool] = ContextVar("is_adopting", default=False)


@contextlib.contextmanager
def adopting() -> Iterator[None]:
    """Be the parent of what children leave behind meanwhile, where the system can do that.

    Only for a process that starts one child after the other and nothing else, which would be taken for theirs.
    """
    if _is_adopting.get():
        yield
        return
    before = _is_adopting.set(_ask_for(is_on=True))
    try:
        yield
    finally:
        _ask_for(is_on=False)
        _is_adopting.reset(before)


def own_children() -> frozenset[int] | None:
    """Return the process ids of this process's children, ended ones too; None where that is not known.

    It is also None while this process does not adopt.
    """
    me = processes.own_identity() if _is_adopting.get() else None
    return None if me is None else processes.child_ids(me)


def adopted(known: Collection[int] | None) -> list[Identity]:
    """Return what has become this process's child beside those `known`, and what descends from that, as far as it runs.

    It is nothing where `known` is not known. An id is not used again before this process has asked how the child ended.
    """
    found: dict[int, Identity] = {}
    for pid in _new_children(known):
        child = processes.identify(pid)
        if child is not None:
            found |= {each.pid: each for each in processes.descendants(child._replace(executable=""))}
    return list(found.values())


def collect(known: Collection[int] | None) -> None:
    """Let go of the adopted ones that have ended: each stays in the system's table until its parent asks how."""
    if sys.platform == "win32":
        return
    for pid in _new_children(known):
        with contextlib.suppress(OSError):
            os.waitpid(pid, os.WNOHANG)


def _new_children(known: Collection[int] | None) -> frozenset[int]:
    now = None if known is None else own_children()
    return frozenset() if now is None or known is None else now.difference(known)


def _ask_for(is_on: bool) -> bool:
    if sys.platform != "linux":
        return False
    import ctypes

    try:
        # A variadic function: without its type each number is passed as half of what is read.
        numbers = [ctypes.c_ulong(number) for number in (int(is_on), 0, 0, 0)]
        return bool(ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, *numbers) == 0)
    except (OSError, AttributeError):
        return False
