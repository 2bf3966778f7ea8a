"""The dashboard in a real browser: what AppTest cannot see."""

import pytest

from store import generations
from tests.browser.conftest import DONE, serving
from ui.following import PATIENCE_S
from ui.navigation import MENU

pytestmark = pytest.mark.browser
SLUGS = ["", *(entry.slug for entry in MENU[1:])]
# A page with a field for questions at its foot scrolls in another element than all others.
WIDTH = """Math.max(document.documentElement.scrollWidth, ...[...document.querySelectorAll(
  "[data-testid=stMain], [data-testid=stAppScrollToBottomContainer]")].map(one => one.scrollWidth))"""


def test_there_are_pages_to_visit():
    assert len(SLUGS) == len(MENU) > 3


@pytest.mark.slow
def test_every_page_opens_by_its_address_and_fits_a_phone(served, visit):
    page = visit(served.base, viewport={"width": 390, "height": 844})
    for slug, title in zip(reversed(SLUGS), reversed([e.title for e in MENU]), strict=True):
        # Each address begins a session of its own; the menu is folded away.
        page.page.goto(f"{served.base}/{slug}")
        page.page.wait_for_selector("[data-testid=stMainBlockContainer]", timeout=180_000)
        page.page.wait_for_selector(DONE, timeout=180_000)
        page.page.wait_for_timeout(500)
        words = page.words()
        assert title in words and "generation 1" in words, slug
        assert "Page not found" not in words, slug
        assert page.page.evaluate(WIDTH) <= 390, slug
        assert page.outside == [], slug
        assert page.errors == [], slug


def test_filters_live_in_the_address_and_survive_pages(served, visit):
    page = visit(served.base)
    page.go("/?channel=chat&period=90d")
    page.page.click("[data-testid=stSidebarNav] a:has-text('Conversations')")
    page.page.wait_for_url("**/conversations?*channel=chat*", timeout=60_000)
    page.settled()
    assert "Channel: chat" in page.words()
    page.page.click("[data-testid=stSidebarNav] a:has-text('Ask')")
    page.page.wait_for_url("**/ask?within=*", timeout=60_000)
    page.settled()
    page.page.reload()
    page.settled()
    page.page.click("[data-testid=stSidebarNav] a:has-text('Overview')")
    page.page.wait_for_url("**/?*channel=chat*", timeout=60_000)
    page.settled()
    assert "Channel: chat" in page.words() and "within" not in page.page.url
    page.page.click("button:has-text('Reset')")
    page.page.wait_for_url(served.base + "/", timeout=60_000)


@pytest.mark.slow
def test_a_publish_is_seen_without_a_restart_or_a_click(served, visit):
    page = visit(served.base)
    page.go("/")
    assert "generation 1" in page.words()
    generations.publish(served.home, served.home.warehouse / "work.duckdb", keep=3)
    page.page.wait_for_selector("text=generation 2", timeout=(PATIENCE_S + 30) * 1000)
    assert page.errors == []


def test_another_address_than_this_machine_is_refused(home, visit, monkeypatch):
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    with serving(home) as base:
        page = visit(base)
        page.page.goto(base)
        page.page.wait_for_selector("text=does not serve on 0.0.0.0", timeout=180_000)
        assert "generation" not in page.page.inner_text("body")
