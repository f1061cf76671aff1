"""A task for the Task Scheduler of Windows, in the XML that [MS-TSCH] 2.5 defines."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from watchkeeper.adapters.program import UnfitProgram, plain_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .port import Job

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
# Missed by more than this, it is deleted without having run.
_KEPT_S = 30 * 86_400
_LONGEST_PATH = 260
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(job: Job, name: str, at: float) -> bytes:
    """Return the task called `name`, due at `at`, as the file that schtasks takes: UTF-16 with its mark."""
    task = ET.Element("Task", version="1.2", xmlns=NAMESPACE)
    _put(task, "RegistrationInfo/Description", plain_line(job.label))
    _put(task, "Triggers/TimeTrigger/StartBoundary", _moment(at))
    _put(task, "Triggers/TimeTrigger/EndBoundary", _moment(at + _KEPT_S))
    ET.SubElement(ET.SubElement(task, "Principals"), "Principal", id="Author")
    _put(task, "Principals/Principal/LogonType", "InteractiveToken")
    _put(task, "Principals/Principal/RunLevel", "LeastPrivilege")
    for setting, value in {
        "MultipleInstancesPolicy": "IgnoreNew",
        "DisallowStartIfOnBatteries": "false",
        "StopIfGoingOnBatteries": "false",
        "StartWhenAvailable": "true",
        "DeleteExpiredTaskAfter": "PT0S",
        "ExecutionTimeLimit": "PT0S",
    }.items():
        _put(task, f"Settings/{setting}", value)
    actions = ET.SubElement(task, "Actions", Context="Author")
    # The second action comes when the first has ended: a task that is deleted first would start nothing.
    for argv, folder in ((job.argv, job.folder), (("schtasks.exe", "/Delete", "/TN", name, "/F"), None)):
        action = ET.SubElement(actions, "Exec")
        _put(action, "Command", _fixed(argv[0]))
        if len(argv) > 1:
            _put(action, "Arguments", arguments(argv[1:]))
        if folder is not None:
            _put(action, "WorkingDirectory", _fixed(folder))
    ET.indent(task)
    return f'<?xml version="1.0" encoding="UTF-16"?>\n{ET.tostring(task, "unicode")}\n'.encode("utf-16")


def arguments(words: Sequence[str]) -> str:
    """Return words as the one line that Windows gives a program, which takes it apart by the rules of its C library.

    The Task Scheduler replaces `%NAME%` and `$(NAME)` in it and has no way to escape them. So `%`, and the parenthesis
    after a `$`, stand outside of the quotes: with a quote beside them they name nothing that there is.
    """
    return " ".join(map(_argument, words))


def _argument(word: str) -> str:
    parts = re.split(r"(%|(?<=\$)\()", word)
    return "".join(each if index % 2 else _quoted(each) for index, each in enumerate(parts) if each) or '""'


def _quoted(part: str) -> str:
    # A backslash counts only before a quote, where it is doubled.
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', part)
    return '"' + re.sub(r"(\\+)$", r"\1\1", escaped) + '"'


def _fixed(text: str) -> str:
    if len(text) > _LONGEST_PATH:
        raise UnfitProgram(f"the Task Scheduler takes paths of at most {_LONGEST_PATH} letters")
    if "%" in text or "$(" in text:
        raise UnfitProgram(f"the Task Scheduler takes no path with % or $( in it, as {text}")
    return text


def _moment(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(math.ceil(at)))


def _put(element: ET.Element, path: str, text: str) -> None:
    if _FORBIDDEN.search(text):
        raise UnfitProgram("a task of Windows holds no control characters")
    for tag in path.split("/"):
        found = element.find(tag)
        element = ET.SubElement(element, tag) if found is None else found
    element.text = text
