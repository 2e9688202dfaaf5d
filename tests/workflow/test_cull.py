from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pictures import write_shoot

from culler.catalog import decisions
from culler.domain.decision import ColorLabel, Decision, Facet, Flag
from culler.domain.errors import CullerError
from culler.workflow import cull, listing
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.workspace import Workspace


@pytest.fixture
def ids(workspace: Workspace, tmp_path: Path) -> list[int]:
    write_shoot(tmp_path, 4)
    drive(scan(workspace, [tmp_path]))
    return [entry.photo.id for entry in listing.photos_in(workspace, None)]


def marks(workspace: Workspace, ids: list[int]) -> list[Decision]:
    with workspace.catalog.read() as tx:
        return list(decisions.decisions_of(tx, ids).values())


def test_flag_stars_and_label_are_three_separate_things(workspace: Workspace, ids: list[int]) -> None:
    cull.set_stars(workspace, ids[:1], 3)
    cull.set_label(workspace, ids[:1], ColorLabel.RED)
    cull.set_flag(workspace, ids[:1], Flag.REJECT)
    assert marks(workspace, ids)[0] == Decision(Flag.REJECT, 3, "red")


def test_a_key_sets_and_pressing_it_twice_changes_nothing(workspace: Workspace, ids: list[int]) -> None:
    assert cull.set_flag(workspace, ids, Flag.PICK).photo_ids == frozenset(ids)
    assert not cull.set_flag(workspace, ids, Flag.PICK)
    cull.undo(workspace)
    assert all(mark.flag is Flag.NONE for mark in marks(workspace, ids)), "one edit, not two"


def test_undo_restores_every_flag_of_a_bulk_edit(workspace: Workspace, ids: list[int]) -> None:
    cull.set_flag(workspace, ids[:1], Flag.REJECT)
    cull.set_flag(workspace, ids, Flag.PICK)
    undone = cull.undo(workspace)
    assert undone is not None and undone.title == "Pick 4 photos"
    assert [mark.flag for mark in marks(workspace, ids)] == [Flag.REJECT, Flag.NONE, Flag.NONE, Flag.NONE]
    redone = cull.redo(workspace)
    assert redone is not None and all(mark.flag is Flag.PICK for mark in marks(workspace, ids))


def test_marks_set_together_are_taken_back_and_done_again_together(
    workspace: Workspace, ids: list[int]
) -> None:
    cull.set_stars(workspace, ids[:1], 5)
    changes = cull.set_marks(workspace, ids, Flag.PICK, 5, ColorLabel.RED)
    assert changes.photo_ids == frozenset(ids)
    undone = cull.undo(workspace)
    assert undone is not None and undone.title == "Mark 4 photos"
    assert undone.changes.photo_ids == frozenset(ids)
    assert marks(workspace, ids) == [Decision(stars=5), *[Decision()] * 3]
    assert cull.undo_title(workspace) == "5 stars for 1 photo"
    cull.redo(workspace)
    assert marks(workspace, ids) == [Decision(Flag.PICK, 5, "red")] * 4
    assert cull.redo(workspace) is None


def test_marks_set_together_are_not_taken_back_by_halves(workspace: Workspace, ids: list[int]) -> None:
    cull.set_marks(workspace, ids[:1], Flag.PICK, 5)
    with workspace.catalog.write() as tx:
        decisions.write(tx, {ids[0]: Decision(Flag.REJECT, 5)})
    with pytest.raises(CullerError, match="changed by something else"):
        cull.undo(workspace)
    assert marks(workspace, ids)[0] == Decision(Flag.REJECT, 5)


def test_a_single_mark_keeps_its_own_title(workspace: Workspace, ids: list[int]) -> None:
    cull.set_marks(workspace, ids, stars=2)
    assert cull.undo_title(workspace) == "2 stars for 4 photos"
    assert not cull.set_marks(workspace, ids)


def test_a_new_mark_drops_what_could_be_redone(workspace: Workspace, ids: list[int]) -> None:
    cull.set_stars(workspace, ids, 2)
    cull.undo(workspace)
    cull.set_flag(workspace, ids[:1], Flag.PICK)
    assert cull.redo(workspace) is None
    assert cull.undo_title(workspace) == "Pick 1 photo"


def test_undo_is_refused_when_its_outcome_no_longer_holds(workspace: Workspace, ids: list[int]) -> None:
    cull.set_flag(workspace, ids[:2], Flag.PICK)
    with workspace.catalog.write() as tx:  # as another program's sidecar would
        decisions.write(tx, {ids[0]: Decision(Flag.REJECT)})
    with pytest.raises(CullerError, match="1 of its 2 photos"):
        cull.undo(workspace)
    assert marks(workspace, ids)[1].flag is Flag.PICK


def test_undo_outlives_the_program(workspace: Workspace, ids: list[int]) -> None:
    from culler.workflow.workspace import open_workspace

    cull.set_label(workspace, ids, ColorLabel.BLUE)
    other = open_workspace()
    assert cull.undo(other) is not None
    other.close()
    assert all(mark.label == "none" for mark in marks(workspace, ids))


def test_stars_step_within_zero_and_five(workspace: Workspace, ids: list[int]) -> None:
    cull.set_stars(workspace, ids[:1], 5)
    cull.change_stars(workspace, ids[:2], +1)
    assert [mark.stars for mark in marks(workspace, ids)[:2]] == [5, 1]
    cull.change_stars(workspace, ids[1:3], -1)
    assert [mark.stars for mark in marks(workspace, ids)[:3]] == [5, 0, 0]


steps = st.one_of(
    st.tuples(st.just(Facet.FLAG), st.sets(st.integers(0, 3), min_size=1), st.sampled_from(list(Flag))),
    st.tuples(st.just(Facet.STARS), st.sets(st.integers(0, 3), min_size=1), st.integers(0, 5)),
    st.tuples(
        st.just(Facet.LABEL), st.sets(st.integers(0, 3), min_size=1), st.sampled_from(list(ColorLabel))
    ),
    st.sampled_from(["undo", "redo"]),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(steps, max_size=12))
def test_undoing_everything_leads_back_to_the_start(
    workspace: Workspace, ids: list[int], script: list[object]
) -> None:
    while cull.undo(workspace):
        pass
    start = marks(workspace, ids)
    for step in script:
        if step == "undo":
            cull.undo(workspace)
        elif step == "redo":
            cull.redo(workspace)
        else:
            facet, rows, value = step  # type: ignore[misc]
            chosen = [ids[row] for row in rows]
            setter = {Facet.FLAG: cull.set_flag, Facet.STARS: cull.set_stars, Facet.LABEL: cull.set_label}[
                facet
            ]
            setter(workspace, chosen, value)  # type: ignore[arg-type]
    end = marks(workspace, ids)
    taken_back = 0
    while cull.undo(workspace):
        taken_back += 1
    assert marks(workspace, ids) == start
    for _ in range(taken_back):
        cull.redo(workspace)
    assert marks(workspace, ids) == end
