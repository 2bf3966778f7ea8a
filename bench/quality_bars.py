"""What the product promises of forecasts, anomalies and causes, and how figures are held against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bench import bars
from bench.bars import Bar, Row

# A key is the way to a figure: its names, joined by dots. "a/b" divides two figures of one place.
BARS: Final = (
    Bar("forecasts.nn5.owa", "NN5, 56 days: OWA against Naive2", "at most 0.64", 0.64, "OWA"),
    Bar("forecasts.nn5.mase_14_days/mase_14_days_seasonal_naive",
        "NN5 from 14 days alone: MASE in times of repeating the week", "at most 1", 1, "x"),
    *(Bar("forecasts.nn5.coverage_80", "NN5: days in the 80 % band", f"at {how} {limit}", limit, "share", at_least=how == "least")
      for how, limit in (("least", 0.78), ("most", 0.84))),
    *(Bar("forecasts.nn5.coverage_95", "NN5: days in the 95 % band", f"at {how} {limit}", limit, "share", at_least=how == "least")
      for how, limit in (("least", 0.94), ("most", 0.97))),
    *(Bar(f"forecasts.generated_{kind}.mase_beside_autoets/mase_autoets",
          f"generated {kind} series: MASE in times of AutoETS", "at most 1", 1, "x") for kind in ("weekly", "hourly")),
    *(Bar(f"forecasts.generated_{kind}.coverage_80", f"generated {kind} series: in the 80 % band", f"at {how} {limit}", limit,
          "share", at_least=how == "least")
      for kind in ("weekly", "hourly") for how, limit in (("least", 0.78), ("most", 0.84))),
    *(Bar(f"forecasts.generated_{kind}.coverage_95", f"generated {kind} series: in the 95 % band", f"at {how} {limit}", limit,
          "share", at_least=how == "least")
      for kind in ("weekly", "hourly") for how, limit in (("least", 0.94), ("most", 0.97))),
    Bar("forecasts.panels_with_a_negative", "random panels of counts with a value or bound below 0", "0", 0, ""),
    Bar("forecasts.seconds_600_series", "600 series of 365 days with tests and bands", "at most 2 s", 2, "s"),
    Bar("forecasts.seconds_focus", "one series of two years, Prophet in its blend, nothing kept", "at most 3 s", 3, "s"),
    Bar("anomalies.nab.ours_once_a_day.score", "NAB standard, one alert a day", "at least 56", 56, "points", at_least=True),
    Bar("anomalies.nab.ahead_by", "NAB: ahead of the best rolling quantile by", "at least 5", 5, "points", at_least=True),
    Bar("anomalies.rootcause.2000_a_day.one", "causes, 2.5 times one value: exact", "at least 0.88", 0.88, "share", at_least=True),
    Bar("anomalies.rootcause.2000_a_day.pair", "causes, 2.5 times a pair: exact", "at least 0.6", 0.6, "share", at_least=True),
    Bar("anomalies.rootcause.2000_a_day.two", "causes, 2.5 times two values: exact", "at least 0.65", 0.65, "share", at_least=True),
    Bar("anomalies.rootcause.2000_a_day.false", "causes in unchanged cubes", "at most 0.03", 0.03, "share"),
    Bar("anomalies.rootcause.2000_a_day.seconds", "causes of a change in 360 cells", "at most 100 ms", 0.1, "s"),
)  # fmt: skip


def judged(figures: Mapping[str, Any]) -> list[Row]:
    """Every bar beside its figure; what was not measured says so."""
    return bars.judged({bar.key: figure(figures, bar.key) for bar in BARS}, 0, promises=BARS)


def figure(figures: Mapping[str, Any], key: str) -> float | None:
    """The figure that a key leads to; None where there is none."""
    *way, last = key.split(".")
    found: Any = figures
    for name in way:
        found = found.get(name, {})
    parts = [found.get(name) for name in last.split("/")]
    if any(part is None for part in parts):
        return None
    return float(parts[0]) if len(parts) == 1 else float(parts[0]) / float(parts[1])
