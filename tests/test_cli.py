"""The command line: finding commands, exit codes, help, and errors in one sentence."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.commands.scene import Scene
from tests.support.clock import SettableClock
from tests.support.environment import User
from tests.support.processes import PythonRunner
from tests.support.tree import LIBRARY, TREE
from watchkeeper import __version__, cli, command
from watchkeeper.core.ledger import Ledger
from watchkeeper.render.columns import width_of

COMMANDS = [name for name in cli.COMMANDS if os.path.exists(cli.command_file(name))]
SUB_COMMANDS = [["quota", "show"], ["quota", "reset"], ["config", "show"], ["config", "set"], ["config", "path"]]
MAIN = str(LIBRARY / "__main__.py")


@pytest.fixture
def scene(home: User) -> Scene:
    return Scene(home)


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make every command fail with `error`."""

    class Module:
        app = command.CommandApp()

    @Module.app.command()
    def failing_command() -> None:
        raise error

    monkeypatch.setattr(cli, "_load", lambda _: Module)


def test_every_command_has_a_file_and_every_file_a_command() -> None:
    """What the help lists exists, and what exists is listed."""
    files = {str(path) for path in (TREE / "commands").glob("*.py")}

    assert {cli.command_file(name) for name in COMMANDS} == files


@pytest.mark.parametrize("name", ["usage.db", "state.db"])
@pytest.mark.parametrize("command", ["session-status", "context-status", "sessions", "doctor"])
def test_a_ledger_of_a_newer_version_is_a_sentence(scene: Scene, name: str, command: str) -> None:
    """Where a newer version has made the ledger a command says so, and what to do."""
    scene.session(began_min=5)
    with closing(sqlite3.connect(Path(scene.paths.state, name), isolation_level=None)) as db:
        db.execute("PRAGMA user_version=99")

    ran = scene.run(command)

    assert (1, "") == (ran.code, ran.out)
    assert f"{name} was made by a newer Watchkeeper" in ran.err
    assert "`watchkeeper update`" in ran.err
    assert 1 == ran.err.count("\n")


def test_overview_lists_every_command(scene: Scene) -> None:
    """The help names each command with what it does, and loads none of them."""
    ran = scene.run("--help", columns=80)

    assert (0, "") == (ran.code, ran.err)
    assert all(f"\n  {name} " in ran.out for name in COMMANDS)
    assert all(width_of(line) <= 80 for line in ran.out.splitlines())


@pytest.mark.parametrize("columns", [48, 60, 80, 120])
def test_the_overview_is_whole_at_every_width(scene: Scene, columns: int) -> None:
    """What a command does goes on below itself where the line ends; no word of it is lost."""
    ran = scene.run("--help", columns=columns)

    assert all(width_of(line) <= columns for line in ran.out.splitlines())
    assert all(summary.split()[-1] in ran.out.split() for summary in cli.COMMANDS.values())
    assert 120 > columns or len(cli.COMMANDS) == sum(line.startswith("  ") for line in ran.out.splitlines())


def test_without_a_command_the_overview_is_wrong_usage(scene: Scene) -> None:
    """Nothing to do is not done."""
    ran = scene.run()

    assert 2 == ran.code
    assert "session-status" in ran.out


def test_version(scene: Scene) -> None:
    """The version is printed alone."""
    assert (0, f"watchkeeper {__version__}\n", "") == scene.run("--version")


@pytest.mark.parametrize("words", [[name] for name in COMMANDS] + SUB_COMMANDS, ids=" ".join)
def test_help_of_each_command(scene: Scene, words: list[str]) -> None:
    """Each command explains itself and takes the three options that all take."""
    ran = scene.run(*words, "--help", columns=80)

    assert (0, "") == (ran.code, ran.err)
    assert ran.out.startswith(f"Usage: watchkeeper {' '.join(words)} ")
    assert {"--json", "--no-color", "--config-dir", "--help"} <= set(ran.out.replace(",", " ").split())
    assert all(width_of(line) <= 80 for line in ran.out.splitlines())
    assert ran.out == scene.run(*words, "-h", columns=80).out


@pytest.mark.parametrize("name", COMMANDS)
def test_an_option_that_does_not_exist(scene: Scene, name: str) -> None:
    """Wrong usage is one sentence on standard error that says where to read more, and exit code 2."""
    ran = scene.run(name, "--no-such-option")

    assert (2, "") == (ran.code, ran.out)
    assert ran.err.startswith("watchkeeper: ")
    assert f"`watchkeeper {name} --help`" in ran.err
    assert 1 == ran.err.count("\n")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("sesion-status", "did you mean `watchkeeper session-status`?"),
        ("xyzzy", "`watchkeeper --help` lists the commands."),
    ],
)
def test_a_command_that_does_not_exist(scene: Scene, name: str, hint: str) -> None:
    """A misspelt command is guessed."""
    ran = scene.run(name)

    assert (2, "") == (ran.code, ran.out)
    assert hint in ran.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "queue ad",
            "No such command 'ad'; did you mean `watchkeeper queue add`? `watchkeeper queue --help` tells more.",
        ),
        ("queue xyzzy", "No such command 'xyzzy'; `watchkeeper queue --help` tells more."),
        (
            "queue add --prio",
            "No such option: --prio; did you mean --priority or --project? `watchkeeper queue add --help` tells more.",
        ),
        ("queue add --xyzzy", "No such option: --xyzzy; `watchkeeper queue add --help` tells more."),
        ("queue show 1 2 3", "Too much is given: 2 3; `watchkeeper queue show --help` tells more."),
        ("automation book --at", "--at needs a value; `watchkeeper automation --help` tells more."),
        (
            "compact-context --keep-recent x",
            "--keep-recent must be a whole number, not 'x'; `watchkeeper compact-context --help` tells more.",
        ),
        (
            "compact-context --keep-recent -1",
            "--keep-recent must be at least 0, not '-1'; `watchkeeper compact-context --help` tells more.",
        ),
        (
            "compact-context --target 101",
            "--target must be at most 100, not '101'; `watchkeeper compact-context --help` tells more.",
        ),
        ("snooze", "Missing argument 'DURATION'; `watchkeeper snooze --help` tells more."),
    ],
)
def test_wrong_usage_is_a_sentence(scene: Scene, words: str, sentence: str) -> None:
    """What was typed wrongly is said with what it must be or what may be meant."""
    assert (2, "", f"watchkeeper: {sentence}\n") == scene.run(*words.split())


def test_hostile_words_are_printed_clean(scene: Scene) -> None:
    """What was typed is repeated without what a terminal would obey."""
    for words in (("\x1b]0;pwned\x07",), ("usage", "--by", "\x1b[31m"), ("session-status", "--session", "\x9b31m")):
        ran = scene.run(*words)

        assert ran.err.rstrip("\n").isprintable()


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        pytest.param(KeyboardInterrupt(), 130, "", id="Ctrl-C"),
        pytest.param(BrokenPipeError(), 0, "", id="the reader has gone"),
        pytest.param(
            sqlite3.OperationalError("database or disk is full"), 1, "check that the disk has room", id="disk"
        ),
        pytest.param(PermissionError(13, "Permission denied", "/x"), 1, "check that the file can be read", id="file"),
        pytest.param(typer.Exit(3), 3, "", id="a code of its own"),
        pytest.param(typer.Abort(), 130, "", id="aborted"),
    ],
)
def test_how_commands_end(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    """Every way to end has its exit code and at most one sentence."""
    failing(monkeypatch, error)

    ran = scene.run("session-status")

    assert (code, "") == (ran.code, ran.out)
    assert said in ran.err
    assert ran.err.count("\n") <= 1


def test_a_bug_leaves_a_log_to_paste(scene: Scene, monkeypatch: pytest.MonkeyPatch, clock: SettableClock) -> None:
    """A bug is one line and exit code 70, with everything else in a file that names no arguments."""
    failing(monkeypatch, ZeroDivisionError("secret figure"))

    ran = scene.run("session-status", "--session", "secret-argument")

    assert 2 == ran.code
    ran = scene.run("session-status")
    assert (70, 1) == (ran.code, ran.err.count("\n"))
    log = Path(ran.err.split()[-1]).read_text(encoding="utf-8")
    assert "ZeroDivisionError" in log
    assert "secret-argument" not in log


@pytest.mark.parametrize("name", ["sessions", "usage"])
def test_another_configuration_directory(scene: Scene, tmp_path: Path, name: str) -> None:
    """--config-dir looks elsewhere, and leaves the usual place alone."""
    other = tmp_path / "other"

    ran = scene.run(name, "--json", "--config-dir", str(other))

    assert 0 == ran.code
    assert (other / "watchkeeper" / "usage.db").exists()
    assert not Path(scene.paths.state).exists()


def test_colour_can_be_refused(scene: Scene) -> None:
    """--no-color wins over a terminal that has colours."""
    assert "\x1b" in scene.run("session-status", colour=True).out
    assert "\x1b" not in scene.run("session-status", "--no-color", colour=True).out


def test_as_a_process(run_python: PythonRunner, home: User) -> None:
    """As it is started by the launcher: output, exit codes, and no colour in a pipe."""
    done = run_python("-I", "-X", "utf8", MAIN, "session-status", environ={"COLUMNS": "80"})
    wrong = run_python("-I", "-X", "utf8", MAIN, "session-status", "--bogus")

    assert (0, "") == (done.returncode, done.stderr)
    assert "Token quota" in done.stdout
    assert "\x1b" not in done.stdout
    assert (2, "") == (wrong.returncode, wrong.stdout)


def test_a_status_imports_nothing_that_it_does_not_need(run_python: PythonRunner, home: User) -> None:
    """The answer to /session-status is a process of its own, so what it imports is what it costs."""
    script = f"""if True:
        import sys
        sys.argv[0] = {MAIN!r}
        sys.path.insert(0, {str(LIBRARY.parent)!r})
        from watchkeeper import cli
        code = cli.main(["session-status"])
        print(*sorted(sys.modules), file=sys.stderr)
        sys.exit(code)
    """

    done = run_python("-I", "-X", "utf8", "-c", script)

    assert 0 == done.returncode
    loaded = set(done.stderr.split())
    heavy = "pydantic rich psutil icalendar tomlkit multiprocessing concurrent.futures asyncio".split()
    assert set() == loaded & set(heavy)


def test_lean_commands_take_the_same_words(scene: Scene) -> None:
    """Texts reach a command as they were typed."""
    ran: Any = scene.run("session-status", "--session", "'\"; echo pwned")

    assert 1 == ran.code
    assert "echo pwned" in ran.err


@pytest.mark.parametrize("option", [["--config-dir", "{}"], ["--config-dir={}"]], ids=["two words", "one word"])
def test_damage_is_found_where_the_command_looked(scene: Scene, tmp_path: Path, option: list[str]) -> None:
    """A ledger that turns out to be damaged is set aside in the directory that was named, however it was named."""
    other = tmp_path / "other"
    damaged = other / "watchkeeper" / "usage.db"
    with Ledger(str(damaged.parent), scene.now) as ledger:
        [pages] = ledger.usage.execute("SELECT group_concat(rootpage) FROM sqlite_master").fetchall()
    with damaged.open("r+b") as file:
        for page in map(int, pages[0].split(",")):
            file.seek(4096 * (page - 1))
            file.write(b"\xff" * 4096)

    ran = scene.run("usage", *(word.format(other) for word in option))

    assert 1 == ran.code
    assert f"set aside as {damaged}" in ran.err


def test_two_damaged_ledgers_are_told_of_at_once(scene: Scene) -> None:
    """One line names both, and what to do."""
    with scene.ledger as ledger:
        places = {
            database: [row[0] for row in connection.execute("SELECT rootpage FROM sqlite_master WHERE rootpage")]
            for database, connection in (("usage.db", ledger.usage), ("state.db", ledger.state))
        }
    for database, pages in places.items():
        with Path(scene.paths.state, database).open("r+b") as file:
            for page in pages:
                file.seek(4096 * (page - 1))
                file.write(b"\xff" * 4096)

    ran = scene.run("usage")

    assert 1 == ran.code
    assert 2 == ran.err.count("was set aside as")
    assert ran.err.endswith(" Run the command again.\n")
    assert 1 == ran.err.count("\n")


@pytest.mark.parametrize(
    "words", [("session-status", "--session"), ("queue", "show"), ("automation", "fire")], ids="_".join
)
def test_bytes_that_are_no_text_are_wrong_usage(scene: Scene, words: tuple[str, ...]) -> None:
    """A name that no terminal can have typed is refused in a sentence."""
    ran = scene.run(*words, "\udcff\udc80")

    assert ran.code in {1, 2}
    assert ran.err.count("\n") == 1
    assert "bug" not in ran.err
