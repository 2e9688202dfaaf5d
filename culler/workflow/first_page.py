"""What a window can show of a folder before the catalog is open: its first photos as they were when it
was seen last. Imports nothing heavy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from culler.catalog import first_page as catalog
from culler.domain.photo import FileStamp, PhotoId
from culler.imaging.thumbnails import PixelCache
from culler.ranking.columns import PhotoColumns
from culler.settings import Places, places
from culler.workflow.column_rows import as_columns

MOST = 240
"""Photos: more than fit on a large screen."""


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The photos, and their pictures where the cache has them."""

    columns: PhotoColumns
    _files: dict[PhotoId, tuple[Path, FileStamp]]
    _cache: PixelCache

    def thumbnail(self, photo_id: PhotoId) -> bytes | None:
        """The cached thumbnail. Any thread."""
        file = self._files.get(photo_id)
        return None if file is None else self._cache.thumbnail(*file)


def first_page(folders: Sequence[Path], where: Places | None = None) -> FirstPage | None:
    """The first photos of these folders; None where none are known."""
    where = where or places()
    found = catalog.read(where.catalog, folders, MOST)
    if found is None or not found.rows.photos:
        return None
    # The cap is of no meaning to who only reads.
    return FirstPage(as_columns(found.rows), found.files, PixelCache(where.cache / "pictures", 1 << 62))
