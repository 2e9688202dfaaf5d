import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pictures import write_shoot

from culler.domain.errors import CullerError
from culler.imaging import decode
from culler.workflow import develop, listing
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.workspace import Workspace


def test_two_threads_that_want_a_photo_share_one_decode(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shoot(tmp_path, 1)
    drive(scan(workspace, [tmp_path]))
    photo = listing.photos_in(workspace, [tmp_path])[0].photo
    begun, go, decodes = threading.Event(), threading.Event(), []
    really = decode.develop

    def slow(*arguments: object) -> object:
        decodes.append(arguments)
        begun.set()
        assert go.wait(20)
        return really(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(decode, "develop", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(develop.develop, workspace, photo)
        assert begun.wait(20)
        second = pool.submit(develop.develop, workspace, photo)
        assert not second.done()
        go.set()
        assert first.result(20).thumbnail == second.result(20).thumbnail
    assert len(decodes) == 1
    develop.develop(workspace, photo)
    assert len(decodes) == 2  # nothing is kept


def test_both_hear_why_a_photo_cannot_be_shown(workspace: Workspace, tmp_path: Path) -> None:
    path = write_shoot(tmp_path, 1)[0]
    drive(scan(workspace, [tmp_path]))
    photo = listing.photos_in(workspace, [tmp_path])[0].photo
    path.write_bytes(path.read_bytes()[:100])
    for _ in range(2):
        with pytest.raises(CullerError):
            develop.develop(workspace, photo)
