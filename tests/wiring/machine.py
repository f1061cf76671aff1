"""A made-up machine to install on: a checkout, a Python, a client, and programs that only pretend to run."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from watchkeeper.core import paths
from watchkeeper.wiring import files, installation, layout, removal
from watchkeeper.wiring.actions import Effects
from watchkeeper.wiring.environment import MARKER, Tools
from watchkeeper.wiring.programs import NOT_STARTED, Completed, Run

VERSION = "0.1.0"
COMMAND_FILE = (
    "---\ndescription: {name}\ndisable-model-invocation: true\n---\n"
    'Run `python3 "${{CLAUDE_PLUGIN_ROOT}}/lib/watchkeeper/__main__.py" {name}` and show what it prints.\n'
)
BUNDLE = {
    "install.py": "# installs\n",
    "requirements.lock": "rich==15.0.0 --hash=sha256:00\n",
    "requirements-mcp.lock": "mcp==2.3.0 --hash=sha256:00\nrich==15.0.0 --hash=sha256:00\n",
    "README.md": "# Watchkeeper\n",
    "lib/watchkeeper/__init__.py": "",
    "lib/watchkeeper/__main__.py": "import sys\nprint(sys.argv[1:])\n",
    "lib/watchkeeper/core/entry.py": "def main(event): print(event)\n",
    "hooks/status_line.py": "print('status')\n",
    "hooks/stop.py": "print('stop')\n",
    "commands/session-status.md": COMMAND_FILE.format(name="session-status"),
    "commands/session_status.py": "",
    "commands/context-status.md": COMMAND_FILE.format(name="context-status"),
}


class Machine:
    """One user's machine below `folder`; `config` is the configuration directory to install into."""

    def __init__(self, folder: Path, config: Path | None = None) -> None:
        self.checkout = folder / "checkout"
        self.config = config or folder / "home" / ".claude"
        self.programs = folder / "programs"
        self.python = self.programs / "python3"
        self.client_answer = "2.1.329 (Claude Code)"
        self.python_version = "3.11"
        self.environment_version = "3.11"
        self.has_ensurepip = True
        self.settings: dict[str, str] = {}
        self.said: list[str] = []
        self.ran: list[list[str]] = []
        self.environments_made = 0
        self.fails: Callable[[Sequence[str]], str | None] = lambda _: None
        for program in ("python3", "claude"):
            write_program(self.programs / program)
        self.put(BUNDLE)

    @property
    def cache_tag(self) -> str:
        return f"cpython-{self.python_version.replace('.', '')}"

    @property
    def _in_environment(self) -> str:
        """What the environment's Python says of its version."""
        return self.environment_version.replace(".", " ")

    def upgrade_python(self, version: str, with_environment: bool) -> None:
        """Have another minor version of the system's Python; an environment that links to it goes with it."""
        self.python_version = version
        if with_environment:
            self.environment_version = version

    @property
    def environ(self) -> dict[str, str]:
        return {
            "HOME": str(self.config.parent),
            "CLAUDE_CONFIG_DIR": str(self.config),
            "PATH": str(self.programs),
        }

    @property
    def place(self) -> layout.Layout:
        return layout.layout_in(str(self.config), self.environ)

    @property
    def client_settings(self) -> Path:
        return self.config / "settings.json"

    @property
    def client_state(self) -> Path:
        return Path(paths.paths_in(str(self.config), self.environ).account)

    def servers(self) -> dict[str, Any]:
        """The MCP servers that the client knows of for the user."""
        if not self.client_state.exists():
            return {}
        known: dict[str, Any] = json.loads(self.client_state.read_text(encoding="utf-8"))
        return dict(known.get("mcpServers", {}))

    @property
    def effects(self) -> Effects:
        return Effects(self.run, self.said.append, self.environ, self.make_environment)

    def put(self, contents: Mapping[str, str]) -> None:
        """Write files of the checkout."""
        for name, text in contents.items():
            path = self.checkout / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def write_settings(self, settings: Any) -> bytes:
        """Write the user's settings: bytes or text as they are, anything else as the client writes it."""
        if not isinstance(settings, (bytes, str)):
            settings = json.dumps(settings, indent=2, ensure_ascii=False) + "\n"
        content = settings if isinstance(settings, bytes) else settings.encode()
        self.config.mkdir(parents=True, exist_ok=True)
        self.client_settings.write_bytes(content)
        return content

    def install(self, dry_run: bool = False, choices: Sequence[tuple[str, str]] = (), mcp: bool | None = None) -> bool:
        return installation.install(str(self.config), VERSION, self.effects, choices, dry_run, self.checkout, mcp)

    def uninstall(self, purge: bool = False, dry_run: bool = False) -> bool:
        return removal.uninstall(str(self.config), self.effects, purge, dry_run)

    def wired(self) -> dict[str, Any]:
        """What the user's settings hold."""
        settings: dict[str, Any] = json.loads(self.client_settings.read_text(encoding="utf-8"))
        return settings

    def tree(self) -> dict[str, str]:
        """Kind, mode and content of everything below the configuration directory's parent."""
        root = self.config.parent
        return {os.fspath(path.relative_to(root)): _state_of(path) for path in sorted(root.rglob("*"))}

    def run(
        self,
        arguments: Sequence[str],
        *,
        environ: Mapping[str, str] | None = None,
        folder: str | None = None,
        timeout_s: float | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> Completed:
        """Answer as the programs of this machine would; `fails` may return a program's last words."""
        words = list(arguments)
        self.ran.append(words)
        failure = self.fails(words)
        if failure is not None:
            return Completed(1, failure)
        if words[0] == str(self.programs / "claude"):
            return self._client(words)
        if words[0].endswith(str(self.place.python.relative_to(self.place.state))):
            return self._run_in_environment(words)
        if words[0] != str(self.python):
            return Completed(NOT_STARTED, "not on this machine")
        if "compileall" in words:
            compile_below(Path(words[-1]), self.cache_tag)
        return Completed(0, f"{self.python_version.replace('.', ' ')} 7 {self.cache_tag} {self.has_ensurepip}\n")

    def make_environment(
        self, environment: Path, lock_file: Path, tools: Tools, run: Run, say: Callable[[str], None]
    ) -> None:
        self.environments_made += 1
        self.environment_version = self.python_version
        files.remove_tree(environment)
        write_program(environment / self.place.python.relative_to(self.place.environment))
        marker = {"lock_sha256": files.sha256(lock_file.read_bytes()), "python_version": self._in_environment}
        (environment / MARKER).write_text(json.dumps(marker), encoding="utf-8")

    def _client(self, words: list[str]) -> Completed:
        if words[1:2] != ["mcp"]:
            return Completed(0, self.client_answer)
        servers = self.servers()
        name = words[5]
        if (words[2] == "add-json") == (name in servers):
            said = f"MCP server {name} already exists" if name in servers else f'No MCP server named "{name}"'
            return Completed(1, said)
        if words[2] == "add-json":
            servers[name] = {**json.loads(words[6]), "env": {}}
        else:
            del servers[name]
        self.client_state.write_text(json.dumps({"userID": "x", "mcpServers": servers}), encoding="utf-8")
        return Completed(0, "")

    def _run_in_environment(self, words: list[str]) -> Completed:
        if words[5:7] == ["config", "set"]:
            key, value = words[-2:]
            self.settings[key] = value
        return Completed(0, self._in_environment)


def write_program(path: Path) -> None:
    """Write something that looks like a program and is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x7fELF")
    path.chmod(0o755)


def compile_below(library: Path, cache_tag: str) -> None:
    """Leave the files that a compilation leaves."""
    for source in library.rglob("*.py"):
        compiled = source.parent / "__pycache__" / f"{source.stem}.{cache_tag}.pyc"
        compiled.parent.mkdir(exist_ok=True)
        compiled.write_bytes(b"")


def _state_of(path: Path) -> str:
    found = path.lstat()
    mode = f"{stat.filemode(found.st_mode)}"
    if path.is_symlink():
        return f"{mode} -> {os.readlink(path)}"
    return f"{mode} {files.sha256(path.read_bytes())}" if path.is_file() else mode
