"""The last week in short in a real browser: it opens, is said in the address, and its proof opens the conversations."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.slow
def test_a_proof_opens_the_conversations_behind_a_sentence(served, visit):
    seen = visit(served.base)
    page = seen.page
    seen.go("/")
    assert "Proof" not in page.inner_text("[data-testid=stMain]")
    page.get_by_text("Last week in short").click()
    page.wait_for_selector("text=Week of 9 to 15 Nov 2026", timeout=180_000)
    seen.settled()
    assert "brief=true" in page.url
    sentence = (
        page.locator("[data-testid=stMarkdownContainer]")
        .filter(has_text="above its usual")
        .first.inner_text()
    )
    number = re.search(r"\(n = (\d+)\)", sentence)
    assert number, sentence
    page.locator("[data-testid=stPageLink] a").filter(has_text="Proof").first.click()
    page.wait_for_url("**/conversations?**", timeout=180_000)
    seen.settled()
    assert "dates=2026-11-09" in page.url and "of=first_reply_median" in page.url
    assert f"{number[1]} conversations" in page.inner_text("[data-testid=stMain]")
    seen.back()
    page.wait_for_selector("text=Week of 9 to 15 Nov 2026", timeout=180_000)
    assert seen.outside == [] and seen.errors == []
