"""`run` works through a list, shows how it went, and says by its code whether all was done."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import Scene, moderate
from tests.executor.conftest import CALM, MadeWorld
from tests.support.clock import NOON, SettableClock
from watchkeeper.adapters import processes
from watchkeeper.executor.manager import ResourceManager
from watchkeeper.executor.task_list import read
from watchkeeper.executor.view import plan_view
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen

OK = [sys.executable, "-I", "-S", "-c", ""]
TASKS: list[dict[str, Any]] = [
    {"id": "guard", "name": "Guard the user routes", "phase": "sign-in", "prompt": "…", "estimated_tokens": 15_000},
    {"id": "refresh", "name": "Refresh tokens", "phase": "sign-in", "prompt": "…", "after": ["guard"]},
    {"id": "rewrite", "name": "Rewrite the importer", "prompt": "…", "estimated_tokens": 90_000, "priority": "low"},
    {"id": "after-rewrite", "command": ["make", "docs"], "after": ["rewrite"]},
]


@pytest.fixture
def signals() -> Iterator[None]:
    """The handlers of signals as they were, once the test is over."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    before = {number: signal.getsignal(number) for number in signal.Signals if number.name in names}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def calm(scene: Scene) -> None:
    """Bounds that a busy machine does not reach."""
    compiled = Path(scene.paths.settings)
    compiled.parent.mkdir(parents=True, exist_ok=True)
    compiled.write_text(json.dumps({"resources": CALM}), encoding="utf-8")


def task_file(folder: Path, *tasks: dict[str, Any]) -> str:
    path = folder / "tasks.json"
    path.write_text(json.dumps({"project": str(folder), "tasks": tasks}), encoding="utf-8")
    return str(path)


def test_plan_page(scene: Scene, tmp_path: Path) -> None:
    """What a person sees of what there is room for."""
    moderate(scene)
    manager = ResourceManager(world=MadeWorld(), environ=scene.environ, config_dir=scene.paths.config)
    view = plan_view(manager, read(task_file(tmp_path, *TASKS)).tasks, "tasks.json", NOON)
    manager.close()

    assert_golden("run-plan", lambda columns, colour: engine.render("run-plan", view, Pen(colour), columns, NOON))


def test_no_column_is_empty(scene: Scene, tmp_path: Path, clock: SettableClock) -> None:
    """What no task of a list has takes no column of the page."""
    plain = {"id": "guard", "command": ["make"]}
    pages = [
        scene.run("run", task_file(tmp_path, task), "--dry-run").out
        for task in (plain, plain | {"name": "Guard", "phase": "sign-in"})
    ]

    heads = [" ".join(line.split()) for page in pages for line in page.splitlines() if line.split()[:1] == ["Task"]]
    assert ["Task Tokens Source Time Source", "Task About Phase Tokens Source Time Source"] == heads


def test_plan(scene: Scene, tmp_path: Path, clock: SettableClock) -> None:
    """With --dry-run nothing is run, and no folder is made."""
    view = json.loads(scene.run("run", task_file(tmp_path, *TASKS), "--dry-run", "--json").out)

    assert ["guard", "refresh", "rewrite", "after-rewrite"] == [each["id"] for each in view["fitting"]]
    assert not (Path(scene.paths.state) / "runs").exists()


def ended(**changed: Any) -> dict[str, Any]:
    """A run of which a part was done."""
    blank = {"tries": 1, "peak_ram_gb": 0.4, "peak_ram_words": "410 MB", "peak_temp_c": 61.0, "session_id": None}
    tasks: list[dict[str, Any]] = [
        {
            "id": "guard",
            "name": "Guard",
            "phase": "a",
            "state": "done",
            "reason": "",
            "tokens_used": 14_321,
            "duration_s": 754.0,
        },
        {
            "id": "refresh",
            "name": "Refresh | rotate",
            "phase": "a",
            "state": "failed",
            "reason": "its check failed: it ended with code 1. 2 of 15 tests fail",
            "tokens_used": 9_876,
            "duration_s": 431.0,
        },
        {
            "id": "errors",
            "name": "",
            "phase": "",
            "state": "skipped",
            "reason": "it waits for refresh",
            "tokens_used": None,
            "duration_s": 0.0,
        },
    ]
    made = [{**blank, **task} for task in tasks]
    made[2] |= {"tries": 0, "peak_ram_gb": None, "peak_ram_words": None, "peak_temp_c": None}
    return {
        "now_at": NOON,
        "run_id": "run-20261120-010203",
        "source": "/home/ada/tasks.toml",
        "folder": "/runs/run-20261120-010203",
        "checkpoint": "/runs/run-20261120-010203/checkpoint.json",
        "report": "/runs/run-20261120-010203/report.md",
        "started_at": NOON - 1_200,
        "duration_s": 1_200.0,
        "tokens_used": 24_197,
        "reason": "all tasks have ended",
        "is_over": True,
        "counts": {"done": 1, "failed": 1, "skipped": 1},
        "all_done": False,
        "can_resume": False,
        "tasks": made,
        **changed,
    }


@pytest.mark.parametrize(
    ("name", "changed"),
    [("run", {}), ("run-deferred", {"can_resume": True, "reason": "the usage limit was reached", "is_over": False})],
)
def test_page(name: str, changed: dict[str, Any]) -> None:
    """What a person sees when a run has ended."""
    view = ended(**changed)

    assert_golden(name, lambda columns, colour: engine.render("run", view, Pen(colour), columns, NOON))


def test_report() -> None:
    """The report is a table of Markdown in which no text of a task breaks a cell."""
    lines = engine.render("run-report.md", ended(), Pen(False), 80, NOON).splitlines()
    rows = [line for line in lines if line.startswith("| ") and "---" not in line]

    assert {10} == {len(line.replace("\\|", "").strip("|").split("|")) for line in rows}
    assert "| refresh | Refresh \\| rotate | a | failed |" in "\n".join(lines)


@pytest.mark.usefixtures("real_clock", "real_processes", "signals")
def test_all_done(scene: Scene, tmp_path: Path) -> None:
    """When all tasks are done the code is 0, and the files of the run are where it says."""
    out = tmp_path / "out"
    ran = scene.run("run", task_file(tmp_path, {"id": "a", "command": OK}), "--output-dir", str(out), "--json")
    view = json.loads(ran.out)

    assert (0, [("a", "done")]) == (ran.code, [(task["id"], task["state"]) for task in view["tasks"]])
    assert {"duration_s", "peak_ram_gb", "peak_temp_c", "reason", "tokens_used"} <= set(view["tasks"][0])
    assert str(out / "checkpoint.json") == view["checkpoint"]
    assert "| a |" in Path(view["report"]).read_text(encoding="utf-8")


@pytest.mark.usefixtures("real_clock", "real_processes", "signals")
def test_going_on(scene: Scene, tmp_path: Path) -> None:
    """With --resume the last run that is not over goes on; when none is left, that is said."""
    path = task_file(tmp_path, {"id": "a", "command": OK}, {"id": "b", "command": OK})
    first = scene.run("run", path, "--max-tasks", "1")
    second = json.loads(scene.run("run", "--resume", "--json").out)
    third = scene.run("run", "--resume")

    assert 1 == first.code
    assert "2/2" in first.err or "1/2" in first.err
    assert ["done", "done"] == [task["state"] for task in second["tasks"]]
    assert (1, True) == (third.code, "No run in" in third.err)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to who asks for them")
@pytest.mark.usefixtures("real_clock", "real_processes", "signals")
def test_what_gave_up_every_sign_of_its_task_is_ended_with_it(scene: Scene, tmp_path: Path) -> None:
    """A program in a session of its own, without variables and without a parent, does not outlive its task."""
    noted = tmp_path / "pid"
    sleeping = f"import os, time; open({str(noted)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    escaping = f"""if True:
        import os, sys, time
        if not os.fork():
            os.setsid()
            if os.fork():
                os._exit(0)
            os.execve(sys.executable, [sys.executable, "-I", "-c", {sleeping!r}], {{}})
        os.wait()
        while not os.path.exists({str(noted)!r}) or not open({str(noted)!r}).read():
            time.sleep(0.01)
    """
    task = {"id": "a", "command": [sys.executable, "-I", "-S", "-c", escaping]}
    ran = scene.run("run", task_file(tmp_path, task), "--output-dir", str(tmp_path / "out"))

    assert 0 == ran.code
    assert processes.identify(int(noted.read_text(encoding="ascii"))) is None


@pytest.mark.usefixtures("real_clock", "real_processes", "signals")
def test_a_run_that_is_not_over_is_not_written_over(scene: Scene, tmp_path: Path) -> None:
    """A list begun anew in the folder of an unfinished run is refused; what a dry run shows of that is the rest."""
    path = task_file(tmp_path, {"id": "a", "command": OK}, {"id": "b", "command": OK})
    place = ("--output-dir", str(tmp_path / "out"))
    scene.run("run", path, "--max-tasks", "1", *place)
    saved = (tmp_path / "out" / "checkpoint.json").read_bytes()
    again = scene.run("run", path, *place)
    plan = json.loads(scene.run("run", "--resume", "--dry-run", "--json", *place).out)

    assert (1, True) == (again.code, "go on with --resume" in again.err)
    assert saved == (tmp_path / "out" / "checkpoint.json").read_bytes()
    assert ["b"] == [each["id"] for each in plan["fitting"]]


def test_what_is_missing_is_said(scene: Scene, tmp_path: Path) -> None:
    """Neither a file nor --resume, or both, is wrong usage; a list that is none is a sentence."""
    assert 2 == scene.run("run").code
    assert 2 == scene.run("run", "x.toml", "--resume").code
    assert "is no file" in scene.run("run", str(tmp_path / "x.toml")).err
