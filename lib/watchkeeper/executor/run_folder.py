"""The folder of a run: its checkpoint, always whole; its log; its report. One process works in it at a time."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from watchkeeper.adapters import files
from watchkeeper.errors import UserError

from . import run_record

if TYPE_CHECKING:
    from .run_record import RunRecord, Snapshot

CHECKPOINT, LOG, REPORT, OUTPUT = "checkpoint.json", "session-log.jsonl", "report.md", "output"
_LOCK = ".lock"
_RUN_ID = re.compile(r"run-[0-9]{8}-[0-9]{6}(?:-[0-9]{1,3})?")


class RunFolder:
    """One folder, held by one process while it is used as a context manager."""

    def __init__(self, path: str) -> None:
        """Take the folder at `path`; it is made when it is held."""
        self.path = path
        self._lock = FileLock(os.path.join(path, _LOCK), timeout=0, mode=0o600)

    def __enter__(self) -> RunFolder:
        """Hold it. Raise UserError when another run does."""
        # One by one: what is made on the way to a folder does not take its mode.
        for folder in (os.path.dirname(self.path), self.path, os.path.join(self.path, OUTPUT)):
            os.makedirs(folder or ".", mode=0o700, exist_ok=True)
        try:
            self._lock.acquire()
        except Timeout:
            raise UserError(f"Another run is at work in {self.path}: wait for its end, or choose another.") from None
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    @property
    def checkpoint_path(self) -> str:
        """Where the checkpoint is."""
        return os.path.join(self.path, CHECKPOINT)

    @property
    def report_path(self) -> str:
        """Where the report is."""
        return os.path.join(self.path, REPORT)

    def output_path(self, task_id: str) -> str:
        """Return where a task's output is kept."""
        return os.path.join(self.path, OUTPUT, f"{task_id}.log")

    def save(self, record: RunRecord, snapshot: Snapshot, now: float) -> None:
        """Write the checkpoint in one step; raise OSError when that is not possible."""
        text = json.dumps(run_record.to_checkpoint(record, snapshot, now), indent=2, ensure_ascii=False)
        files.write(self.checkpoint_path, (text + "\n").encode("utf-8", "replace"))

    def load(self) -> RunRecord:
        """Return the run of the checkpoint. Raise UserError when there is none that can be read."""
        try:
            with open(self.checkpoint_path, encoding="utf-8") as file:
                data: Any = json.load(file)
        except FileNotFoundError:
            raise UserError(f"There is no checkpoint in {self.path}: name the task list to run.") from None
        except (OSError, ValueError, RecursionError) as error:
            raise UserError(f"The checkpoint {self.checkpoint_path} cannot be read ({error}): start anew.") from error
        return run_record.from_checkpoint(data, self.checkpoint_path)

    def log(self, line: dict[str, Any]) -> None:
        """Add a line to the log."""
        text = json.dumps(line, ensure_ascii=False) + "\n"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        with open(os.open(os.path.join(self.path, LOG), flags, 0o600), "ab") as file:
            file.write(text.encode("utf-8", "replace"))

    def write_report(self, text: str) -> None:
        """Write the report in one step."""
        files.write(self.report_path, text.encode("utf-8", "replace"))


def new_folder(runs: str, now: float) -> str:
    """Return the path of a folder for a run that begins at `now`, below `runs`; nothing is there yet."""
    import time

    base = time.strftime("run-%Y%m%d-%H%M%S", time.localtime(now))
    number, name = 1, base
    while os.path.lexists(os.path.join(runs, name)):
        number += 1
        name = f"{base}-{number}"
    return os.path.join(runs, name)


def latest_unfinished(runs: str) -> str | None:
    """Return the folder below `runs` of the run that was begun last and is not over, or None."""
    try:
        names = sorted((name for name in os.listdir(runs) if _RUN_ID.fullmatch(name)), reverse=True)
    except OSError:
        return None
    paths = (os.path.join(runs, name) for name in names)
    return next((path for path in paths if is_unfinished(path)), None)


def is_unfinished(path: str) -> bool:
    """Return whether the folder holds a run that can be continued."""
    try:
        return not RunFolder(path).load().is_over
    except UserError:
        return False
