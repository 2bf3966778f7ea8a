"""Explore and My page in a real browser: cells that are clicked, conditions that are chosen, cards that are opened."""

import re

import pytest

from tests.browser.conftest import DONE

pytestmark = pytest.mark.browser
WIDE = {"width": 1440, "height": 1200}


def cell(page, column, row, *, table=0):
    """Click a cell of a table by its place on the screen: the row's number, pixels from the left."""
    grid = page.page.locator(".stDataFrame canvas").nth(table)
    grid.wait_for(timeout=60_000)
    box = grid.bounding_box()
    page.page.mouse.click(box["x"] + column, box["y"] + 52 + 35 * row)


def listed(page):
    """How many conversations the list says that it has."""
    page.page.wait_for_url("**/conversations?*", timeout=60_000)
    page.settled()
    found = re.search(r"([\d,]+) conversations? behind", page.words())
    assert found, page.words()[:2000]
    return int(found[1].replace(",", ""))


def test_a_cell_opens_the_conversations_it_counts(served, visit):
    page = visit(served.base, viewport=WIDE)
    page.go("/explore?columns=Channel&period=90d&any=team:Front%20Line;priority!:low%7Cchannel:email")
    assert "priority is not low" in page.words()
    cell(page, 200, 0)
    n = listed(page)
    assert n > 5
    assert "team=Front+Line" in page.page.url and "any=" in page.page.url and "of=volume" in page.page.url
    page.page.reload()
    page.settled()
    assert listed(page) == n
    assert page.errors == [] and page.outside == []


@pytest.mark.slow
def test_a_row_of_the_table_can_be_chosen_and_back_leads_back(served, visit):
    page = visit(served.base, viewport=WIDE)
    page.go("/explore?period=90d&rows=Channel")
    cell(page, 18, 1)
    assert listed(page) > 5
    page.back()
    assert "/explore?" in page.page.url and "period=90d" in page.page.url
    assert "Conversations created by channel" in page.words() and "rows=Channel" in page.page.url
    assert page.errors == []


@pytest.mark.slow
def test_a_condition_is_chosen_and_is_in_the_address(served, visit):
    page = visit(served.base, viewport=WIDE)
    page.go("/explore")
    page.page.click("button:has-text('And / or')")
    body = page.page.locator("[data-testid=stPopoverBody]")
    for box, word in (("any_dimension", "Channel"), ("any_values", "chat")):
        body.locator(f".st-key-{box} input").fill(word)
        # The list of values is another one as soon as the server has heard of the dimension, and not before.
        page.page.get_by_role("option", name=word, exact=True).click(timeout=90_000)
        page.settled()
    page.page.keyboard.press("Escape")
    if not body.is_visible():
        page.page.click("button:has-text('And / or')")
    body.locator(".st-key-any_add button").click()
    page.page.wait_for_url("**/explore?any=channel%3Achat*", timeout=60_000)
    page.settled()
    assert "channel is chat" in page.words()
    page.page.reload()
    page.settled()
    assert "channel is chat" in page.words() and page.errors == []


@pytest.mark.slow
def test_a_mark_leads_on_when_the_address_has_filters(served, visit):
    page = visit(served.base, viewport={"width": 1440, "height": 1600})
    page.go("/?period=90d&channel=chat&channel=email")
    page.press_mark("overview_channel")
    page.page.wait_for_url("**/conversations?*period=90d*", timeout=60_000)
    page.settled()
    assert "Period" not in page.errors and "encountered an error" not in page.words()


@pytest.mark.slow
def test_what_is_pinned_keeps_its_filters_and_opens_on_them(served, visit):
    page = visit(served.base, viewport=WIDE)
    page.go("/explore?columns=Channel&period=90d&team=Front%20Line")
    page.page.click("button:has-text('Pin to My page')")
    page.page.locator("[data-testid=stPopoverBody] button:has-text('Pin')").last.click()
    page.page.get_by_text("Pinned: ").first.wait_for(timeout=60_000)
    other = visit(served.base, viewport=WIDE)
    other.go("/my_page")
    assert "team Front Line" in other.words()
    cell(other, 200, 0)
    assert listed(other) > 5
    assert "team=Front+Line" in other.page.url and "dates=" in other.page.url
    assert other.errors == [] and page.errors == []


def test_nothing_scrolls_sideways_on_a_phone(served, visit):
    page = visit(served.base, viewport={"width": 390, "height": 844})
    for path in ("/explore?rows=Team&rows=Channel&step=Week&period=90d", "/explore?show=Lines&period=90d"):
        page.page.goto(served.base + path)
        page.page.wait_for_selector(DONE, timeout=180_000)
        page.page.wait_for_timeout(500)
        assert page.page.evaluate("document.documentElement.scrollWidth") <= 390, path
    assert page.errors == []
