"""`forecast_panel`: many series forecast, tested and given bands in one pass over arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics.forecasting import blend, calendars, conformal, drivers, kinds, rows, tidy
from analytics.forecasting.beside import NOBODY, Focus, Opened, Told
from analytics.forecasting.members import NAIVE, indices
from analytics.forecasting.outcome import DAYS, ForecastSet, Learnt, percent, tier
from core.errors import InputError
from core.numbers import so_many

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from analytics.forecasting.rows import Floats

ENOUGH_TESTS = 4  # before a test may overrule the blend


def forecast_panel(
    frame: pd.DataFrame,
    horizon: int,
    *,
    freq: str,
    calendar: Any = None,
    levels: Sequence[float] = (80, 95),
    kind: str = "count",
    focus: Focus | None = None,
    beside: pd.DataFrame | None = None,
) -> ForecastSet:
    """Forecast every column of a frame with a time index, `horizon` periods beyond its last row.

    freq: hourly, daily, weekly or monthly. calendar: a Calendar, or days by date as the `holidays` library gives them
    (daily data). kind: count (≥ 0, not rounded), duration (seconds or any other unit, by logarithm) or ratio. NaN is
    missing. focus: asked for members of its own for the first column. beside: drivers of the first column, a column
    each with a time index: known for the horizon, else used as they were whole cycles before. A driver is used where
    tests say that it helps; where none does, the forecast is the same as without. Raises InputError for a horizon,
    frequency, kind or level there is not, and for times beyond what a date can be; never for what the values are.
    """
    if horizon < 1:
        raise InputError(f"No forecast of {horizon} periods.", hint="A horizon is 1 or more.")
    wanted, named = tuple(sorted({percent(level) for level in levels})), tidy.named(freq)
    grid = tidy.grid(frame, int(horizon), named, kind)
    scale = kinds.scale(grid.values, kind)
    days = calendars.of(calendar)
    if days is not None and named != "daily":
        if days.holidays or days.recurring or days.one_off:
            grid.notes[""].append("The calendar is of days: only forecasts of days use it.")
        days = None
    run = _Run(scale.there(grid.values), grid, named, days, focus, kind, beside)
    return _told(run, frame, wanted, scale)


class _Run:
    """One pass: what was learnt from, the tests, the weights and the paths of a panel on the members' scale."""

    def __init__(
        self,
        values: Floats,
        grid: tidy.Grid,
        freq: str,
        calendar: calendars.Calendar | None,
        focus: Focus | None = None,
        kind: str = "count",
        beside: pd.DataFrame | None = None,
    ) -> None:
        self.grid, self.freq, self.usable = grid, freq, np.isfinite(values).sum(1)
        self.horizon = int(np.max(grid.steps))
        length = values.shape[1]
        self.plan = blend.plan(length, self.horizon, freq, logs=kind == "duration")
        season = self.plan.long
        days = calendars.effects(values, grid.days, grid.ahead_days, calendar, season)
        # Without a week yet, a quiet weekend is no extreme.
        shocks = calendars.shocks(values, max(season, blend.SEASONS[freq][0]), logs=self.plan.logs)
        self.odd, self.shocks, self.effects = shocks, shocks.sum(1), days
        learnt = np.where(shocks | days.mask[None, :], np.nan, values)
        self.closed = rows.repeated(indices(learnt, self.plan.season, season) == 0, self.horizon)
        came = np.where(days.mask[None, :] | self._closed_before(learnt), np.nan, values)
        own = self.plan
        self.driven: drivers.Driven | None = None
        self.told = self._beside(focus, learnt, kind)
        self.tests = blend.test(learnt, came, self.plan, self.told)
        self.scale = blend.naive_error(learnt, self.plan)
        self.weights = blend.weights(self.tests.members, self.tests.actual, self.plan, length)
        outside = self.told.of(None, len(values), self.horizon)
        members = blend.paths(learnt, self.horizon, self.plan, outside)
        path = blend.mix(members, self.weights, self.scale)
        if beside is not None and len(values) and beside.shape[1]:
            self._drive(beside, np.where(days.mask, np.nan, values[0]), came[0], path, own, kind == "count")
        self.path = self._guarded(path, members, learnt)
        self.weights = self._shares(members)
        self.fallback = self._fallback(learnt)

    def _beside(self, focus: Focus | None, learnt: Floats, kind: str) -> Told:
        """What members from outside forecast for the first series; they are the last of the plan."""
        if focus is None or not len(learnt) or self.grid.days is None or len(self.grid.days) < 2:
            return NOBODY
        first = self.grid.ahead_days[0]
        ahead = [first + (self.grid.days[-1] - self.grid.days[-2]) * step for step in range(self.horizon)]
        opened = Opened(
            learnt[0], self.grid.days, ahead, self.freq, self.plan.origins, self.plan.horizon, kind == "count"
        )
        told = focus(opened)
        self.plan = replace(self.plan, names=(*self.plan.names, *told.ahead))
        return told

    def _drive(
        self,
        frame: pd.DataFrame,
        learn: Floats,
        came: Floats,
        path: Floats,
        own: blend.Plan,
        multiplies: bool,
    ) -> None:
        """Put what drivers make of the first series in the place of its tests, path and weights, where they help."""
        found = drivers.laid_out(frame, self.grid.days, self.horizon, self.freq, own.season)
        tests, scale = self.tests, float(self.scale[0])
        known = drivers.Beside(
            learn, came, tests.actual[:, 0], tests.path[:, 0], path[0], scale, own, multiplies
        )
        self.driven = drivers.driven(known, found)
        if not self.driven.admitted:
            return
        tests.path[:, 0], path[0] = self.driven.tests, self.driven.path
        self.weights[:, 0] = 0.0
        self.weights[: len(own.names), 0] = self.driven.weights

    def odd_in_tests(self) -> NDArray[np.bool_]:
        """Which periods of the tests were single extreme values (origins by series by periods)."""
        spans = [self.odd[:, one : one + self.plan.horizon] for one in self.plan.origins]
        return np.array(spans, dtype=bool).reshape(self.tests.path.shape)

    def _closed_before(self, learnt: Floats) -> Any:
        """Zeros of a phase that is closed: neither an error nor a success."""
        length = learnt.shape[1]
        closed = indices(learnt, self.plan.season, self.plan.long) == 0
        phase = (np.arange(length) - length) % closed.shape[1]
        return closed[:, phase] & (rows.or_else(learnt, 0.0) == 0)

    def _guarded(self, path: Floats, members: Floats, learnt: Floats) -> Floats:
        """The last cycle where tests say that nothing beats repeating it; the mean where no member stands.

        So it is in each test, from what was over by then.
        """
        plain, tests = self.plan.names.index(NAIVE), self.tests
        errors, naive = np.abs(tests.actual - tests.path), np.abs(tests.actual - tests.members[plain])
        said = tests.path.copy()
        for place, origin in enumerate(self.plan.origins):
            repeats = self._repeats(errors, naive, origin)
            said[place] = np.where(repeats[:, None], tests.members[plain, place], said[place])
        self.repeats = self._repeats(errors, naive, learnt.shape[1])
        self.tests = blend.Tests(self.plan, tests.members, tests.actual, said)
        self.error, self.naive_error = self._mean(np.abs(tests.actual - said)), self._mean(naive)
        path = np.where(self.repeats[:, None], members[plain], path)
        return np.where(self.closed, 0.0, rows.or_else(path, rows.mean(learnt)[:, None]))

    def _repeats(self, errors: Floats, naive: Floats, now: int) -> NDArray[np.bool_]:
        """Whether the tests of points before `now` say of a series that its last cycle is the better forecast."""
        begun = sum(origin < now for origin in self.plan.origins)
        if begun < ENOUGH_TESTS or self.plan.is_rough:
            return np.zeros(errors.shape[1], dtype=bool)
        over = np.array(self.plan.origins[:begun])[:, None] + np.arange(errors.shape[2]) < now
        known = [np.where(over[:, None, :], one[:begun], np.nan) for one in (errors, naive)]
        own, other = (self._mean(one) for one in known)
        enough = tested(known[0]) >= ENOUGH_TESTS
        return np.asarray(enough & (own > 1.02 * other) & (other > 0), dtype=bool)

    def _shares(self, members: Floats) -> Floats:
        """The weights that were used: of members that stood, one for the repeated cycle where that was drawn."""
        there = np.isfinite(members).all(2)
        share = np.where(there, self.weights, 0.0)
        share = share / np.maximum(share.sum(0), 1e-12)
        only = np.array([name == NAIVE for name in self.plan.names], dtype=float)[:, None]
        return np.where(self.repeats[None, :], only, share)

    def _fallback(self, learnt: Floats) -> Floats:
        """A mean error for series without tests: of the last cycle's repetition, else of values, else of siblings.

        Errors of logarithms are shares already: only others are told as shares of the mean.
        """
        middle = rows.mean(learnt)
        apart = rows.mean(np.abs(learnt - middle[:, None]))
        found = np.where(self.scale > 0, self.scale, rows.or_else(apart, 0.0))
        rich = self.usable >= 3
        size = np.where(np.isfinite(middle), 1.0, 0.0) if self.plan.logs else rows.or_else(middle, 0.0)
        relative = found / np.where((size > 0) & rich, size, np.nan)
        of_siblings = rows.or_else(rows.median(relative), 0.5)
        return np.where(rich, found, np.maximum(found, size * of_siblings))

    @staticmethod
    def _mean(errors: Floats) -> Floats:
        return rows.mean(
            np.moveaxis(errors, 1, 0).reshape(errors.shape[1], errors.shape[0] * errors.shape[2])
        )


def tested(errors: Floats) -> NDArray[np.int_]:
    """By series, in how many tests (origins by series by periods) there was anything to test."""
    return np.asarray(np.isfinite(errors).any(axis=2).sum(axis=0), dtype=int)


def _told(run: _Run, frame: pd.DataFrame, levels: tuple[float, ...], scale: kinds.Scale) -> ForecastSet:
    import pandas as pd

    columns, index, taken = frame.columns, run.grid.ahead, np.asarray(run.grid.steps) - 1
    factors = run.effects.factors if run.effects.named else np.ones((len(columns), len(taken)))

    def shaped(values: Floats) -> pd.DataFrame:
        return pd.DataFrame(scale.back(values).T, index=index, columns=columns)

    path = run.path[:, taken] * factors
    bands = conformal.bands(run.tests, run.fallback, run.horizon, levels)
    open_ = np.where(run.closed[:, taken], 0.0, 1.0) * np.maximum(factors, 0.0)
    lower = {level: shaped(path - band.below[:, taken] * open_) for level, band in bands.items()}
    upper = {level: shaped(path + band.above[:, taken] * open_) for level, band in bands.items()}
    names = list(run.plan.names)
    errors = np.stack([run._mean(np.abs(run.tests.actual - one)) for one in run.tests.members])
    base = np.where(run.scale > 0, run.scale, np.nan)
    return ForecastSet(
        point=shaped(path),
        lower=lower,
        upper=upper,
        members=pd.DataFrame(errors / base, index=names, columns=columns),
        weights=pd.DataFrame(run.weights, index=names, columns=columns),
        backtest=_backtest(run, columns, bands, scale),
        tier=pd.Series([tier(n * DAYS[run.freq]) for n in run.usable], index=columns, dtype=object),
        history=pd.Series(run.usable, index=columns),
        notes=_notes(run, [str(name) for name in columns]),
        freq=run.freq,
        came=_in_unit(run.tests.actual, scale),
        said=_in_unit(run.tests.path, scale),
        odd=run.odd_in_tests(),
        step=int(np.diff(run.plan.origins)[-1]) if len(run.plan.origins) > 1 else 1,
        kind=scale.kind,
        learnt=_learnt(run, factors),
    )


def _learnt(run: _Run, factors: Floats) -> Learnt:
    """What a scenario may act with; a driver only where the forecast is not the repeated cycle."""
    effects, taken = run.effects, np.asarray(run.grid.steps) - 1
    own = effects.own if len(effects.own) == len(taken) else np.zeros(len(taken), dtype=bool)
    drives = run.driven is not None and not run.repeats[0]
    acting = run.driven.acting if run.driven is not None and drives else ()
    return Learnt(
        factors.T, own, effects.holiday, effects.seen,
        tuple(replace(one, ahead=one.ahead[taken]) for one in acting),
    )  # fmt: skip


def _in_unit(tests: Floats, scale: kinds.Scale) -> Floats:
    """Tests by series by periods, carried back to the series' own unit."""
    count, series, span = tests.shape
    flat = scale.back(np.moveaxis(tests, 1, 0).reshape(series, count * span))
    return np.moveaxis(flat.reshape(series, count, span), 0, 1)


def _backtest(
    run: _Run, columns: Any, bands: dict[float, conformal.Band], scale: kinds.Scale
) -> pd.DataFrame:
    import pandas as pd

    base = np.where(run.scale > 0, run.scale, np.nan)
    count, span = run.path.shape[0], run.plan.horizon
    flat = [
        np.moveaxis(one, 1, 0).reshape(count, one.shape[0] * span)
        for one in (run.tests.actual, run.tests.path)
    ]
    actual, path = (scale.back(one) for one in flat)
    size, off = np.abs(actual) + np.abs(path), np.abs(actual - path)
    share = 200 * off / np.where(size > 0, size, np.nan)
    came = np.where(np.isfinite(off), actual, np.nan)
    return pd.DataFrame(
        {
            "MASE": run.error / base,
            "sMAPE": rows.mean(share),
            **{f"coverage_{level:g}": band.held for level, band in bands.items()},
            "naive_MASE": run.naive_error / base,
            "origins": tested(run.tests.actual - run.tests.path),
            "horizon": span,
            "MAE": rows.mean(off),
            "mean": rows.mean(came),
            "zeros": rows.mean(np.where(np.isfinite(came), came == 0, np.nan)),
        },
        index=columns,
    )


def _notes(run: _Run, names: list[str]) -> dict[str, list[str]]:
    notes = {name: list(said) for name, said in run.grid.notes.items()}
    for place, name in enumerate(names):
        said = notes.setdefault(name, [])
        if not run.usable[place]:
            said.append("No value is known: there is no forecast.")
        elif run.usable[place] < 7:
            known = so_many(run.usable[place], "value is known", "values are known")
            said.append(f"Only {known}: the forecast is a guess.")
        if run.repeats[place]:
            said.append("Not better than repeating the last cycle: that is what is shown.")
        if run.closed[place].any():
            said.append("Closed phases of the cycle are forecast as 0.")
        if run.shocks[place]:
            extreme = so_many(run.shocks[place], "single extreme value was", "single extreme values were")
            said.append(f"{extreme} not learnt from.")
    if names:
        notes[names[0]].extend(run.told.why)
        notes[names[0]].extend(run.driven.why if run.driven else ())
    if run.effects.named:
        notes[""].append(f"Days of the calendar ahead, or beside them: {', '.join(run.effects.named)}.")
    return notes
