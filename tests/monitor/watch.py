"""A daemon that a test looks after by hand, with a clock that it moves."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.commands.scene import SESSION, Scene
from tests.monitor.outside import World
from tests.support.clock import SettableClock
from watchkeeper.monitor import MonitorConfig, SessionMonitorDaemon
from watchkeeper.monitor.daemon import Outside

RECORD: dict[str, Any] = {
    "type": "assistant",
    "sessionId": SESSION,
    "requestId": "req_1",
    "message": {
        "id": "msg_1",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": [],
        "usage": {
            "input_tokens": 1_000,
            "output_tokens": 20,
            "cache_creation_input_tokens": 300,
            "cache_read_input_tokens": 4_000,
        },
    },
}


class Watch:
    """A daemon that is looked after by hand, with a clock that the test moves."""

    def __init__(self, scene: Scene, world: World, clock: SettableClock, project: Path) -> None:
        self.scene, self.world, self.clock, self.project = scene, world, clock, project
        self.notices: list[str] = []
        self.changes: Callable[..., Iterator[list[str]]] | None = None
        self.monotonic_s = 0.0
        self.daemon = self.made()

    def made(self, config: MonitorConfig | None = None) -> SessionMonitorDaemon:
        app = self.scene.app(environ={"PATH": os.path.dirname(self.world.program)})
        daemon = SessionMonitorDaemon(
            config,
            surroundings=app.surroundings,
            outside=Outside(
                lambda _, text: self.notices.append(text),
                lambda _: self.world.doors,
                self.changes,
                lambda: self.monotonic_s,
            ),
        )
        app.ledger.close()
        return daemon

    def begin_anew(
        self, config: MonitorConfig | None = None, changes: Callable[..., Iterator[list[str]]] | None = None
    ) -> None:
        """Have another daemon, which learns of changes by `changes`."""
        self.daemon.app.ledger.close()
        self.changes = changes
        self.daemon = self.made(config)

    def write(self, tokens: int = 1_000, name: str = SESSION, agent: str = "") -> str:
        """A response in a transcript, and where that is."""
        folder = Path(self.scene.paths.projects, "-my-app")
        path = folder / f"{name}.jsonl" if not agent else folder / name / "subagents" / f"agent-{agent}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        count = path.read_text(encoding="utf-8").count("\n") if path.exists() else 0
        usage = {**RECORD["message"]["usage"], "input_tokens": tokens}
        record = {
            **RECORD,
            "uuid": f"{name}-{agent}-{count}",
            "sessionId": name,
            "cwd": str(self.project),
            "timestamp": "2026-11-20T11:59:00.000Z",
            "requestId": f"req_{agent}_{count}",
            "message": {**RECORD["message"], "id": f"msg_{name}_{agent}_{count}", "usage": usage},
        }
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        return str(path)

    def input_tokens(self) -> int:
        with self.scene.ledger as ledger:
            return int(ledger.usage.execute("SELECT ifnull(sum(input_tokens), 0) FROM responses").fetchone()[0])

    def look(self, *changed: str, after_s: float = 5.0) -> None:
        self.clock.at += after_s
        self.monotonic_s += after_s
        self.world.monotonic_s += after_s
        self.daemon.tick(changed)
