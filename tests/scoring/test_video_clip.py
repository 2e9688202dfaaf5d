"""One frame a second of real encoded clips."""

import av
import numpy as np
import pytest

from culler.domain.errors import CullerError
from culler.scoring.video_clip import second_frames


def write_clip(path, rate, count, size=(32, 16)):
    """Frame number n is a flat picture of value 4n: any frame can be told by its brightness."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1" if path.suffix == ".mkv" else "mpeg4", rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 4_000_000
        for number in range(count):
            plain = np.full((size[1], size[0], 3), 4 * number % 256, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(plain, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def numbers(path, most=31):
    return [round(float(np.asarray(frame).mean()) / 4) for frame in second_frames(path, path.name, most)]


def test_frames_stand_at_whole_seconds_of_complete_seconds(tmp_path):
    assert numbers(write_clip(tmp_path / "clip.mkv", 10, 35)) == [0, 10, 20]


def test_a_second_counts_when_its_last_frame_is_there(tmp_path):
    assert numbers(write_clip(tmp_path / "clip.mkv", 10, 30)) == [0, 10, 20]
    assert numbers(write_clip(tmp_path / "clip.mkv", 10, 29)) == [0, 10]


def test_broken_rates_round_down(tmp_path):
    from fractions import Fraction

    assert numbers(write_clip(tmp_path / "clip.mkv", Fraction(15, 2), 23)) == [0, 7, 15]


def test_less_than_one_frame_a_second(tmp_path):
    from fractions import Fraction

    assert numbers(write_clip(tmp_path / "clip.mkv", Fraction(1, 2), 3)) == [0, 0, 1, 1, 2, 2]


def test_a_clip_below_one_second_gives_its_first_frame(tmp_path):
    assert numbers(write_clip(tmp_path / "clip.mkv", 10, 4)) == [0]


def test_a_long_clip_gives_frames_at_equal_distances(tmp_path):
    path = write_clip(tmp_path / "clip.mkv", 2, 60)  # thirty seconds
    assert numbers(path, most=5) == [0, 12, 24, 36, 48]


def test_a_slightly_longer_clip_is_cut(tmp_path):
    assert numbers(write_clip(tmp_path / "clip.mkv", 5, 17), most=3) == [0, 5, 10]


def test_frames_are_rgb_of_the_clips_size(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", 10, 20, size=(64, 48))
    frames = list(second_frames(path, path.name, 31))
    assert [(frame.mode, frame.size) for frame in frames] == [("RGB", (64, 48))] * 2


def test_a_damaged_end_leaves_what_came_before(tmp_path):
    path = write_clip(tmp_path / "clip.mkv", 10, 60, size=(128, 128))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    found = numbers(path)
    assert found[:2] == [0, 10] and len(found) < 6


@pytest.mark.parametrize("content", [b"", b"no clip at all" * 99])
def test_what_is_no_clip_is_a_sentence(tmp_path, content):
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(CullerError, match=r"Cannot judge clip\.mp4: no frame of the clip decodes\."):
        list(second_frames(path, path.name, 3))


def test_a_clip_without_pictures_is_a_sentence(tmp_path):
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    with pytest.raises(CullerError, match="it holds no pictures"):
        list(second_frames(path, path.name, 3))
