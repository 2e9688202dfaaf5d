"""culler score with a Q-Align checkpoint, from the command line to the JSON lines."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from clips import write_clip
from scoring_runs import score, stored

from culler.cli.main import run

Forbid = Callable[[], None]
SHARES = 5e-5


@pytest.mark.corpus
@pytest.mark.parametrize("form", ["checkpoint_safetensors", "checkpoint_bin"])
@pytest.mark.parametrize("batch_size", [1, 5])
@pytest.mark.parametrize("renamed", [False, True])
def test_levels_are_those_of_the_published_code(
    corpus: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    form: str,
    batch_size: int,
    renamed: bool,
) -> None:
    from safetensors.numpy import load_file

    golden = corpus / "reference" / "qalign_tiny_alpha"
    tensors = load_file(golden / "goldens.safetensors")
    names = json.loads((golden / "goldens.json").read_text())["names"]
    folder, row_of = golden / "images", {name: row for row, name in enumerate(names)}
    if renamed:
        folder = tmp_path / "others"
        folder.mkdir()
        for row, name in enumerate(names):
            shutil.copy(
                golden / "images" / f"{name}.png", folder / f"{len(names) - row:02} é {row * 7 % 5}.png"
            )
        row_of = {path.stem: len(names) - int(path.stem[:2]) for path in folder.iterdir()}
    words = [str(folder), "--scorer", str(golden / form), "--device", "cpu", "--dtype", "float32"]
    lines, _ = score([*words, "--batch-size", str(batch_size)], capsys)
    assert len(lines) == len(names)
    for line in lines:
        row = row_of[Path(line["path"]).stem]
        for aspect in ("quality", "aesthetics"):
            assert list(line["levels"][aspect]) == ["excellent", "good", "fair", "poor", "bad"]
            wanted = tensors[f"{aspect}.probs5"][row].tolist()
            assert list(line["levels"][aspect].values()) == pytest.approx(wanted, abs=SHARES)
            assert line["mean"][aspect] == pytest.approx(
                float(tensors[f"{aspect}.score_1_5"][row]), abs=SHARES
            )


def test_a_second_run_reads_no_weights(
    shoot: Path, judge: list[str], capsys: pytest.CaptureFixture[str], never_loaded: Forbid
) -> None:
    first, said = score([str(shoot), *judge], capsys)
    assert "5 photos judged now on the CPU, float32" in said
    never_loaded()
    again, said = score([str(shoot), *judge], capsys)
    assert again == [line | {"new": False} for line in first]
    assert "nothing to do, 5 photos judged before" in said


def test_a_judge_with_nothing_to_do_becomes_the_current_one_again(
    shoot: Path, judge: list[str], capsys: pytest.CaptureFixture[str], never_loaded: Forbid
) -> None:
    score([str(shoot), *judge], capsys)
    score([str(shoot)], capsys)
    never_loaded()
    score([str(shoot), *judge], capsys)
    assert run(["compare", str(shoot / "IMG_0001.JPG"), str(shoot / "IMG_0002.JPG"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scorer"].startswith("qalign@")


def test_one_aspect_alone_gives_the_same_numbers(
    shoot: Path, judge: list[str], capsys: pytest.CaptureFixture[str], culler_home: Path
) -> None:
    alone, _ = score([str(shoot), *judge, "--aspects", "quality"], capsys)
    before = stored(culler_home)
    both, _ = score([str(shoot), *judge], capsys)
    assert all(set(line["levels"]) == {"quality"} for line in alone)
    for one, two in zip(alone, both, strict=True):
        assert one["levels"]["quality"] == two["levels"]["quality"]
    kept = [row for row in stored(culler_home) if row[2] == "quality"]
    assert kept == before, "answers that are there stay, with their moment"


def test_a_clip_has_quality_alone_and_is_done(
    shoot: Path, judge: list[str], capsys: pytest.CaptureFixture[str], never_loaded: Forbid
) -> None:
    write_clip(shoot / "clip.mp4")
    lines, _ = score([str(shoot), *judge], capsys)
    (clip,) = [line for line in lines if line["path"].endswith("clip.mp4")]
    assert set(clip["levels"]) == {"quality"} == set(clip["mean"])
    assert "note" not in clip
    assert sum(len(line["levels"]) for line in lines) == 11
    never_loaded()
    _, said = score([str(shoot), *judge], capsys)
    assert "nothing to do, 6 photos judged before" in said


def test_a_damaged_clip_stays_in_the_list_unrated(
    shoot: Path, judge: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    clip = write_clip(shoot / "clip.mp4")
    clip.write_bytes(clip.read_bytes()[:300])
    lines, said = score([str(shoot), *judge], capsys)
    assert [line["path"] for line in lines if "error" in line] == [str(clip)]
    assert "clip.mp4" in said


def test_the_embedded_judge_says_that_it_saw_one_frame_of_a_clip(
    shoot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_clip(shoot / "clip.mp4")
    lines, said = score([str(shoot)], capsys)
    notes = {Path(line["path"]).name: line.get("note") for line in lines}
    assert notes.pop("clip.mp4") == "judged by its first frame alone"
    assert set(notes.values()) == {None}
    assert "1 clip judged by the first frame alone" in said


def test_an_unreadable_photo_in_a_batch_takes_no_other_along(
    shoot: Path, judge: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    broken = shoot / "IMG_0003.JPG"
    broken.write_bytes(broken.read_bytes()[:150])
    lines, said = score([str(shoot), *judge, "--batch-size", "5"], capsys)
    assert [line["path"] for line in lines if "error" in line] == [str(broken)]
    assert sum("levels" in line for line in lines) == 4
    assert "IMG_0003.JPG" in said


@pytest.mark.corpus
def test_a_clip_has_the_levels_of_the_published_code(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its eight frames, one a second, in a container that loses nothing."""
    import av
    from PIL import Image
    from safetensors.numpy import load_file

    golden = corpus / "reference" / "qalign_tiny_alpha"
    with av.open(str(tmp_path / "clip.mov"), "w") as container:
        stream = container.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        for path in sorted((golden / "video").glob("frame_*.png")):
            with Image.open(path) as frame:
                container.mux(stream.encode(av.VideoFrame.from_image(frame.convert("RGB"))))
        container.mux(stream.encode())
    words = [str(tmp_path), "--scorer", str(golden / "checkpoint_safetensors"), "--dtype", "float32"]
    (line,), _ = score([*words, "--device", "cpu"], capsys)
    wanted = load_file(golden / "goldens.safetensors")["video.probs5"][0].tolist()
    assert set(line["levels"]) == {"quality"}
    assert list(line["levels"]["quality"].values()) == pytest.approx(wanted, abs=SHARES)
