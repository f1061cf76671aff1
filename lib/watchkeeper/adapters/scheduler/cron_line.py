"""The line of a crontab that starts a job once: built, found again and taken out."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING

from watchkeeper.adapters.program import UnfitProgram, plain_line

from . import shell

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from .port import Job

LOCK = "/tmp/watchkeeper-crontab-{uid}"  # noqa: S108 - a folder made to keep others out; nothing is read from it
_LONGEST_COMMAND_BYTES = 990
"""Vixie's cron has room for 999 and cuts off what is longer without a word."""
_NAME = re.compile(r"watchkeeper-\S+")

# cron has no year, knows only its own time zone and skips or repeats an hour twice a year. So the line wakes up in
# every hour, in the minutes that are right in any zone (all differ from UTC by quarters), and once more a minute later
# for a crontab that was written too late; it looks at the clock and goes on only when its time has come. That also
# catches up after the machine was off.
_NOT_YET = r"[ $(date +\%s) -ge {at} ] || exit 0"
# Nothing is written unless all of the crontab was read (see Cron for how) and copied.
_TAKE_OUT = (
    "l={lock}; for i in 1 2 3 4 5; do mkdir $l 2>/dev/null && break; sleep 1; done; "
    't=$(mktemp) && VISUAL=cat crontab -e >$t 2>/dev/null && LC_ALL=C sed "/ {name}[[:space:]]*\\$/d" $t >$t- && '
    "if [ -s $t- ]; then crontab $t-; else crontab -r; fi; rm -f $t $t-; rmdir $l"
)


def line(job: Job, name: str, at: float) -> str:
    """Return the line with its line end; `at` is a full minute in epoch seconds."""
    minutes = sorted({(int(at) // 60 + quarter + late) % 60 for quarter in (0, 15, 30, 45) for late in (0, 1)})
    steps = [_NOT_YET.format(at=int(at)), _TAKE_OUT.format(lock=LOCK.format(uid="$(id -u)"), name=name)]
    text = f"{'; '.join([*steps, shell.command(job, quoted)])} # {plain_line(job.label)} {name}"
    if len(os.fsencode(text)) > _LONGEST_COMMAND_BYTES:
        raise UnfitProgram(f"a line of a crontab has room for {_LONGEST_COMMAND_BYTES} bytes, and the paths are longer")
    return f"{','.join(map(str, minutes))} * * * * {text}\n"


def quoted(word: str) -> str:
    """Return a word for `sh` in a crontab, where a bare `%` ends the command and a line end the entry.

    Outside of quotes a backslash keeps the `%` for cron and for the shell alike. The third character of IFS, as every
    shell starts with it, is the line end. Some crons make one backslash of two: quotes that end and begin keep those
    apart.
    """
    lines = ["\\%".join(shlex.quote(part) if part else "" for part in each.split("%")) for each in word.split("\n")]
    return re.sub(r"\\(?=\\)", r"\\''", '"${IFS#??}"'.join(lines)) or "''"


def names(crontab: str, switched_off: bool = False) -> Iterator[str]:
    """Yield the names of the jobs in a crontab; those in lines that somebody made a comment only if asked for."""
    for each in crontab.split("\n"):
        name = _name_in(each)
        if name is not None and (switched_off or not each.lstrip().startswith("#")):
            yield name


def without(crontab: str, taken_out: Collection[str]) -> str:
    """Return a crontab without the lines of these jobs, byte for byte otherwise.

    Only a line end is added where the last line has none: cron refuses such a crontab.
    """
    lines = [each for each in crontab.split("\n") if _name_in(each) not in taken_out]
    if lines[-1:] != [""]:
        lines.append("")
    return "\n".join(lines)


def _name_in(text: str) -> str | None:
    before, _, name = text.rstrip().rpartition(" ")
    return name if "# " in before and _NAME.fullmatch(name) else None
