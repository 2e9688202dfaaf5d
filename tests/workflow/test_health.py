import shutil
from pathlib import Path

import pytest
from pictures import write_shoot

from culler.imaging import placing
from culler.imaging.placing import temporary_beside
from culler.workflow.health import Finding, findings
from culler.workflow.job import drive
from culler.workflow.look import look
from culler.workflow.scan import scan
from culler.workflow.workspace import Workspace


def found(workspace: Workspace, subject: str) -> Finding:
    return next(finding for finding in findings(workspace) if finding.subject == subject)


def test_a_healthy_workspace_is_sound(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path / "s", 1)
    drive(scan(workspace, [tmp_path / "s"]))
    for subject in ("catalog", "cache", "folders", "leftovers", "JPEG", "RAW"):
        assert found(workspace, subject).sound, subject


def test_the_cache_is_measured(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path / "s", 3)
    drive(scan(workspace, [tmp_path / "s"]))
    drive(look(workspace, [tmp_path / "s"]))
    kept = sum(path.stat().st_size for path in workspace.places.cache.rglob("*") if path.is_file())
    assert kept and workspace.cache.used_bytes() == kept
    assert "MB of thumbnails" in found(workspace, "cache").text


def test_a_folder_that_is_gone_is_named_with_what_to_do(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path / "s", 1)
    drive(scan(workspace, [tmp_path / "s"]))
    shutil.move(tmp_path / "s", tmp_path / "t")
    finding = found(workspace, "folder")
    assert not finding.sound and f"culler relink {tmp_path / 's'}" in finding.text


def test_files_of_interrupted_writes_are_found_once_they_are_old(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shoot(tmp_path / "s" / "day1", 1)
    drive(scan(workspace, [tmp_path / "s"]))
    half = temporary_beside(tmp_path / "s" / "day1" / "IMG.xmp")
    half.write_bytes(b"half")
    assert found(workspace, "leftovers").sound, "it may be in use"
    monkeypatch.setattr(placing, "ABANDONED_S", -1)
    finding = found(workspace, "leftovers")
    assert not finding.sound and half.name in finding.text
