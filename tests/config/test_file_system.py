"""Which file systems are on a network."""

from __future__ import annotations

import os

import pytest

from watchkeeper.config.file_system import Mount, mounted, network_kind

LINUX = [
    Mount("/", "ext4", "/dev/sda1"),
    Mount("/home", "nfs4", "server:/export/home"),
    Mount("/home/me/local", "xfs", "/dev/sdb1"),
    Mount("/home/me/with space", "cifs", "//server/share"),
    Mount("/mnt/c", "9p", "drvfs"),
    Mount("/mnt/remote", "fuse.sshfs", "me@host:/"),
    Mount("/homework", "ext4"),
]
MACOS = [
    Mount("/", "apfs", "/dev/disk1s1"),
    Mount("/Volumes/share", "smbfs", "//me@server/share"),
    Mount("/Volumes/old", "afpfs", "//server/old"),
    Mount("/Volumes/far", "macfuse", "me@host:/far"),
    Mount("/Volumes/vault", "macfuse", "vault"),
]
WINDOWS = [Mount("C:\\", "NTFS", "C:\\", "rw,fixed"), Mount("H:\\", "NTFS", "H:\\", "rw,remote")]


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib", None),
        ("/home", "nfs4"),
        ("/home/me/.claude", "nfs4"),
        ("/home/me/local/x", None),
        ("/home/me/with space/x", "cifs"),
        ("/homework/x", None),
        ("/mnt/c/Users/me", "9p"),
        ("/mnt/remote/x", "fuse.sshfs"),
    ],
)
def test_linux(folder: str, kind: str | None) -> None:
    """The deepest mount that holds a folder decides, by whole names of folders."""
    assert kind == network_kind(folder, LINUX, is_windows=False)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/Users/me/.claude", None),
        ("/Volumes/share/x", "smbfs"),
        ("/Volumes/old/x", "afpfs"),
        ("/Volumes/far/x", "macfuse"),
        ("/Volumes/vault/x", None),
    ],
)
def test_macos(folder: str, kind: str | None) -> None:
    """Of file systems of users' own making those are remote that name a host."""
    assert kind == network_kind(folder, MACOS, is_windows=False)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        (r"C:\Users\me\.claude", None),
        (r"h:\me\.claude", "ntfs"),
        (r"\\server\share\me\.claude", "UNC path"),
    ],
)
def test_windows(folder: str, kind: str | None) -> None:
    """Network drives and UNC paths are on a network, whatever their file system is."""
    assert kind == network_kind(folder, WINDOWS, is_windows=True)


def test_later_mount_covers_earlier_one() -> None:
    """Of two mounts on one point the later one is seen."""
    assert "nfs" == network_kind("/home/me", [Mount("/home", "ext4"), Mount("/home", "nfs")], is_windows=False)


def test_nothing_known_is_local() -> None:
    """What cannot be found out is taken for local."""
    assert network_kind("/home/me", [], is_windows=False) is None
    assert network_kind("/home/me", [Mount("/home", "newfs")], is_windows=False) is None


def test_this_machine_has_mounts() -> None:
    """The list of the machine that runs the tests can be read."""
    mounts = mounted()

    assert isinstance(network_kind(os.getcwd(), mounts), str | None)
    assert all(isinstance(mount.kind, str) for mount in mounts)
