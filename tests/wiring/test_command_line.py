from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.environment import User
from tests.wiring.machine import Machine
from watchkeeper.errors import UserError
from watchkeeper.wiring import command_line, installation, programs, removal


@pytest.fixture
def line(machine: Machine, home: User, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine whose user types commands; programs only pretend to run, and the checkout is the made-up one."""
    machine.config = home.config
    monkeypatch.setenv("PATH", str(machine.programs))
    monkeypatch.setattr(programs, "run", machine.run)
    monkeypatch.setattr("watchkeeper.wiring.survey.bundle_root", lambda: str(machine.checkout))
    return machine


def run(machine: Machine, *arguments: str, answers: list[str] | None = None) -> int:
    ask: Callable[[str], str] | None = None
    if answers is not None:
        ask = iter_answers(answers)
    return command_line.main(arguments, ask, machine.make_environment)


def iter_answers(answers: list[str]) -> Callable[[str], str]:
    remaining = iter(answers)

    def ask(question: str) -> str:
        try:
            return next(remaining)
        except StopIteration:
            raise EOFError from None

    return ask


def test_install_and_uninstall(line: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """The two commands do what they say, tell it, and end with 0."""
    assert 0 == run(line)
    assert line.place.launcher.exists()
    assert f"Watchkeeper 0.1.0 is installed in {line.place.state}" in capsys.readouterr().out

    assert 0 == run(line, "update")
    assert "there is nothing to change" in capsys.readouterr().out

    assert 0 == run(line, "uninstall")
    assert [] == list(line.config.iterdir())


def test_another_directory(line: Machine, tmp_path: Path) -> None:
    """--config-dir goes before CLAUDE_CONFIG_DIR, and our own command is told of it."""
    other = tmp_path / "other place"

    assert 0 == run(line, "--config-dir", str(other), "--plan", "pro")

    assert (other / "settings.json").exists()
    assert not (line.config / "settings.json").exists()


def test_a_relative_directory_is_made_absolute(line: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wired works from every folder."""
    monkeypatch.chdir(tmp_path)

    assert 0 == run(line, "--config-dir", "relative")

    assert str(tmp_path / "relative" / "watchkeeper") in (tmp_path / "relative" / "settings.json").read_text("utf-8")


def test_the_question(line: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """A person is asked for their plan once, and again after an answer that is none."""
    assert 0 == run(line, answers=["gold", "custom 300_000"])
    assert {"quota.plan": "custom", "quota.limit_tokens": "300000"} == line.settings
    assert "That is none of these." in capsys.readouterr().out

    line.settings.clear()
    assert 0 == run(line, answers=["pro"])
    assert {} == line.settings


@pytest.mark.parametrize(
    ("arguments", "answers"),
    [
        pytest.param([], None, id="nobody is there"),
        pytest.param(["--yes"], ["pro"], id="--yes"),
        pytest.param([], [""], id="left open"),
        pytest.param([], ["a", "b", "c", "pro"], id="three wrong answers"),
        pytest.param([], [], id="end of input"),
        pytest.param(["--plan", "open"], ["pro"], id="--plan open"),
    ],
)
def test_the_plan_may_stay_open(line: Machine, arguments: list[str], answers: list[str] | None) -> None:
    """Without an answer no plan is set, and the installation goes on."""
    assert 0 == run(line, *arguments, answers=answers)

    assert {} == line.settings


@pytest.mark.parametrize(
    ("plan", "settings"),
    [
        ("pro", (("quota.plan", "pro"),)),
        (" MAX5 ", (("quota.plan", "max5"),)),
        ("custom:300000", (("quota.limit_tokens", "300000"), ("quota.plan", "custom"))),
        ("300,000", (("quota.limit_tokens", "300000"), ("quota.plan", "custom"))),
        ("open", ()),
        ("", ()),
    ],
)
def test_plans(plan: str, settings: tuple[tuple[str, str], ...]) -> None:
    """A plan is a name or a number of tokens."""
    assert settings == command_line.settings_for(plan)


@pytest.mark.parametrize("plan", ["gold", "custom", "custom:0", "-5", "1.5"])
def test_no_plans(plan: str) -> None:
    """Anything else is none."""
    with pytest.raises(ValueError, match=r".*"):
        command_line.settings_for(plan)


@pytest.mark.parametrize("arguments", [["--plan", "gold"], ["repair"], ["--frobnicate"]])
def test_wrong_usage(line: Machine, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong usage ends with 2, and nothing is done."""
    with pytest.raises(SystemExit) as ended:
        run(line, *arguments)

    assert 2 == ended.value.code
    assert "usage: install.py" in capsys.readouterr().err
    assert [] == list(line.config.iterdir())


def test_a_refusal_is_one_sentence(line: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """A stated failure is one line on standard error and exit code 1."""
    line.write_settings("{} // mine")

    assert 1 == run(line)

    captured = capsys.readouterr()
    assert captured.err.startswith(f"{line.client_settings} has comments")
    assert 1 == captured.err.count("\n")


def test_a_dry_run(line: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run asks nothing, shows no status and changes nothing."""
    assert 0 == run(line, "--dry-run", answers=[])

    assert "Would wire the hooks and the status line in" in capsys.readouterr().out
    assert [] == list(line.config.iterdir())
    assert [] == [words for words in line.ran if "session-status" in words]


def test_the_first_status(line: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The first status is what the launcher prints; that it cannot say anything yet is no failure."""

    def answered(arguments: list[str], **_: object) -> programs.Completed:
        return programs.Completed(0, "Quota unknown\n\n")

    effects = line.effects
    installation.first_status(line.place.launcher, effects._replace(run=answered))  # type: ignore[arg-type]
    assert "Quota unknown" == line.said[-1]

    assert 0 == run(line)
    assert "There is no first status yet (not on this machine)." in capsys.readouterr().out


@pytest.mark.parametrize(("answer", "code"), [("yes", 0), ("no", 1), ("", 1)])
def test_a_purge_is_confirmed(line: Machine, answer: str, code: int) -> None:
    """Documents go only after a yes."""
    run(line)
    document = line.config / "session-handoffs" / "a.md"
    document.parent.mkdir()
    document.touch()

    assert code == run(line, "uninstall", "--purge", answers=[answer])

    assert bool(code) == document.exists()


def test_a_purge_without_anybody_to_ask(line: Machine) -> None:
    """With nobody there a purge needs --yes."""
    run(line)

    assert 1 == run(line, "uninstall", "--purge")
    assert line.place.state.exists()
    assert 0 == run(line, "uninstall", "--purge", "--yes")
    assert not line.place.state.exists()


def test_a_bug(
    line: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Anything unexpected is one line, a log to paste and exit code 70."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(installation, "install", lambda *_, **__: 1 / 0)

    assert 70 == run(line)

    said = capsys.readouterr().err
    assert said.startswith("This is a bug in Watchkeeper; please report it with ")
    assert "ZeroDivisionError" in Path(said.split(" with ")[1].strip()).read_text("utf-8")


def test_an_interruption(line: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends it with 130."""

    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(removal, "uninstall", interrupted)

    assert 130 == run(line, "uninstall")


def test_removal_that_is_not_whole(line: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be deleted makes the exit code 1."""
    monkeypatch.setattr(removal, "uninstall", lambda *_: False)

    assert 1 == run(line, "uninstall")


def test_a_default_directory_is_not_spelled_out(line: Machine) -> None:
    """The client keeps .claude.json elsewhere once the variable is set, so it is set for other directories only."""
    environ = {"HOME": "/home/dev", "USERPROFILE": "/home/dev", "CLAUDE_CONFIG_DIR": "/x"}

    assert "CLAUDE_CONFIG_DIR" not in command_line.environ_for("/home/dev/.claude", environ)
    assert "/y" == command_line.environ_for("/y", environ)["CLAUDE_CONFIG_DIR"]


def test_a_default_that_the_user_spells_out_stays_spelled_out() -> None:
    """Their client keeps .claude.json inside it then: the one that the installer starts has to look there too."""
    environ = {"HOME": "/home/dev", "CLAUDE_CONFIG_DIR": "/home/dev/.claude"}

    assert environ == command_line.environ_for("/home/dev/.claude", environ)
    assert {"HOME": "/home/dev"} == command_line.environ_for("/home/dev/.claude", {**environ, "CLAUDE_CONFIG_DIR": ""})


def test_errors_carry_their_exit_code(line: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code of a stated failure is its own."""

    def refuse(*_: object, **__: object) -> bool:
        raise UserError("No.", exit_code=3)

    monkeypatch.setattr(installation, "install", refuse)

    assert 3 == run(line)
