"""What every use case works on: the open catalog, the picture cache, and where things live."""

from dataclasses import dataclass
from pathlib import Path

from culler.catalog import folders
from culler.catalog.database import Catalog
from culler.catalog.scopes import Scope
from culler.domain.errors import CullerError
from culler.imaging.thumbnails import PixelCache
from culler.settings import Places, Settings, places


@dataclass(frozen=True, slots=True)
class Workspace:
    """Open for the life of the program; every thread may use it."""

    catalog: Catalog
    cache: PixelCache
    places: Places

    def close(self) -> None:
        """Release the catalog."""
        self.catalog.close()


def open_workspace(where: Places | None = None) -> Workspace:
    """The user's workspace, made on first use; raises CullerError with what to do about it."""
    where = where or places()
    settings = Settings.load(where.config / "settings.json")
    catalog = Catalog(where.catalog)
    cache = PixelCache(where.cache / "pictures", int(settings.cache_gib * 2**30))
    workspace = Workspace(catalog, cache, where)
    if any((where.data / "moves").glob("*.open")):
        from culler.workflow import moves

        moves.settle(workspace)
    return workspace


def real_folder(path: Path) -> Path:
    """The absolute path of a folder of photos; raises CullerError when it is not one."""
    path = Path(path).expanduser().absolute()
    try:
        if path.is_dir():
            return Path(_normal(path))
        if path.exists():
            raise CullerError(f"{path} is a file, not a folder. Give the folder that holds it.")
    except PermissionError as error:
        raise CullerError(f"No permission to look into {path}.") from error
    raise CullerError(f"There is no folder {path}. Is its disk connected?")


def known_scopes(workspace: Workspace, roots: list[Path] | tuple[Path, ...] | None) -> list[Scope] | None:
    """The scopes of folders that the catalog knows; None for None. Raises CullerError for others."""
    if roots is None:
        return None
    found = []
    with workspace.catalog.read() as tx:
        for root in roots:
            scope = folders.scope_of(tx, Path(_normal(Path(root).expanduser().absolute())))
            if scope is None:
                raise CullerError(f"Culler has not seen {root} yet. Scan it first.")
            found.append(scope)
    return found


def _normal(path: Path) -> str:
    """Without `..` and doubled separators; links are kept as the user gave them."""
    import os.path

    return os.path.normpath(path)
