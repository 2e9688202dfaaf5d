"""Pictures for the window: thumbnails, previews, full size. Any thread."""

import io

from PIL import Image

from culler.catalog import outcomes, photos
from culler.domain.assessment import Failure, Stage
from culler.domain.errors import CullerError
from culler.domain.photo import Photo, PhotoId
from culler.imaging import decode, exif
from culler.imaging.upright import turned
from culler.workflow import develop
from culler.workflow.workspace import Workspace

HEAD_BYTES = 1 << 18
"""Where cameras put their thumbnail: in the first quarter of a megabyte."""


def thumbnail(workspace: Workspace, photo_id: PhotoId) -> bytes | None:
    """256-px JPEG bytes, decoded once where the cache lacks them; None when the photo cannot be shown,
    which is then written down."""
    photo = _photo(workspace, photo_id)
    if photo is None:
        return None
    cached = workspace.cache.thumbnail(photo.path, photo.files[0].stamp)
    if cached is not None or photo.missing:
        return cached
    try:
        developed = develop.develop(workspace, photo)
    except CullerError as error:
        with workspace.catalog.write() as tx:
            outcomes.write_failures(tx, [(Failure(photo_id, Stage.DECODE, str(error)), photo.revision)])
        return None
    with workspace.catalog.write() as tx:
        outcomes.write_decoded(tx, [develop.decoded(photo, developed)])
    return developed.thumbnail


def quick_thumbnail(workspace: Workspace, photo_id: PhotoId) -> bytes | None:
    """The thumbnail the camera put into the file, upright, as JPEG bytes; None where there is none."""
    photo = _photo(workspace, photo_id)
    if photo is None or photo.missing:
        return None
    cached = workspace.cache.thumbnail(photo.path, photo.files[0].stamp)
    if cached is not None:
        return cached
    try:
        with open(photo.path, "rb") as file:
            found = exif.embedded_thumbnail(file.read(HEAD_BYTES))
    except OSError:
        return None
    return None if found is None else _upright(*found)


def preview(workspace: Workspace, photo_id: PhotoId) -> bytes:
    """The upright sRGB preview as JPEG bytes; raises CullerError when it cannot be shown."""
    photo = _required(workspace, photo_id)
    cached = develop.cached_preview(workspace, photo)
    if cached is not None:
        return cached
    return decode.encode_preview(develop.develop(workspace, photo).preview)


def wide_preview(workspace: Workspace, photo_id: PhotoId, screen: bytes) -> Image.Image | None:
    """The preview in the colours of a screen, straight from a file whose colours sRGB may lack; None
    where the sRGB preview has them all. Raises CullerError."""
    return decode.wide_preview(_required(workspace, photo_id).path, screen)


def full(workspace: Workspace, photo_id: PhotoId, screen: bytes | None = None) -> Image.Image:
    """The upright full-size picture, for 1:1, in sRGB or straight in the colours of the screen whose
    ICC profile is given; raises CullerError."""
    photo = _required(workspace, photo_id)
    return decode.full(photo.path, develop.companion_of(photo), screen)


def _photo(workspace: Workspace, photo_id: PhotoId) -> Photo | None:
    with workspace.catalog.read() as tx:
        return photos.get(tx, [photo_id]).get(photo_id)


def _required(workspace: Workspace, photo_id: PhotoId) -> Photo:
    photo = _photo(workspace, photo_id)
    if photo is None:
        raise CullerError("This photo is no longer in the catalog.")
    if photo.missing:
        raise CullerError(f"{photo.path} is not there any more. Is its disk connected?")
    return photo


def _upright(jpeg: bytes, orientation: int) -> bytes | None:
    """A camera's own thumbnail turned; None when it is broken."""
    if orientation == 1:
        return jpeg
    try:
        with Image.open(io.BytesIO(jpeg)) as image:
            buffer = io.BytesIO()
            turned(image.convert("RGB"), orientation).save(buffer, "JPEG", quality=85)
    except (OSError, ValueError):
        return None
    return buffer.getvalue()
