"""The door to other programs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import User
from watchkeeper.adapters.run import Finished, ProgramFailed, _end, find, run, shown

pytestmark = pytest.mark.usefixtures("real_processes")

HOSTILE = ["; echo pwned", "$(id)", "a b", "", "'", '"', "-rf", "*", "ä€😀"]


def python(script: str, *arguments: str) -> list[str]:
    return [sys.executable, "-I", "-X", "utf8", "-c", script, *arguments]


def test_output_and_code_are_returned() -> None:
    """What a program writes and how it ends is returned."""
    script = "import sys; print('out'); print('err', file=sys.stderr)"

    done = run(python(script), timeout_s=60)

    assert Finished(0, f"out{os.linesep}", f"err{os.linesep}") == done


def test_arguments_arrive_as_they_are() -> None:
    """No argument is ever read by a shell."""
    done = run(python("import sys; print(ascii(sys.argv[1:]))", *HOSTILE), timeout_s=60)

    assert ascii(HOSTILE) == done.stdout.strip()


def test_stdin_environment_and_folder_are_passed(tmp_path: Path, real_processes: User) -> None:
    """A program has the text it reads, variables beside those of this process, and its folder."""
    script = "import os, sys; print(ascii(sys.stdin.read()), os.environ['EXTRA'], os.environ['HOME'], os.getcwd())"

    done = run(python(script), timeout_s=60, stdin="giv€n", folder=str(tmp_path), extra_environment={"EXTRA": "a b"})

    assert f"{'giv€n'!a} a b {real_processes.home} {os.path.realpath(tmp_path)}" == done.stdout.strip()


def test_unread_stdin_is_no_failure() -> None:
    """A program need not read what it is given."""
    assert 0 == run(python("pass"), timeout_s=60, stdin="x" * 1_000_000).code


def test_output_is_bounded() -> None:
    """Of a flood the beginning is kept, and the program is not held up by the rest."""
    done = run(python("print('x' * 10_000_000); print('done')"), timeout_s=60, most_output_bytes=1000)

    assert "x" * 1000 == done.stdout


def test_bytes_that_are_no_text_are_shown() -> None:
    """Output that is not UTF-8 is read nevertheless."""
    done = run(python("import sys; sys.stdout.buffer.write(b'a\\xffb')"), timeout_s=60)

    assert "a\ufffdb" == done.stdout


def test_bytes_that_are_no_text_can_be_kept() -> None:
    """Where it is asked for, bytes that are not UTF-8 go to the program and come back as they are."""
    copy = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
    text = b"a\xff\r\n\xc3\xa4".decode("utf-8", "surrogateescape")

    done = run(python(copy), timeout_s=60, stdin=text, undecodable="surrogateescape")

    assert text == done.stdout


def test_environment_can_be_replaced(real_processes: User) -> None:
    """A program can be given another environment instead of this process's."""
    kept = {name: value for name, value in real_processes.environ.items() if name.upper() in {"PATH", "SYSTEMROOT"}}
    script = "import os; print(os.environ.get('HOME'), os.environ['A'], os.environ['B'])"

    done = run(
        python(script), timeout_s=60, whole_environment={**kept, "A": "1", "B": "1"}, extra_environment={"B": "2"}
    )

    assert "None 1 2" == done.stdout.strip()


def test_failure_has_words_for_a_person() -> None:
    """What the program says of its failure is one line, the reason where it says nothing."""
    for said, words in (("no crontab\n here.\n", "no crontab here"), ("", "it ended with code 3")):
        script = f"import sys; sys.stderr.write({said!r}); sys.exit(3)"
        with pytest.raises(ProgramFailed) as failure:
            run(python(script), timeout_s=60)

        assert words == failure.value.words


def test_failure_tells_everything() -> None:
    """The one exception says command, code and both outputs for a person."""
    script = "import sys; print('half done'); print('no space\\nleft', file=sys.stderr); sys.exit(3)"

    with pytest.raises(ProgramFailed) as failure:
        run(python(script, "an argument"), timeout_s=60)

    text = str(failure.value)
    assert "'an argument': it ended with code 3" in text
    assert "  stdout: half done" in text
    assert "  stderr: no space" in text
    assert "    left" in text
    assert "it ended with code 3" == failure.value.reason
    assert failure.value.finished is not None
    assert 3 == failure.value.finished.code


def test_accepted_codes_are_no_failure() -> None:
    """A code that means something else than failure is returned."""
    assert 1 == run(python("import sys; sys.exit(1)"), timeout_s=60, accepted_codes=(0, 1)).code


def test_missing_program_is_named() -> None:
    """A program that is not there is told as not installed."""
    with pytest.raises(ProgramFailed, match=r"no-such-program-anywhere.*it is not installed") as failure:
        run(["no-such-program-anywhere", "x"], timeout_s=60)

    assert failure.value.finished is None


def test_missing_folder_is_not_a_missing_program(tmp_path: Path) -> None:
    """A working folder that is not there is told as such."""
    with pytest.raises(ProgramFailed, match=r"the folder .* is not there"):
        run(python("pass"), timeout_s=60, folder=str(tmp_path / "gone"))


@pytest.mark.parametrize("argv", [["a\0b"], [os.devnull]], ids=["a name with NUL", "no program"])
def test_what_cannot_be_started_is_told(argv: list[str]) -> None:
    """Whatever keeps a program from starting is the same exception."""
    with pytest.raises(ProgramFailed):
        run(argv, timeout_s=60)


def test_slow_program_is_ended() -> None:
    """After its time a program is ended."""
    with pytest.raises(ProgramFailed, match=r"it was not done after 0\.2 seconds and was ended"):
        run(python("import time; time.sleep(600)"), timeout_s=0.2)


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are those of POSIX systems")
def test_children_of_a_slow_program_are_ended_too() -> None:
    """What a program started is ended with it: nothing holds its output open any more."""
    child = "import time; print('child', flush=True); time.sleep(600)"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen(python(script), stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert b"child\n" == process.stdout.readline()

        _end(process)

        assert b"" == process.stdout.read()


def test_find_uses_the_search_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program is found where the user's search path leads, and nowhere else."""
    name = "watchkeeper-test-program"
    suffix = ".exe" if sys.platform == "win32" else ""
    (tmp_path / (name + suffix)).write_bytes(b"")
    os.chmod(tmp_path / (name + suffix), 0o700)
    assert find(name) is None
    assert find(name, str(tmp_path)) is not None

    monkeypatch.setenv("PATH", str(tmp_path))

    assert str(tmp_path / (name + suffix)).lower() == str(find(name)).lower()


def test_shown_command_can_be_typed() -> None:
    """A command is shown as it would be typed, cut where it is long."""
    assert "echo 'a b' '$x'" == shown(["echo", "a b", "$x"])
    assert 300 == len(shown(["echo", "x" * 1000]))
