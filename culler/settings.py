"""Where things live, and the few choices a user makes once. A leaf: imports nothing of Culler.

CULLER_HOME, when set, holds everything; else the platform's own places do.
"""

import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs


@dataclass(frozen=True, slots=True)
class Places:
    """Folders for the catalog and its backups, settings, throw-away pictures, and logs."""

    data: Path
    config: Path
    cache: Path
    logs: Path

    @property
    def catalog(self) -> Path:
        return self.data / "catalog.sqlite"


def places() -> Places:
    """The places in force; nothing is created."""
    home = os.environ.get("CULLER_HOME")
    if home:
        root = Path(home).expanduser().absolute()
        return Places(root / "data", root / "config", root / "cache", root / "logs")
    dirs = platformdirs.PlatformDirs("culler", appauthor=False)
    return Places(dirs.user_data_path, dirs.user_config_path, dirs.user_cache_path, dirs.user_log_path)


def resource(name: str) -> Path:
    """The path of a file in `resources/`, in a wheel, a bundle or a checkout.

    Raises FileNotFoundError when the installation lacks it.
    """
    package = Path(__file__).resolve().parent
    bundle = getattr(sys, "_MEIPASS", None)
    candidates = [package / "resources", package.parent / "resources"]
    if bundle is not None:
        candidates.insert(0, Path(bundle) / "culler" / "resources")
    for folder in candidates:
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"This installation of Culler lacks its file {name}; install it again.")


@dataclass(frozen=True, slots=True)
class Settings:
    """The user's choices. Unknown keys in the file are ignored, bad ones fall back to these."""

    theme: str = "system"  # system | dark | light
    screen_profile: str = ""  # the system's | srgb | path of an ICC file
    keys: str = "lightroom"  # lightroom | photo-mechanic | darktable
    thumbnail_px: int = 200
    cache_gib: float = 8.0
    auto_advance: bool = False
    device: str = "auto"
    checkpoint: str = ""
    last_folder: str = ""
    left_at: dict[str, Any] = field(default_factory=dict)  # the photo that was current, of each folder
    tell_unwritten: bool = True  # show marks that are in no sidecar yet, and ask before leaving them so
    reject_as_rating: bool = False  # rejects are rated −1 in sidecars, too
    long_sidecar_names: bool = False  # new sidecars are IMG.CR2.xmp
    window: str = ""  # size and place, as Qt writes them, in hexadecimal digits
    panels: bool = True
    filter_bar: bool = True
    collapse_stacks: bool = True
    stack_gap_s: float = 2.0
    stack_similarity: float = 0.5
    export: dict[str, Any] = field(default_factory=dict)  # how the export dialog was left

    @classmethod
    def load(cls, path: Path) -> "Settings":
        """The stored choices; defaults where the file is absent or unreadable."""
        try:
            stored = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return cls()
        if not isinstance(stored, dict):
            return cls()
        default = cls()
        known = {
            field.name: stored[field.name]
            for field in fields(cls)
            if isinstance(stored.get(field.name), type(getattr(default, field.name)))
        }
        return cls(**known)

    def save(self, path: Path) -> None:
        """Write atomically; raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            json.dump(asdict(self), file, indent=1)
        os.replace(file.name, path)
