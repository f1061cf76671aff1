"""Worker processes that read transcripts. Slow to import, so imported only where there is much to read."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import threading
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from typing import TYPE_CHECKING

from .scan import CHUNK_BYTES, read_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .batches import Batch
    from .scan import Reading


def read_in_parallel(parts: Sequence[Batch], workers: int, tool_uses_since_at: float) -> Iterator[Reading]:
    """Yield what each part said, in order; fewer than there are parts where processes cannot be had or were ended."""
    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context(start_method()), _prepare) as pool:
            yield from pool.map(read_all, parts, [tool_uses_since_at] * len(parts))
    except (BrokenExecutor, ImportError, OSError):
        return


def start_method() -> str:
    # Forking is the fast way, and safe while no other thread can hold a lock.
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def _prepare() -> None:
    # Ctrl-C is for the caller, who ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    # Once a large block was freed, glibc keeps memory of that size instead of asking for each chunk anew.
    bytearray(4 * CHUNK_BYTES)
