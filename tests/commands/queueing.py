"""A queue told in commands, and what came of it."""

from __future__ import annotations

from typing import Any

from tests.commands import queue_command
from tests.commands.scene import Ran, Scene
from tests.handoff.samples import AUTH
from tests.support.clock import NOON
from watchkeeper.handoff import folder, pending
from watchkeeper.handoff.saving import save

HOUR = 3_600.0


def a_handoff(scene: Scene) -> str:
    """A handoff of this project, in the queue."""
    written = AUTH.model_copy(update={"project": scene.project, "scheduled_for": None})
    with scene.ledger as ledger:
        saved = save(written, folder.folder_of(scene.paths), ledger)
    scene.run("queue", "import", saved.handoff.id)
    return saved.handoff.id


def left(scene: Scene, tokens: int, resets_in_h: float = 2.75) -> None:
    """So many of 200,000 tokens are left."""
    scene.report(100.0 - tokens / 2_000.0, resets_in_h * 60.0)


def add(scene: Scene, name: str, *options: str) -> str:
    # One after the other, since of two that are alike the older one goes first.
    queued = len(queue_command.states(scene))
    made: str = queue_command.add(scene, name, *options, now=NOON - HOUR + queued)["id"]
    return made


def run(scene: Scene, *options: str, **more: Any) -> Ran:
    return scene.run("start-next-session", *options, **more)


def told(scene: Scene, *options: str, **more: Any) -> dict[str, Any]:
    return scene.json("start-next-session", *options, **more)


def asked(scene: Scene, *answers: str, options: tuple[str, ...] = (), **more: Any) -> str:
    """What a person sees who answers so."""
    ran = run(scene, *options, stdin="".join(f"{each}\n" for each in answers), is_interactive=True, **more)
    assert (0, "") == (ran.code, ran.err)
    return ran.out


def flat(text: str) -> str:
    return " ".join(text.split())


def state_of(scene: Scene, session: str) -> dict[str, Any]:
    shown: dict[str, Any] = queue_command.told(scene, "show", session)["session"]
    return shown


def waiting(scene: Scene, handoff: str) -> pending.Waiting:
    with scene.ledger as ledger:
        found = pending.find(ledger.state, handoff)
    assert found is not None
    return found


def usual_queue(scene: Scene) -> None:
    """Two of five complete, one ready, two scheduled."""
    for name in ("Planning", "Implementation - Part 1/3"):
        done = add(scene, name)
        scene.run("queue", "done", done, now=NOON - HOUR / 2)
    add(
        scene, "Implementation - Part 2/3", "--tokens", "45000", "--hours", "3", "--objective",
        "Build API integration layer", "--objective", "Implement error handling", "--objective", "Add validation logic",
    )  # fmt: skip
    add(scene, "Testing", "--tokens", "22000", "--hours", "1.5", "--at", "20:00")
    add(scene, "Polish & Documentation", "--tokens", "18000", "--hours", "2", "--at", "22:00")
