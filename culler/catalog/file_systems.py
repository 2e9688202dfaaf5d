"""What kind of disk a path is on: a catalog needs one of this computer's own."""

import ctypes
import os
import sys
from pathlib import Path

NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "webdav", "davfs", "9p", "afs", "ncpfs"),
        *("ceph", "glusterfs", "lustre", "beegfs"),
        *("fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.glusterfs", "fuse.gvfsd-fuse", "fuse.ceph"),
    }
)


def kind_of(path: Path) -> str | None:
    """The kind of file system that holds `path`, links followed, such as "ext4" or "nfs4"; None when not
    known."""
    real = os.path.realpath(path)
    if sys.platform == "win32":
        return _windows_kind(real)
    if sys.platform == "darwin":
        return _mac_kind(real)
    try:
        mounts = Path("/proc/self/mounts").read_text("utf-8", "replace")
    except OSError:
        return None
    return kind_in(mounts, real)


def kind_in(mounts: str, path: str) -> str | None:
    """The same, by a table of mounts as Linux writes it."""
    best, kind = "", None
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        mount = fields[1].replace("\\040", " ")
        inside = path == mount or path.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best):
            best, kind = mount, fields[2]
    return kind


def _windows_kind(real: str) -> str | None:
    """A share by its name, or a drive letter that stands for one."""
    if sys.platform == "win32":
        remote = 4  # DRIVE_REMOTE
        drive = os.path.splitdrive(real)[0]
        if real.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(drive + "\\") == remote:
            return "cifs"
    return None


_MAC_STATFS_BYTES, _MAC_NAME_AT, _MAC_NAME_BYTES = 2168, 72, 16
"""struct statfs of <sys/mount.h> with 64-bit inodes: its size, and where f_fstypename lies."""


def _mac_kind(real: str) -> str | None:
    path = real
    while not os.path.exists(path):
        path = os.path.dirname(path)
    answer = ctypes.create_string_buffer(_MAC_STATFS_BYTES)
    library = ctypes.CDLL(None)
    statfs = getattr(library, "statfs$INODE64", None) or library.statfs
    if statfs(os.fsencode(path), answer) != 0:
        return None
    name = answer.raw[_MAC_NAME_AT : _MAC_NAME_AT + _MAC_NAME_BYTES].split(b"\0")[0]
    return name.decode("ascii", "replace") or None
