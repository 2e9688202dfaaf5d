"""One decode of a photo: its preview, thumbnail and hash, cached and written down."""

import logging
import threading
from concurrent.futures import Future
from functools import cache
from pathlib import Path

from PIL import Image

from culler.catalog.outcomes import Decoded
from culler.domain.errors import CullerError
from culler.domain.photo import FileRole, FileStamp, Photo
from culler.imaging import decode
from culler.imaging.decode import Developed
from culler.imaging.signature import look
from culler.imaging.thumbnails import PixelCache
from culler.workflow.workspace import Workspace

log = logging.getLogger(__name__)

_flights: dict[tuple[PixelCache, Path, FileStamp], "Future[Developed]"] = {}
"""Decodes under way."""
_lock = threading.Lock()


def develop(workspace: Workspace, photo: Photo) -> Developed:
    """Decode a photo once and keep its thumbnail and preview; raises CullerError with the reason why it
    cannot be shown. Any thread; who asks for a photo that another thread is decoding shares its answer,
    which nobody may change."""
    key = (workspace.cache, photo.path, photo.files[0].stamp)
    with _lock:
        theirs = _flights.get(key)
        mine = _flights.setdefault(key, Future())
    if theirs is not None:
        return theirs.result()
    try:
        developed = _develop(workspace, photo)
    except BaseException as error:
        mine.set_exception(error)
        raise
    else:
        mine.set_result(developed)
        return developed
    finally:
        with _lock:
            del _flights[key]


def _develop(workspace: Workspace, photo: Photo) -> Developed:
    developed = decode.develop(photo.path, companion_of(photo))
    path, stamp = photo.path, photo.files[0].stamp
    try:
        workspace.cache.put_thumbnail(path, stamp, developed.thumbnail)
        if _worth_caching(photo, developed):
            workspace.cache.put_preview(path, stamp, decode.encode_preview(developed.preview))
    except CullerError as error:
        _warn_once(str(error))  # a full cache disk costs speed later, nothing else
    return developed


def encoded_preview(workspace: Workspace, photo: Photo) -> tuple[Image.Image, Developed | None]:
    """The preview as its cache file holds it (upright RGB), and the decode where one was needed."""
    cached = cached_preview(workspace, photo)
    if cached is not None:
        return decode.decode_preview(cached), None
    developed = develop(workspace, photo)
    if not _worth_caching(photo, developed):
        return developed.preview, developed
    return decode.decode_preview(decode.encode_preview(developed.preview)), developed


def glance(workspace: Workspace, photo: Photo) -> Developed:
    """As `develop`, with the thumbnail alone: a quarter less work where nobody needs the preview yet."""
    developed = decode.glance(photo.path, companion_of(photo))
    try:
        workspace.cache.put_thumbnail(photo.path, photo.files[0].stamp, developed.thumbnail)
    except CullerError as error:
        _warn_once(str(error))
    return developed


def cached_preview(workspace: Workspace, photo: Photo) -> bytes | None:
    """The preview's JPEG bytes, where the cache has them."""
    return workspace.cache.preview(photo.path, photo.files[0].stamp)


def decoded(photo: Photo, developed: Developed) -> Decoded:
    """What the catalog keeps of a decode."""
    return Decoded(
        photo.id,
        photo.revision,
        developed.width,
        developed.height,
        developed.dhash,
        look(developed.preview),
        developed.damaged,
    )


def companion_of(photo: Photo) -> Path | None:
    """The JPEG or HEIC beside a RAW."""
    if photo.files[0].role is not FileRole.RAW:
        return None
    companion = photo.file(FileRole.RENDERED)
    return None if companion is None else companion.path(photo.root)


@cache
def _warn_once(sentence: str) -> None:
    """The same sentence for every photo would bury all others."""
    log.warning("%s", sentence)


def _worth_caching(photo: Photo, developed: Developed) -> bool:
    """A picture that is its own preview is read directly."""
    whole = (developed.width, developed.height)
    return photo.files[0].role is not FileRole.RENDERED or developed.preview.size != whole
