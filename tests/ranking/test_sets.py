import csv
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from culler.domain.photo import Bracketing, CaptureFacts
from culler.imaging.decode import glance
from culler.imaging.signature import look
from culler.ranking import looks as look_distance
from culler.ranking.bursts import group_photos
from culler.ranking.columns import BRACKETING_CODES, PhotoColumns, empty
from culler.ranking.groups import ALONE, Grouping, GroupKind, StackEdit, StackEditKind

VIEW = np.uint64(0x0F0F_33CC_5A5A_1177)


def burst(*exposures_ev: float, gap_s: float = 0.3, bias: bool = False) -> PhotoColumns:
    n = len(exposures_ev)
    columns = replace(empty(n), names=np.array([f"IMG_{k + 1}.jpg" for k in range(n)], dtype=object))
    columns.taken_us[:] = [1_700_000_000_000_000 + round(k * gap_s * 1e6) for k in range(n)]
    columns.dhash[:] = VIEW
    columns.camera[:] = 0
    columns.exposure_ev[:] = 10 + np.array(exposures_ev)
    columns.bias_ev[:] = -np.array(exposures_ev) if bias else 0.0
    columns.focal_mm[:] = 50.0
    return columns


def sets(grouping: Grouping) -> list[tuple[GroupKind, list[int]]]:
    return [(group.kind, group.rows.tolist()) for group in grouping.groups]


def scenery(width: int, height: int = 96, seed: int = 3) -> np.ndarray:
    """A smooth random landscape, uint8 RGB: something to pan over."""
    random = np.random.default_rng(seed)
    coarse = random.integers(20, 235, (height // 12, width // 12, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def looks_of(*pictures: np.ndarray) -> np.ndarray:
    return np.stack([np.frombuffer(look(Image.fromarray(picture)), np.uint8) for picture in pictures])


def test_exposure_steps_by_bias_are_a_bracket() -> None:
    assert sets(group_photos(burst(0, 2, -2, bias=True))) == [(GroupKind.BRACKET, [0, 1, 2])]


def test_brackets_in_a_row_are_told_apart() -> None:
    grouping = group_photos(burst(0, 2, -2, 0, 2, -2, bias=True))
    assert sets(grouping) == [(GroupKind.BRACKET, [0, 1, 2]), (GroupKind.BRACKET, [3, 4, 5])]


def test_a_trial_shot_before_a_bracket_is_no_part_of_it() -> None:
    grouping = group_photos(burst(0, 0, 0, 2, -2, bias=True))
    assert sets(grouping) == [(GroupKind.BURST, [0, 1]), (GroupKind.BRACKET, [2, 3, 4])]


def test_automatic_exposure_that_drifts_is_no_bracket() -> None:
    assert sets(group_photos(burst(0, 0.3, 0.5, 0.8, 1.2, 1.5))) == [(GroupKind.BURST, list(range(6)))]


def test_manual_steps_are_a_bracket_when_brightness_follows_them() -> None:
    columns = burst(0, 0.7, 1.4)
    picture = scenery(144)
    darker = [np.clip(picture * 2.0 ** (-step / 2.2), 0, 255).astype(np.uint8) for step in (0, 0.7, 1.4)]
    assert sets(group_photos(columns, looks=looks_of(*darker))) == [(GroupKind.BRACKET, [0, 1, 2])]
    steady = looks_of(picture, picture, picture)
    assert sets(group_photos(columns, looks=steady)) == [(GroupKind.BURST, [0, 1, 2])]


def test_a_slow_steady_series_that_drifts_one_way_is_a_focus_stack() -> None:
    columns = burst(*[0] * 7, gap_s=5)
    columns.dhash[:] = [VIEW ^ np.uint64(2**k - 1) for k in range(7)]
    assert sets(group_photos(columns)) == [(GroupKind.FOCUS_STACK, list(range(7)))]


def test_a_fast_burst_that_drifts_stays_a_burst() -> None:
    columns = burst(*[0] * 7, gap_s=0.2)
    columns.dhash[:] = [VIEW ^ np.uint64(2**k - 1) for k in range(7)]
    assert sets(group_photos(columns)) == [(GroupKind.BURST, list(range(7)))]


def test_frames_that_each_overlap_the_last_by_a_part_are_a_panorama() -> None:
    wide = scenery(144 * 3)
    columns = burst(*[0] * 5, gap_s=2)
    columns.dhash[:] = np.random.default_rng(1).integers(1, 2**63, 5, dtype=np.uint64)
    # Each frame turns on by half a frame, then the camera looks elsewhere.
    panned = [wide[:, start : start + 144] for start in (0, 72, 144, 216)]
    looks = looks_of(*panned, scenery(144, seed=9))
    grouping = group_photos(columns, looks=looks)
    assert sets(grouping) == [(GroupKind.PANORAMA, [0, 1, 2, 3])]
    assert grouping.in_set().tolist() == [True] * 4 + [False]


def test_turning_back_and_forth_is_no_panorama() -> None:
    wide = scenery(144 * 3)
    columns = burst(*[0] * 4, gap_s=2)
    columns.dhash[:] = np.random.default_rng(1).integers(1, 2**63, 4, dtype=np.uint64)
    panned = [wide[:, start : start + 144] for start in (0, 72, 0, 72)]
    assert GroupKind.PANORAMA not in {
        kind for kind, _ in sets(group_photos(columns, looks=looks_of(*panned)))
    }


def said(columns: PhotoColumns, *words: Bracketing | None) -> PhotoColumns:
    columns.bracketing[:] = [BRACKETING_CODES[word] for word in words]
    return columns


NONE, EXPOSURE, FOCUS = Bracketing.NONE, Bracketing.EXPOSURE, Bracketing.FOCUS


def test_the_camera_s_word_makes_a_bracket_of_the_smallest_steps() -> None:
    third = burst(0, 0.33, -0.33)
    assert sets(group_photos(third)) == [(GroupKind.BURST, [0, 1, 2])]
    assert sets(group_photos(said(third, *[EXPOSURE] * 3))) == [(GroupKind.BRACKET, [0, 1, 2])]


def test_brackets_that_the_camera_names_are_told_apart_and_from_single_frames() -> None:
    columns = said(burst(0, 0.33, -0.33, 0, 0.33, -0.33, -0.33), *[EXPOSURE] * 6, NONE)
    grouping = group_photos(columns)
    assert sets(grouping) == [(GroupKind.BRACKET, [0, 1, 2]), (GroupKind.BRACKET, [3, 4, 5])]
    assert grouping.group_of[6] == ALONE


def test_a_bracket_of_something_unnamed_is_believed_where_the_exposure_steps() -> None:
    other = [Bracketing.OTHER] * 3
    assert sets(group_photos(said(burst(0, 0.33, -0.33), *other))) == [(GroupKind.BRACKET, [0, 1, 2])]
    assert sets(group_photos(said(burst(0, 0, 0), *other))) == [(GroupKind.BURST, [0, 1, 2])]


def test_a_focus_stack_that_the_camera_names_may_be_as_fast_as_a_burst() -> None:
    columns = said(burst(*[0] * 6, gap_s=0.1), NONE, NONE, *[FOCUS] * 4)
    assert sets(group_photos(columns)) == [(GroupKind.BURST, [0, 1]), (GroupKind.FOCUS_STACK, [2, 3, 4, 5])]


def test_a_set_is_not_torn_while_its_notes_are_being_read() -> None:
    columns = said(burst(*[0] * 5), None, FOCUS, FOCUS, None, None)
    assert sets(group_photos(columns)) == [(GroupKind.FOCUS_STACK, [0, 1, 2, 3, 4])]


def test_exposure_that_follows_the_light_within_a_second_is_no_bracket_when_the_camera_says_so() -> None:
    fast = burst(0, 1.2, 2.5)
    assert sets(group_photos(fast)) == [(GroupKind.BRACKET, [0, 1, 2])]
    assert sets(group_photos(said(fast, *[NONE] * 3))) == [(GroupKind.BURST, [0, 1, 2])]
    assert sets(group_photos(said(fast, NONE, NONE, None))) == [(GroupKind.BRACKET, [0, 1, 2])]


def test_a_bracket_by_hand_stays_whole_whatever_the_camera_says_of_its_own() -> None:
    slow = said(burst(0, 1.2, 2.5, gap_s=1.5), *[NONE] * 3)
    assert sets(group_photos(slow)) == [(GroupKind.BRACKET, [0, 1, 2])]
    compensated = said(burst(0, 1.2, 2.5, bias=True), *[NONE] * 3)
    assert sets(group_photos(compensated)) == [(GroupKind.BRACKET, [0, 1, 2])]


def test_what_was_put_together_or_apart_by_hand_wins_over_the_camera_s_word() -> None:
    columns = said(burst(0, 0.33, -0.33, 0), *[EXPOSURE] * 4)
    ids = columns.ids.tolist()
    stack = StackEdit(StackEditKind.STACK, tuple(ids))
    assert sets(group_photos(columns, edits=[stack])) == [(GroupKind.STACK, [0, 1, 2, 3])]
    apart = StackEdit(StackEditKind.UNSTACK, tuple(ids))
    assert sets(group_photos(columns, edits=[apart])) == []


def test_a_stack_made_by_hand_is_left_whole() -> None:
    columns = burst(0, 2, -2, 0, bias=True)
    edit = StackEdit(StackEditKind.STACK, tuple(columns.ids.tolist()))
    assert sets(group_photos(columns, edits=[edit])) == [(GroupKind.STACK, [0, 1, 2, 3])]


def test_looks_agree_over_exposure_and_small_shifts_and_not_over_scenes() -> None:
    picture, other = scenery(144), scenery(144, seed=8)
    darker = (picture * 0.45).astype(np.uint8)
    shifted = picture[3:, 6:]
    looks = looks_of(picture, darker, shifted, other)
    first, second = np.array([0, 0, 0]), np.array([1, 2, 3])
    dark, moved, unrelated = look_distance.distances(looks, first, second)
    assert max(dark, moved) < 0.1 < 0.4 < unrelated
    assert look_distance.brightness_ev(looks)[0] > look_distance.brightness_ev(looks)[1] + 1


def test_an_unknown_look_is_like_nothing() -> None:
    looks = np.vstack([looks_of(scenery(144)), np.zeros((1, 384), np.uint8)])
    assert np.isinf(look_distance.distances(looks, np.array([0]), np.array([1]))[0])
    assert look_distance.known(looks_of(np.zeros((64, 64, 3), np.uint8))).tolist() == [True]


def columns_of(files: list[Path]) -> tuple[PhotoColumns, np.ndarray]:
    """Columns as the program loads them, from files alone."""
    n = len(files)
    columns = replace(empty(n), names=np.array([file.name for file in files], dtype=object))
    looks = np.zeros((n, 384), np.uint8)
    cameras: dict[tuple[str | None, ...], int] = {}
    folders: dict[Path, int] = {}
    for row, file in enumerate(files):
        developed = glance(file)
        facts: CaptureFacts = developed.facts
        columns.dhash[row] = developed.dhash
        looks[row] = np.frombuffer(look(developed.preview), np.uint8)
        columns.folder[row] = folders.setdefault(file.parent, len(folders))
        if facts.taken is not None:
            columns.taken_us[row] = round((facts.taken - datetime(1970, 1, 1)).total_seconds() * 1e6)
        if facts.camera is not None:
            columns.camera[row] = cameras.setdefault((facts.camera, facts.serial), len(cameras))
        if facts.exposure_s and facts.aperture:
            stops = 2 * np.log2(facts.aperture) - np.log2(facts.exposure_s)
            columns.exposure_ev[row] = stops - np.log2((facts.iso or 100) / 100)
        columns.bias_ev[row] = np.nan if facts.exposure_bias_ev is None else facts.exposure_bias_ev
        columns.focal_mm[row] = np.nan if facts.focal_mm is None else facts.focal_mm
    return columns, looks


@pytest.mark.corpus
def test_groups_and_sets_agree_with_the_reference_photographs(corpus: Path) -> None:
    with (corpus / "photos" / "MANIFEST.csv").open() as manifest:
        rows = [row for row in csv.DictReader(manifest) if row["file"].startswith("bursts/")]
    columns, looks = columns_of([corpus / "photos" / row["file"] for row in rows])
    # All in one folder, which makes it harder to keep the scenes apart.
    columns.folder[:] = 0
    columns.names[:] = [row["file"] for row in rows]
    grouping = group_photos(columns, looks=looks)
    together = ("separate", "different")
    truth = np.array(
        [row["file"] if row["group_expect"].startswith(together) else row["group"] for row in rows]
    )
    counted = np.array(["ukbench00120" not in row["file"] and "expected" not in row["file"] for row in rows])
    pairs = np.triu(counted[:, None] & counted[None, :], 1)
    said = (grouping.group_of[:, None] == grouping.group_of[None, :]) & (grouping.group_of >= 0)[:, None]
    is_so = truth[:, None] == truth[None, :]
    assert (said & is_so & pairs).sum() / (said & pairs).sum() >= 0.95
    assert (said & is_so & pairs).sum() / (is_so & pairs).sum() >= 0.95
    kinds = {row["group"]: grouping.kind(g) for row, g in zip(rows, grouping.group_of, strict=True) if g >= 0}
    del kinds["ukbench00120"]
    assert kinds.pop("pcb_focus_stack") is GroupKind.FOCUS_STACK
    assert set(kinds) == {"crusader", *(f"rawio_{room}" for room in (
        "A_kitchen", "B_dark_kitchen", "C_bathroom", "D_hall", "E_bedroom"
    ))}  # fmt: skip
    assert set(kinds.values()) == {GroupKind.BRACKET}


@pytest.mark.corpus
def test_bursts_without_any_exif_are_found_by_look_alone(corpus: Path) -> None:
    with (corpus / "iqa" / "BURSTS.csv").open() as manifest:
        rows = [row for row in csv.DictReader(manifest) if row["burst"] < "100"]
    columns, looks = columns_of([corpus / "iqa" / row["file"] for row in rows])
    truth = np.array([row["burst"] for row in rows])
    group = group_photos(columns, looks=looks).group_of
    pairs = np.triu(np.ones((len(rows), len(rows)), bool), 1)
    said, is_so = (group[:, None] == group[None]) & (group >= 0)[:, None], truth[:, None] == truth[None]
    assert (said & is_so & pairs).sum() / (said & pairs).sum() >= 0.97
    assert (said & is_so & pairs).sum() / (is_so & pairs).sum() >= 0.7
