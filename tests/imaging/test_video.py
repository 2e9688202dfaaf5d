"""Clips give a poster, a size and a duration."""

from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from clips import write_clip

from culler.domain.errors import CullerError
from culler.imaging import video
from culler.imaging.decode import develop
from culler.imaging.exif import read_facts
from culler.imaging.formats import Format

av = pytest.importorskip("av")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two seconds that begin red and end blue."""
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        container.metadata["creation_time"] = "2024-05-05T12:13:14.000000Z"
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.time_base = Fraction(1, 10)
        stream.codec_context.gop_size = 5
        for at in range(20):
            pixels = np.zeros((240, 320, 3), np.uint8)
            pixels[..., 0 if at < 10 else 2] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path


def test_a_clip_is_developed_from_its_first_frame(clip: Path) -> None:
    developed = develop(clip)
    red, _, blue = developed.preview.getpixel((160, 120))
    assert red > 200 > 60 > blue
    assert (developed.width, developed.height) == (320, 240)
    assert developed.facts.taken is not None
    assert developed.facts.taken.isoformat() == "2024-05-05T12:13:14"


def test_the_scan_reads_a_clip_s_facts_without_its_frames(clip: Path) -> None:
    facts = read_facts(clip, Format.VIDEO)
    assert (facts.width, facts.height) == (320, 240)
    assert facts.taken == develop(clip).facts.taken


def test_duration_and_rate_come_from_the_header(clip: Path) -> None:
    found = video.read_clip(clip, clip.name)
    assert found.duration_s == pytest.approx(2.0, abs=0.11)
    assert found.frames_per_s == pytest.approx(10)


def test_frames_spread_over_the_clip(clip: Path) -> None:
    frames = video.frames(clip, clip.name, 4)
    assert len(frames) == 4
    assert frames[0].getpixel((9, 9))[0] > 200
    assert frames[-1].getpixel((9, 9))[2] > 200


def test_a_clip_cut_short_is_a_sentence(clip: Path) -> None:
    clip.write_bytes(clip.read_bytes()[:300])
    with pytest.raises(CullerError, match=r"clip\.mp4"):
        develop(clip)


def test_sound_alone_is_no_clip(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(CullerError, match="no pictures"):
        develop(path)


def test_a_clip_of_an_unknown_codec_is_a_sentence(clip: Path) -> None:
    clip.write_bytes(clip.read_bytes().replace(b"mp4v", b"zzzz").replace(b"esds", b"free"))
    with pytest.raises(CullerError, match=r"clip\.mp4"):
        develop(clip)
    assert read_facts(clip, Format.VIDEO).width is None


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("-33.8568+151.2153/", (-33.8568, 151.2153)),
        ("+48.8577+002.295+035.000/", (48.8577, 2.295)),
        ("nowhere", (None, None)),
        ("+95.0000+002.2950/", (None, None)),
    ],
)
def test_the_place_of_a_clip_is_read(
    tmp_path: Path, place: str, expected: tuple[float | None, float | None]
) -> None:
    path = write_clip(tmp_path / "phone.mp4", location=place)
    facts = read_facts(path, Format.VIDEO)
    assert (facts.latitude, facts.longitude) == expected


@pytest.mark.corpus
def test_the_position_in_a_gopro_s_own_track_is_read(corpus: Path) -> None:
    facts = read_facts(corpus / "photos" / "video" / "max-heromode.mp4", Format.VIDEO)
    assert facts.latitude == pytest.approx(33.1268, abs=1e-4)
    assert facts.longitude == pytest.approx(-117.3273, abs=1e-4)


@pytest.mark.parametrize(
    ("key", "stamp", "hours"),
    [
        ("com.apple.quicktime.creationdate", "2024-05-05T12:13:14+0200", 2),
        ("creation_time", "2024-05-05T12:13:14.000000Z", None),
    ],
)
def test_only_a_zone_that_was_written_down_is_one(
    tmp_path: Path, key: str, stamp: str, hours: int | None
) -> None:
    """FFmpeg writes Apple's key into QuickTime files only."""
    path = write_clip(tmp_path / "phone.mov", **{key: stamp})
    facts = read_facts(path, Format.VIDEO)
    assert facts.taken == datetime(2024, 5, 5, 12, 13, 14)
    assert facts.utc_offset == (None if hours is None else timedelta(hours=hours))


def test_metadata_in_no_known_encoding_is_no_hindrance(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", title="the title of it")
    data = path.read_bytes()
    assert data.count(b"the title of it") == 1
    path.write_bytes(data.replace(b"the title of it", b"\xff\xfe the \xe9 of it"))
    assert video.read_clip(path, path.name).duration_s == pytest.approx(2.0, abs=0.3)
    assert video.poster(path, path.name).size == (160, 96)
