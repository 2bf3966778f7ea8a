"""A forecast of a metric beside the same after edits: both, what they come to, and the hours of work between them."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.forecasting.of_metric import Forecast, Made, MetricForecast
from analytics.forecasting.outcome import SCENARIO
from analytics.forecasting.whatif import Edits, whatif
from core import numbers
from core.errors import InputError

HANDLED = "volume"  # the metric whose things take handling time each


@dataclass(frozen=True, slots=True)
class Scenario:
    """`base_total` and `scenario_total` are sums over the periods ahead, in the metric's unit, and so is `difference`.

    `handling_s`: seconds of work on each; `hours`: of work, more (or less) than the base. None: not known. `sentences`
    say what was edited, then what it comes to.
    """

    label: str
    base_total: float
    scenario_total: float
    difference: float
    handling_s: float | None
    hours: float | None
    sentences: tuple[str, ...]
    base: MetricForecast
    scenario: MetricForecast


def scenario_of(
    made: Made, edits: Edits, *, handling_s: float | None = None, how: str = "measured"
) -> Scenario:
    """A forecast after edits, beside it. `how` the handling time is known is said.

    Raises InputError for edits that cannot be made of this forecast, and for a metric that is not a count of what came.
    """
    if not made.is_count:
        raise InputError(
            f"{made.told.title} is not counted: it has no scenario.",
            hint="Ask it of volume, solved or replies.",
        )
    if all(day.value is None for day in made.told.forecasts[0].days):
        raise InputError(
            "There is no forecast, so there is no scenario.", hint="Choose more days or other filters."
        )
    if handling_s is not None and not 0 < handling_s < float("inf"):
        raise InputError("No such handling time.", hint="Give minutes above 0.")
    edited = whatif(made.found, edits)
    after = made.after(edited)
    base, new = _total(made.told.forecasts[0]), _total(after.forecasts[0])
    seconds = handling_s if made.told.name == HANDLED else None
    hours = None if seconds is None else (new - base) * seconds / 3600
    said = (*edited.scenario, _comes_to(made.told, base, new) + _work(hours, seconds, how))
    return Scenario(SCENARIO, base, new, new - base, seconds, hours, said, made.told, after)


def _total(forecast: Forecast) -> float:
    return sum(day.value for day in forecast.days if day.value is not None)


def _comes_to(told: MetricForecast, base: float, new: float) -> str:
    what = "conversations" if told.name == HANDLED else f"({told.title.lower()})"
    within = numbers.so_many(len(told.forecasts[0].days), told.grain)
    share = f", {numbers.signed(100 * (new - base) / base)} %" if base > 0 else ""
    more = numbers.signed(round(new) - round(base))
    return f"About {new:,.0f} {what} in {within} in place of {base:,.0f} ({more}{share})"


def _work(hours: float | None, seconds: float | None, how: str) -> str:
    if hours is None:
        return "."
    return f": {numbers.signed(hours, 1)} hours of work at {numbers.duration(seconds)} each ({how})."
