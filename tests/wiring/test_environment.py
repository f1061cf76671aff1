from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from tests.wiring.machine import write_program
from watchkeeper.errors import UserError
from watchkeeper.wiring import environment, files
from watchkeeper.wiring.programs import Completed

LOCK = b"rich==15.0.0 --hash=sha256:00\n"


class Programs:
    """Pretends to be Python, pip and uv; `failing` names the words of the calls that fail."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.ran: list[list[str]] = []

    def __call__(
        self,
        arguments: Sequence[str],
        *,
        environ: Mapping[str, str] | None = None,
        folder: str | None = None,
        timeout_s: float | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> Completed:
        words = list(arguments)
        self.ran.append(words)
        for word in self.failing:
            if word in " ".join(words):
                return Completed(1, f"working\n{word} failed\n")
        if "venv" in words:
            write_program(Path(words[-1]) / "bin" / "python")
        if on_line is not None:
            for line in (
                "Collecting rich==15.0.0 (from -r lock)",
                "  Using cached x",
                "Installing collected packages: rich",
            ):
                on_line(line)
        return Completed(0, "3 11\n")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "lock").write_bytes(LOCK)
    return tmp_path / "venv"


PIP = environment.Tools("/usr/bin/python3", None, has_ensurepip=True)
UV = environment.Tools("/usr/bin/python3", "/usr/bin/uv", has_ensurepip=False)


def make(place: Path, tools: environment.Tools, run: Programs) -> list[str]:
    said: list[str] = []
    environment.make(place, place.parent / "lock", tools, run, said.append)
    return said


def reason(place: Path, run: Programs, lock: bytes = LOCK, version: tuple[int, int] = (3, 11)) -> str | None:
    return environment.reason_to_make(place, lock, place / "bin" / "python", version, run)


def test_made_with_pip(place: Path) -> None:
    """pip installs exactly what is locked, each package with its hash, and says what it is at."""
    run = Programs()

    said = make(place, PIP, run)

    assert ["  rich==15.0.0", "  installing them"] == said
    assert ["/usr/bin/python3", "-I", "-m", "venv"] == run.ran[0][:4]
    assert ["--require-hashes", "-r", str(place.parent / "lock")] == run.ran[1][-3:]
    assert reason(place, run) is None
    assert ["lock", "venv"] == sorted(path.name for path in place.parent.iterdir())


def test_made_with_uv(place: Path) -> None:
    """uv does the same where it is there, from the chosen interpreter."""
    run = Programs()

    make(place, UV, run)

    assert ["/usr/bin/uv", "venv", "--no-python-downloads", "--python", "/usr/bin/python3"] == run.ran[0][:5]
    assert "--require-hashes" in run.ran[1]
    assert reason(place, run) is None


def test_pip_steps_in_for_uv(place: Path) -> None:
    """When uv cannot, pip does, and the user hears why."""
    run = Programs("/usr/bin/uv")

    said = make(place, UV._replace(has_ensurepip=True), run)

    assert "uv could not make the environment (/usr/bin/uv failed); trying pip." == said[0]
    assert reason(place, run) is None


def test_uv_fails_and_there_is_no_other_way(place: Path) -> None:
    """Without ensurepip there is only uv, and its failure comes with the way out."""
    with pytest.raises(UserError, match=r"uv could not .*sudo apt install python3-venv"):
        make(place, UV, Programs("/usr/bin/uv"))


@pytest.mark.parametrize("words", ["-m venv", "-m pip"])
def test_a_failure_leaves_the_old_one(place: Path, words: str) -> None:
    """When it cannot be made, the one that was there stays, with nothing beside it but the whole output."""
    make(place, PIP, Programs())
    before = sorted(place.rglob("*"))

    with pytest.raises(UserError, match=rf"could not be made \({words} failed\)"):
        make(place, PIP, Programs(words))

    assert before == sorted(place.rglob("*"))
    assert ["lock", "logs", "venv"] == sorted(path.name for path in place.parent.iterdir())
    assert f"working\n{words} failed\n" == (place.parent / "logs" / "install.log").read_text(encoding="utf-8")


def test_a_new_one_takes_the_old_ones_place(place: Path) -> None:
    """A remade environment has nothing of the old one, and what interrupted runs left is gone."""
    make(place, PIP, Programs())
    (place / "old").touch()
    for name in ("venv.making-1", "venv.retired-2"):
        (place.parent / name).mkdir()

    make(place, PIP, Programs())

    assert not (place / "old").exists()
    assert ["lock", "venv"] == sorted(path.name for path in place.parent.iterdir())


def test_reasons_to_make_it(place: Path) -> None:
    """A missing, unfinished, outdated or broken environment is made again."""
    run = Programs()
    assert "there is none yet" == reason(place, run)

    place.mkdir()
    assert "it was never finished" == reason(place, run)

    for damaged in ("[not json", "[" * 5_000):
        (place / environment.MARKER).write_text(damaged, encoding="utf-8")
        assert "it was never finished" == reason(place, run)

    make(place, PIP, run)
    assert "the locked requirements have changed" == reason(place, run, LOCK + b"more")
    assert "its Python does not start any more" == reason(place, Programs(str(place)))

    assert "it is of another Python version than the hooks" == reason(place, run, version=(3, 12))
    marker = {"lock_sha256": files.sha256(LOCK), "python_version": "3 10"}
    (place / environment.MARKER).write_text(json.dumps(marker), encoding="utf-8")
    assert "it is of another Python version than the hooks" == reason(place, run)


def test_uv_is_looked_for_on_the_path(tmp_path: Path) -> None:
    """uv is used where it is there."""
    write_program(tmp_path / "uv")

    assert str(tmp_path / "uv") == environment.uv_on({"PATH": str(tmp_path)})
    assert environment.uv_on({}) is None
