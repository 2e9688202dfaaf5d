"""The training command's function, small: crops of photographs that ship with scikit-image."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from culler.domain.errors import CullerError
from culler.models import compact
from culler.scoring import features
from culler.training.embedded import TrainingReport, read_manifest, train
from culler.training.embedded_examples import held_out
from culler.training.embedded_fit import FitSettings

SMALL = FitSettings(networks=1, steps=40)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of thirty small photographs and their manifest; one has no licence."""
    folder = tmp_path_factory.mktemp("photographs")
    rows = []
    sources = [np.asarray(getattr(data, name)(), np.uint8) for name in ("astronaut", "coffee", "chelsea")]
    for number in range(30):
        source = sources[number % 3]
        top, left = 15 * (number // 3), 20 * (number // 3)
        name = f"photo_{number:02}.png"
        Image.fromarray(source[top : top + 120, left : left + 160]).save(folder / name)
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        rows.append({"file": name, "sha256": digest, "licence": "" if number == 7 else "CC0"})
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["file", "sha256", "licence"])
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.fixture(scope="module")
def trained(photographs: Path) -> tuple[TrainingReport, Path]:
    out = photographs / "out" / "weights.safetensors"
    said: list[str] = []
    report = train(photographs, photographs / "manifest.csv", out, 3, said.append, workers=1, settings=SMALL)
    assert said
    return report, out


def test_training_writes_a_head_that_orders_what_it_learnt_from(trained: tuple[TrainingReport, Path]) -> None:
    report, out = trained
    assert compact.read(out).names == features.names()
    assert report.fitted_pairs > 0.8
    assert report.size_bytes == out.stat().st_size < 1_000_000


def test_photographs_without_a_licence_and_held_out_ones_teach_nothing(
    photographs: Path, trained: tuple[TrainingReport, Path]
) -> None:
    listed = read_manifest(photographs, photographs / "manifest.csv")
    assert listed.unlicensed == ("photo_07.png",)
    assert all(held_out(name) for name in listed.held_out) and listed.held_out
    assert not set(listed.training) & (set(listed.held_out) | set(listed.unlicensed))
    assert trained[0].photos == len(listed.training)


def test_the_same_seed_gives_the_same_weights(
    photographs: Path, trained: tuple[TrainingReport, Path]
) -> None:
    again = photographs / "again.safetensors"
    report = train(photographs, photographs / "manifest.csv", again, 3, list, workers=2, settings=SMALL)
    assert report == trained[0]
    assert again.read_bytes() == trained[1].read_bytes()


def test_another_photograph_under_a_listed_name_is_refused(photographs: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("file,sha256,licence\nphoto_00.png," + "0" * 64 + ",CC0\n")
    with pytest.raises(CullerError, match="its hash differs"):
        read_manifest(photographs, manifest)


def test_a_missing_photograph_or_manifest_is_a_sentence(photographs: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.csv"
    with pytest.raises(CullerError, match="Cannot read the manifest"):
        read_manifest(photographs, manifest)
    manifest.write_text("file,licence\nnowhere.jpg,CC0\n")
    with pytest.raises(CullerError, match=r"nowhere\.jpg"):
        read_manifest(photographs, manifest)
    manifest.write_text("file,licence\nphoto_00.png,CC0\n")
    with pytest.raises(CullerError, match="20 are needed"):
        train(photographs, manifest, tmp_path / "out", report=list)
