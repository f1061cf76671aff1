"""Whether a folder lies on a network file system, where SQLite's write-ahead log does not work."""

from __future__ import annotations

import ntpath
import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_NETWORK_TYPES = frozenset(
    """9p afpfs afs beegfs ceph cifs coda davfs drvfs fuse.ceph fuse.gcsfuse fuse.glusterfs fuse.gvfsd-fuse fuse.rclone
    fuse.s3fs fuse.smbnetfs fuse.sshfs fuse.sshfs# gfs2 glusterfs gpfs lustre ncpfs nfs nfs3 nfs4 ocfs2 orangefs prl_fs
    smb2 smb3 smbfs sshfs vboxsf virtiofs webdav""".split()
)
# macOS names every file system of its users' own making alike; what is mounted tells them apart.
_FUSE_TYPES = frozenset({"macfuse", "osxfuse", "fuse", "fuse-t"})


class Mount(NamedTuple):
    """One mounted file system. `device` is what is mounted, `options` are as the system lists them."""

    point: str
    kind: str
    device: str = ""
    options: str = ""


def network_kind(folder: str, mounts: Sequence[Mount], is_windows: bool = os.name == "nt") -> str | None:
    """Return the kind of network file system that the absolute path `folder` lies on, None for a local or unknown."""
    if is_windows and ntpath.splitdrive(folder)[0].startswith("\\\\"):
        return "UNC path"
    # Of several mounts on one point the last one covers the others.
    holding = [mount for mount in mounts if _holds(mount.point, folder, is_windows)]
    if not holding:
        return None
    deepest = max(len(mount.point) for mount in holding)
    mount = next(mount for mount in reversed(holding) if len(mount.point) == deepest)
    kind = mount.kind.lower()
    is_network = (
        kind in _NETWORK_TYPES
        or (kind in _FUSE_TYPES and ":" in mount.device)
        or (is_windows and "remote" in mount.options.split(","))
    )
    return kind or "network drive" if is_network else None


def mounted() -> list[Mount]:
    """Return this machine's mounted file systems, none where they cannot be listed."""
    import psutil

    try:
        partitions = psutil.disk_partitions(all=True)
    except (OSError, RuntimeError):
        return []
    return [Mount(each.mountpoint, each.fstype, each.device, each.opts) for each in partitions]


def _holds(point: str, folder: str, is_windows: bool) -> bool:
    if is_windows:
        point, folder = ntpath.normcase(point), ntpath.normcase(folder)
    separator = "\\" if is_windows else "/"
    return folder == point or folder.startswith(point.rstrip(separator) + separator)
