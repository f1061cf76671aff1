"""Working through a list: order, limits, retries, checkpoints, and going on after an end of any kind."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.executor.conftest import MadeWorld
from tests.executor.doing import OK, QUICK, diary, noting, states
from tests.support.clock import NOON
from watchkeeper.errors import UserError
from watchkeeper.executor import OvernightExecutor, ResourceManager, Task
from watchkeeper.executor.run_folder import RunFolder
from watchkeeper.executor.run_record import RunRecord, begun
from watchkeeper.executor.told import Silent

pytestmark = pytest.mark.usefixtures("real_processes")

FAILING = (sys.executable, "-I", "-S", "-c", "raise SystemExit(3)")


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60.0
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def record_in(tmp_path: Path) -> RunRecord:
    return RunFolder(str(tmp_path / "out")).load()


def test_order_is_by_dependency_priority_and_list(execute: Callable[..., Any], folder: Path) -> None:
    """What others wait for comes before them, then the more pressing, then as listed."""
    results = execute(
        {"id": "c", "command": noting(folder, "c"), "after": ("b",), "priority": "critical"},
        {"id": "a", "command": noting(folder, "a")},
        {"id": "b", "command": noting(folder, "b"), "priority": "high"},
        {"id": "d", "command": noting(folder, "d"), "priority": "low"},
    )

    assert ["b", "c", "a", "d"] == diary(folder)
    assert {"done"} == set(states(results).values())


def test_what_waits_for_a_failure_is_skipped(execute: Callable[..., Any]) -> None:
    """A task that fails is tried again as often as it says; what waits for it, directly or not, is skipped."""
    results = execute(
        {"id": "a", "command": FAILING, "retries": 2},
        {"id": "b", "command": OK, "after": ("a",)},
        {"id": "c", "command": OK, "after": ("b",)},
        {"id": "d", "command": OK},
    )

    assert {"a": "failed", "b": "skipped", "c": "skipped", "d": "done"} == states(results)
    assert (3, "it ended with code 3") == (results[0]["tries"], results[0]["reason"])
    assert "it waits for a" == results[1]["reason"]


def test_a_failed_check_is_a_failure(execute: Callable[..., Any], folder: Path) -> None:
    """A task is done when its own check says so, not when its command has ended."""
    results = execute(
        {"id": "a", "command": OK, "check": FAILING}, {"id": "b", "command": OK, "check": noting(folder, "checked")}
    )

    assert {"a": "failed", "b": "done"} == states(results)
    assert results[0]["reason"].startswith("its check failed: it ended with code 3")
    assert ["checked"] == diary(folder)


def test_a_program_that_is_missing_is_a_failure(execute: Callable[..., Any]) -> None:
    """What cannot be started fails with the reason, and the run goes on."""
    results = execute({"id": "a", "command": ("/nowhere/program",)}, {"id": "b", "command": OK})

    assert {"a": "failed", "b": "done"} == states(results)
    assert "not installed" in results[0]["reason"]


def test_a_running_task_is_ended_in_an_emergency(
    execute: Callable[..., Any], world: MadeWorld, manager: ResourceManager
) -> None:
    """A task during which memory runs out is ended, known as interrupted, and its peak is kept."""
    looks = []
    whole = world.look

    def look(folder: str) -> Any:
        looks.append(folder)
        return whole(folder)._replace(ram_available_gb=1.0, cpu_temp_c=70.0) if len(looks) > 8 else whole(folder)

    world.look = look  # type: ignore[method-assign, assignment]
    sleeping = (sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)")
    results = execute({"id": "a", "command": sleeping})

    assert ("interrupted", "Memory critical: 1.0 GB of memory available, below 1.5 GB") == (
        results[0]["state"],
        results[0]["reason"],
    )
    assert 70.0 == results[0]["peak_thermal_celsius"]
    assert results[0]["peak_ram_gb"] > 0


def test_at_most_so_many(execute: Callable[..., Any]) -> None:
    """A run that is to do two tasks does two and leaves the rest."""
    results = execute(*({"id": name, "command": OK} for name in "abc"), wishes=QUICK._replace(most_tasks=2))

    assert ["done", "done", "deferred"] == [each["state"] for each in results]


def test_going_on_does_the_rest(
    execute: Callable[..., Any], manager: ResourceManager, tmp_path: Path, folder: Path
) -> None:
    """A run that is taken up does what was deferred, once, and nothing again."""
    commands = {name: noting(folder, name) for name in "abc"}
    execute(*({"id": name, "command": commands[name]} for name in "abc"), wishes=QUICK._replace(most_tasks=1))
    ended = OvernightExecutor(tmp_path / "out", manager).work(record_in(tmp_path), QUICK)

    assert ["a", "b", "c"] == diary(folder)
    assert {"done"} == set(ended.states().values())
    assert record_in(tmp_path) == ended


@pytest.mark.parametrize(("repeatable", "state", "written"), [(False, "interrupted", []), (True, "done", ["a"])])
def test_a_task_that_was_cut_off_is_known(
    execute: Callable[..., Any],
    manager: ResourceManager,
    tmp_path: Path,
    folder: Path,
    repeatable: bool,
    state: str,
    written: list[str],
) -> None:
    """What ran when the power went is not run again blindly: only a task that says it may be repeated is."""
    task = Task(id="a", project=str(folder), command=noting(folder, "a"), repeatable=repeatable)
    record = begun("out", "", [task], NOON)
    running = record.outcomes["a"]._replace(state="running", mark="0" * 24)
    with RunFolder(str(tmp_path / "out")) as run_folder:
        run_folder.save(record._replace(outcomes={"a": running}), manager.get_resource_snapshot(), NOON)
    ended = OvernightExecutor(tmp_path / "out", manager).work(record_in(tmp_path), QUICK)

    assert state == ended.outcomes["a"].state
    assert written == diary(folder)


def test_two_runs_in_one_folder_are_refused(execute: Callable[..., Any], tmp_path: Path) -> None:
    """While one run is at work in a folder, another one is told so."""
    with RunFolder(str(tmp_path / "out")), pytest.raises(UserError, match="Another run is at work"):
        execute({"id": "a", "command": OK})


def test_asked_to_stop_it_ends_in_order(manager: ResourceManager, tmp_path: Path, folder: Path) -> None:
    """A run that is asked to end ends what runs, saves, and leaves the rest for another."""
    sleeping = (sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)")
    tasks = [Task(id=name, project=str(folder), command=sleeping) for name in "ab"]

    class Stopping(Silent):
        def started(self, *_: object) -> None:
            executor.stop()

    executor = OvernightExecutor(tmp_path / "out", manager, listener=Stopping())
    results = executor.execute_task_list(tasks, QUICK)

    assert {"a": "interrupted", "b": "deferred"} == states(results)
    assert "the run was asked to end" == results[0]["reason"]


def test_the_log_has_a_line_for_each_task(execute: Callable[..., Any], tmp_path: Path) -> None:
    """Every task and every look at the resources is a line of JSON with the names that scripts know."""
    execute({"id": "a", "command": OK})
    lines = [json.loads(line) for line in (tmp_path / "out" / "session-log.jsonl").read_text().splitlines()]
    (task,) = [line for line in lines if "task_id" in line]

    assert {"task_id", "tokens_used", "duration_seconds", "peak_ram_gb", "peak_thermal_celsius"} <= set(task)
    assert all({"timestamp", "tokens"} <= set(line) for line in lines if "task_id" not in line)


def test_a_task_that_is_tried_again_counts_once(execute: Callable[..., Any]) -> None:
    """Of a run that is to do two tasks the tries of the first are no tasks of their own."""
    results = execute(
        {"id": "a", "command": FAILING, "retries": 3},
        *({"id": name, "command": OK} for name in "bc"),
        wishes=QUICK._replace(most_tasks=2),
    )

    assert [("failed", 4), ("done", 1), ("deferred", 0)] == [(each["state"], each["tries"]) for each in results]


def test_a_check_is_ended_with_the_run(manager: ResourceManager, tmp_path: Path, folder: Path) -> None:
    """A check that hangs does not keep a run that is asked to end; whether the task was done is not known then."""
    begun_mark = folder / "checking"
    hanging = (sys.executable, "-I", "-S", "-c", f"import time; open({str(begun_mark)!r}, 'w'); time.sleep(600)")
    executor = OvernightExecutor(tmp_path / "out", manager)

    def stop_it() -> None:
        wait_for(begun_mark)
        executor.stop()

    watcher = threading.Thread(target=stop_it)
    watcher.start()
    (result,) = executor.execute_task_list([Task(id="a", project=str(folder), command=OK, check=hanging)], QUICK)
    watcher.join()

    assert ("interrupted", "the run was asked to end") == (result["state"], result["reason"])


def test_what_may_be_repeated_is_left_for_another_run(manager: ResourceManager, tmp_path: Path, folder: Path) -> None:
    """A repeatable task that was ended because the run was asked to end is deferred, not lost."""

    class Stopping(Silent):
        def started(self, *_: object) -> None:
            executor.stop()

    executor = OvernightExecutor(tmp_path / "out", manager, listener=Stopping())
    sleeping = (sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)")
    task = Task(id="a", project=str(folder), command=sleeping, repeatable=True)
    (result,) = executor.execute_task_list([task], QUICK)

    assert ("deferred", 1) == (result["state"], result["tries"])
    assert not record_in(tmp_path).is_over


@pytest.mark.slow
def test_a_gigabyte_of_output_needs_no_memory(execute: Callable[..., Any], tmp_path: Path) -> None:
    """Of a task that writes without end the beginning is kept, and what follows it stays small."""
    import psutil

    before = psutil.Process().memory_info().rss
    endless = "import sys\nblock = b'x' * 99 + b'\\n'\nfor _ in range(10_000): sys.stdout.buffer.write(block * 1_050)"
    (result,) = execute({"id": "a", "command": (sys.executable, "-I", "-S", "-c", endless)})

    assert "done" == result["state"]
    assert 64 << 20 == (tmp_path / "out" / "output" / "a.log").stat().st_size
    assert psutil.Process().memory_info().rss - before < 64 << 20
