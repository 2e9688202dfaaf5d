from pathlib import Path

import numpy as np
import pytest
from pictures import write_shoot

from culler.catalog import embeddings
from culler.catalog.embeddings import LOOK, Embedded
from culler.domain.assessment import EncoderId
from culler.workflow import rank
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.workspace import Workspace

EYES = EncoderId("eyes", "1")


def test_a_matrix_holds_what_is_read_one_by_one_and_zeros_elsewhere(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings, "CHUNK", 2)
    write_shoot(tmp_path / "in", 5)
    drive(scan(workspace, [tmp_path]))
    ids = rank.load_columns(workspace).ids.tolist()[::-1]
    random = np.random.default_rng(0)
    stored = [Embedded(photo_id, 1, random.normal(0, 1, 3).astype(np.float16)) for photo_id in ids[1:4]]
    with workspace.catalog.write() as tx:
        embeddings.write(tx, EYES, stored)
    with workspace.catalog.read() as tx:
        read = embeddings.read(tx, EYES, ids)
        found = embeddings.matrix(tx, EYES, ids)
        assert embeddings.matrix(tx, LOOK, ids) is None
    assert found is not None and found.dtype == np.float16
    expected = [read.get(photo_id, np.zeros(3)) for photo_id in ids]
    np.testing.assert_array_equal(found.astype(np.float32), expected)
    assert not found[[0, 4]].any() and found[1:4].any(axis=1).all()
