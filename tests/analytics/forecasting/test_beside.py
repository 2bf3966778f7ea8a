"""Members from outside: weighed by the same tests as the others, left out where they fail, and never awaited for long."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.forecasting import ForecastSet, forecast_panel, prophets
from analytics.forecasting.beside import Opened, Told
from analytics.forecasting.prophets import Prophets
from analytics.forecasting.sizes import weighed

DAYS = pd.date_range("2025-01-06", periods=140)


def counts(length: int = 140) -> pd.DataFrame:
    path = 50 * np.resize([1.2, 1.1, 1.0, 1.0, 0.9, 0.4, 0.3], length)
    values = np.random.default_rng(5).poisson(path, (2, length)).T.astype(float)
    return pd.DataFrame(values, index=DAYS[:length], columns=["whole", "part"])


def seer(off: float) -> ForecastSet:
    """A forecast beside which stands a member that knows the mean of every day, and is off by so much."""

    def focus(opened: Opened) -> Told:
        at = 50 * np.resize([1.2, 1.1, 1.0, 1.0, 0.9, 0.4, 0.3], 200) + off
        tests = np.stack([at[one : one + opened.tested] for one in opened.origins])
        return Told(
            {"seer": tests}, {"seer": at[len(opened.values) : len(opened.values) + len(opened.ahead)]}
        )

    return forecast_panel(counts(), 14, freq="D", focus=focus)


def test_who_knows_more_weighs_more_and_the_other_series_stay_as_they_are() -> None:
    plain, good, bad = forecast_panel(counts(), 14, freq="D"), seer(0.0), seer(90.0)
    assert good.weights.loc["seer", "whole"] == good.weights["whole"].max()
    assert bad.weights.loc["seer", "whole"] < 0.01 < good.weights.loc["seer", "whole"]
    assert good.members.loc["seer", "whole"] == good.members["whole"].min()
    assert good.weights.loc["seer", "part"] == 0 and good.weights.sum().to_numpy() == pytest.approx(1.0)
    np.testing.assert_allclose(good.point["part"], plain.point["part"])
    assert good.backtest.loc["whole", "MASE"] < plain.backtest.loc["whole", "MASE"]


def test_a_member_that_leaves_all_bounds_is_left_out() -> None:
    plain, wild = forecast_panel(counts(), 14, freq="D"), seer(4_000.0)
    assert wild.weights.loc["seer", "whole"] == 0
    np.testing.assert_allclose(wild.point, plain.point)


@pytest.mark.parametrize(
    ("length", "limit_s", "said"),
    [(60, 2.5, "from 84 values on: 60"), (140, 0.0, "not ready within 0 seconds")],
)
def test_without_prophet_the_forecast_is_the_same_and_says_why(
    length: int, limit_s: float, said: str
) -> None:
    frame = counts(length)
    plain = forecast_panel(frame, 7, freq="D")
    asked = forecast_panel(frame, 7, freq="D", focus=Prophets(limit_s=limit_s))
    np.testing.assert_allclose(asked.point, plain.point)
    assert said in " ".join(asked.explain("whole"))


def test_prophet_is_a_member_of_a_forecast_that_goes_farther_than_its_tests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def path(opened: Opened, known: int, end: float, scratch: str) -> np.ndarray:
        asked.append(known)
        return np.full(len(opened.ahead) if known == len(opened.values) else opened.tested, 40.0)

    monkeypatch.setattr(prophets, "_path", path)
    for _ in range(2):
        found = forecast_panel(counts(100), 90, freq="D", focus=Prophets(limit_s=60.0))
        assert np.isfinite(found.members.loc["Prophet", "whole"]), found.explain("whole")
    assert len(asked) == len(set(asked)), "kept, and not fitted again"


def test_prophet_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prophets.importlib.util, "find_spec", lambda name: None)
    asked = forecast_panel(counts(), 7, freq="D", focus=Prophets())
    assert "Prophet is not installed here." in asked.explain("whole")


@pytest.mark.slow
def test_prophet_has_a_weight_and_its_fits_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping = Prophets(folder=tmp_path / "fits", limit_s=60.0)
    found = forecast_panel(counts(), 14, freq="D", focus=keeping)
    assert found.weights.loc["Prophet", "whole"] > 0.02 and found.members.loc["Prophet", "whole"] < 1.2
    assert (found.interval(95)[0] >= 0).all().all()
    prophets._kept.clear()
    monkeypatch.setattr(prophets, "_fitted", lambda *_: pytest.fail("fitted again"))
    again = forecast_panel(counts(), 14, freq="D", focus=keeping)
    np.testing.assert_allclose(again.point, found.point)
    assert [file.suffix for file in (tmp_path / "fits").iterdir()] == [".npy"]


def test_a_share_of_few_is_drawn_to_the_weeks_before_by_their_n() -> None:
    values = pd.DataFrame({"a": [0.8, 0.6, 0.0, 0.5]}, index=DAYS[:4])
    sizes = pd.DataFrame({"a": [30.0, 10.0, 2.0, 20.0]}, index=DAYS[:4])
    found, few = weighed(values, sizes, 28)
    mean = (0.8 * 30 + 0.6 * 10) / 40
    assert found["a"].to_list() == pytest.approx([0.8, 0.6, 0.8 * mean, 0.5])
    assert few["a"] == 1
