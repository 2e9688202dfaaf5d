"""The benchmark of the embedded judge, at small size: bursts made of one photograph, softer and softer."""

import csv
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict]:
    """The benchmark's rows by name, for two bursts and no photographs."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    sys.modules.pop("embedded_judgement", None)
    import embedded_judgement

    with (tmp_path / "bursts.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["file", "burst", "mos"])
        writer.writeheader()
        for burst in ("coffee", "chelsea"):
            photo = np.asarray(getattr(data, burst)(), np.uint8)
            for step, sigma in enumerate((0.3, 1.5, 4)):
                name = f"{burst}_{step}.png"
                Image.fromarray(cv2.GaussianBlur(photo, (0, 0), sigma)).save(tmp_path / name)
                writer.writerow({"file": name, "burst": burst, "mos": 0.9 - 0.35 * step})
    out = tmp_path / "table.json"
    embedded_judgement.main(
        ["--bursts", str(tmp_path / "bursts.csv"), "--no-brisque", "--workers", "1", "--json", str(out)]
    )
    return {row["name"]: row for row in json.loads(out.read_text())}


def test_bursts_are_measured_and_what_has_no_data_is_said_to_be_unmeasured(table: dict[str, dict]) -> None:
    for name in ("burst pairs > .15", "burst pairs > .30", "burst top-1 (within .05 of the best)"):
        assert table[name]["values"]["embedded"] == 1.0
        assert table[name]["values"]["laplacian"] == 1.0
        assert table[name]["verdict"] == "good"
    assert table["synthetic pairs, trained kinds"]["verdict"] == "not measured"
    assert table["levels sum to 1"]["values"]["embedded"] == 1.0
    assert table["weights, MB"]["verdict"] == "good"
    assert table["ms a preview of 1024 × 683, without faces"]["values"]["embedded"] > 0
