"""Unattended runs with the real client: each task a session, limits waited for, and a night full of accidents."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.realclient.messages import Reply, Turn, Usage, usage_limit
from tests.realclient.product import Product
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn, total
from tests.support.tree import TREE
from watchkeeper.executor.run_folder import RunFolder
from watchkeeper.executor.run_record import RunRecord

pytestmark = pytest.mark.realclient

NIGHT = Path(__file__).with_name("night.py")
HOUR_S = 3600.0
GIB = 1 << 30


def task_file(folder: Path, tasks: list[dict[str, Any]]) -> Path:
    path = folder / "tasks.json"
    common = {"project": str(folder), "permission_mode": "default"}
    path.write_text(json.dumps({**common, "tasks": tasks}), encoding="utf-8")
    return path


def counted(usages: list[Usage]) -> int:
    whole = total(usages)
    return whole.input_tokens + whole.output_tokens + whole.cache_creation_input_tokens


def test_a_list_is_worked_through(claude: Claude, stand_in: StandIn) -> None:
    """The installed command runs prompts and commands in order, and tells of each prompt what the API counted."""
    product = Product(claude)
    # Bounds that a busy machine does not reach: how it waits for room is tested where time is made.
    product.install(
        resources__load_warning_pct="10000",
        resources__ram_warning_gb="0",
        resources__ram_warning_pct="0",
        resources__ram_critical_gb="0",
        resources__ram_critical_pct="0",
        resources__disk_warning_gb="0",
        resources__disk_critical_gb="0",
    )
    tasks: list[dict[str, Any]] = [
        {"id": "last", "prompt": "PROMPT-LAST", "after": ["first"]},
        {"id": "note", "command": ["git", "init", "--quiet"], "check": ["git", "status"]},
        {"id": "first", "prompt": "PROMPT-FIRST", "priority": "high"},
    ]
    stand_in.script(Turn("one"), Turn("two"))
    environment = {**claude.environment, "PATH": f"{claude.client.parent}{os.pathsep}{claude.environment['PATH']}"}
    command = [str(product.state / "bin" / "watchkeeper"), "run", str(task_file(claude.project, tasks)), "--json"]
    done = subprocess.run(
        command, env=environment, cwd=claude.project, capture_output=True, text=True, timeout=120, check=False
    )
    answer = json.loads(done.stdout)
    exchanges = stand_in.exchanges("main")
    by_id = {each["id"]: each for each in answer["tasks"]}

    assert (0, {"done"}) == (done.returncode, {each["state"] for each in answer["tasks"]})
    assert ["PROMPT-FIRST", "PROMPT-LAST"] == [
        word for each in exchanges for word in ("PROMPT-FIRST", "PROMPT-LAST") if word in each.text
    ]
    for each, task_id in zip(exchanges, ("first", "last"), strict=True):
        assert (each.session_id, counted([each.usage])) == (
            by_id[task_id]["session_id"],
            by_id[task_id]["tokens_used"],
        )
    assert by_id["note"]["tokens_used"] is None
    assert os.path.exists(answer["checkpoint"])
    assert "| first |" in Path(answer["report"]).read_text(encoding="utf-8")


class Api:
    """Refuses by the limit twice in the night, after so many answers, and tells a new window after each reset."""

    def __init__(self, clock: Path, refuse_after: tuple[int, int]) -> None:
        self.refusals = 0
        self._clock = clock
        self._answers = 0
        self._lock = threading.Lock()
        self._refuse_after = list(refuse_after)
        self.resets_at = float(int(time.time() + HOUR_S))

    def now(self) -> float:
        return time.time() + float(self._clock.read_text(encoding="ascii") or 0)

    def decide(self, kind: str, _: Any) -> Reply | None:
        with self._lock:
            if kind != "main":
                return None
            if self._refuse_after and self._answers >= self._refuse_after[0]:
                if self.now() < self.resets_at:
                    self.refusals += 1
                    return usage_limit(self.resets_at)
                self._refuse_after.pop(0)
                self.resets_at += 5 * HOUR_S
            self._answers += 1
            return Turn("done", usage=Usage(20 + self._answers, 30, 1_000, 5_000))


@pytest.fixture
def hungry(claude: Claude) -> Iterator[subprocess.Popen[bytes]]:
    """A program that takes 200 MB when it is told a line, and ends at the next."""
    code = "input(); held = b'x' * (200 << 20); print('held', flush=True); input()"
    process = subprocess.Popen([sys.executable, "-I", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


class Weather(threading.Thread):
    """Makes memory short, then the machine warm, each until the run has waited for a while."""

    def __init__(self, night: Path, hungry: subprocess.Popen[bytes], diary: Path) -> None:
        super().__init__(daemon=True)
        self._night, self._hungry, self._diary = night, hungry, diary
        self.waited: list[str] = []

    def write(self, **changed: Any) -> None:
        figures = {"ram_available_gb": 2.1, "cpu_temp_c": 60.0, "taken_by": self._hungry.pid, **changed}
        aside = self._night / "machine.new"
        aside.write_text(json.dumps(figures), encoding="utf-8")
        aside.replace(self._night / "machine")

    def run(self) -> None:
        assert self._hungry.stdin is not None
        assert self._hungry.stdout is not None
        self._wait_for_words(6)
        self._hungry.stdin.write(b"\n")
        self._hungry.stdin.flush()
        self._hungry.stdout.readline()
        self._wait_ahead("memory")
        self.write(taken_by=0)
        self._wait_for_words(14)
        self.write(taken_by=0, cpu_temp_c=80.0)
        self._wait_ahead("heat")
        self.write(taken_by=0)

    def _wait_for_words(self, count: int) -> None:
        while not self._diary.exists() or len(self._diary.read_text(encoding="ascii").split()) < count:
            time.sleep(0.05)

    def _wait_ahead(self, what: str) -> None:
        clock = self._night / "clock"
        before = float(clock.read_text(encoding="ascii"))
        while float(clock.read_text(encoding="ascii")) < before + 60:
            time.sleep(0.02)
        self.waited.append(what)


@pytest.mark.slow
def test_a_night(claude: Claude, stand_in: StandIn, hungry: subprocess.Popen[bytes], tmp_path: Path) -> None:
    """Forty tasks, two limits, short memory, heat and fifty power cuts: each runs once or is reported, tokens agree."""
    claude.use_oauth_token()
    night = tmp_path / "night"
    night.mkdir()
    diary = claude.project / "diary"
    (night / "clock").write_text("0", encoding="ascii")
    weather = Weather(night, hungry, diary)
    weather.write()
    api = Api(night / "clock", (4, 6))
    stand_in.decide = api.decide
    tasks: list[dict[str, Any]] = []
    for number in range(40):
        note = [sys.executable, "-I", "-S", "-c", f"open({str(diary)!r}, 'a').write('t{number} ')"]
        after = [f"t{number - 2}"] if number % 3 == 2 else []
        prompt = {"prompt": f"PROMPT-{number}.", "repeatable": number % 4 == 1}
        work = prompt if number % 2 else {"command": note}
        tasks.append({"id": f"t{number}", "priority": "high" if number % 5 == 0 else "normal", "after": after, **work})
    given = {
        "out": str(night / "out"),
        "claude": str(claude.client),
        "tasks": str(task_file(claude.project, tasks)),
        "clock": str(night / "clock"),
        "machine": str(night / "machine"),
    }
    (night / "given").write_text(json.dumps(given), encoding="utf-8")
    weather.start()

    cuts = work_through_the_night(claude, stand_in, night, cuts=50)
    record = RunFolder(given["out"]).load()
    weather.join(60)

    check_the_night(record, stand_in, diary)
    assert 50 == cuts
    assert 2 <= api.refusals
    assert ["memory", "heat"] == weather.waited


def work_through_the_night(claude: Claude, stand_in: StandIn, night: Path, cuts: int) -> int:
    """Start the run again and again, killing it at random moments, and let it end at last; return how often.

    Every other moment comes soon after the API was asked: however slow the machine is, the work goes on.
    """
    chance = random.Random(8)
    command = [sys.executable, "-I", str(NIGHT), str(TREE / "lib"), str(night / "given")]
    done = 0
    while done < cuts:
        asked = len(stand_in.exchanges("main"))
        process = subprocess.Popen(command, env=claude.environment, start_new_session=True)
        deadline = time.monotonic() + 60
        while done % 2 and process.poll() is None and time.monotonic() < deadline:
            if len(stand_in.exchanges("main")) > asked:
                break
            time.sleep(0.02)
        try:
            process.wait((0.0 if done % 2 else 0.3) + 0.9 * chance.random())
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        done += 1
        if (night / "out" / "checkpoint.json").exists():
            RunFolder(str(night / "out")).load()
    subprocess.run(command, env=claude.environment, check=True, timeout=400)
    return done


def check_the_night(record: RunRecord, stand_in: StandIn, diary: Path) -> None:
    states = record.states()
    written = diary.read_text(encoding="ascii").split()
    answered = [each for each in stand_in.exchanges("main") if isinstance(each.reply, Turn)]

    assert {"done", "interrupted", "skipped"} >= set(states.values())
    assert len(written) == len(set(written))
    for task in record.tasks:
        outcome = record.outcomes[task.id]
        if outcome.state == "done" and task.is_prompt:
            last = counted([each.usage for each in answered if each.session_id == outcome.session_id])
            whole = counted([each.usage for each in answered if f"{task.prompt}\n" in f"{each.text}\n"])
            # A client that was killed has not always written down what it had been answered.
            assert outcome.tokens_used is not None
            assert last <= outcome.tokens_used <= whole
            assert outcome.tries > 1 or last == outcome.tokens_used
        if outcome.state == "done" and not task.is_prompt:
            assert task.id in written
        if outcome.state == "skipped":
            assert all(states[first] != "done" for first in task.after)
    for task in record.tasks:
        asked = {each.session_id for each in answered if task.prompt and f"{task.prompt}\n" in f"{each.text}\n"}
        assert task.repeatable or len(asked) <= 1
    begun = {task.id: record.outcomes[task.id].started_at or 0.0 for task in record.tasks}
    for task in record.tasks:
        if states[task.id] == "done":
            assert all(begun[first] <= begun[task.id] for first in task.after)
