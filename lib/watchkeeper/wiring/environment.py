"""The virtual environment of the commands: made aside from locked requirements, moved into place when it is whole."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.errors import UserError
from watchkeeper.wiring import files, interpreter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from watchkeeper.wiring.programs import Completed, Run

MARKER = "watchkeeper-environment.json"

_QUICK_TIMEOUT_S = 30.0


class Tools(NamedTuple):
    """What an environment is made with."""

    python: str
    """The interpreter that it is built on."""
    uv: str | None
    has_ensurepip: bool


def uv_on(environ: Mapping[str, str]) -> str | None:
    """Return the `uv` on the path of `environ`."""
    return shutil.which("uv", path=environ.get("PATH", ""))


def reason_to_make(environment: Path, lock: bytes, python: Path, version: tuple[int, int], run: Run) -> str | None:
    """Return why the environment has to be made (again), None when it is whole and up to date.

    `version` is that of the Python which runs hooks: its major and minor number decide where packages stand.
    """
    if not environment.is_dir():
        return "there is none yet"
    marker = _marker(environment)
    if marker.get("lock_sha256") != files.sha256(lock):
        return "the locked requirements have changed" if marker else "it was never finished"
    answer = _version_of(python, run)
    if answer.returncode:
        return "its Python does not start any more"
    wanted = [str(number) for number in version]
    is_current = wanted == answer.output.split() == str(marker.get("python_version")).split()
    return None if is_current else "it is of another Python version than the hooks"


def make(environment: Path, lock_file: Path, tools: Tools, run: Run, say: Callable[[str], None]) -> None:
    """Make `environment` from the hash-locked requirements in `lock_file`, telling each step to `say`.

    It is made beside its place, so that an interrupted run leaves nothing that looks finished. Raises UserError.
    """
    _clear_remains(environment)
    aside = environment.with_name(f"{environment.name}.making-{os.getpid()}")
    try:
        python = _fill(aside, lock_file, tools, run, say)
        version = _version_of(python, run).output.strip()
        marker = {"lock_sha256": files.sha256(lock_file.read_bytes()), "python_version": version}
        files.write(aside / MARKER, (json.dumps(marker) + "\n").encode(), files.PRIVATE_FILE)
        retired = environment.with_name(f"{environment.name}.retired-{os.getpid()}")
        if environment.exists():
            environment.rename(retired)
        aside.rename(environment)
        files.remove_tree(retired)
    finally:
        files.remove_tree(aside)


def _fill(aside: Path, lock_file: Path, tools: Tools, run: Run, say: Callable[[str], None]) -> Path:
    if tools.uv is not None:
        answer = _with_uv(aside, lock_file, tools, run)
        if answer.returncode == 0:
            return _python_in(aside)
        if not tools.has_ensurepip:
            raise UserError(f"uv could not make the environment ({answer.reason}). {interpreter.NO_ENSUREPIP}")
        say(f"uv could not make the environment ({answer.reason}); trying pip.")
        files.remove_tree(aside)
    answer = _with_pip(aside, lock_file, tools, run, say)
    if answer.returncode:
        log = _kept_log(aside.parent, answer.output)
        raise UserError(
            f"The environment could not be made ({answer.reason}): check the network or pip's configuration, then "
            f"run this again; the whole output is in {log}."
        )
    return _python_in(aside)


def _with_uv(aside: Path, lock_file: Path, tools: Tools, run: Run) -> Completed:
    # In a folder of its own, so that no project around the current one has a say.
    folder = str(aside.parent)
    uv = str(tools.uv)
    answer = run([uv, "venv", "--no-python-downloads", "--python", tools.python, str(aside)], folder=folder)
    if answer.returncode:
        return answer
    install = [uv, "pip", "install", "--compile-bytecode", "--require-hashes", "-r", str(lock_file)]
    return run([*install, "--python", str(_python_in(aside))], folder=folder)


def _with_pip(aside: Path, lock_file: Path, tools: Tools, run: Run, say: Callable[[str], None]) -> Completed:
    answer = run([tools.python, "-I", "-m", "venv", str(aside)])
    if answer.returncode:
        return answer
    install = ["-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]

    def on_line(line: str) -> None:
        if line.startswith("Collecting "):
            say(f"  {line.removeprefix('Collecting ').split(' ')[0]}")
        elif line.startswith("Installing collected packages"):
            say("  installing them")

    arguments = [str(_python_in(aside)), *install, "--require-hashes", "-r", str(lock_file)]
    return run(arguments, folder=str(aside.parent), on_line=on_line)


def _version_of(python: Path, run: Run) -> Completed:
    """Ask a Python for its major and minor number."""
    return run([str(python), "-I", "-c", "import sys; print(*sys.version_info[:2])"], timeout_s=_QUICK_TIMEOUT_S)


def _python_in(environment: Path) -> Path:
    windows = environment / "Scripts" / "python.exe"
    return windows if windows.exists() else environment / "bin" / "python"


def _marker(environment: Path) -> dict[str, Any]:
    try:
        marker = json.loads(files.content_of(environment / MARKER) or b"{}")
    except (ValueError, RecursionError):
        return {}
    return marker if isinstance(marker, dict) else {}


def _clear_remains(environment: Path) -> None:
    for kind in ("making", "retired"):
        for remains in environment.parent.glob(f"{environment.name}.{kind}-*"):
            files.remove_tree(remains)


def _kept_log(folder: Path, output: str) -> Path:
    log = folder / "logs" / "install.log"
    log.parent.mkdir(mode=files.PRIVATE_FOLDER, exist_ok=True)
    files.write(log, output.encode(), files.PRIVATE_FILE)
    return log
