"""The ledger of one configuration directory: its two files, opened when first needed."""

from __future__ import annotations

import os

from . import schema, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from types import TracebackType

_NOTICES = "notices.txt"


class Ledger:
    """`usage` and `state` are connections to the two files."""

    def __init__(self, folder: str, now: float) -> None:
        """Prepare the ledger in `folder`; nothing is opened or made yet."""
        self.folder = folder
        self._now = now
        self._usage: sqlite3.Connection | None = None
        self._state: sqlite3.Connection | None = None

    @property
    def usage(self) -> sqlite3.Connection:
        """The file of what was used."""
        if self._usage is None:
            self._usage, notice = store.open_store(os.path.join(self.folder, "usage.db"), schema.USAGE, self._now)
            self.note(notice)
        return self._usage

    @property
    def state(self) -> sqlite3.Connection:
        """The file of what exists nowhere else."""
        if self._state is None:
            path = os.path.join(self.folder, "state.db")
            self._state, notice = store.open_store(path, schema.STATE, self._now, keeps_backups=True)
            self.note(notice)
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

    def recover(self) -> bool:
        """Set damaged files aside, after a statement found damage; False when both are whole."""
        self.close()
        is_found = False
        for name in ("usage.db", "state.db"):
            sentence = store.set_aside_if_damaged(os.path.join(self.folder, name), self._now)
            self.note(sentence)
            is_found = is_found or bool(sentence)
        return is_found

    def take_notices(self) -> list[str]:
        """Return what the user has not been told yet of files that were set aside; each is returned once."""
        path = os.path.join(self.folder, _NOTICES)
        taken = f"{path}.{os.getpid()}"
        try:
            os.rename(path, taken)
        except OSError:
            return []
        with open(taken, encoding="utf-8") as file:
            notices = file.read().splitlines()
        os.unlink(taken)
        return notices

    def note(self, notice: str) -> None:
        """Let a sentence wait for whoever can tell it to the user; an empty one is none.

        It waits in a file: a background job or a headless run has nobody to tell it to, and the ledger may be damaged.
        """
        if notice:
            with open(os.path.join(self.folder, _NOTICES), "a", encoding="utf-8") as file:
                file.write(notice + "\n")


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
