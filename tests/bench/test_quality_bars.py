"""The bars of quality: each leads to a figure of a run, and what is not measured or missed is told."""

from __future__ import annotations

from typing import Any

import pytest

from bench import quality, quality_anomalies, quality_bars, quality_forecast

FIGURES: dict[str, Any] = {
    "forecasts": {"nn5": {"owa": 0.65, "mase_14_days": 0.9, "mase_14_days_seasonal_naive": 1.0}, "panels_with_a_negative": 0}
}  # fmt: skip


def test_a_bar_is_held_missed_or_not_measured() -> None:
    verdicts = {row.what: row.verdict for row in quality_bars.judged(FIGURES)}
    assert verdicts["NN5, 56 days: OWA against Naive2"] == "missed"
    assert verdicts["NN5 from 14 days alone: MASE in times of repeating the week"] == "ok"
    assert verdicts["random panels of counts with a value or bound below 0"] == "ok"
    assert verdicts["NAB standard, one alert a day"] == "not measured"
    timed = {
        "forecasts": {"seconds_focus": 3.2},
        "anomalies": {"rootcause": {"2000_a_day": {"seconds": 0.02}}},
    }
    verdicts = {row.what: row.verdict for row in quality_bars.judged(timed)}
    assert verdicts["one series of two years, Prophet in its blend, nothing kept"] == "missed"
    assert verdicts["causes of a change in 360 cells"] == "ok"
    assert quality_bars.figure(FIGURES, "forecasts.nn5.mase_14_days/mase_14_days_seasonal_naive") == 0.9


def test_a_run_prints_every_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(
        quality_anomalies, "measure", lambda nab, trials: {"rootcause": {"2000_a_day": {"one": 0.5}}}
    )
    monkeypatch.setattr(quality_forecast, "seconds", lambda: 1.0)
    monkeypatch.setattr(quality_forecast, "focus_seconds", lambda: 1.0)
    assert quality.main(["--series", "3", "--panels", "2"]) == 1, "a missed bar is the command's failure"
    told = capsys.readouterr().out
    assert all(bar.what in told for bar in quality_bars.BARS) and "missed" in told
    keys = [bar.key for bar in quality_bars.BARS if "generated_" in bar.key and "/" not in bar.key]
    assert keys and '"coverage_80"' in told
