"""Saved views and notes in a real browser: the address says what the view said, and a note lies on its day."""

import pytest

pytestmark = pytest.mark.browser


def chosen(view):
    return dict(part.split("=", 1) for part in view.page.url.partition("?")[2].split("&") if part)


@pytest.mark.slow
def test_a_view_opens_exactly_what_was_saved(served, visit):
    view = visit(served.base)
    view.go("/?channel=chat&period=90d&moved=Mood")
    view.page.get_by_test_id("stPopoverButton").filter(has_text="Views").click()
    view.page.get_by_label("Save this view as").fill("Chat, a quarter")
    view.page.get_by_role("button", name="Save view").click()
    view.page.get_by_role("button", name="Chat, a quarter").wait_for()
    saved = view.page.inner_text("[data-testid=stMetric]:first-of-type")

    # On the same page under other filters, and from another page.
    for path in (
        "/?channel=email&priority=high&moved=CSAT&hours=business",
        "/volume?team=Billing&period=7d",
        "/ask",
    ):
        view.go(path)
        view.page.get_by_test_id("stPopoverButton").filter(has_text="Views").click()
        view.page.get_by_role("button", name="Chat, a quarter").click()
        view.page.wait_for_url("**/?*channel=chat*")
        view.settled()
        assert chosen(view) == {"channel": "chat", "period": "90d", "moved": "Mood"}, path
        assert view.page.inner_text("[data-testid=stMetric]:first-of-type") == saved
        assert view.page.get_by_role("radio", name="Mood").first.get_attribute("aria-checked") == "true"
    view.page.reload()
    view.settled()
    assert chosen(view) == {"channel": "chat", "period": "90d", "moved": "Mood"}
    assert view.outside == [] and view.errors == []


@pytest.mark.slow
def test_a_note_is_drawn_with_its_words(served, visit):
    view = visit(served.base)
    view.go("/")
    view.page.get_by_test_id("stPopoverButton").filter(has_text="Notes").click()
    view.page.get_by_label("What happened").fill("Carrier on strike")
    view.page.get_by_role("button", name="Add note").click()
    view.page.get_by_text("Notes: 15 Nov Carrier on strike (other)").first.wait_for()
    view.page.locator(".annotation-text", has_text="Carrier on strike").first.wait_for()
    assert view.page.locator(".shapelayer path, .layer-above .shapelayer path").count() >= 1
    assert view.outside == [] and view.errors == []
