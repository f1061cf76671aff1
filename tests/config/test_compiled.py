"""Compiled settings: what hooks read agrees with what a person wrote, and only good settings come into force."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import User
from watchkeeper.config.compiled import compile_settings, ledger_dir
from watchkeeper.config.file_system import Mount
from watchkeeper.config.problems import SettingsError
from watchkeeper.core import settings
from watchkeeper.core.paths import Paths, paths_in
from watchkeeper.core.settings import DEFAULTS, are_stale, load

LOCAL = [Mount("/", "ext4")]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="paths and permissions of POSIX systems")


@pytest.fixture
def paths(home: User) -> Paths:
    return paths_in(str(home.config), home.environ)


def put(paths: Paths, text: str) -> None:
    os.makedirs(paths.state, exist_ok=True)
    Path(paths.config_file).write_text(text, encoding="utf-8")


def compiled(paths: Paths) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(paths.settings).read_text(encoding="utf-8"))
    return found


def test_hooks_read_what_was_written(paths: Paths) -> None:
    """The compiled settings hold what differs from the defaults, and hooks see both."""
    put(paths, '[quota]\nplan = "max5"\n[quota.levels]\ndanger = 82\ncritical = 90\n[watch]\nenabled = true\n')

    compile_settings(paths, {}, LOCAL)

    assert {"plan": "max5", "levels": {"danger": 82}} == compiled(paths)["quota"]
    assert "watch" not in compiled(paths)
    found = load(paths)
    assert ("max5", 82, 95) == (
        found["quota"]["plan"],
        found["quota"]["levels"]["danger"],
        found["quota"]["levels"]["emergency"],
    )
    assert DEFAULTS["resources"] == found["resources"]


def test_no_file_compiles_to_the_defaults(paths: Paths) -> None:
    """Without a settings file hooks have the defaults."""
    compile_settings(paths, {}, LOCAL)

    assert DEFAULTS == {name: value for name, value in load(paths).items() if name in DEFAULTS}
    assert {"compiled_from", "ledger_dir"} == compiled(paths).keys()


def test_staleness_is_seen(paths: Paths) -> None:
    """Settings are stale from the moment the file is changed until they are compiled again."""
    put(paths, "")
    assert are_stale(paths, load(paths))

    compile_settings(paths, {}, LOCAL)
    assert not are_stale(paths, load(paths))

    put(paths, '[quota]\nplan = "pro"\n')
    os.utime(paths.config_file, ns=(1, 1))
    assert are_stale(paths, load(paths))


@pytest.mark.parametrize("told", ["true", "[]", '"x"', "null", "{}"])
def test_compiled_settings_that_do_not_say_from_when_are_stale(paths: Paths, told: str) -> None:
    """Settings that somebody has damaged are compiled again."""
    put(paths, "")
    Path(paths.settings).write_text(f'{{"compiled_from": {told}}}', encoding="utf-8")

    assert are_stale(paths, load(paths))


def test_broken_file_leaves_good_settings_in_force(paths: Paths) -> None:
    """A file that is wrong is reported; what was compiled before stays, and hooks do not try again."""
    put(paths, '[quota]\nplan = "max5"\n')
    compile_settings(paths, {}, LOCAL)
    before = compiled(paths)

    put(paths, '[quota]\nplan = "gold"\n')
    os.utime(paths.config_file, ns=(1, 1))
    with pytest.raises(SettingsError, match=r"config\.toml, line 2: quota\.plan must be one of"):
        compile_settings(paths, {}, LOCAL)

    after = compiled(paths)
    assert before["quota"] == after["quota"]
    assert "line 2" in after["compiled_from"].pop("problem")
    assert before | {"compiled_from": {"modified_ns": 1}} == after
    assert not are_stale(paths, load(paths))


def test_broken_file_at_first_gives_the_defaults(paths: Paths) -> None:
    """Where nothing was compiled before, a broken file leaves the defaults in force."""
    put(paths, "[quota\n")

    with pytest.raises(SettingsError):
        compile_settings(paths, {}, LOCAL)

    assert DEFAULTS["quota"] == load(paths)["quota"]
    assert not are_stale(paths, load(paths))


def test_damaged_compiled_settings_are_replaced(paths: Paths) -> None:
    """What cannot be read of compiled settings is written anew."""
    put(paths, '[quota]\nplan = "pro"\n')
    Path(paths.settings).write_bytes(b"\xff{[")

    compile_settings(paths, {}, LOCAL)

    assert "pro" == load(paths)["quota"]["plan"]


@posix_only
def test_compiled_settings_are_private(paths: Paths) -> None:
    """Only their owner can read them, and nothing is left beside them."""
    compile_settings(paths, {}, LOCAL)

    assert 0o600 == stat.S_IMODE(os.stat(paths.settings).st_mode)
    assert ["settings.json"] == os.listdir(paths.state)


def test_local_ledger_is_in_the_state_folder(paths: Paths) -> None:
    """On a local disk the ledger lies with everything else."""
    compile_settings(paths, {}, LOCAL)

    assert paths.state == compiled(paths)["ledger_dir"] == settings.ledger_dir(paths, load(paths))


@posix_only
def test_ledger_of_a_network_home_is_on_this_machine(paths: Paths, tmp_path: Path) -> None:
    """On a network the ledger goes to a private folder on a local disk, one for each configuration directory."""
    mounts = [*LOCAL, Mount(os.path.realpath(paths.config), "nfs4")]
    environ = {"XDG_STATE_HOME": str(tmp_path / "state")}

    folder = ledger_dir(paths, environ, mounts)

    assert str(tmp_path / "state") == os.path.dirname(folder)
    assert 0o700 == stat.S_IMODE(os.stat(folder).st_mode)
    assert folder == ledger_dir(paths, environ, mounts)
    other = paths_in(str(tmp_path / "other"), {})
    assert folder != ledger_dir(other, environ, [Mount("/", "ext4"), Mount(os.path.realpath(other.config), "cifs")])


@posix_only
def test_folders_that_others_can_reach_are_not_used(paths: Paths, tmp_path: Path) -> None:
    """A folder that somebody else could write, or that is a link, is passed over."""
    mounts = [*LOCAL, Mount(os.path.realpath(paths.config), "nfs4")]
    first, second = tmp_path / "first", tmp_path / "second"
    environ = {"XDG_STATE_HOME": str(first), "LOCALAPPDATA": str(second)}
    taken = ledger_dir(paths, environ, mounts)
    os.chmod(taken, 0o777)

    assert str(second) == os.path.dirname(ledger_dir(paths, environ, mounts))

    os.rmdir(taken)
    os.symlink(tmp_path, taken)
    assert str(second) == os.path.dirname(ledger_dir(paths, environ, mounts))


@posix_only
def test_without_a_local_disk_the_state_folder_has_to_do(paths: Paths) -> None:
    """Where everything is on a network, nothing better is left."""
    assert paths.state == ledger_dir(paths, {"HOME": "/home/x"}, [Mount("/", "nfs")])
