"""The pictures of photos, for the threads that load them; they wait until the catalog is open."""

import threading
from typing import Any

from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId


class PictureSource:
    """Every method may be called in any thread, and blocks until `attach` or `let_go` was called.

    `page` holds the first photos as the catalog knew them, until it is open (None: nothing known).
    """

    def __init__(self) -> None:
        self.page: Any = None
        self._workspace: Any = None
        self._opened = threading.Event()

    def attach(self, workspace: object) -> None:
        """Take pictures from this open workspace from now on."""
        self._workspace = workspace
        self._opened.set()

    def let_go(self) -> None:
        """Let threads go that wait for a workspace."""
        self._opened.set()

    def close(self) -> None:
        """The workspace is about to be closed."""
        self._workspace = None
        self._opened.set()

    def thumbnail(self, photo_id: PhotoId) -> bytes | None:
        workspace = self._awaited()
        from culler.workflow.pixels import thumbnail

        return thumbnail(workspace, photo_id)

    def quick_thumbnail(self, photo_id: PhotoId) -> bytes | None:
        page = self.page
        cached: bytes | None = None if page is None else page.thumbnail(photo_id)
        if cached is not None:
            return cached
        workspace = self._awaited()
        from culler.workflow.pixels import quick_thumbnail

        return quick_thumbnail(workspace, photo_id)

    def large_thumbnail(self, photo_id: PhotoId) -> bytes | None:
        workspace = self._awaited()
        from culler.workflow.pixels import preview

        return preview(workspace, photo_id)

    def preview(self, photo_id: PhotoId, screen: bytes | None = None) -> tuple[Any, tuple[int, int] | None]:
        """The encoded sRGB preview, or a PIL picture in the colours of the screen where the photo's are
        wider; and the pixels of the photo itself. Raises CullerError."""
        workspace = self._awaited()
        from culler.workflow.pixels import preview, wide_preview
        from culler.workflow.rank import detail

        found: Any = None if screen is None else wide_preview(workspace, photo_id, screen)
        if found is None:
            found = preview(workspace, photo_id)
        facts = detail(workspace, photo_id).photo.facts
        if facts.width is None or facts.height is None:
            return found, None
        return found, (facts.width, facts.height)

    def full(self, photo_id: PhotoId, screen: bytes | None = None) -> Any:
        """The whole photo as a PIL picture, in the colours of the screen; raises CullerError."""
        workspace = self._awaited()
        from culler.workflow.pixels import full

        return full(workspace, photo_id, screen)

    def _awaited(self) -> Any:
        """The workspace, as soon as it is open. For threads; raises CullerError when it never will be."""
        self._opened.wait()
        if self._workspace is None:
            raise CullerError("Culler is closing.")
        return self._workspace
