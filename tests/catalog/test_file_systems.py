"""On which kind of disk a path is, by the table of mounts."""

import os
import sys
from pathlib import Path

import pytest

from culler.catalog import file_systems

MOUNTS = """\
/dev/sda2 / ext4 rw 0 0
server:/photos /mnt/my\\040nas nfs4 rw 0 0
/dev/sdb1 /mnt/my\\040nas/local xfs rw 0 0
me@host:/ /home/me/far fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind", "is_network"),
    [
        ("/home/me/.local/share/culler/catalog.sqlite", "ext4", False),
        ("/mnt/my nas/culler/catalog.sqlite", "nfs4", True),
        ("/mnt/my nas/local/catalog.sqlite", "xfs", False),
        ("/home/me/far/catalog.sqlite", "fuse.sshfs", True),
        ("/home/me/farther/catalog.sqlite", "ext4", False),
    ],
)
def test_the_innermost_mount_decides(path: str, kind: str, is_network: bool) -> None:
    assert file_systems.kind_in(MOUNTS, path) == kind
    assert (kind in file_systems.NETWORK) is is_network


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's table of mounts")
def test_links_are_followed_to_the_disk_they_lead_to(tmp_path: Path) -> None:
    link = tmp_path / "processes"
    os.symlink("/proc", link)
    assert file_systems.kind_of(link / "catalog.sqlite") == "proc"
    assert file_systems.kind_of(tmp_path) not in file_systems.NETWORK
