"""A bar of ratings opens the conversations that it counts, all of them and no other."""

from __future__ import annotations

from datetime import date

from analytics import ratings
from analytics.audit import behind
from core.conditions import Condition
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from ui.ratings import bars

HALF_YEAR = Filters(Period(date(2026, 5, 16), date(2026, 11, 15)))
LONDON = Settings.model_validate({"workspace": {"reporting_zone": "Europe/London"}})


def test_every_bar_opens_as_many_as_it_says(sample_home: Home, now: object) -> None:
    reader = open_reader(sample_home)
    found = ratings.scores(reader, HALF_YEAR, settings=LONDON, viewer=EVERYTHING)
    assert len(found) > 3 and sum(one.n for one in found) > 20
    for scale in dict.fromkeys(one.scale for one in found):
        own = [one for one in found if one.scale == scale]
        chart = bars(own, scale)
        assert list(chart.figure.data[0].customdata) == list(range(len(own)))
        for one, drill in zip(own, chart.drills, strict=True):
            assert drill is not None
            group = tuple(Condition.of(name, values) for name, values in drill.where)
            chosen = Filters(HALF_YEAR.period, groups=(group,))
            listed = behind(reader, drill.of, chosen, settings=LONDON, viewer=EVERYTHING, limit=1000)
            assert len(listed) == one.n and {row.value for row in listed} == {one.score}
