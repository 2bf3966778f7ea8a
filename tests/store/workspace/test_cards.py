from __future__ import annotations

import pytest

from core.errors import InputError
from store.workspace import Workspace, cards

VOLUME = {"metric": "volume", "where": {"team": ["Billing"]}, "n": 3, "ü": None}


def titles(workspace: Workspace, owner: str = "ann") -> list[str]:
    found = workspace.cards(owner)
    assert [card.position for card in found] == list(range(1, len(found) + 1))
    return [card.title for card in found]


@pytest.fixture
def three(workspace: Workspace) -> list[int]:
    return [workspace.pin("metric", title, VOLUME, owner="ann") for title in "abc"]


def test_cards_keep_their_order_and_their_definition(workspace: Workspace, three: list[int]) -> None:
    workspace.pin("explore", "other", {}, owner="bob")
    assert titles(workspace) == ["a", "b", "c"]
    assert titles(workspace, "bob") == ["other"]
    assert workspace.cards("ann")[0].definition == VOLUME
    assert workspace.cards("bob")[0].kind == "explore"


def test_a_card_moves_one_place_and_no_further(workspace: Workspace, three: list[int]) -> None:
    assert workspace.move_card(three[2], "up", owner="ann")
    assert titles(workspace) == ["a", "c", "b"]
    assert workspace.move_card(three[0], "down", owner="ann")
    assert titles(workspace) == ["c", "a", "b"]
    assert not workspace.move_card(three[2], "up", owner="ann")
    assert not workspace.move_card(three[1], "down", owner="ann")
    assert titles(workspace) == ["c", "a", "b"]


def test_only_the_owner_moves_renames_and_removes(workspace: Workspace, three: list[int]) -> None:
    assert not workspace.move_card(three[1], "up", owner="bob")
    assert not workspace.rename_card(three[1], "x", owner="bob")
    assert not workspace.unpin(three[1], owner="bob")
    assert titles(workspace) == ["a", "b", "c"]
    assert workspace.rename_card(three[1], "new", owner="ann")
    assert workspace.unpin(three[0], owner="ann")
    assert titles(workspace) == ["new", "c"]
    assert workspace.pin("metric", "d", {}, owner="ann") and titles(workspace) == ["new", "c", "d"]


@pytest.mark.parametrize(
    ("kind", "title", "definition"),
    [
        ("pie", "x", {}), ("metric", "", {}), ("metric", "x", {"a": object()}), ("metric", "x", {"a": float("nan")}),
        ("metric", "x", {"a": "y" * 20_001}),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(workspace: Workspace, kind, title: str, definition) -> None:
    with pytest.raises(InputError):
        workspace.pin(kind, title, definition, owner="ann")
    assert titles(workspace) == []


def test_a_page_has_a_largest_size(workspace: Workspace, three, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "MOST", 3)
    with pytest.raises(InputError, match="3 cards"):
        workspace.pin("metric", "d", {}, owner="ann")


def test_tabs_may_pin_move_and_remove_at_once(opened, at_once) -> None:
    first = [opened().pin("metric", f"old {n}", {}, owner="ann") for n in range(4)]

    def work(n: int) -> None:
        workspace = opened()
        for m in range(3):
            workspace.pin("metric", f"{n}.{m}", {}, owner="ann")
            workspace.move_card(first[n % 4], "up" if m % 2 else "down", owner="ann")
        if n < 2:
            workspace.unpin(first[n], owner="ann")

    at_once(work)
    assert sorted(titles(opened())) == sorted(
        ["old 2", "old 3", *(f"{n}.{m}" for n in range(6) for m in range(3))]
    )
