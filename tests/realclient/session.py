"""The real client as one made-up user in one project: settings, recorders, and runs headless or in a terminal."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tests.realclient.client_install import VERSION
from tests.realclient.terminal import WAIT_S, Terminal
from tests.support.environment import User

API_KEY = "sk-ant-made-up-00000000000000000000"
OAUTH_TOKEN = "made-up-oauth-token"
ALLOWED_TOOLS = ("Bash", "Read", "Write", "Edit", "Glob", "Grep", "Agent")
RUN_TIMEOUT_S = 60.0
RECORDER = Path(__file__).with_name("recorder.py")
STATUS_LINE = "StatusLine"
"""What `recorded` calls the status line, whose payload names no event."""

# Variables of other programs that the client reads too, and a shell start-up file that its Bash tool would run.
_STEERING = ("BASH_ENV", "DISABLE_", "ENABLE_", "MCP_", "NODE_OPTIONS", "OTEL_")


@dataclass(frozen=True)
class Run:
    """What a process of the client left behind."""

    returncode: int
    stdout: str
    stderr: str

    @cached_property
    def messages(self) -> list[dict[str, Any]]:
        """The stream-json messages, or the one message of the json format."""
        return [json.loads(line) for line in self.stdout.splitlines() if line.startswith("{")]

    @property
    def result(self) -> dict[str, Any]:
        """The final message, of type result."""
        return next(entry for entry in reversed(self.messages) if entry.get("type") == "result")


class Record(NamedTuple):
    """One call of a recorder."""

    at: float
    """Epoch seconds."""
    payload: dict[str, Any]
    environment: dict[str, str]
    transcript_bytes: int
    """The size of the transcript at that moment; 0 when there was none yet."""

    @property
    def event(self) -> str:
        return str(self.payload.get("hook_event_name", STATUS_LINE))


class Claude:
    """Starts the client as `user` with the stand-in at `url`; all dialogs of a first start are answered.

    `environment` is what its processes get and may be changed. `temporary` is their TMPDIR: its path must be short,
    because the client keeps sockets there.
    """

    def __init__(self, client: Path, user: User, url: str, temporary: Path) -> None:
        self.client = client
        self.user = user
        self.config = user.config
        self.project = Path(os.path.realpath(user.home.parent)) / "project"
        self._records = user.home.parent / "records"
        for folder in (self.project, self._records):
            folder.mkdir()
        inherited = {name: value for name, value in user.environ.items() if not name.startswith(_STEERING)}
        self.environment = inherited | {
            "TMPDIR": str(temporary),
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "ANTHROPIC_BASE_URL": url,
            "ANTHROPIC_API_KEY": API_KEY,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            # Else an interactive start clones a catalogue of plugins from the network.
            "CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL": "1",
            "CLAUDE_CODE_MAX_RETRIES": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "DISABLE_TELEMETRY": "1",
        }
        self._answer_dialogs()

    def use_oauth_token(self) -> None:
        """Log in as a subscriber does instead of with an API key: only then is the status line given rate_limits."""
        self.environment.pop("ANTHROPIC_API_KEY")
        self.environment["CLAUDE_CODE_OAUTH_TOKEN"] = OAUTH_TOKEN

    @property
    def settings_file(self) -> Path:
        """The user's settings.json."""
        return self.config / "settings.json"

    def write_settings(self, settings: Mapping[str, Any]) -> None:
        """Replace the user's settings.json. A running session applies it about a second later."""
        self.settings_file.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")

    def write_command(self, name: str, text: str = "Say hello.", description: str = "A command") -> Path:
        """Write a slash command of the user's and return its file."""
        path = self.config / "commands" / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"---\ndescription: {description}\n---\n{text}\n", encoding="utf-8")
        return path

    def make_git_repository(self) -> None:
        """Make the project folder a git repository without commits."""
        subprocess.run(["git", "init", "--quiet"], cwd=self.project, env=self.environment, check=True)

    def recorder(self, reply: str | Mapping[str, Any] = "", **options: Any) -> dict[str, Any]:
        """A hook handler that records its calls and prints `reply`; options are further keys of the handler."""
        program, *arguments = self._recorder_command(reply)
        return {"type": "command", "command": program, "args": arguments, "timeout": 20, **options}

    def status_line_recorder(self, text: str, **options: Any) -> dict[str, Any]:
        """A `statusLine` setting that records its calls and shows `text`."""
        return {"type": "command", "command": shlex.join(self._recorder_command(text)), **options}

    def recorded(self, event: str | None = None) -> list[Record]:
        """The calls of recorders so far, oldest first; of one event, of STATUS_LINE, or all."""
        files = sorted(self._records.glob("*.json"), key=lambda path: int(path.name.partition("-")[0]))
        records = [Record(**json.loads(path.read_text(encoding="utf-8"))) for path in files]
        return [record for record in records if event in {None, record.event}]

    def wait_recorded(
        self,
        event: str,
        condition: Callable[[dict[str, Any]], object] = lambda _: True,
        count: int = 1,
        timeout_s: float = WAIT_S,
    ) -> list[Record]:
        """Wait for that many calls whose payload meets the condition, and return them. Raise TimeoutError."""
        deadline = time.monotonic() + timeout_s
        while True:
            records = [record for record in self.recorded(event) if condition(record.payload)]
            if len(records) >= count:
                return records
            if time.monotonic() > deadline:
                seen = [record.event for record in self.recorded()]
                raise TimeoutError(f"waited {timeout_s:.0f} s for {count} calls of {event}, saw {seen}")
            time.sleep(0.02)

    def run(
        self, *arguments: str, environment: Mapping[str, str] | None = None, timeout_s: float = RUN_TIMEOUT_S
    ) -> Run:
        """Run the client in the project with these arguments, for example `plugin list`. Raise TimeoutExpired."""
        with subprocess.Popen(
            [str(self.client), *arguments],
            cwd=self.project,
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        ) as process:
            try:
                stdout, stderr = process.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        return Run(process.returncode, stdout, stderr)

    def headless(
        self,
        prompt: str,
        *arguments: str,
        output: Literal["text", "json", "stream-json"] = "stream-json",
        environment: Mapping[str, str] | None = None,
        timeout_s: float = RUN_TIMEOUT_S,
    ) -> Run:
        """Run `claude -p PROMPT` to its end. Raise TimeoutExpired."""
        verbose = ["--verbose"] if output == "stream-json" else []
        command = ["-p", prompt, "--output-format", output, *verbose, *arguments, *_permissions()]
        return self.run(*command, environment=environment, timeout_s=timeout_s)

    def terminal(
        self, *arguments: str, columns: int = 120, lines: int = 40, environment: Mapping[str, str] | None = None
    ) -> Terminal:
        """Start an interactive session: `with claude.terminal() as terminal: …`."""
        command = [str(self.client), *arguments, *_permissions()]
        return Terminal(command, {**self.environment, **(environment or {})}, self.project, columns, lines)

    def transcripts(self) -> list[Path]:
        """The transcripts of sessions, not those of their sub-agents, sorted by name."""
        return sorted(self.config.glob("projects/*/*.jsonl"))

    def _recorder_command(self, reply: str | Mapping[str, Any]) -> list[str]:
        text = reply if isinstance(reply, str) else json.dumps(reply)
        file = self._records / f"reply-{len(list(self._records.glob('reply-*')))}.txt"
        file.write_text(text, encoding="utf-8")
        return [sys.executable, "-I", "-S", str(RECORDER), str(self._records), str(file)]

    def _answer_dialogs(self) -> None:
        state = {
            "hasCompletedOnboarding": True,
            "lastOnboardingVersion": VERSION,
            "theme": "dark",
            "customApiKeyResponses": {"approved": [API_KEY[-20:]], "rejected": []},
            "projects": {str(self.project): {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}},
        }
        # With CLAUDE_CONFIG_DIR the client keeps this file inside it, else beside the .claude folder.
        for folder in (self.config, self.user.home):
            (folder / ".claude.json").write_text(json.dumps(state), encoding="utf-8")


def hooks(**handlers: Mapping[str, Any]) -> dict[str, Any]:
    """The `hooks` setting with one handler for each event named, for every occurrence of it."""
    return {event: [{"hooks": [handler]}] for event, handler in handlers.items()}


def _permissions() -> Sequence[str]:
    # The automatic mode asks the server about each tool call, which a stand-in does not answer.
    return ["--permission-mode", "default", "--allowedTools", ",".join(ALLOWED_TOOLS)]
