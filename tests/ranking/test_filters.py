from dataclasses import replace

import numpy as np
import pytest

from culler.domain.assessment import Aspect
from culler.domain.decision import ColorLabel, Flag
from culler.domain.levels import Level
from culler.ranking.columns import FLAG_CODES, FOREIGN_LABEL, LABEL_CODES, PhotoColumns, empty
from culler.ranking.filters import Filter, mask, searchable


@pytest.fixture
def columns() -> PhotoColumns:
    names = np.array(["trip/DSC_1.NEF", "trip/DSC_2.NEF", "trip2/Cafe\u0301.jpg", "clip.mov"], dtype=object)
    columns = replace(empty(4), names=names)
    columns.flag[:] = [FLAG_CODES[Flag.PICK], FLAG_CODES[Flag.REJECT], 0, 0]
    columns.stars[:] = [5, 0, 3, 0]
    columns.label[:] = [LABEL_CODES[ColorLabel.RED], FOREIGN_LABEL, LABEL_CODES[ColorLabel.BLUE], 0]
    columns.folder[:] = [7, 7, 7, 8]
    columns.quality[0] = (0.0, 0.0, 0.2, 0.7, 0.1)
    columns.aesthetics[0] = (0.1, 0.8, 0.1, 0.0, 0.0)
    columns.aesthetics[2] = (0.0, 0.0, 0.4, 0.4, 0.2)
    columns.failed[1] = True
    columns.video[3] = True
    return columns


def shown(columns: PhotoColumns, filter: Filter) -> list[int]:
    return np.flatnonzero(mask(columns, filter)).tolist()


def test_an_empty_filter_shows_everything(columns: PhotoColumns) -> None:
    assert shown(columns, Filter()) == [0, 1, 2, 3]
    assert not Filter()
    assert Filter(text="x")


def test_flags_stars_and_labels_filter_by_what_was_marked(columns: PhotoColumns) -> None:
    assert shown(columns, Filter(flags=frozenset({Flag.PICK, Flag.NONE}))) == [0, 2, 3]
    assert shown(columns, Filter(min_stars=1)) == [0, 2]
    assert shown(columns, Filter(min_stars=1, max_stars=4)) == [2]
    assert shown(columns, Filter(labels=frozenset({ColorLabel.RED}))) == [0]
    assert shown(columns, Filter(labels=frozenset({ColorLabel.RED}), foreign_labels=True)) == [0, 1]
    assert shown(columns, Filter(foreign_labels=True)) == [1]


def test_no_flag_chosen_shows_nothing(columns: PhotoColumns) -> None:
    assert shown(columns, Filter(flags=frozenset())) == []


def test_level_filters_by_the_likeliest_level_of_its_aspect(columns: PhotoColumns) -> None:
    assert shown(columns, Filter(level=Level.GOOD)) == [0]
    assert shown(columns, Filter(level=Level.FAIR, aspect=Aspect.AESTHETICS)) == [2]
    # Of equally likely levels the better one counts.
    assert shown(columns, Filter(level=Level.GOOD, aspect=Aspect.AESTHETICS)) == [2]
    assert shown(columns, Filter(level=Level.BAD)) == [0]


def test_taste_filters_by_the_levels_handed_in(columns: PhotoColumns) -> None:
    taste = np.full((4, 5), np.nan)
    taste[1] = (0, 0, 0, 0, 1)
    wanted = Filter(level=Level.GOOD, aspect=Aspect.TASTE)
    assert mask(columns, wanted, taste=taste).tolist() == [False, True, False, False]
    assert shown(columns, wanted) == []


def test_every_word_of_the_text_must_occur_case_and_composition_aside(columns: PhotoColumns) -> None:
    assert shown(columns, Filter(text="dsc trip")) == [0, 1]
    assert shown(columns, Filter(text="CAFÉ")) == [2]
    assert shown(columns, Filter(text="dsc 9")) == []
    kept = searchable(columns.names)
    assert mask(columns, Filter(text="caf\u00e9"), names=kept).tolist() == [False, False, True, False]


def test_states_can_be_asked_for(columns: PhotoColumns) -> None:
    assert shown(columns, Filter(only_failed=True)) == [1]
    assert shown(columns, Filter(only_unscored=True)) == [1]  # a video is never scored


def test_missing_photos_are_shown_only_when_asked_for(columns: PhotoColumns) -> None:
    columns.missing[2] = True
    assert shown(columns, Filter()) == [0, 1, 3]
    assert shown(columns, Filter(only_missing=True)) == [2]
    assert shown(columns, Filter(only_missing=True, only_failed=True)) == []


def test_folder_and_subfolder_narrow_to_what_lies_below(columns: PhotoColumns) -> None:
    assert shown(columns, Filter(folder=8)) == [3]
    assert shown(columns, Filter(folder=7, subfolder="trip")) == [0, 1]
    assert shown(columns, Filter(subfolder="trip2/")) == [2]
