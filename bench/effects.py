"""Events that did something, and events that did nothing: how often *Did it work?* tells the truth.

`python -m bench.effects` prints the figures of docs/trends.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analytics.effects.measure import measure

EVENTS, DAYS, WINDOW = 20, 180, 14
WEEK = np.array([1.3, 1.25, 1.15, 1.1, 1.0, 0.6, 0.4]) * 7 / 6.8


def frame(seed: int, *, effect: float = 0.0, shock: float = 0.0, touched: float = 30.0) -> Any:
    """Days of a touched and an untouched count with a shared slow wave of 8 %; from day 180 on the touched has the
    effect, and both have the shock."""
    import pandas as pd

    rng, days = np.random.default_rng(seed), np.arange(DAYS + WINDOW)
    wave, noise = np.zeros(len(days)), rng.standard_normal(len(days))
    for day in days[1:]:
        wave[day] = 0.5 * wave[day - 1] + 0.08 * np.sqrt(0.75) * noise[day]
    common = WEEK[days % 7] * np.exp(wave) * np.where(days >= DAYS, 1 + shock, 1.0)
    parts = {
        "touched": touched * np.where(days >= DAYS, 1 + effect, 1.0),
        "untouched": np.full(len(days), 90.0),
    }
    made = {
        name: rng.poisson(mean * common * rng.gamma(50, 0.02, len(days))).astype(float) for name, mean in parts.items()
    }  # fmt: skip
    return pd.DataFrame(made, index=pd.date_range("2026-01-01", periods=len(days)))


def found(**planted: float) -> tuple[int, int]:
    """Of so many events: told to have an effect, and with the planted one inside the band."""
    told = inside = 0
    for seed in range(EVENTS):
        one = measure(frame(seed, **planted), DAYS, WINDOW, "count")
        told += one.is_measurable
        inside += one.effect[1] <= np.log1p(planted.get("effect", 0.0)) <= one.effect[2]
    return told, inside


def main() -> None:
    """Print the table."""
    cases: list[dict[str, float]] = [
        {}, {"shock": 0.25}, {"effect": 0.3}, {"effect": -0.3}, {"effect": 0.3, "shock": 0.25}, {"effect": 0.1},
    ]  # fmt: skip
    for planted in cases:
        told, inside = found(**planted)
        print(f"{planted or 'nothing'}: told {told} of {EVENTS}, inside the band {inside}", flush=True)


if __name__ == "__main__":
    main()
