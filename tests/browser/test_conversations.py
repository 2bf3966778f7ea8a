"""Conversations in a real browser: cells that open, ticks that stay, the way back, and the file that is handed out."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from tests.browser.conftest import DONE, Visit

pytestmark = pytest.mark.browser
HEADER, ROW = 38, 35  # heights in the table, in pixels


def table(visit: Visit) -> dict[str, float]:
    found = visit.page.locator("[data-testid=stDataFrame] canvas").first
    found.wait_for(timeout=60_000)
    box: dict[str, float] = found.bounding_box()
    return box


def click(visit: Visit, row: int, x: int) -> None:
    box = table(visit)
    visit.page.mouse.click(box["x"] + x, box["y"] + HEADER + ROW * row + ROW / 2)


def press(visit: Visit, key: str) -> None:
    visit.page.click(f".st-key-{key} button")
    visit.page.wait_for_timeout(700)
    visit.settled()


def heading(visit: Visit) -> str:
    return str(visit.page.inner_text("h4"))


@pytest.mark.slow
def test_a_cell_opens_its_conversation_and_every_way_back_keeps_the_list(served: Any, visit: Any) -> None:
    page = visit(served.base, viewport={"width": 1440, "height": 1000})
    page.go("/conversations?channel=email&period=90d&quick=negative&sort=oldest")
    click(page, 1, 250)
    page.page.wait_for_url("**conversation=*", timeout=60_000)
    page.settled()
    second = heading(page)
    press(page, "one_next")
    third = heading(page)
    press(page, "one_previous")
    assert heading(page) == second != third
    page.page.reload()
    page.settled()
    press(page, "one_next")
    assert heading(page) == third, "a reload keeps the list"
    press(page, "one_back")
    for part in ("channel=email", "period=90d", "quick=negative", "sort=oldest"):
        assert part in page.page.url
    assert "oldest first" in page.words() and "Channel: email" in page.words()
    click(page, 1, 250)
    page.page.wait_for_url("**conversation=*", timeout=60_000)
    page.settled()
    page.page.go_back()
    page.page.wait_for_timeout(1_000)
    page.settled()
    assert "oldest first" in page.words() and "quick=negative" in page.page.url
    assert page.outside == [] and page.errors == []


@pytest.mark.slow
def test_a_mark_opens_the_conversations_behind_it(served: Any, visit: Any) -> None:
    page = visit(served.base, viewport={"width": 1440, "height": 1600})
    page.go("/?period=90d&team=Billing")
    page.press_mark("overview_channel")
    page.page.wait_for_url("**/conversations?*of=volume*", timeout=60_000)
    page.settled()
    for part in ("period=90d", "team=Billing", "channel="):
        assert part in page.page.url
    assert "conversations behind Conversations created" in page.words()
    assert page.errors == []


def test_pages_searches_and_reloads_are_in_the_address(served: Any, visit: Any) -> None:
    page = visit(served.base, viewport={"width": 1440, "height": 1000})
    page.go("/conversations?period=all")
    press(page, "list_next")
    assert "51 to 100" in page.words()
    page.page.reload()
    page.settled()
    assert "51 to 100" in page.words()
    page.page.fill(".st-key-list_q input", "refund")
    page.page.keyboard.press("Enter")
    page.page.wait_for_url("**q=refund*", timeout=60_000)
    page.settled()
    assert "after=" not in page.page.url and "1 to " in page.words()
    assert page.errors == []


def test_ticked_rows_are_handed_out_as_a_file(served: Any, visit: Any) -> None:
    page = visit(served.base, viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    page.go("/conversations?period=all&columns=id&columns=subject")
    for row in (0, 2):
        click(page, row, 20)
        page.page.wait_for_timeout(500)
    page.page.wait_for_selector("text=Export 2 rows", timeout=60_000)
    page.page.click(".st-key-list_export button")
    with page.page.expect_download() as download:
        page.page.click(".st-key-list_export_csv button")
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:  # noqa: PTH123 - a path of the driver
        lines = file.readlines()
    said, begins = next(csv.reader(lines[:1]))
    assert said == "# The table begins on line"
    rows = list(csv.DictReader(lines[int(begins) - 1 :]))
    assert len(rows) == 2 and rows[0]["Id"] != rows[1]["Id"] and rows[0]["Subject"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/conversations?of=sla_compliance", "stDataFrame"),
        ("/conversations?conversation=sample%2FSL-100300", "stChatMessage"),
    ],
)
def test_a_phone_needs_no_sideways_scrolling(served: Any, visit: Any, path: str, shown: str) -> None:
    page = visit(served.base, viewport={"width": 390, "height": 844})
    page.page.goto(served.base + path)
    page.page.wait_for_selector(f"[data-testid={shown}]", timeout=180_000)
    page.page.wait_for_selector(DONE, timeout=180_000)
    wide = page.page.evaluate("(document.querySelector('[data-testid=stMain]')).scrollWidth")
    assert wide <= 390
    assert page.errors == []
