import subprocess
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from pictures import write_photo, write_shoot

from culler.domain.decision import Flag
from culler.workflow import cull, first_page, pixels, rank
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.workspace import Workspace


def test_the_first_page_is_as_the_catalog_will_say(
    workspace: Workspace, tmp_path: Path, fake_judge: str
) -> None:
    write_shoot(tmp_path / "in", 4)
    drive(scan(workspace, [tmp_path]))
    drive(score(workspace, ScoreRequest(scorer=fake_judge)))
    whole = rank.load_columns(workspace, [tmp_path / "in"])
    cull.set_flag(workspace, [int(whole.ids[1])], Flag.REJECT)
    page = first_page.first_page([tmp_path / "in"], workspace.places)
    assert page is not None
    assert page.columns.names.tolist() == whole.names.tolist()
    assert page.columns.flag.tolist() == [0, -1, 0, 0]
    np.testing.assert_array_equal(page.columns.quality, whole.quality)
    for photo_id in whole.ids.tolist():
        assert page.thumbnail(photo_id) == pixels.thumbnail(workspace, photo_id)


def test_only_the_earliest_photos_are_read(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_page, "MOST", 2)
    write_photo(tmp_path / "a.jpg")  # no time
    write_photo(tmp_path / "b.jpg", taken=datetime(2026, 5, 2))
    write_photo(tmp_path / "c.jpg", taken=datetime(2026, 5, 1))
    drive(scan(workspace, [tmp_path]))
    page = first_page.first_page([tmp_path], workspace.places)
    assert page is not None
    assert sorted(page.columns.names) == ["b.jpg", "c.jpg"]


def test_there_is_no_first_page_of_an_unknown_folder_or_a_damaged_catalog(
    workspace: Workspace, tmp_path: Path
) -> None:
    write_shoot(tmp_path / "in", 1)
    assert first_page.first_page([tmp_path / "in"], workspace.places) is None
    workspace.places.catalog.write_bytes(b"no database at all" * 100)
    assert first_page.first_page([tmp_path / "in"], workspace.places) is None
    workspace.places.catalog.unlink()
    assert first_page.first_page([tmp_path / "in"], workspace.places) is None


def test_the_first_page_waits_for_no_heavy_import() -> None:
    heavy = "{'sqlalchemy', 'PIL', 'torch', 'lxml', 'exifread'}"
    code = f"import sys, culler.workflow.first_page; print({heavy} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "set()\n"
