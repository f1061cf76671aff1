"""Readers of what people and models write: plans, handoffs, task lists, settings, wishes, memories, calendar files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.fuzz.inputs import documents, json_texts
from tests.fuzz.reader import Reader
from tests.handoff.samples import AUTH
from tests.support.clock import NOON
from watchkeeper.config import file as config_file
from watchkeeper.config import model, problems, words
from watchkeeper.config.duration import parse_duration
from watchkeeper.config.hours import parse_hours
from watchkeeper.config.moment import parse_moment
from watchkeeper.core import paths as places
from watchkeeper.errors import UserError
from watchkeeper.estimates import libraries, model_file, plan_block, plan_file, tracking_document
from watchkeeper.executor import task_list
from watchkeeper.handoff import document, injection, markdown, masking, memory, said, start_time
from watchkeeper.monitor import termination
from watchkeeper.planner import calendar, wanted

SESSION = "95847ad0-d7c5-45bb-aa00-1664be934fc7"
PLAN = b"""---
title: Sign-in
tokens: 45k-60k
---
# Plan: sign-in

**Total hours**: 6  **Code quality**: mixed
| Phase | Hours | Tokens |
| --- | --- | --- |
| Guard | 2-3 | 20k-30k |

## Phase 1: Guard the routes (2-3 hours)

**Type**: implementation
**New libraries**: fastapi, pydantic
- [x] Add the guard with [zod](https://zod.dev)
- [ ] Test it: `npm i jest`
  - deeper, 1 to 2 h

Base: 2.5h x 8,000/h x 1.5 (new) = 30,000

<!-- watchkeeper: estimate begins; written anew by /estimate-session --write -->
About 20,000 tokens.
<!-- watchkeeper: estimate ends -->

## Phase 2: Refresh tokens

**Hours**: 3
**Risks**: high (+20k tokens)

```python
import requests
```

## Risks

1. The mail account is missing (5,000 tokens)
   - Mitigation: a mock
"""
PLAIN_PLAN = b"""# To do

- Sign-up (2h)
- [ ] Sign-in, 90 min
- Mail: 1-2 days

| Step | Estimated time |
|---|---|
| Deploy | 4 to 6 hours |
"""
HANDOFF = markdown.render(AUTH).encode()
SAID = {
    "title": "Sign-in",
    "accomplished": ["Sign-up"],
    "tests": "15 of 15",
    "objectives": [["Guard", 15000, "a step"], {"title": "Refresh", "steps": ["b"], "tokens": "18k"}, "Mail"],
    "files_to_read": [["a.py", "why"], "b.py"],
    "commands": ["npm test"],
    "decisions": ["Tokens"],
    "estimated_tokens": "45k",
    "at": "reset",
}
TASKS = b"""name = "night"
project = "."
[[tasks]]
id = "one"
command = ["true"]
retries = 2
thermal_risk = "high"
[[tasks]]
id = "two"
prompt = "Do it"
after = ["one"]
budget_usd = 1.5
estimated_tokens = 5000
check = ["test", "-e", "x"]
"""
TASKS_AS_JSON = {
    "name": "night",
    "permission_mode": "plan",
    "tasks": [
        {"id": "one", "command": ["true"], "estimated_minutes": 5, "priority": "high"},
        {"id": "two", "prompt": "x", "after": ["one"], "estimated_ram_gb": 0.5, "complexity": "simple"},
    ],
}
CONFIG = b"""# mine
[quota]
plan = "pro"   # for now
alerts = [50, 80]
limit_tokens = 0
levels = { danger = 81 }

[planner]
time_zone = "Europe/Berlin"
working_hours = ["mon-fri 9-17"]
quiet_hours = ["22:00-06:00"]

[automation]
auto_schedule = true
retry_minutes = 30

[advice.quota]
fresh = "Go."
"""
WANTED = {
    "name": "Sign-in",
    "objectives": ["Guard"],
    "tokens": "15-20k",
    "hours": "1.5",
    "priority": "high",
    "after": ["first"],
    "at": "reset+5m",
    "id": "sign-in",
}
MEMORY = {
    "projectPath": "/p",
    "projectName": "p",
    "sessions": [
        {
            "id": SESSION,
            "startTime": "2026-11-20T12:00:00+00:00",
            "endTime": None,
            "tokensUsed": 42_000,
            "handoffFile": "handoff-1.md",
            "accomplishments": ["Sign-up"],
            "nextObjectives": ["Guard"],
        }
    ],
    "cumulativeContext": {
        "techStack": ["Python"],
        "architecture": "layers",
        "testingFramework": "pytest",
        "keyDecisions": ["Tokens"],
    },
    "watchkeeper": {"techStack": ["python"], "architecture": "layers", "sessions": {SESSION: "5eed"}},
}
NOTE = memory.SessionNote("s-2", "2026-11-20T13:00:00+00:00", "", None, "", ("Guarded",), ("Refresh",))
TRACKING = {
    "sessionId": SESSION,
    "actual": {"totalTokens": 9, "phases": {"phase1": {"completed": True, "notes": "mine"}}},
    "deviations": [{"phase": "phase1", "reason": "debugging", "category": "debugging", "lesson": None}],
}
ENTRY = calendar.Entry(
    "session-1@watchkeeper", "Sign-in, part 2", "Guard;\nrefresh", "/p", NOON, NOON + 3_600, NOON - 9
)
CALENDAR = calendar.calendar_text(
    [(ENTRY, calendar.Stamp(3, NOON))], ZoneInfo("Europe/Berlin"), "Europe/Berlin", (30, 5), "Claude sessions"
)
MOMENTS = (
    *(b"18:30", b"6:40 pm", b"tomorrow at 9:00", b"2026-11-20T14:00:05.25+01:00"),
    *(b"in 2h30m", b"3d ago", b"yesterday"),
)
OPTIONS = (
    *(b"quota.alerts 50,80", b"quota.alerts [50, 80]", b"planner.working_hours mon-fri 9-17", b"quota.plan pro"),
    *(b"automation.tries 200_000", b"context.steer on", b'advice.quota.fresh "Go."', b"quota.levels.danger 81.5"),
)
SECRETS = (b'export API_KEY="sk-ant-0123456789abcdef0123"', b"password: hunter2x, token=ghp_" + b"a1" * 18)
CONTINUATIONS = (f"claude --resume {SESSION} 'go on'".encode(), b"claude -c", b'claude "go on"')
CODE = b"import a.b\nfrom c import d\nnpm i @x/y\nuse serde::de;\n"


def _plan(data: bytes, _: Path) -> None:
    plan = plan_file.parse(data, "plan.md")
    assert 0 < len(plan.phases) <= plan_file.MOST_PHASES
    for phase in plan.phases:
        assert phase.name
        assert len(phase.name) <= plan_file.LONGEST_NAME
        assert phase.hours is None or 0 <= phase.hours.low <= phase.hours.high


def _block(data: bytes, _: Path) -> None:
    """Our block goes into any file and out again."""
    once = plan_block.with_block(data, "About 20,000 tokens.\n- mine")
    assert once == plan_block.with_block(once, "About 20,000 tokens.\n- mine")
    again = plan_block.with_block(once, "More.")
    assert len(plan_block.without(again)) < len(again)
    if b"watchkeeper: estimate" not in data:
        assert again.startswith(data)
        assert not plan_block.without(again)[len(data) :].strip()


def _handoff(text: str, _: Path) -> None:
    parts = document.split(text)
    parts.text("project").encode("utf-8")
    parts.number("changed_files")
    told = injection.handoff_text(parts, "handoff-1", "/h.md", [], 60.0)
    assert len(told) <= injection.MOST_CHARACTERS
    told.encode("utf-8", "strict" if _is_storable(text) else "replace")


def _handoff_of_parts(text: str, _: Path) -> None:
    """What is read is written so that it is read the same."""
    handoff = markdown.parse(text)
    if _is_storable(text):
        assert handoff == markdown.parse(markdown.render(handoff))


def _is_storable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _said(data: bytes, _: Path) -> None:
    text = data.decode("utf-8", "replace")
    found = said.parse(text)
    assert found.objectives
    assert all(each.title for each in found.objectives)


def _task_list(name: str) -> Any:
    def read(_: bytes, folder: Path) -> None:
        found = task_list.read(str(folder / name))
        ids = [task.id for task in found.tasks]
        assert len(set(ids)) == len(ids)
        assert all(os.path.isabs(task.project) for task in found.tasks)
        # What is kept of a task in a checkpoint is the task.
        data = json.loads(found.model_dump_json(exclude_defaults=True))
        assert found == task_list.checked(data, "again", str(folder))

    return read


def _config(_: bytes, folder: Path) -> None:
    data = config_file.read(places.paths_in(str(folder), {})).data
    assert not problems.problems_in(data)
    # It can be compiled, which JSON has to carry.
    assert data == json.loads(json.dumps(data, allow_nan=False))


def _option(text: str, _: Path) -> None:
    option, *typed = text.split(" ")
    if option in model.options():
        value = words.value_of(typed, option, {})
        # What is a value may still stand against the other options, which is said of it or its table.
        assert all(option.startswith(each.option) for each in problems.problems_in(words.nested(option, value)))


def _wanted(data: bytes, _: Path) -> None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict):
        found = wanted.checked(value)
        assert found == wanted.checked(found.model_dump(mode="json", exclude_unset=True))


def _moment(text: str, _: Path) -> None:
    for direction in ("future", "past"):
        at = parse_moment(text, NOON, direction=direction)
        assert abs(at) < 1e12


def _start(text: str, _: Path) -> None:
    start = start_time.parse_start(text, NOON + 3_600, NOON)
    assert start.at is None or start.at >= NOON


def _duration(text: str, _: Path) -> None:
    assert 0 < parse_duration(text) <= 366 * 86_400


def _hours(text: str, _: Path) -> None:
    hours = parse_hours(text)
    assert hours.days
    assert 0 <= hours.start_min < hours.end_min


def _memory(_: bytes, folder: Path) -> None:
    known = memory.read(str(folder / "m.json"))
    told = injection.memory_text(known, "s-2", (None, 40.0))
    assert len(told) <= injection.MOST_MEMORY_CHARACTERS
    context = memory.context_of(known)
    fresh = memory.merged(known, "/p", NOTE, context._replace(tech_stack=("Python", "Redis")))
    assert memory.sessions_of(fresh)
    # Taken in twice is taken in once, and what was written is what is read.
    assert json.dumps(fresh) == json.dumps(
        memory.merged(json.loads(json.dumps(fresh)), "/p", NOTE, context._replace(tech_stack=("Python", "Redis")))
    )


def _tracking(_: bytes, folder: Path) -> None:
    known = tracking_document.read(str(folder / "t.json"))
    filled = tracking_document.filled_in(known, 1, reason="debugging")
    assert any(each.get("reason") == "debugging" for each in filled["deviations"])
    assert model_file.read(str(folder / "t.json")) in (known, None)


def _calendar(data: bytes, _: Path) -> None:
    for standing in (calendar.standing_events(data) or {}).values():
        assert standing.stamp.sequence == int(standing.stamp.sequence)


def _masked(text: str, _: Path) -> None:
    once, found = masking.masked(text)
    assert found >= 0
    assert masking.masked(once)[0] == once


def _termination(text: str, _: Path) -> None:
    split = termination.split(text)
    termination.check_of_a_model(split)
    # A model may have its own conversation go on, and nothing else.
    assert split[:1] in ((), ("claude",)) or (len(split) == 1 and not split[0].startswith("-"))


READERS = {
    "plan": Reader(documents(PLAN, PLAIN_PLAN), _plan, (UserError,)),
    "block in a plan": Reader(documents(PLAN, PLAIN_PLAN), _block),
    "handoff": Reader(documents(HANDOFF), _handoff, is_text=True),
    "handoff's parts": Reader(documents(HANDOFF), _handoff_of_parts, (ValueError,), is_text=True),
    "handoff as JSON": Reader(json_texts(SAID), _said, (UserError,)),
    "task list": Reader(documents(TASKS), _task_list("t.toml"), (UserError,), file="t.toml"),
    "task list as JSON": Reader(json_texts(TASKS_AS_JSON), _task_list("t.json"), (UserError,), file="t.json"),
    "configuration": Reader(documents(CONFIG), _config, (UserError,), file="watchkeeper/config.toml"),
    "option": Reader(documents(*OPTIONS), _option, (UserError,), is_text=True),
    "session to queue": Reader(json_texts(WANTED), _wanted, (UserError,)),
    "moment": Reader(documents(*MOMENTS), _moment, (UserError,), is_text=True),
    "start": Reader(documents(b"reset+5m", b"18:05", b"manual", b"in 3h"), _start, (UserError,), is_text=True),
    "duration": Reader(documents(b"1h30m", b"90 min", b"2.5 days"), _duration, (UserError,), is_text=True),
    "hours": Reader(documents(b"mon-fri 9-17", b"sat, sun 22:00 to 4am"), _hours, (ValueError,), is_text=True),
    "project memory": Reader(json_texts(MEMORY), _memory, (memory.Unreadable,), file="m.json"),
    "tracked session": Reader(json_texts(TRACKING), _tracking, file="t.json"),
    "calendar file": Reader(documents(CALENDAR), _calendar),
    "text with secrets": Reader(documents(*SECRETS), _masked, is_text=True),
    "continuation over MCP": Reader(documents(*CONTINUATIONS), _termination, (UserError,), is_text=True),
    "names in code": Reader(documents(CODE), lambda text, _: list(libraries.installed(text)), is_text=True),
}
