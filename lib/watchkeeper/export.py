"""What is stored, as JSON: the tables of both ledger files, row by row, so that a large history needs no memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import __version__
from .render import json_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from .app import App

# What a table is named by a person; `anchor` holds bytes of a conversation and leaves the machine with nobody.
TABLES = {
    "usage": {
        "sessions": "",
        "responses": "",
        "totals": "",
        "agents": "",
        "tool_calls": "",
        "compactions": "",
        "windows": "",
        "transcripts": "anchor",
        "stretches": "",
        "stretch_scans": "",
    },
    "state": {
        "reports": "",
        "report_changes": "",
        "quota_resets": "",
        "snapshots": "",
        "model_windows": "",
        "learned": "",
        "growth": "",
        "told": "",
        "mutes": "",
        "samples": "",
        "essentials": "",
        "handoffs": "",
        "planned_sessions": "",
        "planned_changes": "",
        "bookings": "environment",
        "estimates": "",
        "estimate_phases": "",
        "due_lines": "",
        "task_runs": "",
    },
}

# Columns that hold times and are not called so.
_TIMES = {"until": "until_at", "scheduled_for": "scheduled_for_at"}


def pieces(app: App) -> Iterator[str]:
    """Yield the pieces of one JSON object: `exported_at`, `version`, and the tables as lists of objects."""
    head = json_text.of({"exported_at": app.now, "version": __version__}, indent=None)
    yield head.removesuffix("}")
    for name, tables in TABLES.items():
        db = app.ledger.usage if name == "usage" else app.ledger.state
        yield f',\n"{name}": {{'
        separator = "\n"
        for table, left_out in tables.items():
            yield f'{separator}"{table}": ['
            yield from _rows(db, table, left_out)
            yield "]"
            separator = ",\n"
        yield "}"
    yield "}\n"


def _rows(db: sqlite3.Connection, table: str, left_out: str) -> Iterator[str]:
    cursor = db.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    separator = "\n"
    for row in cursor:
        values: dict[str, Any] = {name: value for name, value in zip(names, row, strict=True) if name != left_out}
        for told, named in _TIMES.items():
            if told in values:
                values[named] = values.pop(told)
        yield separator + json_text.of(values, indent=None)
        separator = ",\n"
