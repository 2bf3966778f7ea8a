"""Every form of chart, drawn from the sample: what a drawing of them must hold."""

from __future__ import annotations

from datetime import date
from typing import Any

from analytics.capacity.runway import runway_of
from analytics.capacity.staffing import Needs, staffing_of
from analytics.compute import compute
from analytics.effects import effect_of
from analytics.explore import Exploring, explore
from analytics.forecasting.of_metric import forecast_metric, made_of
from analytics.forecasting.scenario import scenario_of
from analytics.forecasting.whatif import Edits
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from rag.answer import Goal, Point, Series
from store.reader import open_reader
from ui import breakdown, charts
from ui.drill import of_row

MONTH = Filters(Period(date(2026, 10, 17), date(2026, 11, 15)))
QUARTER = Filters(
    Period(date(2026, 8, 20), date(2026, 11, 12))
)  # ends within a week: its last bucket is open
SETTINGS = Settings.model_validate(
    {
        "workspace": {"reporting_zone": "Europe/London"},
        "targets": [{"metric": "backlog", "value": 40}, {"metric": "first_reply_median", "value": 7200}],
    }
)


def _what_if(reader: Any) -> list[Any]:
    """A forecast and a scenario of it."""
    made = made_of(reader, "volume", Filters(), settings=SETTINGS, viewer=EVERYTHING)
    found = scenario_of(made, Edits(level=1.5))
    return [found.base.forecasts[0], found.scenario.forecasts[0]]


def every_form(home: Home) -> dict[str, charts.Chart]:
    """Name to chart, each as a page makes it."""
    reader = open_reader(home)

    def ask(name: str, filters: Filters = MONTH, **how: Any) -> Any:
        return compute(reader, name, filters, settings=SETTINGS, viewer=EVERYTHING, **how)

    def explored(*metrics: str, **how: Any) -> Any:
        question = Exploring(metrics, **{"filters": QUARTER, **how})
        return explore(reader, question, settings=SETTINGS, viewer=EVERYTHING)

    agents = ask("first_reply_median", by=("agent",))
    held = ask("backlog", by=("agent",))
    rows, average = held.groups, ask("open_per_agent")
    return {
        "flow": charts.flow(*(ask(name, grain="day") for name in ("volume", "solved", "backlog"))),
        "flow_weeks": charts.flow(*(ask(name, QUARTER, grain="week") for name in ("volume", "solved", "backlog"))),
        "balance": charts.balance(
            ask("net_flow", QUARTER, grain="week"), "Net", above="More came in", below="More were solved"
        ),
        "foreseen": charts.foreseen(
            ask("volume", grain="day"),
            forecast_metric(reader, "volume", Filters(), settings=SETTINGS, viewer=EVERYTHING).forecasts[0],
        ),
        "foreseen_scenario": charts.foreseen(ask("volume", grain="day"), *_what_if(reader)),
        "effect": charts.effect(
            ask("volume", Filters(Period(date(2026, 9, 22), date(2026, 11, 2))), grain="day"),
            effect_of(reader, "volume", Filters(), date(2026, 10, 20), settings=SETTINGS, viewer=EVERYTHING),
        ),
        "parts": charts.parts(ask("volume", by=("channel",), compare="previous"), "By channel"),
        "parts_share": charts.parts(ask("csat_share", by=("team",), compare="previous"), "Ratings"),
        "heat": charts.heat(ask("volume", by=("weekday", "hour")), "When"),
        "dots": charts.dots(
            [ask(f"sla_{clock}", by=("priority",)) for clock in breakdown.CLOCKS], "SLA by priority"
        ),
        "lollipop": charts.lollipop(held, rows, average, "Open"),
        "stacked": charts.stacked(
            ask("sla_targets", by=("sla_metric", "sla_state")), "SLA targets", order=breakdown.STATES,
            names=breakdown.WORDS,
        ),
        "spread": charts.spread(ask("first_reply_median", detail=True), "First reply", limit=3600.0),
        "strip": charts.strip(agents, agents.groups, "First reply by agent"),
        "trend": charts.trend([ask("first_reply_median", QUARTER, grain="week")], "First reply"),
        "trend_bars": charts.trend([ask("solved", QUARTER, grain="week", by=("channel",))], "Solved", bars=True),
        "trend_groups": charts.trend([ask("volume", QUARTER, grain="week", by=("channel",))], "By channel"),
        "trend_share": charts.trend([ask("csat_share", QUARTER, grain="month")], "Satisfaction"),
        "lines": charts.lines(explored("volume", rows=("channel",), grain="week"), "volume", "number"),
        "bars": charts.bars(
            explored("volume", rows=("team",), columns="channel"), "volume", "share", stacks=True
        ),
        "bars_grouped": charts.bars(
            explored("csat_share", rows=("team",), columns="channel"), "csat_share", "number", stacks=False
        ),
        "bars_weeks": charts.bars(explored("volume", rows=("channel",), grain="week"), "volume", "number", stacks=True),
        "multiples": charts.multiples(ask("volume", QUARTER, grain="week", by=("channel",)), "By channel"),
        "treemap": tiled(ask("volume", by=("topic",))),
        "runway": charts.runway(
            ask("backlog", grain="day"), runway_of(reader, Filters(), settings=SETTINGS, viewer=EVERYTHING)
        ),
        "roster": charts.roster(
            staffing_of(reader, Filters(), "chat", Needs(600.0), settings=SETTINGS, viewer=EVERYTHING)
        ),
        "bars_roster": charts.roster(
            staffing_of(reader, Filters(), "email", Needs(600.0), settings=SETTINGS, viewer=EVERYTHING)
        ),
        "series": charts.series(answered(None)),
        "series_days": charts.series(answered("day")),
    }  # fmt: skip


def tiled(result: Any) -> charts.Chart:
    """Topics in two groups, the last without a shade."""
    tiles = [
        charts.Tile(row.group[0], "AB"[at % 2], row.n, None if row is result.groups[-1] else float(at), "told", of_row(result, row))
        for at, row in enumerate(result.groups)
    ]  # fmt: skip
    rows = [{"Topic": tile.name, "Conversations": tile.size} for tile in tiles]
    return charts.treemap(tiles, "Topics", shades="Negative %", rows=rows, results=(result,))


def answered(grain: str | None) -> Series:
    """The chart of an answer, over time or not."""
    days = (date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 4)) if grain else (None,)
    points = tuple(
        Point(bucket=day, group=group, value=1800.0 * (place + at + 1), n=9)
        for place, group in enumerate(("email", "chat"))
        for at, day in enumerate(days)
    )
    goals = tuple(
        Goal(label="Target 1 h 00 m", group="email", points=tuple((day, 3600.0) for day in days if day))
        for _ in range(1 if grain else 0)
    )
    return Series(
        name="x", title="First reply", unit="seconds", grain=grain, by="channel", points=points, goals=goals
    )
