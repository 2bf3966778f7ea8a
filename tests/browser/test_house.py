"""Drill, filter, go back, share, use it by keyboard and on a phone: in a real browser."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import BARS
from tests.shared import seldom

pytestmark = pytest.mark.browser
WIDE = {
    "width": 1440,
    "height": 3200,
}  # the whole page is in the window: marks can be clicked without scrolling
# One chart of every form on which a click is promised: page, key of the chart, what its marks are in the browser.
FORMS = {
    "horizontal bars": ("/volume", "volume_parts", BARS),
    "bars over time": ("/volume", "volume_course", BARS),
    "stacked bars": ("/volume", "volume_channels", BARS),
    "squares of a week": ("/volume", "volume_week", ".scatterlayer .point"),
    "created and solved": ("/flow", "flow_course", BARS),
    "backlog line": ("/flow", "flow_course", ".scatterlayer .point"),
    "above and below zero": ("/flow", "flow_net", BARS),
    "marks on a line": ("/speed", "speed_course", ".scatterlayer .point"),
    "states of targets": ("/speed", "sla_states", BARS),
    "dots with intervals": ("/speed", "sla_dots", ".scatterlayer .point"),
    "ratings of a scale": ("/satisfaction", "ratings_5", BARS),
    "steps of a change": ("/", "overview_changes", BARS),
    "ranges of a distribution": ("/speed", "speed_spread", BARS),
    "people along a line": ("/team", "team_strip", ".scatterlayer .point"),
    "what people hold": ("/team", "team_load", ".scatterlayer .point"),
    "areas of topics": ("/topics", "topics_sizes", BARS),
    "small charts": ("/topics", "topics_courses", ".scatterlayer .point"),
    "days before a forecast": ("/volume", "forecast_volume", ".scatterlayer .point"),
    "a line in its band": ("/anomalies", "anomalies_course", ".scatterlayer .point"),
    "ratios with intervals": ("/topics?period=1y", "drivers", ".scatterlayer .point"),
}


def parameters(page: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


# One of them at every run, all of them with the slow tests.
OFTEN = ("dots with intervals",)


@pytest.mark.parametrize("form", seldom(FORMS, often=OFTEN))
def test_a_click_on_a_mark_opens_its_conversations(served: Any, visit: Any, form: str) -> None:
    path, chart, marks = FORMS[form]
    page = visit(served.base, viewport=WIDE)
    page.go(path if "?" in path else f"{path}?period=90d")
    page.press_mark(chart, marks)
    page.page.wait_for_url("**/conversations?*of=*", timeout=60_000)
    page.settled()
    assert re.search(r"\b[1-9][\d,]* conversation", page.words()), form
    assert not page.errors, page.errors


@pytest.mark.slow
def test_a_click_filters_the_page_and_another_takes_it_back(served: Any, visit: Any) -> None:
    page = visit(served.base, viewport=WIDE)
    page.go("/volume?period=90d&click=filter")
    page.press_mark("volume_parts")
    page.page.wait_for_url("**/volume?*channel=*", timeout=60_000)
    page.settled()
    (channel,) = parameters(page.page)["channel"]
    assert f"Channel: {channel}" in page.words()
    page.press_mark("volume_parts")
    page.page.wait_for_function("!location.search.includes('channel=')", timeout=60_000)


@pytest.mark.slow
def test_filters_come_back_after_a_reload(served: Any, visit: Any) -> None:
    page = visit(served.base)
    page.go("/speed?period=90d&team=Billing&hours=business&compare=year&grain=week")
    page.page.wait_for_selector("text=Team: Billing")
    before, words = page.page.url, page.page.inner_text(".st-key-summary")
    page.page.reload()
    page.settled()
    assert page.page.url == before
    assert page.page.inner_text(".st-key-summary") == words
    assert "business hours" in page.words()


@pytest.mark.slow
def test_back_returns_to_the_page_with_its_filters(served: Any, visit: Any) -> None:
    page = visit(served.base, viewport=WIDE)
    page.go("/speed?period=90d&priority=high")
    page.page.wait_for_selector("text=Priority: high")
    page.press_mark("sla_where")
    page.page.wait_for_url("**/conversations?*priority=*", timeout=60_000)
    page.settled()
    drilled = parameters(page.page)
    assert drilled["priority"] == ["high"] and drilled["period"] == ["90d"] and "team" in drilled
    page.back()
    assert "/speed?" in page.page.url
    assert parameters(page.page) == {"period": ["90d"], "priority": ["high"]}
    assert "Priority: high" in page.words() and "Team: " not in page.words()
    page.forward()
    assert parameters(page.page) == drilled
    assert f"Team: {drilled['team'][0]}" in page.words()


@pytest.mark.slow
def test_back_drops_what_a_drill_added(served: Any, visit: Any) -> None:
    page = visit(served.base, viewport=WIDE)
    page.go("/")
    page.press_mark("overview_channel")
    page.page.wait_for_url("**/conversations?*channel=*", timeout=60_000)
    page.settled()
    assert "Channel: " in page.words()
    page.back()
    assert "conversations" not in page.page.url and parameters(page.page) == {}
    assert "Channel: " not in page.words()


@pytest.mark.slow
def test_back_undoes_a_click_that_filtered_the_page(served: Any, visit: Any) -> None:
    page = visit(served.base, viewport=WIDE)
    page.go("/volume?period=90d&click=filter")
    page.press_mark("volume_parts")
    page.page.wait_for_url("**/volume?*channel=*", timeout=60_000)
    page.settled()
    page.back()
    assert parameters(page.page) == {"period": ["90d"], "click": ["filter"]}
    assert "Channel: " not in page.words()


@pytest.mark.slow
def test_a_period_is_chosen_in_words_and_is_a_key_in_the_address(served: Any, visit: Any) -> None:
    page = visit(served.base)
    page.go("/volume?team=Billing")
    bar = page.page.locator(".st-key-filter_bar")
    assert bar.get_by_role("radio", name="30 days").get_attribute("aria-checked") == "true"
    before = page.page.inner_text(".st-key-summary")
    for title in ("90 days", "Quarter to date"):
        bar.get_by_role("radio", name=title).click()
        page.page.wait_for_timeout(300)
        page.settled()
    assert parameters(page.page) == {"period": ["quarter"], "team": ["Billing"]}
    page.back()
    assert parameters(page.page) == {"period": ["90d"], "team": ["Billing"]}
    assert bar.get_by_role("radio", name="90 days").get_attribute("aria-checked") == "true"
    page.back()
    assert parameters(page.page) == {"team": ["Billing"]}
    assert page.page.inner_text(".st-key-summary") == before


@pytest.mark.slow
def test_what_was_chosen_in_the_menu_is_one_step_too(served: Any, visit: Any) -> None:
    page = visit(served.base)
    page.go("/volume?period=90d&team=Billing&hours=business")
    for title in ("Ask", "Speed & SLA"):
        page.page.locator("[data-testid=stSidebarNav] a").get_by_text(title, exact=True).click()
        page.page.wait_for_timeout(300)
        page.settled()
    said = {"period": ["90d"], "team": ["Billing"], "hours": ["business"]}
    assert "/speed?" in page.page.url and parameters(page.page) == said
    page.back()
    assert page.page.url.endswith("/ask")
    page.back()
    assert "/volume?" in page.page.url and parameters(page.page) == said


def test_the_keyboard_alone_reaches_the_conversations(served: Any, visit: Any) -> None:
    page = visit(served.base, viewport=WIDE)
    page.go("/volume?period=90d")
    page.page.wait_for_selector(".st-key-volume_parts_tools input")
    page.page.focus(".st-key-volume_parts_tools input")
    page.page.keyboard.press("Space")
    page.page.wait_for_selector(".st-key-volume_parts [data-testid=stDataFrame] canvas", timeout=60_000)
    page.settled()
    for _ in range(12):  # from the switch over the tools of the table into its cells
        page.page.keyboard.press("Tab")
        if page.page.evaluate("document.activeElement.tagName") == "CANVAS":
            break
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("Shift+Space")
    page.page.wait_for_url("**/conversations?*channel=*", timeout=60_000)


LOOK = """() => {
  const style = (of) => {
    const found = document.querySelector(of) // a chart that is being drawn again is not there for a moment
    return found ? getComputedStyle(found) : {}
  }
  const chart = ".st-key-volume_course "
  return [
    style("[data-testid=stApp]").backgroundColor,
    style(chart + ".main-svg").backgroundColor,
    style(chart + ".barlayer path").fill,
  ]
}"""
LIGHT = ["rgb(255, 255, 255)", "rgb(255, 255, 255)", "rgb(0, 114, 178)"]
DARK = ["rgb(14, 17, 23)", "rgb(14, 17, 23)", "rgb(86, 180, 233)"]


@pytest.mark.slow
def test_page_and_charts_follow_the_theme_of_the_system(served: Any, visit: Any) -> None:
    for scheme, other, seen, after in (("light", "dark", LIGHT, DARK), ("dark", "light", DARK, LIGHT)):
        page = visit(served.base, color_scheme=scheme)
        page.go("/volume?period=90d")
        page.page.wait_for_selector(".st-key-volume_course .barlayer path")
        assert page.page.evaluate(LOOK) == seen
        for now, wanted in ((other, after), (scheme, seen)):  # there and back, without a reload
            page.page.emulate_media(color_scheme=now)
            page.page.wait_for_function(
                f"JSON.stringify(({LOOK})()) === {json.dumps(json.dumps(wanted, separators=(',', ':')))}",
                timeout=60_000,
            )
        assert not page.errors, page.errors


@pytest.mark.slow
def test_a_number_opens_in_a_drawer(served: Any, visit: Any) -> None:
    page = visit(served.base, viewport=WIDE)
    page.go("/")
    page.page.click(".st-key-audit_csat_share button")
    page.page.wait_for_selector("[role=dialog] >> text=Conversations it was computed from", timeout=90_000)
    words = page.page.inner_text("[role=dialog]")
    assert "Customer satisfaction" in words and "95 % interval" in words and "Not in it" in words
    page.page.keyboard.press("Escape")
    page.page.wait_for_selector("[role=dialog]", state="detached")
    assert not page.errors
