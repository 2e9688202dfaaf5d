"""What XMP and IPTC say of a photo where EXIF does not, in real JPEG and PNG files."""

from datetime import datetime, timedelta

import pytest
from PIL import Image, PngImagePlugin

from culler.imaging.exif import read_facts
from culler.imaging.formats import Format

PACKET = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    b'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:exifEX="http://cipa.jp/exif/1.0/" '
    b'tiff:Make="Hewlett &amp; Packard" tiff:Model="HP 5" exif:ExposureTime="1/250" exif:FNumber="28/10" '
    b'exif:FocalLength="85/1" exif:ExposureBiasValue="-67/100" exif:DateTimeOriginal="2024-05-05T12:13:14Z" '
    b'exif:GPSLatitude="33,30,36S" exif:GPSLongitude="151,15.6E">'
    b"<exif:ISOSpeedRatings>\n <rdf:Seq>\n  <rdf:li>400</rdf:li>\n </rdf:Seq>\n</exif:ISOSpeedRatings>"
    b"<exifEX:LensModel>RF85</exifEX:LensModel></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def resource(number: int, data: bytes, name: bytes = b"\0\0") -> bytes:
    padding = b"\0" * (len(data) % 2)
    return b"8BIM" + number.to_bytes(2, "big") + name + len(data).to_bytes(4, "big") + data + padding


def dataset(number: int, text: bytes) -> bytes:
    return bytes((0x1C, 2, number)) + len(text).to_bytes(2, "big") + text


def with_segments(jpeg: bytes, *payloads: bytes) -> bytes:
    """The JPEG with APP13 segments of these payloads behind its start."""
    marked = (b"Photoshop 3.0\0" + payload for payload in payloads)
    segments = b"".join(b"\xff\xed" + (len(part) + 2).to_bytes(2, "big") + part for part in marked)
    return jpeg[:2] + segments + jpeg[2:]


@pytest.fixture
def jpeg(save_picture) -> bytes:
    return save_picture(Image.new("RGB", (8, 8)), "a.jpg").read_bytes()


def test_xmp_fills_what_exif_lacks(save_picture) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", PACKET.decode())
    image = Image.new("RGB", (8, 8))
    for path, format in (
        (save_picture(image, "a.jpg", xmp=PACKET), Format.JPEG),
        (save_picture(image, "a.png", pnginfo=text), Format.PNG),
    ):
        facts = read_facts(path, format)
        assert (facts.make, facts.model, facts.lens) == ("Hewlett & Packard", "HP 5", "RF85")
        assert (facts.exposure_s, facts.aperture, facts.iso) == (pytest.approx(1 / 250), 2.8, 400)
        assert (facts.focal_mm, facts.exposure_bias_ev) == (85, pytest.approx(-0.67))
        assert (facts.latitude, facts.longitude) == (pytest.approx(-33.51), pytest.approx(151.26))
        assert (facts.taken, facts.utc_offset) == (datetime(2024, 5, 5, 12, 13, 14), timedelta(0))


def test_exif_counts_over_xmp(save_picture) -> None:
    tags = Image.Exif()
    tags[0x010F], tags[0x0110] = "Canon", "Canon EOS R6"
    tags.get_ifd(0x8769).update({0x8827: 1600, 0x829D: 4.0, 0x9003: "2020:01:01 00:00:00"})
    facts = read_facts(save_picture(Image.new("RGB", (8, 8)), "a.jpg", xmp=PACKET, exif=tags), Format.JPEG)
    assert (facts.camera, facts.iso, facts.aperture) == ("Canon EOS R6", 1600, 4)
    assert (facts.taken, facts.utc_offset) == (datetime(2020, 1, 1), None)


def test_nonsense_in_xmp_is_no_fact(save_picture) -> None:
    packet = PACKET.replace(b"28/10", b"1/0").replace(b"33,30,36S", b"91,0N").replace(b"400", b"high")
    facts = read_facts(save_picture(Image.new("RGB", (8, 8)), "a.jpg", xmp=packet), Format.JPEG)
    assert (facts.aperture, facts.latitude, facts.iso) == (None, None, None)
    assert facts.model == "HP 5"


def test_iptc_says_when_a_picture_was_taken_where_nothing_else_does(jpeg: bytes) -> None:
    iptc = dataset(0, b"\0\2") + dataset(55, b"20090603") + dataset(60, b"170222+0200")
    data = with_segments(jpeg, resource(0x03ED, b"odd", name=b"\3abc") + resource(0x0404, iptc))
    facts = read_facts(data, Format.JPEG)
    assert (facts.taken, facts.utc_offset) == (datetime(2009, 6, 3, 17, 2, 22), timedelta(hours=2))


def test_resources_go_on_in_the_next_segment(jpeg: bytes) -> None:
    block = resource(0x0404, dataset(55, b"20090603") + dataset(60, b"170222"))
    data = with_segments(jpeg, resource(0x0404, b"") + block[:15], block[15:])
    assert read_facts(data, Format.JPEG).taken == datetime(2009, 6, 3, 17, 2, 22)


@pytest.mark.parametrize(
    "iptc",
    [
        dataset(55, b"20090603"),
        dataset(55, b"00000000") + dataset(60, b"000000"),
        b"\x1c\x02\x37\xff\xff20090603",
        b"\x1c",
    ],
)
def test_a_day_without_a_time_and_broken_iptc_are_no_capture_time(jpeg: bytes, iptc: bytes) -> None:
    block = resource(0x0404, iptc)
    for cut in (len(block), 13, 9, 6):
        assert read_facts(with_segments(jpeg, block[:cut]), Format.JPEG).taken is None
