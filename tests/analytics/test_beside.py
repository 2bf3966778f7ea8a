"""What is known beside the counts of a workspace is the same for the forecast, for Runway and for "Did it work?"."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from analytics.anomalies.context import Told
from analytics.capacity.runway import coming_of, runway_of
from analytics.daily import WHOLE, daily
from analytics.effects import Effect, effect_of
from analytics.forecasting.of_metric import forecast_metric
from core.filters import Filters
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import Reader
from tests.analytics.conftest import span_of

Make = Callable[..., Reader]
DAYS = 213
CHRISTMAS, NOW = date(2025, 12, 31), date(2026, 11, 15)  # the last day of the data
QUIET = (
    date(2025, 8, 25),
    date(2025, 12, 25),
    date(2025, 12, 26),
)  # days off of England before the first of these
OUTAGE = range(120, 123)
UK = Settings.model_validate(
    {"calendars": [{"name": "uk", "zone": "Europe/London", "hours": {"mon-fri": "09:00-17:00"}, "holidays": "GB-ENG"}]}
)  # fmt: skip


def day(at: int, last: date = NOW) -> date:
    return last - timedelta(days=DAYS - 1 - at)


def opened(warehouse: Make, changed: Mapping[date, float], last: date = NOW) -> Reader:
    """Thirty a day, and so many times that on the changed days; nine of ten are closed within the hour."""
    draw = np.random.default_rng(5)
    moments = [
        datetime(on.year, on.month, on.day, 10)
        for on in (day(at, last) for at in range(DAYS))
        for _ in range(draw.poisson(30 * changed.get(on, 1.0)))
    ]
    spans = [
        span_of(f"c{at}", moment, moment + timedelta(hours=1) if at % 10 else None)
        for at, moment in enumerate(moments)
    ]
    return warehouse(
        [{"conversation_id": f"c{at}", "created_local": one} for at, one in enumerate(moments)], spans
    )


def effect(reader: Reader, at: date, settings: Settings, **more: Any) -> Effect:
    return effect_of(reader, "volume", Filters(), at, settings=settings, viewer=EVERYTHING, **more)


def test_holidays_after_an_event_are_none_of_its_effect(warehouse: Make) -> None:
    reader = opened(warehouse, dict.fromkeys(QUIET, 0.05), CHRISTMAS)
    at = date(2025, 12, 18)
    plain, known = effect(reader, at, Settings()), effect(reader, at, UK)
    assert plain.effect and known.effect and plain.effect.value < -0.13
    assert abs(known.effect.value) < 0.08 and known.verdict == "none"
    expected = {one.day: one.expected or 0.0 for one in known.days}
    assert expected[QUIET[1]] < 0.8 * expected[at]
    assert [one.day for one in known.days if not one.counted] == list(QUIET[1:])
    assert "in the 12 days from 18 Dec 2025" in known.sentences[1] and known.sentences[2].startswith(
        "2 days off"
    )
    short = effect(reader, QUIET[1], UK, window=4)
    assert all(one.counted for one in short.days)
    # Of a time or a share no day is off.
    assert all(
        effect_of(reader, "one_touch_rate", Filters(), at, settings=one, viewer=EVERYTHING).days == ()
        for one in (Settings(), UK)
    )


def test_an_incident_before_an_event_is_not_learnt_from(warehouse: Make) -> None:
    reader = opened(warehouse, {day(at): 4.0 for at in (*OUTAGE, *range(127, 130))})
    incidents = [Told(day(at), day(at + 2), "Outage", "incident") for at in (OUTAGE[0], 127)]
    plain, known = (effect(reader, day(131), Settings(), events=told) for told in ((), incidents))
    assert plain.effect and known.effect
    assert abs(known.effect.value) < 0.08 < abs(plain.effect.value)


@pytest.mark.parametrize("horizon", [14, 28])
def test_runway_expects_what_the_forecast_of_the_page_does(warehouse: Make, horizon: int) -> None:
    releases = list(range(5, DAYS + 28, 8))
    reader = opened(warehouse, {day(at): 2.0 for at in releases} | {day(at): 5.0 for at in OUTAGE})
    events = [
        *(Told(day(at), day(at), "Release", "release") for at in releases),
        Told(day(OUTAGE[0]), day(OUTAGE[-1]), "Outage", "incident"),
    ]
    how: dict[str, Any] = {"settings": UK, "viewer": EVERYTHING, "horizon": horizon, "events": events}
    page = forecast_metric(reader, "volume", Filters(), **how).forecasts[0]
    assert any("noted releases" in one for one in page.sentences)
    volume = daily(reader, "volume", Filters(), settings=UK, viewer=EVERYTHING)
    coming = coming_of(reader, volume, horizon, settings=UK, viewer=EVERYTHING, events=events)
    assert coming.point[WHOLE].tolist() == [one.value for one in page.days]
    week = sum(one.value or 0.0 for one in page.days) / horizon * 7
    assert runway_of(reader, Filters(), **how).arrivals_week == pytest.approx(week, rel=1e-6)
    bare = runway_of(reader, Filters(), **how | {"events": (), "settings": Settings()}).arrivals_week
    assert abs(bare / week - 1) > 0.03
