"""Persons with several handles, once somebody confirmed it."""

from __future__ import annotations

import pytest

from core.errors import QuestionError
from core.viewer import EVERYTHING, Viewer
from store import generations
from store.person_links import Link, PersonLinks, proposals
from store.reader import open_reader
from store.writer import Writer
from tests.enrich.world import World


@pytest.fixture
def people(world: World) -> World:
    """Ann writes from a helpdesk, a chat and X; only the helpdesk knows the address that the CRM has."""
    world.rows("people",
        {"source_id": "desk", "person_id": "u1", "name": "Ann Field", "email": "ann@acme.com", "handle": "annf"},
        {"source_id": "chat", "person_id": "17", "name": "ann", "email": "ANN@acme.com"},
        {"source_id": "x", "person_id": "9", "handle": "@AnnF"},
        {"source_id": "x", "person_id": "8", "name": "Bob", "handle": "bob"},
        {"source_id": "desk", "person_id": "a1", "kind": "agent", "email": "ann@acme.com"},
        {"source_id": "crm", "person_id": "1", "email": "ann@acme.com", "custom_fields": '{"plan": "gold"}'})  # fmt: skip
    for source, person in (("desk", "u1"), ("chat", "17"), ("x", "9"), ("x", "8")):
        world.conversation(f"{source}-{person}", requester_id=person, source_id=source)
    world.enrich()
    return world


def of(world: World) -> dict[str, tuple[str, str | None]]:
    rows = world.table("conversation_facts")
    return {row["conversation_id"]: (row["requester"], row["attribute_plan"]) for row in rows}


def test_what_two_sources_say_alike_is_proposed(people: World) -> None:
    people.writer.close()
    generations.publish(people.writer.home, people.writer.path, keep=1)
    people.writer = Writer(people.writer.home, run_id="again")
    reader, kept = open_reader(people.writer.home), PersonLinks(people.writer.home)

    def pairs(viewer: Viewer = EVERYTHING) -> list[tuple[str, str, str]]:
        found = proposals(reader, kept.all(), viewer=viewer)
        return [(f"{p.source_id}/{p.person_id}", f"{p.other_source_id}/{p.other_id}", p.rule) for p in found]

    assert pairs() == [("chat/17", "desk/u1", "e-mail"), ("desk/u1", "x/9", "handle")]
    assert pairs(Viewer("ann", sources=("x",))) == []
    kept.decide(("desk", "u1"), ("chat", "17"), "rejected", viewer="ann")
    assert pairs() == [("desk/u1", "x/9", "handle")]


def test_a_confirmed_link_gives_all_handles_one_name_and_one_customer(people: World) -> None:
    assert of(people) == {
        "desk-u1": ("Ann Field", "gold"),
        "chat-17": ("ann", "gold"),
        "x-9": ("@AnnF", None),
        "x-8": ("Bob", None),
    }
    kept = PersonLinks(people.writer.home)
    kept.decide(("x", "9"), ("desk", "u1"), "confirmed", viewer="ann")
    kept.decide(("chat", "17"), ("desk", "u1"), "confirmed", viewer="ann")
    report = people.enrich()
    assert report.conversations == 3 and report.requesters_changed == 1
    linked = {
        "desk-u1": ("ann", "gold"),
        "chat-17": ("ann", "gold"),
        "x-9": ("ann", "gold"),
        "x-8": ("Bob", None),
    }
    assert of(people) == linked
    assert people.enrich().conversations == 0
    kept.decide(("desk", "u1"), ("x", "9"), "rejected", viewer="bob")
    assert people.enrich().conversations == 1
    assert of(people) == linked | {"x-9": ("@AnnF", None)}
    assert {row["canonical_id"] for row in people.table("linked_people")} == {"17"}


def test_verdicts_are_kept_once_a_pair(world: World) -> None:
    kept = PersonLinks(world.writer.home)
    first = kept.decide(("b", "2"), ("a", "1"), "confirmed", viewer="ann")
    assert (first.source_id, first.other_source_id) == ("a", "b")
    kept.decide(("a", "1"), ("b", "2"), "rejected", viewer="bob")
    (only,) = kept.all()
    assert isinstance(only, Link) and (only.verdict, only.viewer) == ("rejected", "bob")
    with pytest.raises(QuestionError, match="themself"):
        kept.decide(("a", "1"), ("a", "1"), "confirmed", viewer="ann")
