from dataclasses import replace
from time import process_time

import numpy as np
import pytest

from culler.ranking.bursts import DEFAULT_KNOBS, Embeddings, Knobs, group_photos, merged
from culler.ranking.columns import NO_TIME, PhotoColumns, empty
from culler.ranking.groups import ALONE, Grouping, GroupKind, StackEdit, StackEditKind

START_US = 1_700_000_000_000_000
VIEW_A = np.uint64(0x0F0F_33CC_5A5A_1177)
VIEW_B = VIEW_A ^ np.uint64(0x5555_5555_5555_5555)  # as far from it as from its opposite


def flipped(view: np.uint64, *bits: int) -> np.uint64:
    for bit in bits:
        view = view ^ (np.uint64(1) << np.uint64(bit))
    return view


def frames(times_s: list[float | None], hashes: list[np.uint64]) -> PhotoColumns:
    n = len(times_s)
    columns = replace(empty(n), names=np.array([f"IMG_{k + 1}.jpg" for k in range(n)], dtype=object))
    columns.taken_us[:] = [NO_TIME if t is None else START_US + int(t * 1e6) for t in times_s]
    columns.dhash[:] = hashes
    columns.camera[:] = 0
    return columns


def members(grouping: Grouping) -> list[list[int]]:
    return [group.rows.tolist() for group in grouping.groups]


def test_frames_close_in_time_and_look_are_one_burst() -> None:
    columns = frames(
        [0, 0.2, 0.4, 60, 60.2], [VIEW_A, flipped(VIEW_A, 1), flipped(VIEW_A, 2), VIEW_B, VIEW_B]
    )
    grouping = group_photos(columns)
    assert members(grouping) == [[0, 1, 2], [3, 4]]
    assert grouping.group_of.tolist() == [0, 0, 0, 1, 1]
    assert {group.kind for group in grouping.groups} == {GroupKind.BURST}


def test_unlike_frames_are_apart_however_close_in_time() -> None:
    columns = frames([0, 0.3], [VIEW_A, ~VIEW_A])
    assert group_photos(columns).group_of.tolist() == [ALONE, ALONE]


def test_alike_frames_far_apart_in_time_are_apart() -> None:
    assert members(group_photos(frames([0, 3600], [VIEW_A, VIEW_A]))) == []


def test_alike_frames_some_seconds_apart_are_similar_rather_than_a_burst() -> None:
    (group,) = group_photos(frames([0, 20], [VIEW_A, flipped(VIEW_A, 5)])).groups
    assert group.kind is GroupKind.SIMILAR


def test_catalog_order_does_not_matter() -> None:
    columns = frames([0.4, 60, 0, 60.2, 0.2], [VIEW_A, VIEW_B, VIEW_A, VIEW_B, VIEW_A])
    assert members(group_photos(columns)) == [[2, 4, 0], [1, 3]]


def test_two_cameras_at_the_same_moment_are_two_bursts() -> None:
    columns = frames([0, 0.1, 0.2, 0.3], [VIEW_A] * 4)
    columns.camera[:] = [0, 1, 0, 1]
    assert members(group_photos(columns)) == [[0, 2], [1, 3]]


def test_one_odd_frame_splits_no_burst() -> None:
    columns = frames([0, 0.2, 0.4, 0.6], [VIEW_A, ~VIEW_A, VIEW_A, VIEW_A])
    assert members(group_photos(columns)) == [[0, 2, 3]]


def test_the_time_knob_moves_the_border() -> None:
    columns = frames([0, 150], [VIEW_A, VIEW_A])
    assert members(group_photos(columns)) == []
    assert members(group_photos(columns, Knobs(gap_s=10))) == [[0, 1]]
    near = frames([0, 1], [VIEW_A, VIEW_A])
    assert members(group_photos(near, Knobs(gap_s=0))) == []


def test_the_similarity_knob_asks_for_more_or_less_alikeness() -> None:
    columns = frames([0, 5], [VIEW_A, flipped(VIEW_A, *range(14))])
    assert members(group_photos(columns)) == [[0, 1]]
    assert members(group_photos(columns, replace(DEFAULT_KNOBS, similarity=0.8))) == []
    assert members(group_photos(columns, replace(DEFAULT_KNOBS, similarity=1.0))) == []
    loose = frames([0, 80], [VIEW_A, flipped(VIEW_A, *range(16))])
    assert members(group_photos(loose)) == []
    assert members(group_photos(loose, replace(DEFAULT_KNOBS, similarity=0.1))) == [[0, 1]]


def test_frames_not_decoded_yet_are_grouped_by_time_alone() -> None:
    zero = np.uint64(0)
    assert members(group_photos(frames([0, 0.5, 1.8], [zero, zero, zero]))) == [[0, 1]]


def test_photos_without_time_are_grouped_by_look_with_neighbours_by_name() -> None:
    columns = frames([None] * 5, [VIEW_A, flipped(VIEW_A, 3), VIEW_B, VIEW_B, ~VIEW_A])
    grouping = group_photos(columns)
    assert members(grouping) == [[0, 1], [2, 3]]
    assert {group.kind for group in grouping.groups} == {GroupKind.SIMILAR}
    columns.folder[:] = [0, 1, 0, 1, 0]
    assert members(group_photos(columns)) == []


def test_an_edited_copy_that_lost_its_time_joins_its_original() -> None:
    columns = frames([0, 500, None], [VIEW_A, VIEW_B, VIEW_A])
    columns.names[:] = ["IMG_1.jpg", "IMG_2.jpg", "IMG_1_edit.jpg"]
    columns.camera[2] = -1
    assert members(group_photos(columns)) == [[0, 2]]


def test_a_clock_that_stands_still_is_not_believed() -> None:
    random = np.random.default_rng(0)
    views = random.integers(1, 2**63, 1000, dtype=np.uint64)
    columns = frames([0.0] * 2000, list(np.repeat(views, 2)))
    grouping = group_photos(columns)
    assert members(grouping) == [[k, k + 1] for k in range(0, 2000, 2)]


def test_a_burst_within_one_tick_of_the_clock_is_still_one_burst() -> None:
    views = [flipped(VIEW_A, *range(k % 7)) for k in range(20)]
    (group,) = group_photos(frames([3.0] * 20, views)).groups
    assert (group.kind, len(group.rows)) == (GroupKind.BURST, 20)


def test_a_burst_of_three_thousand_is_one_group() -> None:
    columns = frames([k * 0.1 for k in range(3000)], [flipped(VIEW_A, k % 64) for k in range(3000)])
    assert [len(rows) for rows in members(group_photos(columns))] == [3000]


def test_embeddings_join_what_the_hash_cannot_and_the_encoder_sets_the_threshold() -> None:
    columns = frames([0, 10, 20], [VIEW_A, ~VIEW_A, VIEW_B])
    vectors = np.array([[1, 0, 0], [0.9, 0.3, 0], [0, 0, 1]], np.float16)
    assert members(group_photos(columns, embeddings=Embeddings(vectors, 0.9))) == [[0, 1]]
    assert members(group_photos(columns, embeddings=Embeddings(vectors, 0.99))) == []


@pytest.mark.parametrize("unknown", [0.0, np.nan])
def test_photos_without_an_embedding_fall_back_on_the_hash(unknown: float) -> None:
    columns = frames([0, 0.2, 10, 10.2], [VIEW_A, VIEW_A, VIEW_B, ~VIEW_B])
    vectors = np.full((4, 3), unknown, np.float32)
    assert members(group_photos(columns, embeddings=Embeddings(vectors, 0.5))) == [[0, 1]]


def test_videos_are_never_grouped() -> None:
    columns = frames([0, 0.2, 0.4], [VIEW_A] * 3)
    columns.video[1] = True
    assert members(group_photos(columns)) == [[0, 2]]


def test_no_photos_and_one_photo_make_no_group() -> None:
    assert members(group_photos(empty())) == []
    grouping = group_photos(frames([0], [VIEW_A]))
    assert (len(grouping), grouping.group_of.tolist()) == (0, [ALONE])
    assert grouping.in_set().tolist() == [False]


class TestEdits:
    columns = replace(
        frames([0, 0.2, 0.4, 60, 60.2], [VIEW_A, VIEW_A, VIEW_A, VIEW_B, VIEW_B]), ids=np.arange(10, 15)
    )

    def after(self, *edits: tuple[StackEditKind, tuple[int, ...]]) -> Grouping:
        return group_photos(self.columns, edits=[StackEdit(kind, ids) for kind, ids in edits])

    def test_a_stack_made_by_hand_wins_over_time_and_look(self) -> None:
        grouping = self.after((StackEditKind.STACK, (12, 13)))
        assert members(grouping) == [[0, 1], [2, 3]]
        assert [group.kind for group in grouping.groups] == [GroupKind.BURST, GroupKind.STACK]
        assert [group.by_hand for group in grouping.groups] == [False, True]

    def test_unstacked_photos_stay_alone(self) -> None:
        grouping = self.after((StackEditKind.UNSTACK, (10, 11, 12)))
        assert members(grouping) == [[3, 4]]

    def test_split_takes_photos_out_together(self) -> None:
        grouping = self.after((StackEditKind.SPLIT, (11, 12)))
        assert members(grouping) == [[1, 2], [3, 4]]
        assert grouping.group_of[0] == ALONE
        assert grouping.kind(0) is GroupKind.BURST

    def test_the_later_edit_holds(self) -> None:
        grouping = self.after((StackEditKind.STACK, (10, 13)), (StackEditKind.UNSTACK, (13,)))
        assert members(grouping) == [[1, 2]]

    def test_photos_that_are_gone_are_passed_over(self) -> None:
        grouping = self.after((StackEditKind.STACK, (10, 13, 999)), (StackEditKind.UNSTACK, (77,)))
        assert members(grouping) == [[0, 3], [1, 2]]
        assert members(self.after((StackEditKind.STACK, (77, 99)))) == [[0, 1, 2], [3, 4]]

    def test_edits_survive_any_knob(self) -> None:
        for knobs in (Knobs(0.0, 1.0), Knobs(1000.0, 0.0)):
            grouping = group_photos(self.columns, knobs, edits=[StackEdit(StackEditKind.STACK, (12, 13))])
            assert [2, 3] in members(grouping)


def test_merging_labels_follows_long_chains() -> None:
    labels = np.arange(1000)
    result = merged(labels, labels[:-1], labels[1:])
    assert result.tolist() == [0] * 1000
    assert merged(np.array([0, 1, 2, 3]), np.array([3]), np.array([1])).tolist() == [0, 1, 2, 1]


def test_thousands_of_photos_cost_the_same_a_photo_with_and_without_times() -> None:
    n = 40_000
    random = np.random.default_rng(2)
    views = np.repeat(random.integers(1, 2**63, n // 4, dtype=np.uint64), 4)
    timed = frames([k // 4 * 100.0 + k % 4 * 0.2 for k in range(n)], list(views))
    spent = {}
    ranks = np.arange(n)
    for name, times in (
        ("timed", timed.taken_us),
        ("equal", np.zeros(n, np.int64)),
        ("none", np.full(n, NO_TIME)),
    ):
        start = process_time()
        grouping = group_photos(replace(timed, taken_us=times), names=ranks)
        spent[name] = process_time() - start
        assert len(grouping) == n // 4
    assert max(spent.values()) < 1.0
