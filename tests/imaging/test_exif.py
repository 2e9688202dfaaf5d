"""Capture facts from real EXIF blocks and XMP packets, whole and broken."""

import io
import random
import struct
import zlib
from datetime import datetime, timedelta
from pathlib import Path

import exifread
import pytest
from PIL import Image, PngImagePlugin

from culler.imaging import containers
from culler.imaging.decode import develop
from culler.imaging.exif import embedded_packet, embedded_thumbnail, read_facts
from culler.imaging.formats import Format

PACKET = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    b"%s</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def camera_exif() -> Image.Exif:
    tags = Image.Exif()
    tags[0x010F], tags[0x0110], tags[0x0112] = "Canon", "Canon EOS R6", 6
    tags[0x0132] = "2024:05:06 10:00:00"
    tags[0x4746] = 4
    tags.get_ifd(0x8769).update(
        {
            0x9003: "2024:05:05 12:13:14",
            0x9291: "023460",
            0x9011: "-05:30",
            0x829A: 1 / 250,
            0x829D: 2.8,
            0x8827: 1600,
            0x920A: 85.0,
            0x9204: -0.67,
            0xA431: "0123",
            0xA434: "RF85mm F2",
        }
    )
    tags.get_ifd(0x8825).update({1: "S", 2: (33.0, 30.0, 0.0), 3: "E", 4: (151.0, 15.0, 36.0)})
    return tags


@pytest.mark.parametrize(
    ("suffix", "format"),
    [
        ("jpg", Format.JPEG),
        ("png", Format.PNG),
        ("webp", Format.WEBP),
        ("tif", Format.TIFF),
        ("avif", Format.AVIF),
    ],
)
def test_the_same_facts_come_from_every_container(save_picture, suffix: str, format: Format) -> None:
    # As bytes: given as an object, Pillow leaves the inner directories out of a TIFF.
    exif_block = camera_exif().tobytes()
    path = save_picture(Image.new("RGB", (60, 40), "red"), f"a.{suffix}", exif=exif_block)
    for facts in (read_facts(path, format), read_facts(path.read_bytes(), format), develop(path).facts):
        assert facts.taken == datetime(2024, 5, 5, 12, 13, 14, 23460)
        assert facts.utc_offset == -timedelta(hours=5, minutes=30)
        assert facts.camera == "Canon EOS R6"
        assert (facts.serial, facts.lens, facts.iso) == ("0123", "RF85mm F2", 1600)
        assert facts.exposure_s == pytest.approx(1 / 250)
        assert facts.aperture == pytest.approx(2.8)
        assert facts.focal_mm == pytest.approx(85)
        assert facts.exposure_bias_ev == pytest.approx(-0.67, abs=0.01)
        assert facts.latitude == pytest.approx(-33.5)
        assert facts.longitude == pytest.approx(151.26)
        assert facts.camera_rating == 4
        assert (facts.width, facts.height) == (40, 60)


@pytest.mark.parametrize(
    "reader", ["AssertionError", "UnicodeDecodeError", "EOFError", "IndexError", "nothing"]
)
def test_what_the_first_reader_misses_the_second_fills(save_picture, monkeypatch, reader: str) -> None:
    def fail(*_args: object, **_kwargs: object) -> dict[str, object]:
        if reader == "UnicodeDecodeError":
            raise UnicodeDecodeError("ascii", b"\xf4", 0, 1, "broken")
        if reader != "nothing":
            raise {"AssertionError": AssertionError, "EOFError": EOFError, "IndexError": IndexError}[reader]
        return {}

    monkeypatch.setattr(exifread, "process_file", fail)
    path = save_picture(Image.new("RGB", (60, 40)), "a.jpg", exif=camera_exif())
    facts = read_facts(path, Format.JPEG)
    assert facts.taken == datetime(2024, 5, 5, 12, 13, 14, 23460)
    assert (facts.camera, facts.camera_rating, facts.iso) == ("Canon EOS R6", 4, 1600)
    assert facts.latitude == pytest.approx(-33.5)


def test_the_bulk_path_never_parses_maker_notes(save_picture, monkeypatch) -> None:
    """Maker notes cost fifty times the rest: every call in the bulk path must turn them off."""
    asked = []
    process_file = exifread.process_file

    def watch(*args: object, **options: object) -> object:
        asked.append((options.get("details"), options.get("extract_thumbnail")))
        return process_file(*args, **options)

    monkeypatch.setattr(exifread, "process_file", watch)
    for suffix in ("jpg", "png", "tif", "webp", "avif"):
        develop(save_picture(Image.new("RGB", (60, 40), "red"), f"a.{suffix}", exif=camera_exif()))
    assert set(asked) == {(False, False)}


@pytest.mark.parametrize(
    ("text", "fraction", "expected"),
    [
        ("2024:05:05 12:13:14", "02", datetime(2024, 5, 5, 12, 13, 14, 20000)),
        ("2024:05:05 12:13:14", "2", datetime(2024, 5, 5, 12, 13, 14, 200000)),
        ("2024:05:05 12:13:14", "   ", datetime(2024, 5, 5, 12, 13, 14)),
        ("2024:05:05 12:13:14", "1234567", datetime(2024, 5, 5, 12, 13, 14, 123456)),
        ("0000:00:00 00:00:00", "00", None),
        ("    :  :     :  :  ", "", None),
        ("2024:02:31 12:13:14", "", None),
        ("2024:05:05", "", None),
        ("", "", None),
    ],
)
def test_capture_times_are_text_with_a_fraction(
    save_picture, text: str, fraction: str, expected: datetime | None
) -> None:
    tags = Image.Exif()
    tags.get_ifd(0x8769).update({0x9003: text, 0x9291: fraction})
    path = save_picture(Image.new("RGB", (8, 8)), "a.jpg", exif=tags)
    assert read_facts(path, Format.JPEG).taken == expected


def test_the_time_of_an_edit_is_no_capture_time_without_a_camera(save_picture) -> None:
    tags = Image.Exif()
    tags[0x0132] = "2024:05:06 10:00:00"
    image = Image.new("RGB", (8, 8))
    assert read_facts(save_picture(image, "edited.jpg", exif=tags), Format.JPEG).taken is None
    tags[0x0110] = "SM-G930F"
    assert read_facts(save_picture(image, "phone.jpg", exif=tags), Format.JPEG).taken is not None


@pytest.mark.parametrize(
    ("body", "rating"),
    [
        (b'xmp:Rating="3">', 3),
        (b"><xmp:Rating>5</xmp:Rating>", 5),
        (b'xmp:Rating="1.0">', 1),
        (b"xmp:Rating='-1'>", -1),
        (b'xap:Rating="2">', 2),
        (b'xmp:Rating="many">', None),
        (b'xmp:RatingPercent="75">', None),
        (b">", None),
    ],
)
def test_a_rating_inside_the_file_is_read_in_every_form(
    save_picture, body: bytes, rating: int | None
) -> None:
    path = save_picture(Image.new("RGB", (8, 8)), "a.jpg", xmp=PACKET % body)
    assert read_facts(path, Format.JPEG).camera_rating == rating
    assert embedded_packet(path, Format.JPEG) == PACKET % body


def test_a_rating_in_xmp_counts_over_the_camera_s_own(save_picture) -> None:
    path = save_picture(
        Image.new("RGB", (8, 8)), "a.jpg", exif=camera_exif(), xmp=PACKET % b'xmp:Rating="2">'
    )
    assert read_facts(path, Format.JPEG).camera_rating == 2


def test_a_png_may_be_turned_by_xmp_alone(save_picture) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", (PACKET % b'tiff:Orientation="6">').decode())
    path = save_picture(Image.new("RGB", (60, 40)), "a.png", pnginfo=info)
    assert read_facts(path, Format.PNG).orientation == 6
    assert develop(path).preview.size == (40, 60)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_png_may_carry_exif_as_text(save_picture, compressed: bool) -> None:
    block = b"Exif\x00\x00" + camera_exif().tobytes().removeprefix(b"Exif\x00\x00")
    text = f"\nexif\n{len(block):8}\n" + "\n".join(
        block.hex()[at : at + 72] for at in range(0, 2 * len(block), 72)
    )
    info = PngImagePlugin.PngInfo()
    info.add_text("Raw profile type exif", text + "\n", zip=compressed)
    path = save_picture(Image.new("RGB", (60, 40)), "a.png", pnginfo=info)
    facts = read_facts(path, Format.PNG)
    assert (facts.camera, facts.orientation, facts.width) == ("Canon EOS R6", 6, 40)


def test_segments_before_the_exif_block_do_not_hide_it(save_picture) -> None:
    data = save_picture(Image.new("RGB", (60, 40)), "a.jpg", exif=camera_exif()).read_bytes()
    stray = b"\xff\xe5" + struct.pack(">H", 600) + bytes(598)
    facts = read_facts(data[:2] + stray + b"\xff\xff" + stray + data[2:], Format.JPEG)
    assert facts.camera == "Canon EOS R6"


def test_an_avif_with_a_broken_exif_block_is_shown_upright(make_picture, save_picture) -> None:
    path = save_picture(make_picture(60, 40), "a.avif", exif=camera_exif())
    data = path.read_bytes()
    at = data.rindex(b"II*\x00") if b"II*\x00" in data else data.rindex(b"MM\x00*")
    path.write_bytes(data[:at] + b"\xff" * 12 + data[at + 12 :])
    developed = develop(path)
    assert developed.preview.size == (40, 60)
    assert developed.facts.taken is None


def test_broken_metadata_never_raises(save_picture) -> None:
    """Every byte string is acceptable to the facts reader, in every format it may claim to be."""
    chance = random.Random(20240505)
    base = {
        format: save_picture(Image.new("RGB", (60, 40)), f"a.{suffix}", exif=camera_exif()).read_bytes()
        for suffix, format in [("jpg", Format.JPEG), ("png", Format.PNG), ("tif", Format.TIFF)]
    }
    base[Format.RAW] = base[Format.TIFF]
    for format, data in base.items():
        for _ in range(150):
            broken = bytearray(data)
            for _ in range(chance.randint(1, 12)):
                broken[chance.randrange(min(len(broken), 700))] = chance.randrange(256)
            del broken[chance.randrange(len(broken)) :]
            read_facts(bytes(broken), format)


def test_the_embedded_thumbnail_comes_with_its_turn() -> None:
    small = io.BytesIO()
    Image.new("RGB", (160, 120), "blue").save(small, "JPEG")
    jpeg = small.getvalue()
    # A TIFF of two directories: the orientation in the first, the thumbnail's place in the second.
    first = struct.pack("<HHHII", 1, 0x0112, 3, 1, 8) + struct.pack("<I", 26)
    second = struct.pack("<HHHIIHHIII", 2, 0x0201, 4, 1, 56, 0x0202, 4, 1, len(jpeg), 0)
    block = b"II*\x00\x08\x00\x00\x00" + first + second
    block += bytes(56 - len(block)) + jpeg
    segment = b"Exif\x00\x00" + block
    data = b"\xff\xd8\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + b"\xff\xd9"
    assert embedded_thumbnail(data) == (jpeg, 8)
    assert embedded_thumbnail(data[:200]) is None
    assert embedded_thumbnail(b"\xff\xd8\xff\xd9") is None


def test_an_endless_text_chunk_is_not_inflated() -> None:
    header = struct.pack(">II", 10, 10) + b"\x08\x02\x00\x00\x00"
    text = b"Raw profile type exif\x00\x00" + zlib.compress(b"\x00" * (64 << 20))
    data = b"\x89PNG\r\n\x1a\n"
    for kind, body in ((b"IHDR", header), (b"zTXt", text)):
        data += struct.pack(">I", len(body)) + kind + body + b"\x00" * 4
    found = containers.png_metadata(io.BytesIO(data))
    assert found.size == (10, 10)
    assert found.exif is None


@pytest.mark.parametrize(("changed", "hours"), [("2024:05:05 12:13:14", -4), ("2024:05:06 10:00:00", None)])
def test_the_zone_of_a_later_change_is_not_the_camera_s(
    tmp_path: Path, changed: str, hours: int | None
) -> None:
    tags = camera_exif()
    tags[0x0132] = changed
    details = tags.get_ifd(0x8769)
    del details[0x9011]
    details[0x9010] = "-04:00"
    Image.new("RGB", (16, 16)).save(tmp_path / "a.jpg", exif=tags)
    facts = read_facts(tmp_path / "a.jpg", Format.JPEG)
    assert facts.utc_offset == (None if hours is None else timedelta(hours=hours))


def cr3(packet: bytes = b"") -> bytes:
    """Boxes as in a Canon CR3, without a picture: each directory is a TIFF of its own."""
    main, details, place = Image.Exif(), Image.Exif(), Image.Exif()
    main[0x010F], main[0x0110], main[0x0132] = "Canon", "Canon EOS R5", "2024:06:01 08:00:00"
    details[0x9003], details[0x9291], details[0x9011] = "2024:05:05 12:13:14", "21", "+02:00"
    for number, value in ((1, "S"), (2, (33.0, 30.0, 0.0)), (3, "E"), (4, (151.0, 15.0, 36.0))):
        place[number] = value
    boxes = b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom"
    for name, tags in ((b"CMT1", main), (b"CMT2", details), (b"CMT4", place)):
        block = tags.tobytes().removeprefix(b"Exif\x00\x00")
        boxes += struct.pack(">I4s", len(block) + 8, name) + block
    if packet:
        mark = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
        boxes += struct.pack(">I4s", len(packet) + 24, b"uuid") + mark + packet
    return boxes


def test_a_cr3_gives_the_shutter_s_time_its_place_and_the_rating_given_in_the_camera() -> None:
    packet = PACKET % b'xmp:Rating="3">'
    facts = read_facts(cr3(packet), Format.RAW)
    assert facts.taken == datetime(2024, 5, 5, 12, 13, 14, 210000)
    assert facts.utc_offset == timedelta(hours=2)
    assert (facts.latitude, facts.longitude) == (-33.5, pytest.approx(151.26))
    assert facts.camera_rating == 3
    assert embedded_packet(cr3(packet), Format.RAW) == packet
    assert embedded_packet(cr3(), Format.RAW) is None


@pytest.mark.parametrize("magic", [b"II*\x00", b"IIU\x00", b"IIRO"])
def test_the_packet_of_a_raw_is_found_behind_its_own_magic_number(save_picture, magic: bytes) -> None:
    packet = PACKET % b'xmp:Rating="4">' + b" " * 300
    path = save_picture(Image.new("RGB", (8, 8)), "a.tif", tiffinfo={700: packet, 271: "Panasonic", 0x17: 80})
    data = magic + path.read_bytes()[4:]
    assert embedded_packet(data, Format.RAW) == packet
    assert read_facts(data, Format.RAW).camera_rating == 4
    assert read_facts(data, Format.RAW).iso == (80 if magic == b"IIU\x00" else None)


@pytest.mark.parametrize("format", [Format.TIFF, Format.RAW])
def test_a_rating_inside_a_camera_s_tiff_or_raw_is_read(save_picture, format: Format) -> None:
    """exifread finds all else in such a file, and passes the packet over."""
    tags = camera_exif()
    del tags[0x4746]
    tags[700] = PACKET % b'xmp:Rating="3">' + b" " * 300
    path = save_picture(Image.new("RGB", (8, 8)), "a.tif", exif=tags.tobytes())
    facts = read_facts(path, format)
    assert (facts.model, facts.camera_rating) == ("Canon EOS R6", 3)
    assert embedded_packet(path, format) == tags[700]


def test_lens_and_serial_number_come_from_xmp_where_exif_has_none(save_picture) -> None:
    image = Image.new("RGB", (8, 8))
    body = (
        b'xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" aux:LensID="9" aux:Lens="RF50" aux:SerialNumber="77">'
    )
    facts = read_facts(save_picture(image, "a.jpg", xmp=PACKET % body), Format.JPEG)
    assert (facts.lens, facts.serial) == ("RF50", "77")
    both = save_picture(image, "b.jpg", xmp=PACKET % body, exif=camera_exif())
    assert read_facts(both, Format.JPEG).lens == "RF85mm F2"


def test_binary_data_where_text_should_be_is_no_text(save_picture) -> None:
    tags = camera_exif()
    tags.get_ifd(0x8769)[0xA431] = "\x10\x15`\x12"
    assert read_facts(save_picture(Image.new("RGB", (8, 8)), "a.jpg", exif=tags), Format.JPEG).serial is None


def test_a_tiff_tells_its_size_wherever_its_directory_lies(save_picture) -> None:
    """Programs that write a picture as it comes put the directory behind tens of megabytes of it."""
    path = save_picture(Image.new("RGB", (40, 30)), "a.tif")
    data = bytearray(path.read_bytes())
    (at,) = struct.unpack_from("<I", data, 4)
    far = 20 << 20
    with path.open("r+b") as file:
        file.seek(4)
        file.write(struct.pack("<I", far))
        file.seek(far)
        file.write(data[at:])
    facts = read_facts(path, Format.TIFF)
    assert (facts.width, facts.height) == (40, 30)
