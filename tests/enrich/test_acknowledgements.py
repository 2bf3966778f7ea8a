"""Which early texts are automatic acknowledgements, and which are a person's reply."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from enrich.acknowledgements import CONVERSATIONS
from tests.enrich.world import World

PEOPLE = (
    "Jane Doe",
    "Anne-Marie O'Neil",
    "Will Smith",
    "josé garcía",
    "李 小龍",
    "ODA BERG",
    "Mark de Vries",
)


def test_an_acknowledgement_in_twenty_conversations_is_no_reply(world: World) -> None:
    for n in range(CONVERSATIONS - 1):
        world.conversation(f"c{n}", (0, "customer", f"question {n}"), (0.5, "agent", "We got your message."))
    world.enrich()
    assert world.facts("c0")["first_reply_s"] == 30
    # The twentieth makes it an acknowledgement, in the nineteen before as well.
    world.conversation(
        "last", (0, "customer", "q"), (1, "agent", "We got your message."), (30, "agent", "A person here")
    )
    assert world.facts("last")["first_reply_s"] == 1800
    assert world.facts("last")["agent_replies"] == 1
    assert world.facts("c0")["first_reply_s"] is None
    assert world.facts("c0")["agent_replies"] == 0


def test_the_same_text_after_a_minute_stays_a_reply(world: World) -> None:
    for n in range(CONVERSATIONS):
        world.conversation(f"c{n}", (0, "customer", f"question {n}"), (1.1, "agent", "We got your message."))
    assert world.facts("c0")["first_reply_s"] == 66


def early(world: World, text: Callable[[int, str], str], *, role: str = "agent", by: str = "Ann Lee") -> None:
    """Twenty conversations that get a text half a minute after their creation."""
    names = [PEOPLE[n % len(PEOPLE)] for n in range(CONVERSATIONS)]
    world.rows(
        "people",
        {"person_id": f"{role}-1", "kind": role, "name": by},
        *({"person_id": f"p{n}", "kind": "customer", "name": name} for n, name in enumerate(names)),
    )
    for n, name in enumerate(names):
        world.conversation(
            f"c{n}", (0, "customer", f"question {n}"), (0.5, role, text(n, name)), requester_id=f"p{n}"
        )


def first(name: str) -> str:
    return name.split()[0].title() if name.isascii() and not name[1].islower() else name.split()[0]


@pytest.mark.parametrize(
    "text",
    [
        lambda n, name: f"We received your ticket #{n + 120}, {name}.",
        lambda n, name: f"Hi {first(name)},\n\nwe received your ticket. We will answer soon!",
        lambda n, name: f"{name}'s request was registered under TRK-{n}/2026 [ref:00D{n}x].",
        lambda n, name: f"We got your message and write to person{n}@example.com. Reference {n} {n}",
        lambda n, name: f"We GOT your message: number {n}, {name}!" if n % 2 else f"We got your message, number {n} {name}",
    ],
)  # fmt: skip
def test_numbers_and_names_make_no_other_acknowledgement(
    world: World, text: Callable[[int, str], str]
) -> None:
    early(world, text)
    assert {world.facts(f"c{n}")["agent_replies"] for n in range(CONVERSATIONS)} == {0}


@pytest.mark.parametrize(
    "text",
    [
        # Begins as they do, and then says something.
        lambda n, name: (
            f"We received your ticket #{n}, {name}. The {'abcdefghijklmnopqrst'[n]}-fuse is broken."
        ),
        lambda n, name: f"We have refunded £{n + 10} to you, {name}.",
        lambda n, name: f"Your order {n} is cheaper by {n}% from now on",
        lambda n, name: f"Order {n}, {name}?",  # too short to tell
        lambda n, name: f"We have told {'ABCDEFGHIJKLMNOPQRST'[n]}lice about your ticket",  # nobody of theirs
    ],
)
def test_near_misses_stay_replies(world: World, text: Callable[[int, str], str]) -> None:
    early(world, text)
    assert {world.facts(f"c{n}")["agent_replies"] for n in range(CONVERSATIONS)} == {1}


def test_a_reply_that_begins_as_the_acknowledgements_do_is_a_reply(world: World) -> None:
    early(world, lambda n, name: f"We received your ticket #{n}, {name}.")
    world.conversation(
        "person", (0, "customer", "q"),
        (0.5, "agent", "We received your ticket #7, Jane. The courier has it, it comes today."),
    )  # fmt: skip
    assert world.facts("person")["first_reply_s"] == 30
    assert world.facts("c3")["first_reply_s"] is None


def test_bots_that_only_acknowledge_are_not_involved(world: World) -> None:
    early(
        world, lambda n, name: f"Thanks {first(name)}, your request {n} was received", role="bot", by="Nora"
    )
    assert {world.facts(f"c{n}")["bot_messages"] for n in range(CONVERSATIONS)} == {0}


def test_a_word_that_is_somebodys_name_too_stays_a_word(world: World) -> None:
    early(world, lambda n, name: "We will answer and mark the ticket as seen")
    assert {world.facts(f"c{n}")["agent_replies"] for n in range(CONVERSATIONS)} == {0}
