import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from culler.domain.levels import LevelDistribution
from culler.ranking import judgement
from culler.ranking.columns import empty

WEIGHTS = st.tuples(*[st.floats(1e-6, 1.0)] * 5)


@given(st.lists(WEIGHTS, min_size=1, max_size=5))
def test_rows_agree_with_single_distributions(weights: list[tuple[float, ...]]) -> None:
    singles = [LevelDistribution(w) for w in weights]  # type: ignore[arg-type]
    levels = np.array([tuple(single) for single in singles])
    assert judgement.means(levels) == pytest.approx([single.mean for single in singles], abs=1e-12)
    assert judgement.spreads(levels) == pytest.approx([single.spread for single in singles], abs=1e-6)
    assert judgement.likeliest(levels).tolist() == [single.likeliest for single in singles]


def test_rows_nobody_judged_stay_unknown() -> None:
    levels = np.full((2, 5), np.nan, np.float32)
    assert np.isnan(judgement.means(levels)).all()
    assert np.isnan(judgement.spreads(levels)).all()
    assert judgement.likeliest(levels).tolist() == [0, 0]
    assert not judgement.confused(levels).any()


@pytest.mark.parametrize(
    ("levels", "is_confused"),
    [
        ((0.45, 0.05, 0.0, 0.1, 0.4), True),
        ((0.1, 0.4, 0.1, 0.35, 0.05), True),
        ((0.0, 0.1, 0.5, 0.3, 0.1), False),
        ((0.2, 0.2, 0.2, 0.2, 0.2), False),  # ignorance
        ((0.1, 0.3, 0.3, 0.3, 0.0), False),
        ((0.3, 0.1, 0.3, 0.2, 0.1), True),
        ((0.97, 0.0, 0.01, 0.01, 0.01), False),  # noise below a sure answer
        ((1.0, 0.0, 0.0, 0.0, 0.0), False),
    ],
)
def test_confusion_is_two_likeliest_levels_that_are_no_neighbours(
    levels: tuple[float, ...], is_confused: bool
) -> None:
    assert judgement.confused(np.array([levels], np.float32)).tolist() == [is_confused]


def test_a_temperature_above_one_spreads_and_one_changes_nothing() -> None:
    levels = np.array([(0.02, 0.08, 0.2, 0.6, 0.1), (1.0, 0.0, 0.0, 0.0, 0.0)])
    assert judgement.tempered(levels, 1.0) == pytest.approx(levels, abs=1e-12)
    assert judgement.spreads(judgement.tempered(levels, 3.0))[0] > judgement.spreads(levels)[0]
    assert judgement.tempered(levels, 3.0)[1].tolist() == [1, 0, 0, 0, 0]
    assert judgement.tempered(levels, 1e-3)[0].argmax() == 3
    with pytest.raises(ValueError, match="positive"):
        judgement.tempered(levels, 0.0)


def test_an_empty_catalog_has_empty_judgements() -> None:
    columns = empty()
    assert judgement.overall_means(columns, 0.5).shape == (0,)
    assert judgement.overall_spreads(columns, 0.5).shape == (0,)
    assert judgement.confused(columns.quality).shape == (0,)
    assert judgement.tempered(columns.quality, 2.0).shape == (0, 5)
