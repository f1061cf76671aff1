"""What is handed to each scheduler, word by word, on every system, and read back by the rules of its format."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.golden import assert_golden_text
from tests.support.hostile import HOSTILE, NOT_UTF8
from watchkeeper.adapters.program import UnfitProgram
from watchkeeper.adapters.scheduler import at, cron_line, launchd, task_xml, unit_text
from watchkeeper.adapters.scheduler.naming import Owner
from watchkeeper.adapters.scheduler.port import Job

AT = 1_795_198_200.0
"""2026-11-20 18:10 UTC."""
CONFIG = '/home/ada/it\'s 100% "q" $(id)\n.claude ü'
JOB = Job(
    "b-17",
    AT,
    ("/opt/python", "-I", "-X", "utf8", f"{CONFIG}/main.py", "automation", "fire", "b-17", "--config-dir", CONFIG),
    CONFIG,
    "Watchkeeper: the next session",
    {"HOME": "/home/ada", "GREETING": "a % b\n'c' \"$d\" \\"},
)
NAME = Owner("0a1b2c3d").name(JOB.id, JOB.at)
WINDOWS = JOB._replace(
    argv=(r"C:\Program Files\Python\python.exe", "-I", "-X", "utf8", "C:\\a b\\100%USERNAME% & $(Arg0)\\", 'say "hi"'),
    folder=r"C:\Users\Ada Ü",
    environment={},
)
OWN_FILES = [f"{CONFIG}/{name}" for name in ("wants.timer", "a.timer", "a.service", "stamp")]


def test_at() -> None:
    """at is given a script whose every word is quoted, and a time in UTC, which no change of clocks touches."""
    assert_golden_text("scheduler-at.txt", at.script(JOB, NAME, None))
    assert ["at", "-t", "202611201810"] == at.command(AT)


def test_at_keeps_the_users_time_zone() -> None:
    """The clock that at is set to for booking is not the job's."""
    assert "\nexport TZ='a b'\n" in at.script(JOB, NAME, "a b")


def test_at_is_told_little() -> None:
    """at writes its environment into the job: of the user's only what a program needs to start is there."""
    given_environment = {
        "PATH": "/bin",
        "HOME": "/home/ada",
        "ANTHROPIC_API_KEY": "secret",
        "SHELL": "/bin/fish",
        "USER": "",
    }

    assert {"PATH": "/bin", "HOME": "/home/ada", "TZ": "UTC", "SHELL": "/bin/sh"} == at.environment(given_environment)


def test_crontab_line() -> None:
    """cron is given one line that waits for its time and takes itself out."""
    line = cron_line.line(JOB, NAME, AT)

    assert_golden_text("scheduler-crontab.txt", line)
    assert [NAME] == list(cron_line.names(line))
    assert 1 == line.count("\n")


def test_crontab_line_has_no_bare_percent_sign() -> None:
    """Each `%` has a backslash, without which cron would end the command there."""
    assert [] == re.findall(r"(?<!\\)%", cron_line.line(JOB, NAME, AT))


def test_crontab_line_has_its_length() -> None:
    """A line that cron would refuse or cut off is not written."""
    with pytest.raises(UnfitProgram, match="room for 990 bytes"):
        cron_line.line(JOB._replace(folder="/" + "x" * 900), NAME, AT)


@pytest.mark.parametrize("minute", range(0, 60, 7))
def test_crontab_line_wakes_in_every_zone(minute: int) -> None:
    """In any zone that differs from UTC by quarters of an hour one of the minutes is the right one, in any hour."""
    fields = cron_line.line(JOB, NAME, AT - 600 + minute * 60).split(" ")[:5]
    minutes = {int(each) for each in fields[0].split(",")}

    assert {(minute + quarter) % 60 for quarter in (0, 15, 30, 45)} <= minutes
    assert ["*"] * 4 == fields[1:]


def test_units() -> None:
    """systemd is given a timer in UTC that is caught up on, and a service that deletes both."""
    assert_golden_text("scheduler-systemd.timer", unit_text.timer(JOB, AT))
    assert_golden_text("scheduler-systemd.service", unit_text.service(JOB, OWN_FILES))


def test_property_list() -> None:
    """launchd is given an agent that looks at the clock, deletes its file, and unloads itself at the end."""
    content = launchd.agent(JOB, NAME, AT, "/Users/ada/Library/LaunchAgents/a.plist")

    assert_golden_text("scheduler-launchd.plist", content.decode("utf-8"))


def test_task() -> None:
    """Windows is given a task in UTF-16 that runs once, when it can, and then deletes itself."""
    content = task_xml.document(WINDOWS, NAME, AT)

    assert content.startswith((b"\xff\xfe", b"\xfe\xff"))
    assert_golden_text("scheduler-task.xml", content.decode("utf-16"))


# The part of the schema of [MS-TSCH] 2.5 that tasks of ours use: the children of each element; those of a trigger
# have an order.
SCHEMA: dict[str, set[str] | list[str]] = {
    "Task": {"RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"},
    "RegistrationInfo": {"Description"},
    "Triggers": {"TimeTrigger"},
    "TimeTrigger": ["Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit", "RandomDelay"],
    "Principals": {"Principal"},
    "Principal": {"UserId", "LogonType", "GroupId", "DisplayName", "RunLevel"},
    "Settings": {
        "AllowStartOnDemand",
        "RestartOnFailure",
        "MultipleInstancesPolicy",
        "DisallowStartIfOnBatteries",
        "StopIfGoingOnBatteries",
        "AllowHardTerminate",
        "StartWhenAvailable",
        "DeleteExpiredTaskAfter",
        "ExecutionTimeLimit",
        "Enabled",
        "Hidden",
        "WakeToRun",
        "Priority",
    },
    "Actions": ["Exec"],
    "Exec": {"Command", "Arguments", "WorkingDirectory"},
}
VALUES = {
    "StartBoundary": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "EndBoundary": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "LogonType": "InteractiveToken",
    "RunLevel": "LeastPrivilege|HighestAvailable",
    "MultipleInstancesPolicy": "Parallel|Queue|IgnoreNew|StopExisting",
    "DisallowStartIfOnBatteries": "true|false",
    "StopIfGoingOnBatteries": "true|false",
    "StartWhenAvailable": "true|false",
    "DeleteExpiredTaskAfter": "PT0S",
    "ExecutionTimeLimit": "PT0S",
    "Command": ".{1,260}",
    "WorkingDirectory": ".{1,260}",
    "Arguments": "(?s:.+)",
    "Description": "(?s:.*)",
}


def test_task_keeps_to_the_schema() -> None:
    """Every element stands where the schema wants it, with a value that it allows; the context names a principal."""
    task = ET.fromstring(task_xml.document(WINDOWS, NAME, AT))
    namespace = f"{{{task_xml.NAMESPACE}}}"
    for element in task.iter():
        tag = element.tag.removeprefix(namespace)
        children = [each.tag.removeprefix(namespace) for each in element]
        allowed = SCHEMA.get(tag)
        if allowed is None:
            assert [] == children
            assert re.fullmatch(VALUES[tag], element.text or ""), tag
        elif isinstance(allowed, list):
            assert sorted(children, key=allowed.index) == children
        else:
            assert len(children) == len(set(children))
            assert set(children) <= allowed
    principal = task.find(f".//{namespace}Principal")
    actions = task.find(f"{namespace}Actions")
    assert principal is not None
    assert actions is not None
    assert principal.get("id") == actions.get("Context")


@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text('ab "\\%$( \t'))))
def test_windows_takes_the_words_apart_again(words: list[str]) -> None:
    """The one line is taken apart, by the rules of the C library, into the words it was made of."""
    assert words == taken_apart(task_xml.arguments(words))


@given(st.text("aA0%$()"))
def test_task_scheduler_finds_nothing_to_replace(word: str) -> None:
    """No `%NAME%` and no `$(NAME)` of letters is left in it."""
    line = task_xml.arguments([word])

    assert [] == re.findall(r"%\w+%|\$\(", line)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"argv": (r"C:\%A%\python.exe",)}, "no path with %"),
        ({"folder": "C:\\$(x)"}, "no path with %"),
        ({"folder": "C:\\" + "x" * 260}, "at most 260"),
        ({"argv": ("C:\\python.exe", "\x01")}, "control characters"),
        ({"argv": ("C:\\python.exe", NOT_UTF8)}, "control characters"),
    ],
    ids=["variable", "context", "long", "control", "surrogate"],
)
def test_task_says_what_it_cannot_hold(changed: dict[str, object], reason: str) -> None:
    """What the format cannot hold, or Windows would change, is refused with the reason."""
    with pytest.raises(UnfitProgram, match=reason):
        task_xml.document(WINDOWS._replace(**changed), NAME, AT)  # type: ignore[arg-type]


def taken_apart(line: str) -> list[str]:
    """Return the arguments that a program of Microsoft's C library has of a command line."""
    words: list[str] = []
    word: str | None = None
    quoted = False
    at = 0
    while at < len(line):
        slashes = len(line) - at - len(line[at:].lstrip("\\"))
        if slashes and line[at + slashes : at + slashes + 1] == '"':
            word = (word or "") + "\\" * (slashes // 2)
            at += slashes
            if slashes % 2:
                word += '"'
                at += 1
            continue
        each = line[at]
        at += 1
        if each == '"':
            word = word or ""
            if quoted and line[at : at + 1] == '"':
                word += '"'
                at += 1
            else:
                quoted = not quoted
        elif each in " \t" and not quoted:
            words += [] if word is None else [word]
            word = None
        else:
            word = (word or "") + each
    return words + ([] if word is None else [word])
