"""The scorers against figures worked out by hand, and the figures of a small run."""

from __future__ import annotations

import numpy as np
import pytest

from bench import quality_forecast as quality


def test_errors_are_those_worked_out_by_hand() -> None:
    known = np.array([[1.0], [2.0], [4.0], [5.0]])  # steps of 1, 2 and 1
    actual, path = np.array([[6.0], [np.nan]]), np.array([[4.0], [9.0]])
    assert quality.mase(actual, path, known, 1) == pytest.approx(2.0 / (4 / 3))
    assert quality.smape(actual, path) == pytest.approx(200 * 2 / 10)


def test_naive2_goes_on_with_an_exact_season() -> None:
    week = np.array([2.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5])
    known = np.tile(10 * week, 6)[:, None]
    np.testing.assert_allclose(quality.naive2(known, 9)[:, 0], np.resize(10 * week, 9), rtol=1e-6)


def test_generated_weeks_are_forecast_and_held() -> None:
    found = quality.generated_figures("weekly", 12, None)
    assert found["mase"] < found["mase_naive"]
    assert 0.7 < found["coverage_80"] < 0.93 and 0.9 < found["coverage_95"] < 1
    assert quality.negatives(10) == 0
