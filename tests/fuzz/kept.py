"""Readers of what Watchkeeper keeps itself, after a crash, a full disk or somebody's hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.fuzz.inputs import documents, json_texts
from tests.fuzz.reader import Reader
from tests.support.clock import NOON
from watchkeeper.automation import bookings, plan
from watchkeeper.core import paths as places
from watchkeeper.core import settings
from watchkeeper.errors import UserError
from watchkeeper.executor import run_record
from watchkeeper.executor.outcome import Outcome
from watchkeeper.executor.run_folder import RunFolder, is_unfinished
from watchkeeper.executor.task import Task
from watchkeeper.monitor import running, termination
from watchkeeper.monitor.workspace import REQUEST, RESULT, Workspace, kept, slug_of
from watchkeeper.wiring import receipt

SESSION = "95847ad0-d7c5-45bb-aa00-1664be934fc7"
COMPILED = {
    "quota": {"plan": "pro", "alerts": [50, 80]},
    "compiled_from": {"modified_ns": 1},
    "ledger_dir": "/var/tmp/watchkeeper-1",
}
SNAPSHOT = run_record.Snapshot(NOON, 10, 190_000, 5.0, 2.1, 78.5, "warm")
RECORD = run_record.RunRecord(
    "run-1",
    NOON,
    "tasks.toml",
    (Task(id="one", command=("true",)), Task(id="two", prompt="Do it", after=("one",), budget_usd=1.0)),
    {"one": Outcome("one", "done", "", 1, NOON + 1, 2.5, 900, 0.5, None, SESSION), "two": Outcome("two", "running")},
    900,
)
CHECKPOINT = run_record.to_checkpoint(RECORD, SNAPSHOT, NOON + 60)
REQUESTED = {
    "session_id": SESSION,
    "project": "/p",
    "reason": "token_limit_approaching",
    "continuation_command": ["claude", "--resume", SESSION],
    "priority": "graceful",
    "requested_at": NOON,
    "attempts": 1,
    "not_before_at": NOON,
}
SETTLED = {"outcome": "done", "detail": "", "at": NOON, "request": REQUESTED}
DAEMON = {
    "pid": 4321,
    "started_at": NOON,
    "executable": "/x",
    "booted_at": NOON - 9,
    "since_at": NOON,
    "watches": "polling",
}
RECEIPT = receipt.Receipt(
    version="0.1.0",
    files={"install.py": "aa"},
    commands={"session-status": "bb"},
    interpreter="/usr/bin/python3",
    hook_form="exec",
    client_version="2.1.329",
    settings=receipt.SettingsRecord(
        before="{}",
        after_sha256="cc",
        made=("hooks",),
        nulls=("statusLine",),
        status_line='"a"',
        members=(("env.X", "80"),),
    ),
)
BOOKING = {
    "headless": True,
    "agent": "a",
    "permission_mode": "plan",
    "extra": ["--add-dir=/x"],
    "budget_usd": 1.5,
    "estimated_tokens": 9,
    "start": "reset",
}
COLUMN = [{"fact": "project", "state": "fine", "detail": "/p"}]


def _settings(_: bytes, folder: Path) -> None:
    paths = places.paths_in(str(folder), {})
    (folder / "watchkeeper" / "config.toml").touch()
    found = settings.load(paths)
    assert found.keys() >= settings.DEFAULTS.keys()
    settings.are_stale(paths, found)
    assert settings.ledger_dir(paths, found)


def _checkpoint(_: bytes, folder: Path) -> None:
    where = RunFolder(str(folder))
    assert is_unfinished(str(folder)) in (True, False)
    record = where.load()
    record.open_tasks()
    # It goes on being saved.
    text = json.dumps(run_record.to_checkpoint(record, SNAPSHOT, NOON), allow_nan=False)
    again = run_record.from_checkpoint(json.loads(text), "c")
    assert record.tasks == again.tasks
    assert record.states() == again.states()


def _request(_: bytes, folder: Path) -> None:
    where = Workspace("/p", str(folder))
    request = termination.waiting_in(where)
    assert request is not None
    assert request == termination.Request.model_validate_json(request.model_dump_json())


def _settled(_: bytes, folder: Path) -> None:
    assert termination.was_settled(Workspace("/p", str(folder)), SESSION, NOON) in (True, False)


def _daemon(_: bytes, folder: Path) -> None:
    running.read(places.paths_in(str(folder), {}))


def _workspace(_: bytes, folder: Path) -> None:
    for each in kept(str(folder)):
        assert slug_of(each.project) == "p-" + slug_of("/p")[-8:]


def _receipt(_: bytes, folder: Path) -> None:
    found = receipt.read(folder / "receipt.json")
    if found is not None:
        again = folder.parent / "again.json"
        again.write_bytes(found.encoded())
        assert found == receipt.read(again)


def _booking(data: bytes, _: Path) -> None:
    text = data.decode("utf-8", "replace")
    made = bookings.Booking("b", "booked", NOON, NOON, 0, "/p", "/p", "", "none", "", "{}", text, text, NOON, "user")
    made = made._replace(preflight=text, outcome=text)
    assert all(isinstance(value, str) for value in made.variables.values())
    assert all(isinstance(name, str) for name in made.left_out_names)
    assert all(isinstance(each, dict) for each in (*made.facts, made.result))


def _plan(data: bytes, _: Path) -> Any:
    found = plan.read(data.decode("utf-8", "replace"))
    assert found == plan.read(found.model_dump_json())


READERS = {
    "saved settings": Reader(json_texts(COMPILED), _settings, file="watchkeeper/settings.json", writes=True),
    "checkpoint of a run": Reader(json_texts(CHECKPOINT), _checkpoint, (UserError,), file="checkpoint.json"),
    "termination request": Reader(json_texts(REQUESTED), _request, (UserError,), file=REQUEST),
    "result of a request": Reader(json_texts(SETTLED), _settled, file=RESULT),
    "daemon's note": Reader(json_texts(DAEMON), _daemon, file="watchkeeper/monitor.json"),
    "workspace": Reader(documents(b"/p\n"), _workspace, file=f"{slug_of('/p')}/project.txt"),
    "receipt": Reader(json_texts(json.loads(RECEIPT.encoded())), _receipt, file="receipt.json", writes=True),
    "booking": Reader(json_texts(COLUMN, {"PATH": "/bin"}, ["TOKEN"]), _booking),
    "booking's plan": Reader(json_texts(BOOKING), _plan, (ValueError,)),
}
