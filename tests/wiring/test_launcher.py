from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.support.environment import User
from watchkeeper.wiring import launcher, programs

TREE = Path(__file__).resolve().parents[2]

POSIX = """\
#!/bin/sh
exec /h/.claude/watchkeeper/venv/bin/python -I -X utf8 /h/.claude/watchkeeper/app/lib/watchkeeper/__main__.py "$@"
"""
POSIX_ELSEWHERE = """\
#!/bin/sh
[ -n "$CLAUDE_CONFIG_DIR" ] || CLAUDE_CONFIG_DIR='/a b'
export CLAUDE_CONFIG_DIR
exec '/a b/watchkeeper/venv/bin/python' -I -X utf8 '/a b/watchkeeper/app/lib/watchkeeper/__main__.py' "$@"
"""
WINDOWS = """\
@"%~dp0..\\venv\\Scripts\\python.exe" -I -X utf8 "%~dp0..\\app\\lib\\watchkeeper\\__main__.py" %*
"""
WINDOWS_ELSEWHERE = """\
@echo off
setlocal
if not defined CLAUDE_CONFIG_DIR for %%I in ("%~dp0..\\..") do set "CLAUDE_CONFIG_DIR=%%~fI"
"%~dp0..\\venv\\Scripts\\python.exe" -I -X utf8 "%~dp0..\\app\\lib\\watchkeeper\\__main__.py" %*
"""
HOSTILE = [
    "plain",
    "with space",
    "quo'te\"s",
    "$(touch pwned)",
    "`touch pwned`",
    "ünï",
    "back\\slash",
    "a;b&c|d",
    "-dash",
    "$HOME",
]


def posix(config: str, is_default: bool) -> str:
    state = f"{config}/watchkeeper"
    return launcher.posix(f"{state}/venv/bin/python", f"{state}/app/lib/watchkeeper/__main__.py", config, is_default)


def test_posix_text() -> None:
    """The launcher runs the environment's Python; a configuration directory of one's own is passed on with it."""
    assert POSIX == posix("/h/.claude", is_default=True)
    assert POSIX_ELSEWHERE == posix("/a b", is_default=False)


def test_the_script_that_answers_pre_compact() -> None:
    """It runs the hook as every other one is run, so that a missing bundle exits 0."""
    text = launcher.pre_compact("/usr/bin/python3", "/a b/watchkeeper/app/hooks/pre_compact.py")

    assert text.startswith("#!/bin/sh\n# ")
    assert "\nexec /usr/bin/python3 -I -S -X utf8 -c " in text
    assert text.endswith(" '/a b/watchkeeper/app/hooks/pre_compact.py'\n")


def test_the_plugin_answers_pre_compact_in_the_same_way() -> None:
    """hooks/pre-compact is that script, too, with any python3 and the hook beside it."""
    text = (TREE / "hooks" / "pre-compact").read_text(encoding="utf-8")

    beside = '"${0%/*}/pre_compact.py"'
    assert launcher.plugin_pre_compact() == text
    assert launcher.pre_compact("python3", "/x").removesuffix("/x\n") == text.removesuffix(f"{beside}\n")


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize("name", ["plain", "a 'b\"c $(touch pwned) $HOME \\d"], ids=["plain", "hostile"])
@pytest.mark.parametrize("script", ["there", "missing", "broken", "not readable as text"])
@pytest.mark.parametrize("is_plugin", [True, False], ids=["plugin", "installed"])
def test_pre_compact_never_blocks(
    real_processes: User, tmp_path: Path, name: str, script: str, is_plugin: bool
) -> None:
    """Wherever it stands, it runs the hook; without one, or with a broken one, it exits 0 and says nothing."""
    hook = tmp_path / name / "pre_compact.py"
    hook.parent.mkdir()
    contents = {"there": b"import sys\nprint(sys.argv[1])", "broken": b"1 +", "not readable as text": b"\xff\0"}
    if script in contents:
        hook.write_bytes(contents[script])
    path = tmp_path / name / "pre-compact"
    text = launcher.plugin_pre_compact() if is_plugin else launcher.pre_compact(sys.executable, str(hook))
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)

    done = programs.run([str(path)], environ=real_processes.environ, folder=str(tmp_path))

    assert (0, f"{hook}\n" if script == "there" else "") == done
    assert not (tmp_path / "pwned").exists()


def test_windows_text() -> None:
    """On Windows everything is found from the launcher's own place, with the line ends that cmd.exe wants."""
    assert WINDOWS.replace("\n", "\r\n") == launcher.windows(is_default=True)
    assert WINDOWS_ELSEWHERE.replace("\n", "\r\n") == launcher.windows(is_default=False)


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("environ", [{}, {"CLAUDE_CONFIG_DIR": "/elsewhere"}], ids=["plain", "set"])
def test_any_path_and_any_argument_arrive(
    real_processes: User, tmp_path: Path, name: str, environ: dict[str, str]
) -> None:
    """Whatever the folder is called, the program gets each argument as it was given; nothing else is run."""
    python = tmp_path / name / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$CLAUDE_CONFIG_DIR" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    path = tmp_path / name / "watchkeeper"
    path.write_text(launcher.posix(str(python), f"/{name}/main.py", f"/{name}", is_default=False), encoding="utf-8")
    path.chmod(0o755)
    without = {key: value for key, value in real_processes.environ.items() if key != "CLAUDE_CONFIG_DIR"}

    done = programs.run([str(path), "a b", "$(c)", ""], environ=without | environ, folder=str(tmp_path))

    expected = [environ.get("CLAUDE_CONFIG_DIR", f"/{name}"), "-I", "-X", "utf8", f"/{name}/main.py", "a b", "$(c)", ""]
    assert expected == done.output.splitlines()
    assert not (tmp_path / "pwned").exists()
