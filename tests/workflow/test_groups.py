from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pictures import write_photo

from culler.domain.decision import Flag
from culler.ranking.groups import GroupKind
from culler.ranking.suggest import SuggestionKind
from culler.workflow import cull, groups, listing, suggestions
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.workspace import Workspace

NOON = datetime(2026, 5, 1, 12)


@pytest.fixture
def moments(workspace: Workspace, tmp_path: Path, fake_judge: str) -> Path:
    """Two bursts of three frames a minute apart, the last frame of each the brightest, and one photo
    alone an hour later."""
    for burst in range(2):
        for frame in range(3):
            write_photo(
                tmp_path / f"b{burst}_{frame}.jpg",
                seed=burst,
                brightness=0.4 + 0.1 * frame + 0.02 * burst,
                taken=NOON + timedelta(minutes=burst, milliseconds=300 * frame),
            )
    write_photo(tmp_path / "alone.jpg", seed=9, taken=NOON + timedelta(hours=1))
    drive(scan(workspace, [tmp_path]))
    drive(score(workspace, ScoreRequest((tmp_path,), scorer=fake_judge)))
    return tmp_path


def names_of(workspace: Workspace, ids: tuple[int, ...]) -> list[str]:
    return [entry.photo.name for entry in listing.entries(workspace, ids)]


def found(workspace: Workspace) -> list[groups.RankedGroup]:
    return groups.ranked(workspace, groups.grouped(workspace))


def test_bursts_are_found_and_their_best_comes_first(workspace: Workspace, moments: Path) -> None:
    first, second = found(workspace)
    assert names_of(workspace, first.photo_ids)[0] == "b0_2.jpg"
    assert names_of(workspace, second.photo_ids)[0] == "b1_2.jpg"
    assert {first.kind, second.kind} == {GroupKind.BURST}
    assert first.best == first.photo_ids[0] and 1 / 3 < float(first.p_best or 0) < 1


def test_the_user_s_word_moves_a_photo_up_and_can_be_undone(workspace: Workspace, moments: Path) -> None:
    group = found(workspace)[0]
    last = group.photo_ids[-1]
    for other in group.photo_ids[:-1]:
        for _ in range(3):
            groups.prefer(workspace, last, other)
    assert found(workspace)[0].best == last
    for _ in range(6):
        undone = cull.undo(workspace)
        assert undone is not None and undone.title == "Choice between 2 photos"
    assert found(workspace)[0].photo_ids == group.photo_ids


def test_stacks_made_by_hand_win_and_are_undoable(workspace: Workspace, moments: Path) -> None:
    alone = listing.ids_at(workspace, [moments / "alone.jpg"])[0]
    mate = found(workspace)[0].photo_ids[0]
    changes = groups.stack(workspace, [alone, mate])
    assert changes.photo_ids == {alone, mate}
    by_hand = [group for group in found(workspace) if group.by_hand]
    assert [set(group.photo_ids) for group in by_hand] == [{alone, mate}]
    cull.undo(workspace)
    assert not [group for group in found(workspace) if group.by_hand]
    cull.redo(workspace)
    groups.unstack(workspace, [alone, mate])
    assert not [group for group in found(workspace) if alone in group.photo_ids]


def test_an_answer_and_a_mark_share_one_undo_log(workspace: Workspace, moments: Path) -> None:
    a, b = found(workspace)[0].photo_ids[:2]
    cull.set_flag(workspace, [a], Flag.PICK)
    groups.prefer(workspace, b, a)
    titles = [cull.undo_title(workspace)]
    cull.undo(workspace)
    titles.append(cull.undo_title(workspace))
    assert titles == ["Choice between 2 photos", "Pick 1 photo"]


def test_a_suggestion_is_no_mark_until_accepted_in_one_step(workspace: Workspace, moments: Path) -> None:
    said = suggestions.suggest(workspace, max_lost_keepers=1.0)
    assert {each.photo_id for each in said.each} == {e.photo.id for e in listing.photos_in(workspace, None)}
    assert all(entry.decision.flag is Flag.NONE for entry in listing.photos_in(workspace, None))
    assert all(each.reasons for each in said.each)
    suggestions.accept(workspace, said.each)
    flagged = {e.photo.id: e.decision.flag for e in listing.photos_in(workspace, None)}
    wanted = {SuggestionKind.KEEP: Flag.PICK, SuggestionKind.REJECT: Flag.REJECT}
    assert all(flagged[each.photo_id] is wanted.get(each.kind, Flag.NONE) for each in said.each)
    cull.undo(workspace)
    assert all(entry.decision.flag is Flag.NONE for entry in listing.photos_in(workspace, None))


def test_groups_without_scores_have_no_best(workspace: Workspace, tmp_path: Path) -> None:
    for frame in range(2):
        path = tmp_path / f"{frame}.jpg"
        write_photo(path, taken=NOON + timedelta(milliseconds=200 * frame))
    drive(scan(workspace, [tmp_path]))
    (group,) = found(workspace)
    assert (group.best, group.p_best, len(group.photo_ids)) == (None, None, 2)


def test_a_catalog_without_photos_has_no_groups(workspace: Workspace) -> None:
    assert found(workspace) == []
    assert suggestions.suggest(workspace).each == ()


def test_enough_answers_calibrate_the_odds(workspace: Workspace, moments: Path, fake_judge: str) -> None:
    from culler.workflow import rank

    a, b = found(workspace)[0].photo_ids[:2]
    before = rank.compare(workspace, a, b)
    assert not before.calibrated
    for k in range(60):
        groups.prefer(workspace, *((a, b) if k % 4 else (b, a)))
    after = rank.compare(workspace, a, b)
    swapped = rank.compare(workspace, b, a)
    assert after.calibrated and after.p_a_better != before.p_a_better
    assert after.p_a_better + swapped.p_a_better == pytest.approx(1, abs=1e-12)
    assert rank.compare(workspace, a, a).p_a_better == 0.5
