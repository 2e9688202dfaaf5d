from pathlib import Path

import numpy as np
import pytest
from pictures import write_shoot

from culler.catalog import rows
from culler.domain.decision import Flag
from culler.ranking.columns import PhotoColumns
from culler.workflow import cull, rank
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.workspace import Workspace


def test_columns_are_the_same_in_whatever_parts_they_are_read(
    workspace: Workspace, tmp_path: Path, fake_judge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shoot(tmp_path / "in", 5)
    (tmp_path / "in" / "IMG_0009.JPG").write_bytes(b"\xff\xd8\xff no picture")
    drive(scan(workspace, [tmp_path]))
    drive(score(workspace, ScoreRequest(scorer=fake_judge)))
    whole = rank.load_columns(workspace)
    cull.set_flag(workspace, whole.ids[[1, 4]].tolist(), Flag.PICK)
    whole = rank.load_columns(workspace)
    assert whole.flag.tolist() == [0, 1, 0, 0, 1, 0] and whole.failed.tolist() == [False] * 5 + [True]
    monkeypatch.setattr(rows, "PART", 2)
    parts = rank.load_columns(workspace)
    for name in PhotoColumns.__slots__:
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name), err_msg=name)
