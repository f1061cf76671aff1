"""Tasks that Claude Code does: how they are started, what is read of their stream, and what a limit does to them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.executor.conftest import CALM, MadeWorld
from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.tree import TREE
from watchkeeper.executor import OvernightExecutor, ResourceManager, Task
from watchkeeper.executor.attempt import GO_ON
from watchkeeper.executor.run import Wishes
from watchkeeper.executor.run_folder import RunFolder
from watchkeeper.executor.told import Silent

pytestmark = [
    pytest.mark.usefixtures("real_processes"),
    pytest.mark.skipif(sys.platform == "win32", reason="a script stands in for the client"),
]

QUICK = Wishes(look_s=0.02)
# Takes its answers one a run from a file, notes how it was called, and writes a transcript as the client does.
CLIENT = """#!{python}
import json, os, sys, time
here = {here!r}
arguments = sys.argv[1:]
session = next(a.partition("=")[2] for a in arguments if a.startswith(("--session-id=", "--resume=")))
with open(here + "/calls", "a") as file:
    file.write(json.dumps({{"argv": arguments, "cwd": os.getcwd(), "nested": "CLAUDECODE" in os.environ}}) + "\\n")
answers = json.load(open(here + "/answers"))
number = len(open(here + "/calls").readlines()) - 1
answer = answers[min(number, len(answers) - 1)]
if answer.get("tokens"):
    folder = here + "/home/.claude/projects/p"
    os.makedirs(folder, exist_ok=True)
    usage = {{"input_tokens": answer["tokens"], "output_tokens": 0, "cache_creation_input_tokens": 0}}
    record = {{"type": "assistant", "sessionId": session, "timestamp": answer["at"]}}
    record |= {{"uuid": f"u{{number}}", "cwd": os.getcwd()}}
    message = {{"id": f"m{{number}}", "role": "assistant", "model": "claude-x", "usage": usage, "content": []}}
    record["message"] = message
    with open(f"{{folder}}/{{session}}.jsonl", "a") as file:
        file.write(json.dumps(record) + "\\n")
print(json.dumps({{"type": "system", "subtype": "init", "session_id": session}}))
for line in answer.get("lines", []):
    print(json.dumps(line), flush=True)
time.sleep(answer.get("lasts_s", 0))
if "result" in answer:
    print(json.dumps({{"type": "result", "session_id": session, **answer["result"]}}), flush=True)
time.sleep(answer.get("lingers_s", 0))
sys.exit(answer.get("code", 0))
"""
# So that what the client says at once is read before the second look.
SLOW_LOOKS = Wishes(look_s=2.0)
DONE = {"subtype": "success", "is_error": False, "result": "ok", "permission_denials": []}
REFUSED = {"subtype": "success", "is_error": True, "api_error": "usage_limit_reached", "result": "limit"}


def limits(used: float, resets_at: float) -> dict[str, Any]:
    windows = {"five_hour": {"utilization": used, "resetsAt": resets_at}}
    return {"type": "rate_limit_event", "rate_limit_info": {"status": "allowed", "unifiedWindows": windows}}


@pytest.fixture
def client(home: User) -> Callable[..., str]:
    """Makes a stand-in for the client with the answers that it is to give, and returns its path."""
    here = home.config.parent.parent

    def make(*answers: dict[str, Any]) -> str:
        (here / "answers").write_text(json.dumps(answers), encoding="utf-8")
        path = here / "claude"
        path.write_text(CLIENT.format(python=sys.executable, here=str(here)), encoding="utf-8")
        path.chmod(0o700)
        return str(path)

    return make


@pytest.fixture
def calls(home: User) -> Callable[[], list[dict[str, Any]]]:
    path = home.config.parent.parent / "calls"
    return lambda: [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def at(world: MadeWorld) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(world.at))


def test_a_prompt_is_done_by_a_session_of_its_own(
    manager: ResourceManager,
    world: MadeWorld,
    client: Callable[..., str],
    calls: Callable[..., Any],
    tmp_path: Path,
    folder: Path,
) -> None:
    """The prompt is the last argument, behind two dashes; tokens are the ledger's, and reported limits are kept."""
    program = client({"tokens": 4_321, "at": at(world), "lines": [limits(0.31, NOON + 7_200)], "result": DONE})
    task = Task(id="a", prompt="--help me; $(id)", project=str(folder), agent="fixer", permission_mode="acceptEdits")
    (result,) = OvernightExecutor(tmp_path / "out", manager, claude=program).execute_task_list([task], QUICK)
    (call,) = calls()

    assert ("done", 4_321) == (result["state"], result["tokens_used"])
    assert ["--", "--help me; $(id)"] == call["argv"][-2:]
    assert {
        "-p",
        "--verbose",
        "--agent=fixer",
        "--permission-mode=acceptEdits",
        f"--session-id={result['session_id']}",
    } <= set(call["argv"])
    assert (str(folder), False) == (call["cwd"], call["nested"])
    assert 31.0 == pytest.approx(manager.look().budget.used_pct)


@pytest.mark.parametrize(
    ("written", "given"),
    [("", ["--permission-mode=default"]), ("bypassPermissions", ["--permission-mode=bypassPermissions"])],
)
@pytest.mark.parametrize("where", ["the user's", "the project's", "the project's own"])
def test_settings_alone_are_no_bypass(
    manager: ResourceManager,
    home: User,
    client: Callable[..., str],
    calls: Callable[..., Any],
    tmp_path: Path,
    folder: Path,
    where: str,
    written: str,
    given: list[str],
) -> None:
    """Settings that would switch every question off do not count for a task, unless its list says the same."""
    paths = {"the user's": home.config / "settings.json", "the project's": folder / ".claude" / "settings.json"}
    path = paths.get(where, folder / ".claude" / "settings.local.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"permissions": {"defaultMode": "bypassPermissions"}}), encoding="utf-8")
    task = Task.model_validate({"id": "a", "prompt": "x", "project": str(folder), "permission_mode": written})
    OvernightExecutor(tmp_path / "out", manager, claude=client({"result": DONE})).execute_task_list([task], QUICK)
    (call,) = calls()

    assert given == [each for each in call["argv"] if each.startswith("--permission-mode")]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"result": {**DONE, "is_error": True, "result": "overloaded"}, "code": 1}, "overloaded"),
        (
            {"result": {**DONE, "is_error": True, "subtype": "error_max_budget_usd", "result": ""}},
            "error_max_budget_usd",
        ),
        ({"code": 3}, "Claude Code ended with code 3 and told no result"),
    ],
)
def test_a_failure_says_why(
    manager: ResourceManager, client: Callable[..., str], tmp_path: Path, folder: Path, answer: Any, reason: str
) -> None:
    """A result that is an error, or none at all, is a failure with its reason."""
    task = Task(id="a", prompt="x", project=str(folder))
    (result,) = OvernightExecutor(tmp_path / "out", manager, claude=client(answer)).execute_task_list([task], QUICK)

    assert ("failed", reason) == (result["state"], result["reason"])


def test_without_the_client_prompts_fail(manager: ResourceManager, tmp_path: Path, folder: Path) -> None:
    """Where there is no client on the search path, a prompt fails and says so."""
    executor = OvernightExecutor(tmp_path / "out", manager, claude="/nowhere/claude")
    (result,) = executor.execute_task_list([Task(id="a", prompt="x", project=str(folder))], QUICK)

    assert "not installed" in result["reason"]


def test_a_limit_is_waited_for_and_the_session_goes_on(
    manager: ResourceManager,
    world: MadeWorld,
    client: Callable[..., str],
    calls: Callable[..., Any],
    tmp_path: Path,
    folder: Path,
) -> None:
    """A task that the limit cut off goes on in its own session after the reset, which counts as no further try."""
    resets_at = NOON + 3_600
    program = client(
        {"tokens": 1_000, "at": at(world), "lines": [limits(1.0, resets_at)], "result": REFUSED, "code": 1},
        {"tokens": 500, "at": at(world), "lines": [limits(0.02, resets_at + 18_000)], "result": DONE},
    )
    tasks = [Task(id=name, prompt=name, project=str(folder)) for name in "ab"]
    wishes = QUICK._replace(waits_for_reset=True)
    first, second = OvernightExecutor(tmp_path / "out", manager, claude=program).execute_task_list(tasks, wishes)
    before, after, other = calls()

    assert resets_at + 60 <= world.at
    assert ("done", 1, 1_500) == (first["state"], first["tries"], first["tokens_used"])
    assert f"--resume={first['session_id']}" in after["argv"]
    assert ("a", GO_ON, "b") == (before["argv"][-1], after["argv"][-1], other["argv"][-1])
    assert second["session_id"] != first["session_id"]


@pytest.mark.parametrize(
    ("used", "reason"), [(0.96, "Token budget: only the reserve is left"), (1.0, "the usage limit was reached")]
)
def test_ended_for_the_reserve_the_session_goes_on(
    manager: ResourceManager,
    world: MadeWorld,
    client: Callable[..., str],
    calls: Callable[..., Any],
    tmp_path: Path,
    folder: Path,
    used: float,
    reason: str,
) -> None:
    """A session that is ended before it uses up the reserve goes on after the reset, as one does that was refused."""
    program = client(
        {"tokens": 1_000, "at": at(world), "lines": [limits(used, NOON + 3_600)], "lasts_s": 600},
        {"tokens": 500, "at": at(world), "result": DONE},
    )
    task = Task(id="a", prompt="x", project=str(folder))
    (result,) = OvernightExecutor(tmp_path / "out", manager, claude=program).execute_task_list([task], QUICK)
    world.at = NOON + 4_000
    record = RunFolder(str(tmp_path / "out")).load()
    ended = OvernightExecutor(tmp_path / "out", manager, claude=program).work(record, QUICK)

    assert ("deferred", reason, 0) == (result["state"], result["reason"], result["tries"])
    assert ("done", 1_500) == (ended.outcomes["a"].state, ended.outcomes["a"].tokens_used)
    assert f"--resume={result['session_id']}" in calls()[1]["argv"]


def test_one_that_was_done_when_the_reserve_was_reached_is_done(
    manager: ResourceManager, world: MadeWorld, client: Callable[..., str], tmp_path: Path, folder: Path
) -> None:
    """A session that has told its result, and is ended while it lingers, has done its work."""
    program = client({"lines": [limits(0.96, NOON + 3_600)], "result": DONE, "lingers_s": 600})
    task = Task(id="a", prompt="x", project=str(folder))
    (result,) = OvernightExecutor(tmp_path / "out", manager, claude=program).execute_task_list([task], SLOW_LOOKS)

    assert ("done", "") == (result["state"], result["reason"])


def test_the_weekly_limit_is_waited_for(
    manager: ResourceManager, world: MadeWorld, client: Callable[..., str], tmp_path: Path, folder: Path
) -> None:
    """When it is the week's limit that is used up, the run goes on after the week's reset."""
    event = limits(0.5, NOON + 3_600)
    week = {"utilization": 1.0, "resetsAt": NOON + 86_400}
    event["rate_limit_info"]["unifiedWindows"]["seven_day"] = week
    program = client({"lines": [event], "result": REFUSED, "code": 1}, {"result": DONE})
    wishes = QUICK._replace(waits_for_reset=True)
    task = Task(id="a", prompt="x", project=str(folder))
    (result,) = OvernightExecutor(tmp_path / "out", manager, claude=program).execute_task_list([task], wishes)

    assert ("done", NOON + 86_460) == (result["state"], world.at)


def test_a_limit_that_is_not_waited_for_is_saved(
    manager: ResourceManager,
    world: MadeWorld,
    client: Callable[..., str],
    calls: Callable[..., Any],
    tmp_path: Path,
    folder: Path,
) -> None:
    """Without the wish to wait everything is deferred; taken up later, the session that was cut off goes on."""
    program = client(
        {"tokens": 1_000, "at": at(world), "lines": [limits(1.0, NOON + 3_600)], "result": REFUSED, "code": 1},
        {"tokens": 500, "at": at(world), "result": DONE},
    )
    task = Task(id="a", prompt="x", project=str(folder))
    (result,) = OvernightExecutor(tmp_path / "out", manager, claude=program).execute_task_list([task], QUICK)
    world.at = NOON + 4_000
    record = RunFolder(str(tmp_path / "out")).load()
    ended = OvernightExecutor(tmp_path / "out", manager, claude=program).work(record, QUICK)

    assert ("deferred", "the usage limit was reached") == (result["state"], result["reason"])
    assert ("done", 1_500) == (ended.outcomes["a"].state, ended.outcomes["a"].tokens_used)
    assert f"--resume={result['session_id']}" in calls()[1]["argv"]


def test_what_a_try_took_that_was_cut_off_is_counted(
    manager: ResourceManager, world: MadeWorld, client: Callable[..., str], tmp_path: Path, folder: Path
) -> None:
    """Killed while its second try ran, a task keeps what its first one took and gets what the second had taken."""
    failed = {"tokens": 1_000, "at": at(world), "result": {**DONE, "is_error": True}}
    program = client(failed, {"tokens": 300, "at": at(world), "result": DONE})
    task = Task(id="a", prompt="x", project=str(folder), retries=1)
    saved: list[bytes] = []

    class Killed(Silent):
        def started(self, *_: object) -> None:
            saved.append((tmp_path / "out" / "checkpoint.json").read_bytes())

    OvernightExecutor(tmp_path / "out", manager, claude=program, listener=Killed()).execute_task_list([task], QUICK)
    (tmp_path / "out" / "checkpoint.json").write_bytes(saved[1])
    record = RunFolder(str(tmp_path / "out")).load()
    ended = OvernightExecutor(tmp_path / "out", manager, claude=program).work(record, QUICK)

    assert ("interrupted", 2, 1_300) == (
        ended.outcomes["a"].state,
        ended.outcomes["a"].tries,
        ended.outcomes["a"].tokens_used,
    )
    assert 1_300 == ended.tokens_used


def test_what_tasks_took_is_learned(
    manager: ResourceManager, world: MadeWorld, client: Callable[..., str], tmp_path: Path, folder: Path
) -> None:
    """The next estimate of a task is what it took."""
    task = Task(id="a", prompt="x", project=str(folder))
    before = manager.estimate(task)
    program = client({"tokens": 12_345, "at": at(world), "result": DONE})

    class Slow(Silent):
        def started(self, *_: object) -> None:
            world.at += 90.0

    OvernightExecutor(tmp_path / "out", manager, claude=program, listener=Slow()).execute_task_list([task], QUICK)
    after = manager.estimate(task)

    assert (5_000, "assumed") == (before.estimated_tokens, before.tokens_source)
    assert (10.0, "assumed") == (before.estimated_duration_minutes, before.duration_source)
    assert (12_345, "learned") == (after.estimated_tokens, after.tokens_source)
    assert (1.5, "learned") == (after.estimated_duration_minutes, after.duration_source)


RUN = """if True:
    import sys
    sys.path.insert(0, sys.argv[1])
    from watchkeeper.executor import OvernightExecutor, Task
    from watchkeeper.executor.run import Wishes
    here, out = sys.argv[2], sys.argv[3]
    note = "import sys, time; open(sys.argv[1], 'a').write(sys.argv[2] + ' '); time.sleep(0.05)"
    tasks = [
        Task(id=f"t{n}", project=here, command=(sys.executable, "-I", "-S", "-c", note, here + "/diary", f"t{n}"))
        for n in range(6)
    ]
    from watchkeeper.executor.run_folder import RunFolder
    from watchkeeper.errors import UserError
    executor = OvernightExecutor(out)
    try:
        record = RunFolder(out).load()
    except UserError:
        executor.execute_task_list(tasks, Wishes(look_s=0.02))
    else:
        executor.work(record, Wishes(look_s=0.02))
"""


@pytest.mark.parametrize("round_", range(3))
def test_killed_at_any_point_each_task_runs_once_or_is_reported(
    home: User, tmp_path: Path, folder: Path, round_: int
) -> None:
    """However often the process is killed, the checkpoint loads, and no task runs twice without being known for it."""
    out = tmp_path / "out"
    compiled = home.config / "watchkeeper" / "settings.json"
    compiled.parent.mkdir()
    compiled.write_text(json.dumps({"resources": CALM}), encoding="utf-8")
    command = [sys.executable, "-I", "-c", RUN, str(TREE / "lib"), str(folder), str(out)]
    for number in range(4):
        process = subprocess.Popen(command, env=home.environ, start_new_session=True)
        try:
            process.wait(0.35 + 0.13 * ((number * 7 + round_ * 3) % 5))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        if (out / "checkpoint.json").exists():
            RunFolder(str(out)).load()
    subprocess.run(command, env=home.environ, check=True, timeout=120)
    record = RunFolder(str(out)).load()
    written = (folder / "diary").read_text().split()

    assert {"done", "interrupted"} >= set(record.states().values())
    assert len(written) == len(set(written))
    assert {task_id for task_id, state in record.states().items() if state == "done"} <= set(written)
