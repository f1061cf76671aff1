"""The settings file: read with its line numbers, changed without touching the rest of it."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import User
from watchkeeper.config.file import all_values, read, set_option
from watchkeeper.config.model import options
from watchkeeper.config.problems import SettingsError
from watchkeeper.core.paths import Paths, paths_in
from watchkeeper.core.settings import DEFAULTS

MINE = """\
# my own settings
[quota]            # the five hours
plan = "pro"       # since May

[notices]
desktop = false
"""


@pytest.fixture
def paths(home: User) -> Paths:
    return paths_in(str(home.config), home.environ)


def put(paths: Paths, text: str | bytes) -> None:
    os.makedirs(paths.state, exist_ok=True)
    Path(paths.config_file).write_bytes(text if isinstance(text, bytes) else text.encode())


def content(paths: Paths) -> str:
    return Path(paths.config_file).read_bytes().decode()


def test_no_file_is_no_settings(paths: Paths) -> None:
    """Without a file everything has its default."""
    assert ({}, 0) == read(paths)


def test_file_is_read(paths: Paths) -> None:
    """What stands in the file is returned as plain values, with the time of its last change."""
    put(paths, "\ufeff" + MINE.replace("\n", "\r\n"))

    found = read(paths)

    assert {"quota": {"plan": "pro"}, "notices": {"desktop": False}} == found.data
    assert os.stat(paths.config_file).st_mtime_ns == found.modified_ns
    assert str is type(found.data["quota"]["plan"])


BROKEN = [
    (MINE + "[quota.levels]\ndanger = 180\n", "config.toml, line 8: quota.levels.danger must be at most 100."),
    ("[quota]\nplna = 5\n[zz]\n", "config.toml, line 2: quota.plna is no option; did you mean quota.plan? (1 more)"),
    ("[quota]\nalerts = [\n 50,\n 'x',\n]\n", "config.toml, line 2: quota.alerts in item 2 must be a number."),
    ("[quota]\nplan = \n", "config.toml, line 2: this is not TOML (Unexpected character: '\\n'); correct it by hand."),
    ("[quota]\nplan = 'a'\n\nplan = 'b'\n", 'config.toml, line 4: this is not TOML (Key "plan" already exists)'),
    (
        "[quota]\n" + "".join(f"x{number} = [\n{number}\n]\n" for number in range(400)) + "x7 = 1\ny = 2\n",
        'config.toml, line 1202: this is not TOML (Key "x7" already exists)',
    ),
    (b"[quota]\nplan = '\xff'\n", "config.toml, line 2: this is not UTF-8; save the file in that encoding."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), BROKEN, ids=[sentence for _, sentence in BROKEN])
def test_broken_file_is_reported_and_kept(paths: Paths, text: str | bytes, sentence: str) -> None:
    """What is wrong is told with its line, nothing can be set then, and the file stays as it is."""
    put(paths, text)
    before = Path(paths.config_file).read_bytes()

    for use in (lambda: read(paths), lambda: set_option(paths, "storage.retention_days", ["100"])):
        with pytest.raises(SettingsError) as refusal:
            use()

        assert sentence.partition(" (1 more)")[0] in str(refusal.value)
        assert before == Path(paths.config_file).read_bytes()


def test_wrong_option_can_be_put_right(paths: Paths) -> None:
    """The option that is wrong in the file is the one that can be set."""
    put(paths, "[quota]\nplan = 'gold'\n")

    assert "max5" == set_option(paths, "quota.plan", ["max5"])
    assert {"quota": {"plan": "max5"}} == read(paths).data


def test_setting_keeps_comments_and_order(paths: Paths) -> None:
    """One value changes; comments, order and everything else stay."""
    put(paths, MINE)

    set_option(paths, "quota.plan", ["max20"])

    assert MINE.replace('"pro" ', '"max20"').split() == content(paths).split()
    assert "# since May" in content(paths)


def test_setting_adds_what_is_missing(paths: Paths) -> None:
    """An option and its table are added where they are not there."""
    put(paths, MINE)

    set_option(paths, "quota.limit_tokens", ["5"])
    set_option(paths, "context.levels.danger", ["82"])

    assert content(paths).startswith("# my own settings\n")
    assert {
        "quota": {"plan": "pro", "limit_tokens": 5},
        "notices": {"desktop": False},
        "context": {"levels": {"danger": 82}},
    } == read(paths).data


LAYOUTS = [
    "[quota]\nplan = 'pro'\n[watch]\nenabled = true\n[quota.levels]\ndanger = 82\n",
    "quota = { plan = 'pro', levels = { danger = 82 } }\n",
    "quota = { plan = 'pro' }\n",
    "quota.plan = 'pro'\nquota.levels.danger = 82\n",
    "[quota]\nlevels.danger = 82\n\n\n# the end",
    "[quota.levels]\ndanger = 82\n",
    "# only a comment",
    "[quota]\nplan = 'pro'",
    "\n\n[notices]\n",
]


@pytest.mark.parametrize("option", ["quota.limit_tokens", "quota.levels.good", "quota.plan", "notices.desktop"])
@pytest.mark.parametrize("text", LAYOUTS, ids=range(len(LAYOUTS)))
def test_any_layout_is_kept(paths: Paths, text: str, option: str) -> None:
    """However a file is laid out, one option changes and nothing else does."""
    put(paths, text)
    before = all_values(read(paths).data)
    words = {"quota.plan": "team", "notices.desktop": "off"}.get(option, "26")

    value = set_option(paths, option, [words])

    assert before | {option: value} == all_values(read(paths).data)
    assert text.count("#") == content(paths).count("#")


def test_first_setting_makes_the_file(paths: Paths) -> None:
    """The file is made when it is first needed, for its owner only, and says what it is."""
    set_option(paths, "quota.plan", ["max5"])

    assert content(paths).startswith("# Watchkeeper's settings.")
    assert [os.path.basename(paths.config_file)] == os.listdir(paths.state)
    if sys.platform != "win32":
        assert 0o600 == stat.S_IMODE(os.stat(paths.config_file).st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_link_stays_a_link(paths: Paths, tmp_path: Path) -> None:
    """A settings file that is a link into somebody's dotfiles is changed there."""
    os.makedirs(paths.state)
    (tmp_path / "mine.toml").write_text(MINE, encoding="utf-8")
    os.symlink(tmp_path / "mine.toml", paths.config_file)

    set_option(paths, "quota.plan", ["team"])

    assert os.path.islink(paths.config_file)
    assert '"team"' in (tmp_path / "mine.toml").read_text(encoding="utf-8")


VALUES: list[tuple[str, list[str], Any]] = [
    ("watch.enabled", ["off"], False),
    ("watch.enabled", ["true"], True),
    ("watch.projects_off", ["/a,b", "/c d"], ["/a,b", "/c d"]),
    ("watch.projects_off", ["/a"], ["/a"]),
    ("watch.projects_off", ["[]"], []),
    ("watch.projects_off", ["12"], ["12"]),
    ("quota.plan", [""], ""),
    ("quota.limit_tokens", ["200_000"], 200_000),
    ("quota.alerts", ["basic"], "basic"),
    ("quota.alerts", ["50,80"], [50, 80]),
    ("quota.alerts", ["50", "80.5"], [50, 80.5]),
    ("quota.alerts", ["[10, 20]"], [10, 20]),
    ("quota.counted", ["input,output"], ["input", "output"]),
    ("quota.time_left_alerts_min", ["30"], [30]),
    ("resources.ram_warning_gb", ["4"], 4),
    ("resources.ram_warning_gb", ["2.5"], 2.5),
    ("status_line.passthrough", ['echo "hi" | tr a b'], 'echo "hi" | tr a b'),
    ("status_line.passthrough", ["true"], "true"),
    ("status_line.passthrough", ["50"], "50"),
    ("advice.quota.good", ["Do", "it", "well"], "Do it well"),
    ("notices.notifier", ["none"], "none"),
]


@pytest.mark.parametrize(("option", "words", "value"), VALUES, ids=[f"{name} {words}" for name, words, _ in VALUES])
def test_words_are_read_by_the_options_type(paths: Paths, option: str, words: list[str], value: object) -> None:
    """The same word is a switch, a number, a list or text, as the option needs it."""
    found = set_option(paths, option, words)

    assert (value, type(value)) == (found, type(found))
    assert value == all_values(read(paths).data)[option]


REFUSED = [
    ("quota.plan", ["gold"], "quota.plan must be one of"),
    ("quota.plna", ["pro"], "quota.plna is no option; did you mean quota.plan?"),
    ("quota.levels", ["5"], "quota.levels is no option"),
    ("foo.bar", ["1"], "foo.bar is no option; `watchkeeper config show` lists them."),
    ("quota.levels.danger", ["180"], "quota.levels.danger must be at most 100."),
    ("quota.levels.danger", ["high"], "quota.levels.danger must be a number."),
    ("quota.levels.danger", ["91"], "quota.levels must ascend, but danger is 91 and critical 90; nothing was changed."),
    ("quota.limit_tokens", ["2.5"], "quota.limit_tokens must be a whole number."),
    ("quota.limit_tokens", ["nan"], "quota.limit_tokens must be"),
    ("watch.enabled", ["maybe"], "watch.enabled must be true or false."),
    ("quota.plan", ["custom"], "quota has the plan custom, which needs limit_tokens above 0; nothing was changed."),
    ("storage.retention_days", [], "storage.retention_days must be a whole number."),
]


@pytest.mark.parametrize(
    ("option", "words", "sentence"), REFUSED, ids=[f"{name} {words}" for name, words, _ in REFUSED]
)
def test_wrong_values_are_refused(paths: Paths, option: str, words: list[str], sentence: str) -> None:
    """A value that the option cannot have is refused with what it can have, and the file stays as it is."""
    put(paths, MINE)

    with pytest.raises(SettingsError) as refusal:
        set_option(paths, option, words)

    assert sentence in str(refusal.value)
    assert 1 == refusal.value.exit_code
    assert MINE == content(paths)


def test_all_values_are_the_defaults_at_first() -> None:
    """Every option has a value, its default where nothing is said."""
    values = all_values({"quota": {"plan": "pro"}})

    assert list(options()) == list(values)
    assert "pro" == values["quota.plan"]
    assert DEFAULTS["quota"]["levels"]["danger"] == values["quota.levels.danger"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such modes")
def test_unwritable_folder_is_a_sentence(bound_folder: Path) -> None:
    """Where the file cannot be written, a sentence says so."""
    paths = paths_in(str(bound_folder), {})
    put(paths, MINE)
    os.chmod(paths.state, 0o500)

    with pytest.raises(SettingsError, match="cannot be written"):
        set_option(paths, "quota.plan", ["max5"])


def test_unreadable_file_is_a_sentence(paths: Paths) -> None:
    """A folder in the file's place is told as what cannot be read."""
    os.makedirs(paths.config_file)

    with pytest.raises(SettingsError, match="cannot be read"):
        read(paths)
