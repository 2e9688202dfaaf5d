"""culler doctor --restore and culler marks restore."""

from pathlib import Path

import pytest
from pictures import write_shoot

from culler.__main__ import main
from culler.catalog import backup
from culler.settings import places


@pytest.fixture
def shoot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    folder = tmp_path / "shoot"
    paths = write_shoot(folder, 2)
    assert main(["scan", str(folder)]) == 0
    assert main(["mark", str(paths[0]), "--stars", "4"]) == 0
    capsys.readouterr()
    return folder


def test_a_damaged_catalog_is_told_and_restored(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup.make(places().catalog)
    places().catalog.write_bytes(b"")
    assert main(["rank", str(shoot)]) == 1
    assert "culler doctor --restore" in capsys.readouterr().err
    assert main(["doctor"]) == 1
    assert "LOOK  catalog" in capsys.readouterr().out
    assert main(["doctor", "--restore"]) == 0
    assert "is the catalog now" in capsys.readouterr().err
    assert main(["doctor", "--restore"]) == 1
    assert "sound; nothing was changed" in capsys.readouterr().err


def test_marks_come_back_from_their_mirror(shoot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in places().data.rglob("*.sqlite*"):
        path.unlink()
    assert main(["marks", "restore"]) == 0
    assert "1 photo restored" in capsys.readouterr().err
