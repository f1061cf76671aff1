"""A user's configuration directory as it is after a while of use, with real hooks and commands to run on it."""

from __future__ import annotations

import compileall
import contextlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from tests.context.transcript import Transcript, numbered
from tests.support.command_table import BOOKING, EXIT_CODES
from tests.support.environment import User
from tests.support.tree import TREE
from watchkeeper.wiring.hook_entries import BOOT, FLAGS, SCRIPTS

SESSION = "95847ad0-d7c5-45bb-aa00-1664be934fc7"
HOOKS = ("SessionStart", "PostToolUse", "UserPromptExpansion", "Stop", "PreCompact", "SessionEnd")
SAID = json.dumps({"objectives": ["Guard the routes"], "estimated_tokens": 15000})
PLAN = "# Plan\n\n## Phase 1: Guard\n\n**Type**: implementation\n**Hours**: 2\n"
TASKS = '[[tasks]]\nid = "one"\ncommand = ["true"]\n\n[[tasks]]\nid = "two"\ncommand = ["true"]\nafter = ["one"]\n'

# What a person has written, below the home.
PERSONS = ("project/plan.md", "project/tasks.toml", "project/CLAUDE.md", ".claude/settings.json")
# What they have written into files and tables that commands change too.
REMARK, PLANNED, NOTE = "# My own remark.", "First", "All routes in one file."
DROPPED = "Dropped"
_RUN = "import runpy, sys\nsys.argv.pop(0)\nrunpy.run_path(sys.argv[0], run_name='__main__')"


class Household:
    """`user`'s machine: a project, a transcript, limits, a handoff, a queue, settings with a comment."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.state = user.config / "watchkeeper"
        self.project = user.home / "project"
        self.bundle = user.home.parent / "bundle"
        self.programs = user.home.parent / "programs"
        self.environ = {
            **user.environ,
            "PATH": f"{self.programs}:{user.environ['PATH']}",
            "CLAUDE_CODE_SESSION_ATTENDED": "1",
            "CLAUDE_CODE_SESSION_ID": SESSION,
        }
        self.transcript = user.config / "projects" / "-project" / f"{SESSION}.jsonl"

    def fill(self) -> Household:
        """Write what a person has written and let hooks and commands do their part.

        They run from a copy of the bundle, compiled ahead: a full disk would cut the checkout's compiled files short.
        A `claude` that does nothing stands in for whichever the machine has.
        """
        for name in ("lib", "hooks", "commands", "templates"):
            shutil.copytree(TREE / name, self.bundle / name)
        for name in ("lib", "commands"):
            compileall.compile_dir(self.bundle / name, quiet=1)
        self.programs.mkdir()
        (self.programs / "claude").write_text("#!/bin/sh\n")
        (self.programs / "claude").chmod(0o755)
        self.project.mkdir()
        for name, text in (("plan.md", PLAN), ("tasks.toml", TASKS), ("CLAUDE.md", "# Mine\n"), ("said.json", SAID)):
            (self.project / name).write_text(text)
        (self.user.config / "settings.json").write_text('{"model": "sonnet"}\n')
        told = Transcript(SESSION, str(self.project))
        told.prompt("Add sign-in to the API")
        for number in range(6):
            told.bash(20_000 + 5_000 * number, f"make step{number}", numbered(60, f"step {number}"))
        told.respond(52_000, "Done so far.")
        told.write(self.transcript.parent)
        limits = {"five_hour": {"used_percentage": 42.0, "resets_at": time.time() + 3600}}
        self.status_line(rate_limits=limits)
        self.command("config", "set", "quota.plan", "pro")
        # A busy machine is no reason to wait here.
        self.command("config", "set", "resources.load_warning_pct", "10000")
        config = self.state / "config.toml"
        config.write_text(f"{REMARK}\n{config.read_text()}")
        # Before there is a handoff, which would wait for it alone; by an id that can be typed.
        book = ("automation", "book", "--at", "in 2h", "--scheduler", "none", "--headless", "--yes")
        booked = self.command(*book, prelude=f"import secrets; secrets.token_hex = lambda _: {BOOKING!r}")
        assert 0 == booked.returncode, booked.stderr
        for command in (
            ("queue", "add", "--name", PLANNED, "--objective", "Begin", "--tokens", "20k", "--hours", "1"),
            ("queue", "add", "--name", DROPPED, "--tokens", "20k", "--hours", "1"),
            ("queue", "cancel", DROPPED),
            ("plan-next-session", "--input", "said.json"),
            ("estimate-session", "plan.md", "--save"),
            ("estimates", "phase", "start", "1"),
            ("usage",),
        ):
            done = self.command(*command)
            assert 0 == done.returncode, done.stderr
        memory = self.memory()
        kept = json.loads(memory.read_text())
        kept["cumulativeContext"]["architecture"] = NOTE
        memory.write_text(json.dumps(kept))
        return self

    def command(self, *words: str, prelude: str = "", **how: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, the Python statements of `prelude` before it."""
        return self.python(*self.command_words(words, prelude), **how)

    def command_words(self, words: Sequence[str], prelude: str = "") -> list[str]:
        """Return what stands behind the interpreter in the command line of a command."""
        main = str(self.bundle / "lib" / "watchkeeper" / "__main__.py")
        return ["-c", f"{prelude}\n{_RUN}", main, *words] if prelude else [main, *words]

    def hook(self, event: str, prelude: str = "", **how: Any) -> subprocess.CompletedProcess[str]:
        """Run an event's hook as the client does, the Python statements of `prelude` before it."""
        how.setdefault("stdin", self.told(event))
        return self.python(*self.hook_words(event, prelude), **how)

    def hook_words(self, event: str, prelude: str = "") -> list[str]:
        """Return what stands behind the interpreter in the command line of an event's hook."""
        return [*FLAGS, "-c", f"{prelude}\n{BOOT}" if prelude else BOOT, self.script(event)]

    def told(self, event: str) -> str:
        """Return what the client tells a hook, as JSON."""
        return json.dumps(self.payload(event))

    def status_line(self, **fields: Any) -> subprocess.CompletedProcess[str]:
        """Run the status line with what the client tells."""
        told = {"session_id": SESSION, "cwd": str(self.project), **fields}
        return self.python(*self.hook_words("StatusLine"), stdin=json.dumps(told))

    def python(
        self,
        *words: str,
        stdin: str = "",
        environ: Mapping[str, str] | None = None,
        without: Sequence[str] = (),
        prepare: Callable[[], object] | None = None,
        python: str = sys.executable,
        timeout_s: float = 60.0,
    ) -> subprocess.CompletedProcess[str]:
        """Run a Python with the user's environment, less `without`; `prepare` runs in the child before it."""
        variables = {**self.environ, **(environ or {})}
        for name in without:
            variables.pop(name, None)
        return subprocess.run(
            [python, *words],
            env=variables,
            cwd=self.project,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="backslashreplace",
            timeout=timeout_s,
            check=False,
            preexec_fn=prepare,
        )

    def script(self, event: str) -> str:
        """Return the path of an event's hook script."""
        return str(self.bundle / "hooks" / ("status_line.py" if event == "StatusLine" else SCRIPTS[event]))

    def payload(self, event: str, **fields: Any) -> dict[str, Any]:
        """Return what the client tells a hook."""
        special: dict[str, dict[str, Any]] = {
            "SessionStart": {"source": "startup"},
            "PostToolUse": {"tool_name": "Bash", "tool_use_id": "toolu_1", "tool_response": {"stdout": "x"}},
            "UserPromptExpansion": {"command_name": "session-status", "command_source": "plugin"},
            "PreCompact": {"trigger": "auto"},
            "SessionEnd": {"reason": "other"},
        }
        common = {"session_id": SESSION, "transcript_path": str(self.transcript), "cwd": str(self.project)}
        return {**common, "hook_event_name": event, **special.get(event, {}), **fields}

    def persons_files(self) -> dict[str, bytes]:
        """Return what a person has written, transcripts and handoffs included, by path."""
        written = [self.user.home / name for name in PERSONS] + [self.transcript]
        return {str(path): path.read_bytes() for path in [*written, *self.handoffs()]}

    def persons_words(self) -> list[str]:
        """Return those of a person's words that are left in what commands change too."""
        with contextlib.closing(sqlite3.connect(self.state / "state.db")) as db:
            planned = {row[0] for row in db.execute("SELECT name FROM planned_sessions")}
        places = ((REMARK, self.state / "config.toml"), (NOTE, self.memory()))
        return [word for word, path in places if word in path.read_text()] + [PLANNED] * (PLANNED in planned)

    def memory(self) -> Path:
        """Return the file of what is remembered of the project."""
        return next((self.user.config / "project-memory").glob("*.json"))

    def handoffs(self) -> list[Path]:
        """Return the handoffs so far."""
        return sorted((self.user.config / "session-handoffs").glob("*.md"))

    def totals(self) -> dict[str, int]:
        """Return the exact totals as the command tells them."""
        done = self.command("usage", "--json")
        assert 0 == done.returncode, done.stderr
        told = json.loads(done.stdout)
        return {name: told[name] for name in ("total_tokens", "messages")}

    def integrity(self) -> list[str]:
        """Return what SQLite finds in both files; `ok` is nothing."""
        found = []
        for name in ("usage.db", "state.db"):
            if (self.state / name).exists():
                with contextlib.closing(sqlite3.connect(self.state / name)) as db:
                    found.append(str(db.execute("PRAGMA integrity_check").fetchone()[0]))
        return found

    def keep(self, folder: Path) -> None:
        """Copy everything aside, to be brought back by `bring_back`."""
        shutil.copytree(self.user.home, folder)

    def bring_back(self, folder: Path) -> None:
        """Make everything as it was kept; whatever runs in the background, and would change it, is ended first."""
        self.end_what_runs()
        shutil.rmtree(self.user.home)
        shutil.copytree(folder, self.user.home)

    def end_what_runs(self) -> None:
        """End the jobs and daemons that hooks and commands have started from this bundle."""
        while running := [process for process in psutil.process_iter(["cmdline"]) if self._runs(process)]:
            for process in running:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            time.sleep(0.01)

    def _runs(self, process: psutil.Process) -> bool:
        return any(word.startswith(str(self.bundle)) for word in process.info["cmdline"] or ())


def is_stated(done: subprocess.CompletedProcess[str], command: Sequence[str]) -> bool:
    """Return whether a command ended as promised: done, or a stated failure in one sentence and no bug."""
    codes = EXIT_CODES.get(tuple(command), (0, 1))
    if re.search("Traceback|is a bug", done.stderr) or done.returncode not in codes:
        return False
    if tuple(command) in EXIT_CODES or command[0] == "run":
        # The code says it all, and `run` tells on standard error how far it is.
        return True
    lines = [line for line in done.stderr.splitlines() if line]
    return all(line.startswith("watchkeeper: ") for line in lines) and (done.returncode == 0 or len(lines) == 1)


def ended_badly(household: Household, commands: Sequence[tuple[str, ...]], **how: Any) -> dict[str, str]:
    """Return the commands that did not end as promised, with what they printed on standard error."""
    return {
        " ".join(command): f"{done.returncode}: {done.stderr[-600:]}"
        for command in commands
        if not is_stated(done := household.command(*command, **how), command)
    }


def broke_in(household: Household, events: Sequence[str] = HOOKS, **how: Any) -> dict[str, str]:
    """Return the hooks that would have disturbed the client: that failed, or printed what is not meant for it."""
    found = {}
    for event in events:
        done = household.hook(event, **how)
        # The summariser is told in plain text.
        is_meant = event == "PreCompact" or _is_silent_or_json(done.stdout)
        if done.returncode or done.stderr or not is_meant:
            found[event] = f"{done.returncode}: {done.stdout[-300:]} {done.stderr[-300:]}"
    return found


def files_below(folder: Path) -> Iterator[Path]:
    """Return the regular files in a folder and all below it."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _is_silent_or_json(printed: str) -> bool:
    try:
        return not printed or isinstance(json.loads(printed), dict)
    except ValueError:
        return False
