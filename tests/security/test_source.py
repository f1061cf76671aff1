"""What the source never does, read from its syntax."""

from __future__ import annotations

import ast

import pytest

from tests.support.tree import TREE, python_files, syntax, uses

PRODUCT = ("lib/watchkeeper", "commands", "hooks", "install.py")
# Names that turn data into code, or open a way out of the machine.
EVALUATING = "eval exec compile __import__".split()
LOADING = "pickle marshal shelve dill yaml.load yaml.unsafe_load runpy code.interact ctypes".split()
# One call of the system's own library, with numbers alone.
MAY_USE = {"ctypes": {"lib/watchkeeper/adapters/orphans.py"}}
SHELLS = "os.system os.popen subprocess.getoutput subprocess.getstatusoutput pty.spawn".split()
NETWORK = """socket ssl http.client urllib.request ftplib smtplib telnetlib asyncio.open_connection requests httpx
    aiohttp""".split()
# The user's own status line, which the client hands to a shell as well, and what schedulers and terminals read as
# shell: what stands in it is quoted there, and tried with hostile names.
MAY_NAME_A_SHELL = {
    "lib/watchkeeper/core/passthrough.py",
    "lib/watchkeeper/adapters/scheduler/at.py",
    "lib/watchkeeper/adapters/scheduler/launchd.py",
    "lib/watchkeeper/adapters/scheduler/shell.py",
    "lib/watchkeeper/adapters/scheduler/unit_text.py",
    "lib/watchkeeper/adapters/terminal/start_file.py",
}


def calls(name: str) -> list[str]:
    """Where a built-in of that name is called."""
    return [
        f"{path.relative_to(TREE).as_posix()}:{node.lineno}"
        for path in python_files(*PRODUCT)
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]


@pytest.mark.parametrize("name", EVALUATING)
def test_no_data_is_evaluated(name: str) -> None:
    """Nothing that is read ever becomes code."""
    assert [] == calls(name)


@pytest.mark.parametrize("name", [*LOADING, *SHELLS, *NETWORK])
def test_dangerous_modules_are_not_used(name: str) -> None:
    """Neither what unpickles, nor a shell, nor a network."""
    used = [
        f"{path.relative_to(TREE).as_posix()}:{line}"
        for path in python_files(*PRODUCT)
        if path.relative_to(TREE).as_posix() not in MAY_USE.get(name, ())
        for found, line in uses(path)
        if found == name or found.startswith(f"{name}.")
    ]

    assert [] == used


def test_no_program_is_started_through_a_shell() -> None:
    """`shell=` is never given."""
    given = [
        f"{path.relative_to(TREE).as_posix()}:{node.value.lineno}"
        for path in python_files(*PRODUCT)
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.keyword) and node.arg == "shell"
    ]

    assert [] == given


def test_shells_are_named_in_few_places() -> None:
    """Only what has to write for a shell, or hand the user's own line to one, names a shell's program."""
    naming = {
        path.relative_to(TREE).as_posix()
        for path in python_files(*PRODUCT)
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Constant) and node.value in ("/bin/sh", "sh", "bash", "/bin/bash", "cmd.exe", "zsh")
    }

    assert set() == naming - MAY_NAME_A_SHELL


def test_templates_cannot_reach_code() -> None:
    """Templates are the bundle's own; none is made of what a user or a model said."""
    made = [
        f"{path.relative_to(TREE).as_posix()}:{line}"
        for path in python_files(*PRODUCT)
        for found, line in uses(path)
        if found.endswith(("Environment.from_string", "jinja2.Template"))
    ]

    assert [] == made
