"""The section of drivers: the planted one first, an outcome by the address, a way to the conversations, an empty state."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.home import Home
from tests.pages.conftest import texts
from ui.charts.ratios import ratios

SECTION = """
from ui import door, drivers, filters

door.let_in()
filters.bar("Satisfaction")
drivers.section()
"""
Draw = Callable[..., AppTest]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, sample_home: Home, now: Any) -> Draw:
    def draw(home: Home = sample_home, **parameters: str) -> AppTest:
        monkeypatch.setenv("SUPPORTLENS_HOME", str(home.root))
        test = AppTest.from_string(SECTION, default_timeout=60)
        for name, value in parameters.items():
            test.query_params[name] = value
        return test.run()

    return draw


def test_the_planted_driver_leads_and_the_address_chooses_the_outcome(drawn: Draw) -> None:
    year = {"period": "custom", "dates": ["2025-11-16", "2026-11-15"]}
    test = drawn(**year)  # type: ignore[arg-type]
    assert not test.exception
    said = texts(test)
    assert (
        "Reopened: " in said and "social goes with" in said.replace("\\", "") and "need not be cause" in said
    )
    assert "causes" not in said
    slow = texts(drawn(driver_of="slow_first_reply", **year))  # type: ignore[arg-type]
    assert "Slow first reply (more than" in slow and "Channel: " in slow.replace("\\", "")


def test_a_period_with_little_says_so(drawn: Draw) -> None:
    said = texts(drawn(period="today", driver_of="bad_rating"))
    assert "Nothing can be said" in said or "nothing to compare" in said or "Nothing goes clearly" in said


def test_each_dot_and_row_opens_its_conversations(sample_home: Home, now: Any) -> None:
    from analytics.audit import behind
    from analytics.drivers import drivers
    from core.conditions import Condition
    from core.filters import Filters
    from core.settings import load_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    reader, settings = (
        open_reader(sample_home),
        load_settings(sample_home, sample_home.root / "sample" / "settings.toml"),
    )
    report = drivers(reader, "reopened", Filters(), settings=settings, viewer=EVERYTHING)
    shown = [one for one in report.drivers if one.dimension in ("channel", "early_replies", "word", "topic")][
        :6
    ]
    assert {"channel", "word"} <= {one.dimension for one in (*shown, *report.drivers)}
    chart = ratios(shown, "Reopened", of=report.metric)
    for one, drill in zip(shown, chart.drills, strict=True):
        assert drill is not None and drill.of == "reopen_rate"
        chosen = Filters(
            report.period, groups=(tuple(Condition.of(name, values) for name, values in drill.where),)
        )
        listed = behind(reader, drill.of, chosen, settings=settings, viewer=EVERYTHING, limit=5000)
        assert (len(listed), sum(row.value or 0 for row in listed)) == (one.n, one.hits)
    assert [list(trace.customdata) for trace in chart.figure.data[:1]] == [list(range(len(shown)))]


def test_the_list_behind_a_driver_names_its_filter(app: Any, sample_home: Home) -> None:
    """What is in no widget of the bar is a condition of the address, and the list has as many rows as the driver."""
    from analytics.drivers import drivers
    from core.filters import Filters
    from core.settings import load_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    settings = load_settings(sample_home, sample_home.root / "sample" / "settings.toml")
    report = drivers(open_reader(sample_home), "reopened", Filters(), settings=settings, viewer=EVERYTHING)
    for name in ("early_replies", "word"):
        driver = next(one for one in report.drivers if one.dimension == name)
        test = app(
            sample_home, "pages/ask/conversations.py", of=report.metric, any=f"{name}:{driver.value}", period="custom",
            dates=[report.period.start.isoformat(), report.period.end.isoformat()],
        )  # fmt: skip
        assert not test.exception and not test.error
        assert f"{driver.n} conversations" in texts(test) or f"**{driver.n}**" in texts(test), texts(test)[
            :1500
        ]
