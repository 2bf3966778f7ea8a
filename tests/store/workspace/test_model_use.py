"""What each language model used, summed for every process that shares the workspace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from core.home import Home
from store.workspace import ModelUse, Workspace


def test_calls_and_tokens_add_up_by_model(home: Home) -> None:
    kept = Workspace(home)
    assert kept.model_uses() == []
    kept.count_model_use(ModelUse("openai", "small", 1, 100, 20, 0.5))
    kept.count_model_use(ModelUse("openai", "large", 1, 7, 3, None))
    kept.count_model_use(ModelUse("openai", "small", 1, 50, 5, 0.25))
    assert kept.model_uses() == [
        ModelUse("openai", "large", 1, 7, 3, None),
        ModelUse("openai", "small", 2, 150, 25, 0.75),
    ]


def test_a_price_that_comes_later_counts_from_then_on(home: Home) -> None:
    kept = Workspace(home)
    for dollars in (None, 0.5, None):
        kept.count_model_use(ModelUse("openai", "small", 1, 1, 1, dollars))
    assert kept.model_uses() == [ModelUse("openai", "small", 3, 3, 3, 0.5)]


def test_two_who_count_at_once_lose_nothing(home: Home) -> None:
    Workspace(home)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: Workspace(home).count_model_use(ModelUse("fake", "m", 1, 2, 3)), range(20)))
    assert Workspace(home).model_uses() == [ModelUse("fake", "m", 20, 40, 60)]
