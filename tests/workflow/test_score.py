from pathlib import Path

import fakes
import pytest
from pictures import write_photo, write_shoot
from sqlalchemy import text

from culler.domain.assessment import Aspect
from culler.domain.changes import Changed, Progress
from culler.domain.errors import CullerError
from culler.imaging import decode
from culler.scoring.scorer import PixelSource
from culler.workflow import listing, rank
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreReport, ScoreRequest, score
from culler.workflow.workspace import Workspace


@pytest.fixture(autouse=True)
def ordinary_judge(fake_judge: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("source", "batch_size", "largest_batch", "version"):
        monkeypatch.setattr(fakes.FakeScorer, name, getattr(fakes.FakeScorer, name))


def scored(workspace: Workspace, folder: Path, **options: object) -> ScoreReport:
    drive(scan(workspace, [folder]))
    report = drive(score(workspace, ScoreRequest((folder,), scorer="fake", **options)))  # type: ignore[arg-type]
    assert report is not None
    return report


def test_every_photo_gets_a_distribution_for_both_aspects(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path, 6)
    report = scored(workspace, tmp_path)
    entries = listing.photos_in(workspace, [tmp_path], report.scorer)
    means = [entry.levels[Aspect.QUALITY].mean for entry in entries]
    assert len(report.scored) == 6
    assert all(set(entry.levels) == {Aspect.QUALITY, Aspect.AESTHETICS} for entry in entries)
    assert means == sorted(means), "brighter is better to this judge"


def test_a_second_run_decodes_nothing(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shoot(tmp_path, 3)
    scored(workspace, tmp_path)
    monkeypatch.setattr(decode, "develop", None)
    report = scored(workspace, tmp_path)
    assert (len(report.scored), report.already, report.failed) == (0, 3, 0)


def test_a_changed_photo_is_scored_again_alone(workspace: Workspace, tmp_path: Path) -> None:
    paths = write_shoot(tmp_path, 3)
    scored(workspace, tmp_path)
    write_photo(paths[1], seed=7, brightness=0.9, size=(100, 70))
    report = scored(workspace, tmp_path)
    assert (len(report.scored), report.already) == (1, 2)


def test_a_photo_that_cannot_be_read_is_data(workspace: Workspace, tmp_path: Path) -> None:
    paths = write_shoot(tmp_path, 3)
    paths[1].write_bytes(paths[1].read_bytes()[:200])
    report = scored(workspace, tmp_path)
    entries = listing.photos_in(workspace, [tmp_path], report.scorer)
    assert (len(report.scored), report.failed) == (2, 1)
    assert "IMG_0002.JPG" in entries[1].failures[0].message
    again = scored(workspace, tmp_path)
    assert (len(again.scored), again.failed) == (0, 1), "a failure is not tried again on the same file"


def test_a_batch_without_memory_is_halved_and_goes_on(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fakes.FakeScorer, "largest_batch", 1)
    write_shoot(tmp_path, 5)
    assert len(scored(workspace, tmp_path).scored) == 5


def test_a_photo_without_memory_even_alone_is_a_failure(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fakes.FakeScorer, "largest_batch", 0)
    write_shoot(tmp_path, 2)
    report = scored(workspace, tmp_path)
    entries = listing.photos_in(workspace, [tmp_path], report.scorer)
    assert report.failed == 2
    assert "memory" in entries[0].failures[0].message


def test_a_bug_in_one_photo_takes_no_other_along(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = fakes.FakeScorer.prepare

    def stumble(self: fakes.FakeScorer, image: object) -> object:
        if image.size == (50, 50):  # type: ignore[attr-defined]
            raise ZeroDivisionError("planted")
        return prepare(self, image)  # type: ignore[arg-type]

    monkeypatch.setattr(fakes.FakeScorer, "prepare", stumble)
    write_shoot(tmp_path, 3)
    write_photo(tmp_path / "odd.jpg", size=(50, 50))
    report = scored(workspace, tmp_path)
    assert (len(report.scored), report.failed) == (3, 1)


def test_one_transaction_a_batch(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path, 10)
    scored(workspace, tmp_path)
    with workspace.catalog.read() as tx:
        rows = tx.execute(text("SELECT created_at, COUNT(*) FROM assessment GROUP BY created_at")).all()
    assert sorted(count for _, count in rows) == sorted(2 * n for n in fakes.loaded[-1].batches)


def test_scores_keep_their_moment_when_more_is_scored(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path, 2)
    scored(workspace, tmp_path)
    query = text("SELECT photo_id, aspect, created_at FROM assessment WHERE photo_id <= 2 ORDER BY 1, 2")
    with workspace.catalog.read() as tx:
        before = tx.execute(query).all()
    write_photo(tmp_path / "new.jpg")
    scored(workspace, tmp_path)
    with workspace.catalog.read() as tx:
        assert tx.execute(query).all() == before


def test_rescore_judges_again(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path, 2)
    scored(workspace, tmp_path)
    assert len(scored(workspace, tmp_path, rescore=True).scored) == 2


def test_another_version_of_a_judge_is_another_judge(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shoot(tmp_path, 2)
    first = scored(workspace, tmp_path).scorer
    monkeypatch.setattr(fakes.FakeScorer, "version", "2")
    second = scored(workspace, tmp_path)
    assert len(second.scored) == 2
    assert rank.current_scorer(workspace) == second.scorer != first


def test_wanted_photos_come_first(workspace: Workspace, tmp_path: Path) -> None:
    write_shoot(tmp_path, 40)
    drive(scan(workspace, [tmp_path]))
    last = listing.photos_in(workspace, [tmp_path])[-1].photo.id
    seen: list[int] = []

    def note(progress: Progress) -> None:
        seen.extend(progress.changes.photo_ids)

    request = ScoreRequest((tmp_path,), scorer="fake", batch_size=2)
    drive(score(workspace, request, first=lambda: [last]), note)
    assert last in seen[:16]


def test_a_cancelled_run_keeps_whole_batches_and_leaves_no_thread(
    workspace: Workspace, tmp_path: Path
) -> None:
    import threading

    write_shoot(tmp_path, 20)
    drive(scan(workspace, [tmp_path]))
    job = score(workspace, ScoreRequest((tmp_path,), scorer="fake"))
    progress = next(job)
    while Changed.SCORES not in progress.changes.facets:
        progress = next(job)
    job.close()
    assert fakes.loaded[-1].closed
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]
    done = sum(
        bool(entry.levels)
        for entry in listing.photos_in(workspace, [tmp_path], rank.current_scorer(workspace))
    )
    assert 0 < done < 20
    assert len(scored(workspace, tmp_path).scored) == 20 - done


def test_a_judge_of_encoded_previews_sees_the_same_from_cache_and_afresh(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fakes.FakeScorer, "source", PixelSource.ENCODED)
    write_photo(tmp_path / "large.jpg", seed=1, size=(2800, 1900))
    first = scored(workspace, tmp_path)
    photo_id = first.photo_ids[0]
    fresh = listing.entries(workspace, [photo_id], first.scorer)[0].levels
    scored(workspace, tmp_path, rescore=True)
    assert listing.entries(workspace, [photo_id], first.scorer)[0].levels == fresh
    workspace.cache.clear()
    scored(workspace, tmp_path, rescore=True)
    assert listing.entries(workspace, [photo_id], first.scorer)[0].levels == fresh


def test_a_full_cache_disk_does_not_stop_scoring(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise CullerError("The disk is full.")

    monkeypatch.setattr(type(workspace.cache), "put_thumbnail", full)
    write_shoot(tmp_path, 2)
    assert len(scored(workspace, tmp_path).scored) == 2


def test_an_unknown_judge_is_a_sentence(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(CullerError, match="no scorer magic"):
        drive(score(workspace, ScoreRequest(scorer="magic")))
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(CullerError, match="type bert"):
        drive(score(workspace, ScoreRequest(scorer=str(tmp_path))))


def test_requests_travel_between_processes() -> None:
    import pickle

    request = ScoreRequest((Path("a"),), scorer="fake", device="cpu")
    assert pickle.loads(pickle.dumps(request)) == request
