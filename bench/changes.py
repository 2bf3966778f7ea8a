"""Series in which nothing happens, and series in which something does: how often trends tell the truth.

`python -m bench.changes` prints the figures of docs/trends.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.trends.shape import Shape, shape_of
from analytics.trends.tidy import Ready, ready

SERIES = 200
WEEK = np.array([1.3, 1.25, 1.15, 1.1, 1.0, 0.6, 0.4]) * 7 / 6.8


@dataclass(frozen=True)
class Made:
    """How a series is made: `mean` a day; `slope` and `step` as shares of it; `wave` is how much of a slow wave of
    15 % is in the next day. `kind` is count (negative binomial), ratio (of 15 a day) or duration (medians of 20).
    """

    days: int = 182
    kind: str = "count"
    mean: float = 30.0
    slope: float = 0.0
    step: float = 0.0
    wave: float = 0.0


def series(made: Made, seed: int) -> tuple[Any, Any, int]:
    """Values by day, what each rests on, and the day of the step."""
    rng = np.random.default_rng(seed)
    days = np.arange(made.days)
    at = int(made.days * rng.uniform(0.25, 0.75))
    level = (1 + made.slope * days / made.days) * np.where(days >= at, 1 + made.step, 1.0)
    level = level * np.exp(_wave(made, rng))
    if made.kind == "ratio":
        n = rng.poisson(15, made.days)
        return rng.binomial(n, np.clip(0.6 * level, 0, 1)) / np.where(n > 0, n, np.nan), n.astype(float), at
    n = rng.poisson(20, made.days).astype(float)
    if made.kind == "duration":
        noise = 0.8 * rng.standard_normal(made.days) / np.sqrt(np.maximum(n, 1))
        return 3600 * level * WEEK[days % 7] * np.exp(noise), n, at
    mean = made.mean * level * WEEK[days % 7]
    return rng.poisson(mean * rng.gamma(50, 0.02, made.days)).astype(float), np.ones(made.days), at


def _wave(made: Made, rng: np.random.Generator) -> Any:
    noise, wave = rng.standard_normal(made.days), np.zeros(made.days)
    for day in range(1, made.days if made.wave else 0):
        wave[day] = made.wave * wave[day - 1] + 0.15 * np.sqrt(1 - made.wave**2) * noise[day]
    return wave


def shapes(made: Made, count: int = SERIES, seed: int = 1) -> Iterator[tuple[Ready, Shape, int]]:
    """So many such series, what was found in each, and the day of the step."""
    for number in range(count):
        values, n, at = series(made, 1000 * seed + number)
        tidy = ready(values, n, made.kind)
        yield tidy, shape_of(tidy), at


def told(made: Made, count: int = SERIES) -> tuple[int, int, int, float]:
    """How many are told to have changed, by a line, by steps; and how many days off the step's day, median."""
    lines = steps = changed = 0
    off = []
    for tidy, shape, at in shapes(made, count):
        lines, steps = lines + shape.has_line, steps + bool(shape.steps)
        changed += shape.has_line or bool(shape.steps)
        off += [min(abs(tidy.at[one.place] - at) for one in shape.steps)] if shape.steps else []
    return changed, lines, steps, float(np.median(off)) if off else float("nan")


def main() -> None:
    """Print the table."""
    unchanged = {
        **{f"nothing, {days} days": Made(days) for days in (28, 91, 182, 365)},
        "nothing, 2 a day": Made(mean=2), "nothing, 0.3 a day": Made(mean=0.3),
        "nothing, a share": Made(kind="ratio"), "nothing, a duration": Made(kind="duration"),
        **{f"nothing, waves of {wave}": Made(wave=wave) for wave in (0.3, 0.6, 0.9)},
    }  # fmt: skip
    planted = {
        **{f"slope of {slope:.0%} in 182 days": Made(slope=slope) for slope in (0.1, 0.2, 0.3, 0.5)},
        **{f"step of {step:.0%}": Made(step=step) for step in (0.1, 0.2, 0.3, 0.5)},
        "step of 20 %, 91 days": Made(91, step=0.2), "step of 30 %, waves of 0.6": Made(step=0.3, wave=0.6),
    }  # fmt: skip
    for name, made in {**unchanged, **planted}.items():
        changed, lines, steps, off = told(made)
        print(
            f"{name:30} told to have changed {changed:3} of {SERIES} (line {lines}, steps {steps}); days off {off:.0f}"
        )


if __name__ == "__main__":
    main()
