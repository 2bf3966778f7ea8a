"""What models used and worded, as several processes share it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from store.workspace import Spent, Workspace
from tests.store.workspace.spending import spent_on

DAY = date(2026, 11, 16)


def test_a_day_is_added_up_to_its_limit_and_not_beyond(workspace: Workspace) -> None:
    assert spent_on(workspace, DAY) == Spent()
    assert workspace.set_spending_aside(DAY, Spent(60, 0.1), most_tokens=100)
    assert not workspace.set_spending_aside(DAY, Spent(41, 0.0), most_tokens=100)
    assert workspace.set_spending_aside(DAY, Spent(40, 0.2), most_tokens=100, most_dollars=0.3)
    assert not workspace.set_spending_aside(DAY, Spent(1, 0.01), most_dollars=0.3)
    assert workspace.set_spending_aside(date(2026, 11, 17), Spent(100), most_tokens=100)
    workspace.put_spending_right(DAY, Spent(-50, -0.25))
    now = spent_on(workspace, DAY)
    assert now.tokens == 50 and now.dollars == pytest.approx(0.05)
    assert workspace.set_spending_aside(DAY, Spent(10**12))  # no limit


def test_who_asks_at_once_cannot_share_the_last_of_a_day(
    opened: Callable[[], Workspace], at_once: Callable[..., None]
) -> None:
    given: list[bool] = []
    at_once(
        lambda n: given.extend(
            opened().set_spending_aside(DAY, Spent(10, 0.0), most_tokens=70) for _ in range(3)
        )
    )
    assert given.count(True) == 7 and len(given) == 18
    assert spent_on(opened(), DAY).tokens == 70


def test_kept_words_are_replaced_and_go_with_their_generation(workspace: Workspace) -> None:
    workspace.keep_words("a", {"claims": [1]}, generation=1)
    workspace.keep_words("a", {"claims": [2]}, generation=1)
    workspace.keep_words("b", {"claims": [3]}, generation=1)
    assert workspace.kept_words("a") == {"claims": [2]} and workspace.kept_words("z") is None
    workspace.keep_words("c", {"claims": [4]}, generation=2)
    assert workspace.kept_words("a") is None and workspace.kept_words("b") is None
    assert workspace.kept_words("c") == {"claims": [4]}


def test_only_the_newest_words_are_kept(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.workspace.kept_words.MOST", 2)
    for key in "abc":
        workspace.keep_words(key, {}, generation=1)
    assert sum(workspace.kept_words(key) is not None for key in "abc") == 2


def test_words_that_rest_on_a_text_alone_outlive_generations_for_a_month(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.keep_words("lines", {"lines": [1]}, generation=None)
    workspace.keep_words("claims", {"claims": [1]}, generation=5)
    workspace.keep_words("more", {"lines": [2]}, generation=None)
    assert workspace.kept_words("lines") and workspace.kept_words("claims"), (
        "a text's words push out no answer's"
    )
    monkeypatch.setenv("SUPPORTLENS_NOW", "2027-01-16T09:00:00+00:00")
    workspace.keep_words("new", {"lines": [3]}, generation=None)
    assert workspace.kept_words("lines") is None and workspace.kept_words("claims")
