"""Bookings told as stories, for the pages that show them."""

from __future__ import annotations

import json
from typing import Any

from tests.commands.scene import Scene
from watchkeeper.automation import bookings
from watchkeeper.automation.bookings import Booking
from watchkeeper.core.ledger import Transaction

ID = "4a26f3fe"


def book(
    scene: Scene, booking_id: str = ID, in_min: float = 78.0, plan: dict[str, Any] | None = None, **fields: Any
) -> None:
    """A booking of the scene's project, so many minutes from now."""
    chosen = {"agent": "implementation-agent", "estimated_tokens": 45_000, "start": "reset+5m", **(plan or {})}
    made = Booking(
        booking_id=booking_id,
        state=bookings.BOOKED,
        at=scene.now + in_min * 60.0,
        first_at=scene.now + in_min * 60.0,
        tries=0,
        project=scene.project,
        real_project=scene.project,
        handoff_id="handoff-95847ad0-d7c5-45bb-aa00-1664be934fc7",
        scheduler="recording",
        terminal="",
        plan=json.dumps(chosen),
        environment="{}",
        left_out="[]",
        booked_at=scene.now - 600.0,
        booked_by="planning",
        changed_at=scene.now,
    )
    with scene.ledger as ledger, Transaction(ledger.state) as db:
        bookings.insert(db, made._replace(**fields))


def checked(*facts: tuple[str, str, str]) -> str:
    """A preflight as it is stored."""
    return json.dumps([{"fact": name, "state": state, "detail": detail} for name, state, detail in facts])


NOT_READY = checked(
    ("handoff", "yes", "handoff-1 is waiting"),
    ("quota free", "no", "62% (reported 3m ago); 90% wanted"),
    ("idle project", "unknown", "session 11111111 is open and does not say whether it works"),
)


def waiting(scene: Scene) -> None:
    """One session waits for the reset."""
    book(scene)


def not_ready(scene: Scene) -> None:
    """It was tried twice; another project has one too, headless and with a bypass."""
    book(scene, in_min=12.0, tries=2, preflight=NOT_READY, preflight_at=scene.now - 1_080.0, reason="quota free: 62%")
    book(
        scene,
        "bb11cc22",
        in_min=600.0,
        plan={"headless": True, "permission_mode": "bypassPermissions", "budget_usd": 2.5, "agent": ""},
        project="/home/ada/another-project",
        left_out='["ANTHROPIC_API_KEY", "GITHUB_TOKEN"]',
    )


def over(scene: Scene) -> None:
    """Nothing waits; one was started and one was missed."""
    book(scene, "0a0a0a0a", -1_500.0, state=bookings.LAUNCHED, outcome='{"reach": "tmux attach -t =watchkeeper"}')
    book(
        scene,
        "0b0b0b0b",
        -100.0,
        state=bookings.MISSED,
        reason="it was due 1h 40m ago and the machine was asleep or off",
        changed_at=scene.now + 1.0,
    )


STORIES = {"none": lambda _: None, "waiting": waiting, "not-ready": not_ready, "over": over}
