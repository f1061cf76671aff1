"""Which Python runs the hooks: a path that stays, proved by starting it."""

from __future__ import annotations

import os
import re
import sys
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from watchkeeper.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from watchkeeper.wiring.programs import Run

OLDEST = (3, 10)
_NEWEST_MINOR = 16

NO_ENSUREPIP = (
    "This Python cannot make a virtual environment, because its ensurepip is missing: install it "
    "(on Debian and Ubuntu: sudo apt install python3-venv), then run this again."
)

# In the order of preference. A name in one of these survives the upgrade of what it points to.
STABLE_FOLDERS = (
    "/usr/bin",
    "/usr/local/bin",
    "/opt/homebrew/bin",
    "/home/linuxbrew/.linuxbrew/bin",
    "/run/current-system/sw/bin",
)
# A versioned name may go with its version, but only when that version is uninstalled.
_VERSIONED = re.compile(
    r"/Python\.framework/Versions/3\.\d+/bin/|/opt/python@3\.\d+/bin/|/Python3?\d+/python\.exe$|/Program Files/Python",
    re.IGNORECASE,
)
_FRAGILE = re.compile(r"/\.?(?:pyenv|asdf|mise|rtx|uv|conda|miniconda3?|anaconda3?)/|/nix/store/|\d+\.\d+\.\d+")
_SHIM = re.compile(r"/shims/|/WindowsApps/", re.IGNORECASE)
_CELLAR = re.compile(r"/Cellar/")

_PROOF = (
    "import sqlite3, venv, json, sys, importlib.util; "
    "print(*sys.version_info[:3], sys.implementation.cache_tag, importlib.util.find_spec('ensurepip') is not None)"
)
_PROOF_TIMEOUT_S = 20.0
_NUMBER = re.compile(r"[0-9]{1,9}")


class Candidate(NamedTuple):
    """A Python that might run the hooks, and what is known of it without starting it."""

    path: str
    is_script: bool = False
    """Starts with `#!`: a program that looks for a Python each time."""
    in_environment: bool = False
    """Stands inside a virtual environment."""


class Interpreter(NamedTuple):
    """A Python that was started and has all that is needed."""

    path: str
    version: tuple[int, int, int]
    cache_tag: str
    """The part of a compiled file's name that says which Python wrote it."""
    has_ensurepip: bool
    """Whether it can put pip into a virtual environment; on Debian that is a package of its own."""


def objection(candidate: Candidate) -> str | None:
    """Return why `candidate` must never be wired, or None."""
    path = candidate.path.replace("\\", "/")
    if _SHIM.search(path) or candidate.is_script:
        return "a shim, which looks for a Python at every start"
    if _CELLAR.search(path):
        return "a versioned Homebrew path, which the next upgrade removes"
    if candidate.in_environment:
        return "part of a virtual environment"
    return None


def rank(candidate: Candidate) -> int:
    """Return how soon the path goes away: 0 stays, 1 goes with its minor version, 2 unknown, 3 goes with a patch."""
    path = candidate.path.replace("\\", "/")
    if _FRAGILE.search(path):
        return 3
    parent, name = PurePosixPath(path).parent, PurePosixPath(path).name
    if str(parent) in STABLE_FOLDERS:
        return 0 if name in ("python3", "python") else 1
    return 1 if _VERSIONED.search(path) else 2


def chosen(
    candidates: Iterable[Candidate], prove: Callable[[str], Interpreter | None], prefers_ensurepip: bool = False
) -> Interpreter:
    """Return the first candidate, the most stable path first, that `prove` can start. Raises UserError if none can.

    The commands' environment is built on the same Python, because hooks import its packages as well; so with
    `prefers_ensurepip` one that can build environments goes before one that cannot.
    """
    lacking = None
    for candidate in sorted((one for one in candidates if objection(one) is None), key=rank):
        interpreter = prove(candidate.path)
        if interpreter is not None and interpreter.version >= OLDEST:
            if interpreter.has_ensurepip or not prefers_ensurepip:
                return interpreter
            lacking = lacking or interpreter
    if lacking is not None:
        return lacking
    raise UserError(
        "No Python 3.10 or newer with sqlite3 and venv was found outside virtual environments: install one from your "
        "system's packages or python.org, then run this again with it."
    )


def prove(path: str, run: Run) -> Interpreter | None:
    """Return the interpreter at `path` after starting it the way hooks do, None if it cannot do the work."""
    answer = run([path, "-I", "-S", "-X", "utf8", "-c", _PROOF], timeout_s=_PROOF_TIMEOUT_S)
    words = answer.output.split()
    if answer.returncode or len(words) != 5 or not all(_NUMBER.fullmatch(word) for word in words[:3]):
        return None
    return Interpreter(path, (int(words[0]), int(words[1]), int(words[2])), words[3], words[4] == "True")


def candidates(environ: Mapping[str, str], platform: str = sys.platform) -> list[Candidate]:
    """Return the Pythons of this machine that are worth a look, the running one included."""
    names = ["python3", *(f"python3.{minor}" for minor in range(_NEWEST_MINOR, OLDEST[1] - 1, -1))]
    paths = [] if platform == "win32" else [f"{folder}/{name}" for folder in STABLE_FOLDERS for name in names]
    running = getattr(sys, "_base_executable", "") or sys.executable
    paths += [running, sys.executable]
    for folder in environ.get("PATH", "").split(os.pathsep):
        if os.path.isabs(folder):
            paths += [os.path.join(folder, name) for name in (["python.exe"] if platform == "win32" else names)]
    if platform == "darwin":
        paths += [
            f"/Library/Frameworks/Python.framework/Versions/3.{minor}/bin/python3"
            for minor in range(_NEWEST_MINOR, 9, -1)
        ]
        # Apple's own is a stub that is too old, or opens a dialog to install developer tools.
        paths = [path for path in paths if path != "/usr/bin/python3"]
    return [
        _examined(path) for path in dict.fromkeys(paths) if path and os.access(path, os.X_OK) and os.path.isfile(path)
    ]


def _examined(path: str) -> Candidate:
    try:
        with open(path, "rb") as file:
            is_script = file.read(2) == b"#!"
    except OSError:
        is_script = False
    beside = os.path.join(os.path.dirname(path), "pyvenv.cfg")
    above = os.path.join(os.path.dirname(os.path.dirname(path)), "pyvenv.cfg")
    return Candidate(path, is_script, os.path.exists(beside) or os.path.exists(above))
