"""Schedulers' programs as far as the adapters speak to them, without a program: what they hold is a value."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from watchkeeper.adapters.host import Host
from watchkeeper.adapters.run import Finished, ProgramFailed

DONE = Finished(0, "", "")


class System:
    """Answers like a scheduler's programs; `broken` makes every one of them fail."""

    def __init__(self, folder: Path) -> None:
        """Take the home of the user."""
        self.home = folder
        self.broken = False
        self.runs: list[list[str]] = []

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float,
        stdin: str = "",
        folder: str | None = None,
        extra_environment: Mapping[str, str] | None = None,
        whole_environment: Mapping[str, str] | None = None,
        accepted_codes: Collection[int] = (0,),
        **_: Any,
    ) -> Finished:
        assert 0 < timeout_s <= 60
        assert not any("\0" in word for word in argv)
        self.runs.append(list(argv))
        if self.broken:
            raise ProgramFailed(argv, "it ended with code 1", Finished(1, "", "not allowed\nhere.\n"))
        done = self.answer(list(argv), stdin, whole_environment)
        if done.code not in accepted_codes:
            raise ProgramFailed(argv, f"it ended with code {done.code}", done)
        return done

    def host(self, platform: str, installed: bool = True) -> Host:
        """Return the machine on which only this is there."""
        environ = {"HOME": str(self.home), "PATH": "/bin"}
        return Host(environ, platform, self.run, find=lambda program, _: f"/usr/bin/{program}" if installed else None)

    def answer(self, argv: list[str], stdin: str, environment: Mapping[str, str] | None) -> Finished:
        raise NotImplementedError


class AtSystem(System):
    """at, atq and atrm."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.jobs: dict[str, str] = {}
        self.started: set[str] = set()
        self._number = 0

    def answer(self, argv: list[str], stdin: str, environment: Mapping[str, str] | None) -> Finished:
        if argv[0] == "atq":
            rows = [
                f"{each}\tSat Nov 21 01:00:00 2026 {'=' if each in self.started else 'a'} ada" for each in self.jobs
            ]
            return Finished(0, "".join(f"{row}\n" for row in rows), "")
        if argv[0] == "atrm":
            for each in argv[1:]:
                del self.jobs[each]
            return DONE
        if argv[1] == "-c":
            return Finished(0, f"#!/bin/sh\numask 22\n{self.jobs[argv[2]]}", "")
        assert environment is not None
        assert environment["TZ"] == "UTC"
        assert re.fullmatch(r"\d{12}", argv[2])
        self._number += 1
        self.jobs[str(self._number)] = stdin
        return Finished(0, "", f"warning: commands will be executed using /bin/sh\njob {self._number} at Sat Nov 21\n")


class CronSystem(System):
    """crontab, which gives an editor advice where there is no crontab, and refuses what lacks a line end."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.crontab: str | None = None

    def answer(self, argv: list[str], stdin: str, environment: Mapping[str, str] | None) -> Finished:
        if argv[1] == "-e":
            if self.crontab is None:
                return Finished(0, "# Edit this file\n", "no crontab for ada - using an empty one\n")
            return Finished(0, self.crontab, "No modification made\n")
        if argv[1] == "-r":
            self.crontab = None
        elif stdin.endswith("\n"):
            self.crontab = stdin
        else:
            return Finished(1, "", "new crontab file is missing newline before EOF, can't install.\n")
        return DONE


class SystemdSystem(System):
    """systemctl --user: a timer waits once it was started."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.waiting: set[str] = set()

    def answer(self, argv: list[str], stdin: str, environment: Mapping[str, str] | None) -> Finished:
        assert argv[:2] == ["systemctl", "--user"]
        verb, units = argv[2], argv[3:]
        if verb == "is-system-running":
            return Finished(1, "degraded\n", "")
        if verb == "enable":
            assert Path(self.home, ".config/systemd/user", units[-1]).exists()
            self.waiting.add(units[-1])
        elif verb == "stop":
            if not set(units) <= self.waiting:
                return Finished(5, "", "Unit not loaded.\n")
            self.waiting -= set(units)
        elif verb == "list-units":
            rows = [f"{each} loaded active waiting Watchkeeper\n" for each in self.waiting]
            return Finished(0, "".join(rows) + "other.timer loaded active waiting Other\n", "")
        return DONE


class LaunchdSystem(System):
    """launchctl: a label that is loaded cannot be loaded again."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.loaded: set[str] = set()

    def answer(self, argv: list[str], stdin: str, environment: Mapping[str, str] | None) -> Finished:
        verb = argv[1]
        if verb == "bootstrap":
            label = Path(argv[3]).name.removesuffix(".plist")
            if label in self.loaded or not Path(argv[3]).exists():
                return Finished(5, "", "Bootstrap failed: 5: Input/output error\n")
            self.loaded.add(label)
        elif verb == "bootout":
            label = argv[2].rpartition("/")[2]
            if label not in self.loaded:
                return Finished(3, "", "Boot-out failed: 3: No such process\n")
            self.loaded.discard(label)
        elif verb == "list":
            rows = [f"-\t0\t{each}\n" for each in sorted(self.loaded)]
            return Finished(0, "PID\tStatus\tLabel\n412\t0\tcom.apple.Finder\n" + "".join(rows), "")
        return DONE


class WindowsSystem(System):
    """schtasks.exe."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.tasks: dict[str, bytes] = {}

    def answer(self, argv: list[str], stdin: str, environment: Mapping[str, str] | None) -> Finished:
        verb = argv[1]
        if verb == "/Query":
            rows = [f'"\\{name}","21.11.2026 01:00:00","Bereit"\r\n' for name in self.tasks]
            return Finished(0, '"\\Microsoft\\Windows\\Other","N/A","Ready"\r\n' + "".join(rows), "")
        name = argv[argv.index("/TN") + 1]
        if verb == "/Create":
            self.tasks[name] = Path(argv[argv.index("/XML") + 1]).read_bytes()
        else:
            del self.tasks[name]
        return DONE
