"""`python -m bench.quality_forecast --nn5 DIR`: how good forecasts and their bands are.

DIR holds `nn5_daily_dev.csv.gz`: daily series of the NN5 competition (CC BY 4.0), their last 56 days kept for the test.
The generated series are made here from a seed. With `--rival`, AutoETS of statsforecast forecasts the same generated
series in the same run: `make bench-forecast`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analytics.forecasting import ForecastSet, forecast_panel
from analytics.forecasting.prophets import Prophets
from bench import forecast_rival

WAITED_S = 60.0  # for Prophet, however slow the machine is
TESTED = 56  # days of NN5 that are kept for the test
EVERY = {"weekly": ("W", 13), "hourly": ("h", 24)}
# Times as many weekly series: what the 80 % band of 200 holds differs by 5 points from one draw to another.
TIMES = {"weekly": 5, "hourly": 1}


def smape(actual: Any, path: Any) -> float:
    """Percent, the mean of each series' mean; missing actual values are left out."""
    return float(
        np.nanmean(np.nanmean(200 * np.abs(actual - path) / (np.abs(actual) + np.abs(path)), axis=0))
    )


def mase(actual: Any, path: Any, known: Any, season: int) -> float:
    """Errors in those of repeating the last cycle in the known part (Hyndman & Koehler 2006); the mean of series."""
    scale = np.nanmean(np.abs(known[season:] - known[:-season]), axis=0)
    return float(np.nanmean(np.nanmean(np.abs(actual - path), axis=0) / np.where(scale > 0, scale, np.nan)))


def naive2(known: Any, horizon: int, season: int = 7) -> Any:
    """The last seasonally adjusted value times the season: classical multiplicative decomposition, as M4 does it."""
    filled = pd.DataFrame(known).ffill().bfill().to_numpy()
    length = len(filled)
    around = pd.DataFrame(filled).rolling(season, center=True).mean().to_numpy()
    ratio = np.where(around > 0, filled / around, np.nan)
    index = np.stack([np.nanmean(ratio[phase::season], axis=0) for phase in range(season)])
    index /= index.mean(axis=0)
    last = filled[-1] / np.maximum(index[(length - 1) % season], 1e-9)
    return np.stack([last * index[(length + step) % season] for step in range(horizon)])


def held(actual: Any, forecast: ForecastSet, level: int) -> float:
    """The share of known actual values inside the band."""
    lower, upper = (one.to_numpy() for one in forecast.interval(level))
    inside = (actual >= lower) & (actual <= upper)
    return float(inside[np.isfinite(actual)].mean())


def nn5_figures(folder: Path) -> dict[str, float]:
    """OWA and coverage at 56 days, and MASE of 14-day histories beside that of repeating the last week."""
    frame = pd.read_csv(folder / "nn5_daily_dev.csv.gz", index_col=0, parse_dates=True)
    known, actual = frame.iloc[:-TESTED], frame.iloc[-TESTED:].to_numpy()
    train = known.to_numpy()
    ours, base = forecast_panel(known, TESTED, freq="D"), naive2(train, TESTED)
    path = ours.point.to_numpy()
    figures = {"smape": smape(actual, path), "mase": mase(actual, path, train, 7)}
    base_smape, base_mase = smape(actual, base), mase(actual, base, train, 7)
    short, last = known.iloc[-14:], pd.DataFrame(train[-14:])
    week = last.ffill().bfill().to_numpy()[-7:]
    early = forecast_panel(short, 14, freq="D").point.to_numpy()
    return {
        "series": frame.shape[1],
        **figures,
        "naive2_smape": base_smape,
        "naive2_mase": base_mase,
        "owa": (figures["smape"] / base_smape + figures["mase"] / base_mase) / 2,
        "coverage_80": held(actual, ours, 80),
        "coverage_95": held(actual, ours, 95),
        "mase_14_days": mase(actual[:14], early, train, 7),
        "mase_14_days_seasonal_naive": mase(actual[:14], np.vstack([week, week]), train, 7),
    }


def generated(kind: str, count: int, seed: int) -> pd.DataFrame:
    """weekly: 200 weeks with trends that fade, and shifts. hourly: five weeks of day and week with bursts. Counts."""
    random = np.random.default_rng(seed)
    length = 200 if kind == "weekly" else 24 * 35
    made = {}
    for place in range(count):
        if kind == "weekly":
            level, trend, phi = random.uniform(50, 800), 0.0, random.uniform(0.8, 0.98)
            path = np.empty(length)
            for step in range(length):
                trend = phi * trend + random.normal(0, 0.01) * level
                level = max(level + trend + random.normal(0, 0.03) * level, 5.0)
                path[step] = level
        else:
            hours = np.arange(length)
            day = 1 + 0.8 * np.sin(2 * np.pi * (hours - random.uniform(6, 12)) / 24)
            week = np.where((hours // 24) % 7 >= 5, random.uniform(0.3, 1.0), 1.0)
            burst = np.convolve(
                (random.random(length) < 0.006) * random.exponential(3, length), 0.7 ** np.arange(12)
            )
            path = random.uniform(2, 60) * day * week * (1 + burst[:length])
        spread = random.uniform(5, 60)
        made[f"{kind} {place}"] = random.negative_binomial(spread, spread / (spread + path))
    freq = EVERY[kind][0]
    return pd.DataFrame(made, index=pd.date_range("2022-01-02", periods=length, freq=freq)).astype(float)


def generated_figures(
    kind: str, count: int, rival: Path | None, seed: int = 11, beside: int | None = None
) -> dict[str, float]:
    """MASE and coverage of `count` series at four origins a horizon apart.

    Where there is a rival, its MASE and ours of the same first `beside` series (by default all).
    """
    horizon = EVERY[kind][1]
    season = 24 if kind == "hourly" else 1
    frame = generated(kind, count, seed)
    ours: dict[str, list[float]] = {}
    for known, actual in _origins(frame, horizon):
        forecast, train = forecast_panel(known, horizon, freq=EVERY[kind][0]), known.to_numpy()
        row = {"mase": mase(actual, forecast.point.to_numpy(), train, season)}
        row["mase_naive"] = mase(actual, _repeated(train, season, horizon), train, season)
        row |= {f"coverage_{level}": held(actual, forecast, level) for level in (80, 95)}
        if rival:
            some = slice(0, beside)
            told = forecast_rival.paths(rival, known.iloc[:, some], season, horizon)
            both = {"mase_autoets": told, "mase_beside_autoets": forecast.point.to_numpy()[:, some]}
            row |= {name: mase(actual[:, some], path, train[:, some], season) for name, path in both.items()}
        for name, value in row.items():
            ours.setdefault(name, []).append(value)
    return {"series": count, "origins": 4, **{name: float(np.mean(one)) for name, one in ours.items()}}


def _repeated(known: Any, season: int, horizon: int) -> Any:
    return np.tile(known[-season:], (-(-horizon // season), 1))[:horizon]


def _origins(frame: pd.DataFrame, horizon: int) -> Iterator[tuple[pd.DataFrame, Any]]:
    for back in range(4, 0, -1):
        end = len(frame) - back * horizon
        yield frame.iloc[:end], frame.iloc[end : end + horizon].to_numpy()


def negatives(panels: int, seed: int = 5) -> int:
    """How many of so many random panels of counts have a value or a lower bound below 0."""
    random, found = np.random.default_rng(seed), 0
    for _ in range(panels):
        length, freq = int(random.integers(1, 120)), str(random.choice(["h", "D", "W", "MS"]))
        counts = random.poisson(10 ** random.uniform(-2, 3), (length, 2)).astype(float)
        counts[random.random(counts.shape) < random.choice([0.0, 0.3])] = np.nan
        frame = pd.DataFrame(counts, index=pd.date_range("2024-01-01", periods=length, freq=freq))
        forecast = forecast_panel(frame, int(random.integers(1, 30)), freq=freq)
        tables = (forecast.point, forecast.interval(80)[0], forecast.interval(95)[0])
        found += any(bool((table < 0).to_numpy().any()) for table in tables)
    return found


def seconds() -> float:
    """600 series of 365 days with tests and bands."""
    counts = np.random.default_rng(3).poisson(30, (365, 600))
    frame = pd.DataFrame(counts, index=pd.date_range("2025-01-01", periods=365))
    start = time.perf_counter()
    forecast_panel(frame, 28, freq="D")
    return time.perf_counter() - start


def focus_seconds(series: int = 3) -> float | None:
    """One series of two years with Prophet in its blend, fitted anew and waited for: the middle of so many.

    Prophet itself is imported before, as by a server that was asked once. None where it is not installed.
    """
    if importlib.util.find_spec("prophet") is None:
        return None
    random, days, took = np.random.default_rng(7), 730, []
    week = np.resize([1.2, 1.2, 1.1, 1.0, 1.0, 0.6, 0.4], days)
    for _ in range(series + 1):
        frame = pd.DataFrame(
            {"total": random.poisson(40 * week)}, index=pd.date_range("2024-01-01", periods=days)
        )
        start = time.perf_counter()
        forecast_panel(frame, 28, freq="D", focus=Prophets(limit_s=WAITED_S))
        took.append(time.perf_counter() - start)
    return float(np.median(took[1:]))


def figures(
    nn5: Path | None, *, series: int = 200, panels: int = 10_000, rival: Path | None = None,
    beside: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Everything that is measured here, by name; five times `series` weekly ones, of which AutoETS forecasts `beside`."""
    found: dict[str, Any] = {"nn5": nn5_figures(nn5)} if nn5 else {}
    for kind in EVERY:
        count = series * TIMES[kind]
        found[f"generated_{kind}"] = generated_figures(kind, count, rival, beside=beside or series)
    return {
        **found,
        "panels_with_a_negative": negatives(panels),
        "panels": panels,
        "seconds_600_series": seconds(),
        "seconds_focus": focus_seconds(),
    }


def main(argv: list[str] | None = None) -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.quality_forecast", description=__doc__)
    parser.add_argument("--nn5", type=Path, help="folder of nn5_daily_dev.csv.gz")
    parser.add_argument(
        "--series",
        type=int,
        default=200,
        help="generated hourly series, and five times as many weekly ones (default 200)",
    )
    parser.add_argument("--panels", type=int, default=10_000, help="random panels of counts (default 10,000)")
    parser.add_argument("--rival", action="store_true", help="AutoETS of the same series beside")
    args = parser.parse_args(argv)
    rival = forecast_rival.environment() if args.rival else None
    print(json.dumps(figures(args.nn5, series=args.series, panels=args.panels, rival=rival), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
