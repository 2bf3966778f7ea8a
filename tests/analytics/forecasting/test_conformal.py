"""Bands from errors of tests that were made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.forecasting import blend
from analytics.forecasting.blend import TO_WEIGH
from analytics.forecasting.conformal import bands

SERIES, SPAN = 6, 4


def reach(errors: np.ndarray) -> float:
    """How far the 80 % band of the first series reaches, of errors by test, each that of all its periods."""
    origins = tuple(50 + SPAN * at for at in range(len(errors)))
    actual = np.broadcast_to(errors[:, None, None], (len(errors), SERIES, SPAN)).copy()
    plan = blend.Plan("weekly", 1, 1, SPAN, origins, ("same as last cycle",))
    tests = blend.Tests(plan, np.zeros((1, *actual.shape)), actual, np.zeros(actual.shape))
    return float(bands(tests, np.ones(SERIES), SPAN, (80.0,))[80.0].above[0, 0])


def widths(by_period: list[float]) -> np.ndarray:
    """How far the 80 % band of the first series reaches above, by period, of errors that are so large there."""
    errors = np.random.default_rng(3).normal(0, 1, (3, SERIES, 1)) * np.array(by_period)
    plan = blend.Plan("weekly", 1, 1, SPAN, (50, 54, 58), ("same as last cycle",))
    tests = blend.Tests(plan, np.zeros((1, *errors.shape)), errors, np.zeros(errors.shape))
    return bands(tests, np.ones(SERIES), SPAN, (80.0,))[80.0].above[0]


def test_a_band_that_would_shrink_is_the_mean_and_not_the_widest() -> None:
    rising = widths([1, 2, 3, 4])
    assert rising / rising[0] == pytest.approx([1, 2, 3, 4])
    assert widths([4, 3, 2, 1]) == pytest.approx(rising.mean())
    assert widths([1, 3, 2, 4]) == pytest.approx(rising[[0, 1, 1, 3]] + [0, rising[0] / 2, rising[0] / 2, 0])


def test_tests_before_there_were_weights_do_not_widen_the_band() -> None:
    """The blend that took all members alike is not the one that is drawn."""
    calm = np.tile([0.6, -1.0, 1.4, -0.8], 3)
    wild = np.where(np.arange(12) < TO_WEIGH, 50.0, calm)
    assert reach(wild) == pytest.approx(reach(calm)) and 0.6 < reach(calm) < 2.0
    later = np.where(np.arange(12) // TO_WEIGH == 1, 50.0, calm)
    assert reach(later) > 1.5 * reach(calm)


def test_of_few_tests_all_say_how_wide_the_band_is() -> None:
    calm = np.array([0.6, -1.0, 1.4, -0.8, 0.6, -1.0])
    assert reach(np.where(np.arange(6) < 1, 50.0, calm)) > 1.5 * reach(calm)
