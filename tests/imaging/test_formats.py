"""Names say what a file is to its photo; contents say what it is."""

import io
import struct

import pytest
from PIL import Image

from culler.domain.photo import FileRole
from culler.imaging.formats import SNIFF_BYTES, Format, role_of, sniff


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("IMG_0001.JPG", FileRole.RENDERED),
        ("a/b/IMG.hif", FileRole.RENDERED),
        ("IMG.CR3", FileRole.RAW),
        ("Übung 写真.dng", FileRole.RAW),
        ("IMG.CR2.xmp", FileRole.SIDECAR),
        ("clip.MP4", FileRole.VIDEO),
        ("no_extension", None),
        (".jpg", None),
        ("folder.jpg/notes", None),
        ("._IMG_0001.JPG", None),
        ("catalog.lrcat", None),
    ],
)
def test_the_extension_alone_says_what_a_file_is_to_its_photo(name: str, role: FileRole | None) -> None:
    assert role_of(name) is role


@pytest.mark.parametrize(
    ("pillow", "format"),
    [
        ("JPEG", Format.JPEG),
        ("PNG", Format.PNG),
        ("TIFF", Format.TIFF),
        ("WEBP", Format.WEBP),
        ("GIF", Format.GIF),
        ("AVIF", Format.AVIF),
    ],
)
def test_content_counts_over_a_lying_extension(pillow: str, format: Format) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16)).save(buffer, pillow)
    assert sniff(buffer.getvalue()[:SNIFF_BYTES], "lie.mp4") is format


def test_a_full_jpeg_under_a_raw_name_is_a_jpeg() -> None:
    assert sniff(b"\xff\xd8\xff\xe0\x00\x10JFIF", "DSC_0001.NEF") is Format.JPEG


def test_the_extension_decides_which_tiff_is_a_raw() -> None:
    head = b"II*\x00\x08\x00\x00\x00\x00\x00"
    assert sniff(head, "a.nef") is Format.RAW
    assert sniff(head, "a.tif") is Format.TIFF


def test_a_dng_is_a_raw_whatever_its_name() -> None:
    entry = struct.pack("<HHI4s", 0xC612, 1, 4, b"\x01\x04\x00\x00")
    head = b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", 1) + entry + b"\x00" * 4
    assert sniff(head, "a.tif") is Format.RAW


@pytest.mark.parametrize(
    ("brands", "format"),
    [
        (b"heic\x00\x00\x00\x00mif1heic", Format.HEIC),
        (b"mif1\x00\x00\x00\x00mif1avif", Format.AVIF),
        (b"avif\x00\x00\x00\x00avifmif1", Format.AVIF),
        (b"crx \x00\x00\x00\x01crx isom", Format.RAW),
        (b"qt  \x00\x00\x00\x00qt  qt  ", Format.VIDEO),
        (b"isom\x00\x00\x02\x00isommp41", Format.VIDEO),
    ],
)
def test_brands_tell_the_users_of_one_container_apart(brands: bytes, format: Format) -> None:
    head = struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands
    assert sniff(head + b"\x00" * 64, "x.jpg") is format


@pytest.mark.parametrize("head", [b"", b"Just some words, no picture.\n", b"\x00" * 64, b"%PDF-1.7"])
def test_what_is_no_picture_has_no_format(head: bytes) -> None:
    assert sniff(head, "text.jpg") is None


def test_text_under_a_raw_name_is_no_raw() -> None:
    assert sniff(b"not a photo at all, just text\n", "a.cr2") is None
