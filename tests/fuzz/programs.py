"""Readers of what other programs print and the kernel tells: the crontab, git, control groups, a Python's own words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.fuzz.inputs import documents
from tests.fuzz.reader import Reader
from watchkeeper import git
from watchkeeper.adapters.host import Host
from watchkeeper.adapters.run import Finished
from watchkeeper.adapters.scheduler import cron_line
from watchkeeper.adapters.scheduler.at import At
from watchkeeper.adapters.scheduler.cron import Cron
from watchkeeper.adapters.scheduler.launchd import Launchd
from watchkeeper.adapters.scheduler.naming import Owner
from watchkeeper.adapters.scheduler.port import Scheduler
from watchkeeper.adapters.scheduler.systemd import Systemd
from watchkeeper.adapters.scheduler.task_scheduler import TaskScheduler
from watchkeeper.estimates import code_size
from watchkeeper.resources import container
from watchkeeper.wiring import interpreter, shell_words
from watchkeeper.wiring.programs import Completed

OWNER = Owner("0123abcd")
NAME = OWNER.name("bk-1", 1_795_200_000.0)
OTHERS = Owner("ffff0000").name("bk-1", 1_795_200_000.0)
CRONTAB = f"""# m h dom mon dow command
SHELL=/bin/sh
0 5 * * 1 tar -zcf /var/backups/home.tgz /home/ # weekly
0,1,15,16 * * * * [ $(date +\\%s) -ge 1795200000 ] || exit 0; claude # Watchkeeper {NAME}
#0,1 * * * * exit 0 # Watchkeeper {OTHERS}
"""
STATUS = """\
# branch.oid 0123456789abcdef0123456789abcdef01234567
# branch.head main
# branch.upstream origin/main
1 .M N... 100644 100644 100644 0123456 0123456 src/a b.py
u UU N... 100644 100644 100644 100644 0123456 0123456 0123456 c.py
? new.txt
""".replace("\n", "\0")
COUNTED = "HEAD:a.py\x0012\nHEAD:b\nc.py\x0030\n"
GROUPS = "12:memory:/docker/1\n3:cpu,cpuacct:/x\n0::/user.slice/a.service\n"
GROUP_FILES = f"{GROUPS}\f2147483648\n\fanon 100\ninactive_file 4096\ntotal_inactive_file 8192\n"
ATQ = b"12\tFri Nov 20 18:30:00 2026 a root\n13\tSat Nov 21 09:00:00 2026 = root\n"
AT_JOB = f"#!/bin/sh\numask 22\n# Watchkeeper\n# {NAME}\nclaude\n".encode()
UNITS = f"{NAME}.timer loaded active waiting Watchkeeper: My project\n{OTHERS}.timer loaded failed failed x\n".encode()
AGENTS = f"PID\tStatus\tLabel\n-\t0\t{NAME}\n412\t0\tcom.apple.x\n".encode()
TASKS = f'"\\{NAME}","21.11.2026 18:30:00","Bereit"\n"\\{OTHERS}","N/A","Ready"\n'.encode()
COMMAND = "FOO=1 '/opt/watch keeper/bin/watchkeeper' status-line \"$HOME/x\" && echo done"


def _crontab(text: str, _: Path) -> None:
    """A crontab without our lines is the user's own, byte for byte."""
    for name in {*cron_line.names(text, switched_off=True), NAME}:
        found = OWNER.read(name)
        assert found is None or found[1] >= 0
        left = cron_line.without(text, {name})
        assert name not in cron_line.names(left, switched_off=True)
        kept = [line for line in text.split("\n") if name not in line]
        assert set(kept) <= {*left.split("\n"), ""}


def _name(text: str, _: Path) -> None:
    found = OWNER.read(text)
    if found is not None:
        assert text.startswith(OWNER.prefix() + found[0])


def _repository(text: str, folder: Path) -> None:
    found = git.repository_of(text, str(folder), "subject")
    assert found.branch.isprintable()
    assert all(path.isprintable() for path in found.changed)
    assert bool(found.changed) == bool(found.fingerprint)


def _counted(text: str, _: Path) -> None:
    assert code_size.total_of(text) >= 0


def _memory(text: str, _: Path) -> None:
    groups, limit, statistics = [*text.split("\f"), "", ""][:3]

    def read(path: str) -> str | None:
        if path == "/proc/self/cgroup":
            return groups
        return statistics if path.endswith("memory.stat") else limit

    found = container.memory_limit(read)
    assert found is None or (found.limit_bytes > 0 and found.used_bytes >= 0)


def _jobs(scheduler: Callable[[Host], Scheduler]) -> Callable[[str, Path], None]:
    def read(text: str, folder: Path) -> None:
        host = Host({"HOME": str(folder)}, run=lambda *_, **__: Finished(0, text, text))
        for booked in scheduler(host).booked():
            assert (booked.id, booked.at) == OWNER.read(OWNER.name(booked.id, booked.at))

    return read


def _interpreter(text: str, _: Path) -> None:
    found = interpreter.prove("/usr/bin/python3", lambda *_, **__: Completed(0, text))
    assert found is None or len(found.version) == 3


def _words(text: str, _: Path) -> None:
    assert all(isinstance(word, str) for word in (*shell_words.of(text), *shell_words.roughly(text)))


READERS = {
    "crontab": Reader(documents(CRONTAB.encode()), _crontab, is_text=True),
    "scheduled job's name": Reader(documents(NAME.encode(), OTHERS.encode()), _name, is_text=True),
    "git's status": Reader(documents(STATUS.encode()), _repository, is_text=True),
    "git's count": Reader(documents(COUNTED.encode()), _counted, is_text=True),
    "control groups": Reader(documents(GROUP_FILES.encode()), _memory, is_text=True),
    "command line": Reader(documents(COMMAND.encode()), _words, is_text=True),
    "at's list": Reader(documents(ATQ), _jobs(lambda host: At(OWNER, host)), is_text=True),
    "at's job": Reader(documents(AT_JOB, ATQ + AT_JOB), _jobs(lambda host: At(OWNER, host)), is_text=True),
    "cron's list": Reader(documents(CRONTAB.encode()), _jobs(lambda host: Cron(OWNER, host)), is_text=True),
    "systemd's list": Reader(documents(UNITS), _jobs(lambda host: Systemd(OWNER, host)), is_text=True),
    "launchd's list": Reader(documents(AGENTS), _jobs(lambda host: Launchd(OWNER, host)), is_text=True),
    "Windows' list": Reader(documents(TASKS), _jobs(lambda host: TaskScheduler(OWNER, host)), is_text=True),
    "Python's answer": Reader(documents(b"3 12 1 cpython-312 True\n"), _interpreter, is_text=True),
}
