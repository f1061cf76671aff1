"""The queue comes back from the ledger as it was written, whoever else writes at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given

from tests.commands.scene import Scene
from tests.planner.sessions import queues, session
from tests.support.clock import NOON
from tests.support.guards import ROOT
from tests.support.processes import PythonRunner
from watchkeeper.core import schema, store
from watchkeeper.core.ledger import Transaction
from watchkeeper.planner import dependencies, rows
from watchkeeper.planner.dependencies import Queue

FULL = session(
    "api",
    "research",
    name='API "quoted" \N{SNOWMAN} 日本',
    objectives=("Build; $(it)", "'; DROP TABLE planned_sessions; --"),
    project="/home/ada/my project",
    agent="builder",
    estimated_tokens=45_000,
    low_tokens=40_000,
    high_tokens=60_000,
    hours=1.5,
    priority="high",
    at=NOON + 3_600,
    handoff="handoff-x",
    session_id="abc",
    tokens_before=5,
    used_tokens=7,
)


def test_every_field_comes_back(scene: Scene) -> None:
    """What was written is read, history included."""
    moved = dependencies.moved(FULL, "running", NOON + 60)
    with scene.ledger as ledger, Transaction(ledger.state) as db:
        rows.write(db, moved)

    with scene.ledger as ledger:
        assert {"api": moved} == rows.read(ledger.state)


def test_a_change_replaces_and_its_history_stays(scene: Scene) -> None:
    """Written again there is one session, with every state it ever came into."""
    with scene.ledger as ledger, Transaction(ledger.state) as db:
        rows.write(db, FULL)
        rows.write(db, dependencies.moved(FULL, "done", NOON + 60).model_copy(update={"name": "Other"}))
        (found,) = rows.read(db).values()

    assert ("Other", ["planned", "done"]) == (found.name, [each.state for each in found.history])


@given(queue=queues())
def test_any_queue_comes_back(queue: Queue) -> None:
    """Whatever was queued, and in the order of its age."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        db, _ = store.open_store(f"{folder}/state.db", schema.STATE, NOON)
        for each in queue.values():
            rows.write(db, each)
        found = rows.read(db)
        db.close()

    assert queue == found


def test_processes_write_at_once(scene: Scene, run_python: PythonRunner) -> None:
    """Six processes queue five sessions each under the same name, and none is lost or named twice."""
    script = f"""if True:
        import sys
        sys.path.insert(0, {ROOT!r} + "/lib")
        from watchkeeper import cli
        for _ in range(5):
            assert 0 == cli.main(["queue", "add", "--name", "Same name"])
    """
    scene.run("queue")

    with ThreadPoolExecutor(6) as pool:
        ended = list(pool.map(lambda _: run_python("-c", script), range(6)))

    assert [(0, "")] * 6 == [(each.returncode, each.stderr) for each in ended]
    with scene.ledger as ledger:
        assert {"same-name", *(f"same-name-{number}" for number in range(2, 31))} == set(rows.read(ledger.state))
