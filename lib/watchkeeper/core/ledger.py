"""The ledger of one configuration directory: its two files, opened when first needed."""

from __future__ import annotations

import os

from . import schema, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from types import TracebackType


class Ledger:
    """`usage` and `state` are connections to the two files; `notices` collects what the user must be told of them."""

    def __init__(self, folder: str, now: float) -> None:
        """Prepare the ledger in `folder`; nothing is opened or made yet."""
        self.folder = folder
        self.notices: list[str] = []
        self._now = now
        self._usage: sqlite3.Connection | None = None
        self._state: sqlite3.Connection | None = None

    @property
    def usage(self) -> sqlite3.Connection:
        """The file of what was used."""
        if self._usage is None:
            self._usage, notice = store.open_store(os.path.join(self.folder, "usage.db"), schema.USAGE, self._now)
            self._note(notice)
        return self._usage

    @property
    def state(self) -> sqlite3.Connection:
        """The file of what exists nowhere else."""
        if self._state is None:
            path = os.path.join(self.folder, "state.db")
            self._state, notice = store.open_store(path, schema.STATE, self._now, keeps_backups=True)
            self._note(notice)
        return self._state

    def close(self) -> None:
        """Close what was opened."""
        for db in (self._usage, self._state):
            if db is not None:
                db.close()
        self._usage = self._state = None

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _note(self, notice: str) -> None:
        if notice:
            self.notices.append(notice)


class Transaction:
    """A transaction that writes: committed when its block ends, rolled back when it fails."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> sqlite3.Connection:
        store.begin(self._db)
        return self._db

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")
