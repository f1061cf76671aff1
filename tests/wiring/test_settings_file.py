from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from watchkeeper.errors import UserError
from watchkeeper.wiring import files, settings_file

posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    return tmp_path / "config" / "settings.json"


def test_read(path: Path) -> None:
    """Bytes, text and value of the settings are read together."""
    path.write_bytes('\ufeff{"a": "ü"}\r\n'.encode())

    found = settings_file.read(path)

    assert (path.read_bytes(), '\ufeff{"a": "ü"}\r\n', {"a": "ü"}) == (found.content, found.text, found.settings)


def test_no_settings_yet(path: Path) -> None:
    """Where there are none, empty settings are the start."""
    assert settings_file.SettingsFile(path, None, "{}\n", {}) == settings_file.read(path)
    assert {} == settings_file.read(path.parent / "missing" / "settings.json").settings


@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\xef\xbb\xbf\n"], ids=["empty", "blank", "byte order mark"])
def test_a_blank_file_is_empty_settings(path: Path, content: bytes) -> None:
    """Claude Code reads a blank file as empty settings, and so it is taken, its bytes remembered."""
    path.write_bytes(content)

    assert settings_file.SettingsFile(path, content, "{}\n", {}) == settings_file.read(path)


@posix_only
def test_written_with_the_mode_it_had(path: Path) -> None:
    """The mode of the user's file stays; a file of ours is for the user alone."""
    settings_file.write(settings_file.read(path), b"{}")
    assert 0o600 == files.mode_of(path)

    path.chmod(0o644)
    settings_file.write(settings_file.read(path), b'{"a": 1}')
    assert (b'{"a": 1}', 0o644) == (path.read_bytes(), files.mode_of(path))


def test_deleted_again(path: Path) -> None:
    """Settings that did not exist before can go again."""
    path.write_bytes(b"{}")

    settings_file.write(settings_file.read(path), None)

    assert not path.exists()


def test_nothing_new_is_not_written(path: Path) -> None:
    """The same bytes leave the file as it is."""
    path.write_bytes(b"{}")
    before = path.stat()

    settings_file.write(settings_file.read(path), b"{}")

    assert (before.st_ino, before.st_mtime_ns) == (path.stat().st_ino, path.stat().st_mtime_ns)


def test_a_change_in_between_is_not_overwritten(path: Path) -> None:
    """What another program wrote since it was read stays."""
    path.write_bytes(b"{}")
    found = settings_file.read(path)
    path.write_bytes(b'{"model": "opus"}')

    with pytest.raises(UserError, match="was changed by another program just now"):
        settings_file.write(found, b'{"ours": 1}')

    assert b'{"model": "opus"}' == path.read_bytes()


def test_a_link_is_refused(path: Path) -> None:
    """A link, as dotfile managers make them, is left to its owner."""
    target = path.parent.parent / "dotfiles.json"
    target.write_bytes(b"{}")
    path.symlink_to(target)

    with pytest.raises(UserError, match="is a link"):
        settings_file.read(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"a": 1, // mine\n}', "has comments"),
        (b'{"a": 1,}', "is not valid JSON"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"[]", "is not a JSON object"),
        (b'{"hooks": []}', "has `hooks` that are not an object"),
    ],
    ids=["comments", "trailing comma", "other encoding", "list", "hostile shape"],
)
def test_content_is_refused(path: Path, content: bytes, reason: str) -> None:
    """What cannot be edited safely is refused in one sentence that says what to do, and stays as it is."""
    path.write_bytes(content)

    with pytest.raises(UserError) as refused:
        settings_file.read(path)

    assert str(refused.value).startswith(f"{path} {reason}")
    assert str(refused.value).endswith("then run this again.")
    assert content == path.read_bytes()


@posix_only
def test_write_protection_is_respected(path: Path) -> None:
    """Neither a protected file nor a file in a protected folder is written, not even by root."""
    path.write_bytes(b"{}")
    path.chmod(0o444)
    with pytest.raises(UserError, match="is write-protected"):
        settings_file.read(path)

    path.unlink()
    path.parent.chmod(0o555)
    with pytest.raises(UserError, match=f"because {path.parent} is write-protected"):
        settings_file.read(path)
    path.parent.chmod(stat.S_IRWXU)


def test_a_folder_is_refused(path: Path) -> None:
    """Something else in the file's place is refused."""
    path.mkdir()

    with pytest.raises(UserError, match="is not a regular file"):
        settings_file.read(path)
