"""Emerging groups in the store: when they are looked for, what is kept of them, and what stays out."""

from __future__ import annotations

from typing import Any

from tests.enrich.test_topics import THEMES
from tests.enrich.world import World

DAY = 24 * 60
GIFTS = (
    "The gift card is refused at the till, what is wrong with it?",
    "I cannot redeem the gift card that my aunt gave me",
    "My gift card shows a balance of nothing although it is new",
    "Why does the checkout not take my gift card code",
    "Half of the value of my gift card is gone",
    "A gift card that I bought today is not accepted",
    "The shop says that the gift card code is not known",
    "Please tell me how to use a gift card for two orders",
)
ASIDE = ("", "Thank you.", "It is urgent.", "I have waited for days.", "Kind regards", "Can you help me?")


def everyday(world: World, count: int, first: int = 0) -> None:
    """Known themes, evenly over 200 days."""
    for n in range(first, first + count):
        theme = list(THEMES)[n % len(THEMES)]
        text = f"{THEMES[theme].format(n)}. {ASIDE[n % len(ASIDE)]}"
        world.conversation(f"{theme}-{n}", (0, "customer", text), created=(n * 7 % 200) * DAY)


def gifts(world: World, count: int, day: int = 185, **columns: Any) -> None:
    for n in range(count):
        text = f"{GIFTS[n % len(GIFTS)]} {ASIDE[n % len(ASIDE)]}"
        world.conversation(f"gift-{day}-{n}", (0, "customer", text), created=(day + n % 14) * DAY, **columns)


def found(world: World) -> set[str]:
    return {row["conversation_id"] for row in world.table("emerging_conversations")}


def test_a_new_group_is_found_with_a_name_and_its_window(world: World) -> None:
    everyday(world, 160)
    gifts(world, 12)
    assert world.enrich().emerging == 1
    (group,) = world.table("emerging_groups")
    assert "gift" in group["label"].lower() and "gift card" in group["keywords"]
    assert (group["window_end"] - group["window_start"]).days == 28
    assert (group["one_in"], group["earlier_one_in"]) == (1, 1) and 0 < group["p"] <= 0.01
    assert len(found(world)) >= 10 and all(key.startswith("gift") for key in found(world))
    ranks = [row["rank"] for row in world.table("emerging_conversations")]
    assert sorted(ranks) == list(range(len(ranks)))


def test_nothing_new_is_nothing(world: World) -> None:
    everyday(world, 160)
    assert world.enrich().emerging == 0
    assert world.table("emerging_groups") == world.table("emerging_conversations") == []


def test_what_has_been_there_all_along_is_not_new(world: World) -> None:
    everyday(world, 160)
    for day in range(0, 196, 20):
        gifts(world, 4, day)
    gifts(world, 12)
    assert world.enrich().emerging == 0


def test_one_person_who_writes_often_and_what_is_not_counted_are_no_news(world: World) -> None:
    everyday(world, 160)
    gifts(world, 12, requester_id="one")
    gifts(world, 6, 180, is_spam=True)
    assert world.enrich().emerging == 0


def test_it_is_looked_for_again_only_where_the_window_has_changed(world: World) -> None:
    everyday(world, 160)
    gifts(world, 12)
    world.enrich()
    world.writer.execute("UPDATE emerging_groups SET label = 'as it was'")
    world.dirty("parcel-0")  # of the first day: long before the window
    world.enrich()
    assert world.table("emerging_groups")[0]["label"] == "as it was"
    gifts(world, 3, 190)
    world.enrich()
    assert "gift" in world.table("emerging_groups")[0]["label"].lower()
    assert any(key.startswith("gift-190") for key in found(world))


def test_the_order_in_which_conversations_came_decides_nothing(world: World) -> None:
    gifts(world, 12)
    everyday(world, 80)
    world.enrich()
    everyday(world, 80, first=80)
    world.enrich()
    step_by_step = found(world)
    world.writer.execute("DELETE FROM settings_kv WHERE key = 'emerging'")
    world.dirty("parcel-0")
    world.enrich()
    assert found(world) == step_by_step and len(step_by_step) >= 10
