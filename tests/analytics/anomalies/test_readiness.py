"""Nothing unusual is said of what could be judged; where nothing could, what is missing is."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from analytics.anomalies.judging import judge
from analytics.anomalies.readiness import judged_series, missing
from analytics.anomalies.report import AnomalyReport, anomalies
from core.effective import effective_settings
from core.filters import Filters, Period
from core.settings import load_settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from tests.analytics.anomalies.panels import counts, day, values

WHOLE = Period(day(0), day(99))


def series(days: int, of: int = 100) -> np.ndarray:
    """So many days with data at the end of all."""
    return np.r_[np.zeros(of - days), np.full(days, 30.0)]


@pytest.mark.parametrize(("days", "judged"), [(1, 0), (14, 0), (15, 1), (60, 1)])
def test_a_count_is_judged_from_its_fifteenth_day_on(days: int, judged: int) -> None:
    panel = counts(series(days))
    assert judged_series(panel, judge(panel), WHOLE) == judged
    if not judged:
        assert (
            f"14 days with data before the first that is judged, and there {'is' if days == 1 else 'are'} {days} so far"
            in missing([panel], WHOLE)
        )


def test_a_mean_is_judged_where_enough_rest_on_it() -> None:
    few, many = values([[0.8]] * 30 + [[]] * 70), values([[0.8, 1.0, 0.6]] * 100)
    late = Period(day(60), day(99))
    assert judged_series(few, judge(few), late) == 0 and "too little came" in missing([few], late)
    assert judged_series(many, judge(many), late) == 1


def test_what_is_missing_is_said() -> None:
    nothing = counts(np.zeros(100))
    assert judged_series(nothing, judge(nothing), WHOLE) == 0
    assert missing([nothing], WHOLE).startswith("nothing that the filters keep came")
    ahead = Period(date(2030, 1, 1), date(2030, 2, 1))
    assert missing([counts(series(60))], ahead) == "the data does not reach these days"


def told(home: Any, filters: Filters) -> AnomalyReport:
    settings = effective_settings(home, load_settings(home))
    return anomalies(open_reader(home), filters, settings=settings, viewer=EVERYTHING, shown=False)


def test_a_report_says_what_it_could_judge(sample_home: Any, now: Any) -> None:
    november = Period(date(2026, 11, 1), date(2026, 11, 15))
    assert told(sample_home, Filters(period=november)).missing == ""
    for filters in (
        Filters(period=Period(date(2030, 1, 1), date(2030, 1, 31))),
        Filters.of(november, {"channel": ["telegraph"]}),
        Filters(period=Period(date(2020, 1, 1), date(2020, 1, 31))),
    ):
        report = told(sample_home, filters)
        assert report.missing and report.judged == 0 and report.cards == () and report.notes == ()
