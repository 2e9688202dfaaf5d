"""Findings about the catalog, the caches, the codecs, the devices and the disk."""

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from culler.catalog import backup, folders, photos
from culler.imaging import placing
from culler.settings import Places
from culler.workflow import marks_mirror
from culler.workflow.workspace import Workspace

CUDA_ON_WINDOWS = (
    'pip install --force-reinstall --no-deps "torch<=2.13.0" '
    "--index-url https://download.pytorch.org/whl/cu128"
)
"""The one command that replaces Windows' default CPU build by a CUDA build."""

LOW_SPACE_BYTES = 2 * 2**30
"""A temporary file that is younger may be in use."""
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `text` says what was found, and what to do where it is not sound."""

    subject: str
    sound: bool
    text: str


def findings(workspace: Workspace) -> Iterator[Finding]:
    """Look at everything, quick things first."""
    yield _catalog(workspace)
    yield _backups(workspace.places)
    yield _mirror(workspace.places)
    yield _space(workspace.places)
    yield _cache(workspace)
    yield from _folders(workspace)
    yield _leftovers(workspace)
    yield from _codecs()
    yield _torch()


def without_catalog(where: Places) -> Iterator[Finding]:
    """The same where the catalog cannot be opened: what can be told without it."""
    yield _backups(where)
    yield _mirror(where)
    yield _space(where)
    yield from _codecs()
    yield _torch()


def _catalog(workspace: Workspace) -> Finding:
    verdict = workspace.catalog.integrity()
    where = workspace.catalog.path
    if verdict == "ok":
        return Finding("catalog", True, f"{where}, {where.stat().st_size / 2**20:.1f} MB, sound")
    return Finding("catalog", False, f"{where} is damaged ({verdict}). {backup.ADVICE}")


def _backups(where: Places) -> Finding:
    made = backup.existing(where.catalog)
    folder = backup.folder_of(where.catalog)
    if not made:
        return Finding("backups", True, f"none yet; they go to {folder}")
    torn = [path.name for path in made if backup.what_is_wrong(path) is not None]
    if torn:
        return Finding("backups", False, f"damaged and to be deleted in {folder}: {', '.join(torn)}")
    return Finding("backups", True, f"{len(made)} in {folder}, the newest of {_when(made[-1])}, sound")


def _mirror(where: Places) -> Finding:
    mirrors = marks_mirror.existing(where)
    if not mirrors:
        return Finding("marks", True, "not mirrored yet; that happens when the window closes")
    return Finding("marks", True, f"mirrored in {mirrors[-1]}, {_when(mirrors[-1])}")


def _when(path: Path) -> str:
    return f"{datetime.fromtimestamp(path.stat().st_mtime):%d %b %Y, %H:%M}"


def _space(where: Places) -> Finding:
    folder = where.data
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{free / 2**30:.1f} GB free where the catalog is"
    if free < LOW_SPACE_BYTES:
        return Finding("disk", False, text + "; make room before a large folder.")
    return Finding("disk", True, text)


def _cache(workspace: Workspace) -> Finding:
    used = workspace.cache.used_bytes()
    where = workspace.places.cache / "pictures"
    return Finding("cache", True, f"{used / 2**20:,.0f} MB of thumbnails and previews in {where}")


def _folders(workspace: Workspace) -> Iterator[Finding]:
    with workspace.catalog.read() as tx:
        known = sorted(folders.roots(tx).values())
    gone = [root for root in known if not root.is_dir()]
    for root in gone:
        text = (
            f"{root} is not there. Connect its disk, or say where it is now: File, Find a Moved Folder, or "
            f"culler relink {root} NEW."
        )
        yield Finding("folder", False, text)
    if known and not gone:
        yield Finding("folders", True, f"{len(known)}, all there")


def _leftovers(workspace: Workspace) -> Finding:
    """Temporary files of programs that were killed: in the folders of photos and beside the catalog."""
    with workspace.catalog.read() as tx:
        places_ = photos.directories(tx)
    old = [path for folder in sorted(places_) for path in placing.abandoned(folder)]
    backups = backup.folder_of(workspace.catalog.path).glob("*.partial")
    old += [path for path in backups if placing.untouched_s(path) > placing.ABANDONED_S]
    if not old:
        return Finding("leftovers", True, "none")
    names = ", ".join(map(str, old[:MOST_NAMED])) + (" …" if len(old) > MOST_NAMED else "")
    return Finding("leftovers", False, f"{len(old)} files of interrupted writes can be deleted: {names}")


def _codecs() -> Iterator[Finding]:
    from PIL import features

    for subject, found in (
        ("JPEG", features.check("jpg")),
        ("AVIF", features.check("avif")),
        ("WebP", features.check("webp")),
        ("HEIC", importlib.util.find_spec("pi_heif") is not None),
        ("JPEG XL", importlib.util.find_spec("pillow_jxl") is not None),
        ("RAW", importlib.util.find_spec("rawpy") is not None),
        ("video", importlib.util.find_spec("av") is not None),
    ):
        yield Finding(
            subject, bool(found), "can be read" if found else "cannot be read; install Culler again."
        )


def _torch() -> Finding:
    import torch

    version = torch.__version__
    if torch.cuda.is_available():
        names = ", ".join(torch.cuda.get_device_name(k) for k in range(torch.cuda.device_count()))
        return Finding("torch", True, f"{version}, CUDA on {names}")
    if torch.backends.mps.is_available():
        return Finding("torch", True, f"{version}, Apple silicon (MPS)")
    if sys.platform == "win32" and torch.version.cuda is None and shutil.which("nvidia-smi"):
        return Finding(
            "torch",
            False,
            f"{version} cannot use your NVIDIA card. This one command fixes it: {CUDA_ON_WINDOWS}",
        )
    return Finding("torch", True, f"{version}, CPU only; large judges will be slow")
