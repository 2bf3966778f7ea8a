"""Attributes of customers: who is matched with whom, what becomes a dimension, and only what changed is redone."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.home import Home
from enrich import attributes
from enrich.attribute_kinds import MOST_ATTRIBUTES, name_of
from tests.enrich.world import World, at

Row = dict[str, Any]
WORDS = (
    "parcel invoice login refund password late broken card address update cancel price screen sound".split()
)


def person(key: str, source: str = "crm", **more: Any) -> Row:
    fields = more.pop("fields", None)
    return {
        "source_id": source,
        "person_id": key,
        "custom_fields": json.dumps(fields) if fields else None,
        **more,
    }


def asks(world: World, key: str, requester: str | None, **more: Any) -> None:
    world.conversation(key, requester_id=requester, **more)


def shown(world: World, key: str, source: str = "s") -> dict[str, str]:
    """The attributes of a conversation that have a value."""
    row = world.facts(key, source)
    return {
        c.removeprefix(attributes.PREFIX): v for c, v in row.items() if c.startswith(attributes.PREFIX) and v
    }


def rules(world: World) -> dict[str, str | None]:
    world.enrich()
    return {row["person_id"]: row["rule"] for row in world.table("people_matches")}


def test_external_id_goes_before_e_mail_and_e_mail_before_domain(world: World) -> None:
    world.rows("people", person("u1", "s", email="a@acme.com", external_id="7"), person("u2", "s", email="b@acme.com"),
               person("u3", "s", email="c@acme.com"), person("u4", "s"))  # fmt: skip
    world.rows("people", person("7", fields={"plan": "by id"}), person("8", email="A@Acme.com", fields={"plan": "wrong"}),
               person("9", email=" B@ACME.com", fields={"plan": "by mail"}))  # fmt: skip
    world.rows("organizations", {"source_id": "crm", "organization_id": "o", "domains": ["acme.com"],
                                 "custom_fields": '{"plan": "by domain", "size": "large"}'})  # fmt: skip
    for n in range(1, 5):
        asks(world, f"c{n}", f"u{n}")
    assert [shown(world, f"c{n}") for n in range(1, 5)] == [
        {"plan": "by id", "size": "large"}, {"plan": "by mail", "size": "large"}, {"plan": "by domain", "size": "large"}, {},
    ]  # fmt: skip
    found = {(r["person_id"], r["matched_kind"], r["rule"]) for r in world.table("people_matches")}
    assert found == {("u1", "person", "external id"), ("u1", "organization", "domain"), ("u2", "person", "e-mail"),
                     ("u2", "organization", "domain"), ("u3", "organization", "domain"), ("u4", None, None)}  # fmt: skip


@pytest.mark.parametrize(
    ("asker", "holder", "matches"),
    [
        ({"external_id": "7"}, {"key": "7"}, True),
        ({"external_id": "7"}, {"key": "x", "external_id": "7"}, True),
        ({}, {"key": "x", "external_id": "u1"}, True),
        ({}, {"key": "u1"}, False),  # equal numbers of two systems mean nothing
        ({"email": "a@x.org"}, {"key": "x", "email": "Ann <A@X.org>"}, True),
        ({"handle": "a@x.org"}, {"key": "x", "email": "a@x.org"}, True),
        ({"email": "a@x.org"}, {"key": "x", "email": "a@x.org", "kind": "agent"}, False),
        ({"email": "a@x.org"}, {"key": "x", "email": "a@x.org", "is_deleted": True}, False),
        ({"email": ""}, {"key": "x", "email": ""}, False),
    ],
)
def test_pairs(world: World, asker: Row, holder: Row, matches: bool) -> None:
    world.rows("people", person("u1", "s", **asker))
    world.rows("people", person(holder.pop("key"), fields={"plan": "gold"}, **holder))
    asks(world, "c", "u1")
    assert shown(world, "c") == ({"plan": "gold"} if matches else {})


def test_an_id_that_is_an_address_is_one(world: World) -> None:
    world.rows("people", person("1", email="ann@x.org", fields={"plan": "gold"}))
    asks(world, "c", "Ann@x.org")
    assert shown(world, "c") == {"plan": "gold"}


def test_of_several_the_one_updated_last_then_the_lowest_id(world: World) -> None:
    same = {"email": "a@x.org"}
    world.rows("people", person("1", **same, fields={"plan": "old"}), person("3", **same, fields={"plan": "new"}, updated_at=at(5)),
               person("2", **same, fields={"plan": "as new, lower id"}, updated_at=at(5)))  # fmt: skip
    asks(world, "c", "a@x.org")
    assert shown(world, "c") == {"plan": "as new, lower id"}


def test_addresses_of_mail_providers_say_nothing_about_a_company(world: World) -> None:
    world.rows("organizations", *(
        {"source_id": "crm", "organization_id": f"o{n}", "domains": [domain], "custom_fields": json.dumps({"plan": domain})}
        for n, domain in enumerate(("gmail.com", "https://www.beta.io/start", "Web.de"))
    ))  # fmt: skip
    for n, address in enumerate(("a@gmail.com", "b@beta.io", "c@web.de", "d@mail.beta.io")):
        asks(world, f"c{n}", address)
    assert [shown(world, f"c{n}").get("plan") for n in range(4)] == [
        None,
        "https://www.beta.io/start",
        None,
        None,
    ]


def test_a_persons_own_word_comes_before_that_of_the_company(world: World) -> None:
    world.rows("people", person("1", email="a@x.org", organization_id="o", fields={"plan": "own"}))
    world.rows(
        "organizations",
        {"source_id": "crm", "organization_id": "o", "custom_fields": '{"plan": "firm", "tier": "A"}'},
    )
    asks(world, "c", "a@x.org")
    assert shown(world, "c") == {"plan": "own", "tier": "A"}


def test_people_of_the_same_source_are_customers_too(world: World) -> None:
    world.rows("people", person("u1", "s", fields={"plan": "gold"}), person("u2", "s"))
    world.rows(
        "people",
        person("u2", "other", fields={"plan": "another helpdesk"}),
        person("list-1", "s", email="m@x.org", fields={"plan": "by mail"}),
    )
    asks(world, "c1", "u1")
    asks(world, "c2", "u2")
    asks(world, "c3", "m@x.org")
    asks(world, "d1", "u9", source_id="other")
    assert [shown(world, f"c{n}") for n in (1, 2, 3)] == [{"plan": "gold"}, {}, {"plan": "by mail"}]
    assert rules(world) == {"u1": "own", "u2": None, "m@x.org": "e-mail", "u9": None}


def test_two_sources_of_people_complete_each_other(world: World) -> None:
    world.rows("people", person("1", email="a@x.org", fields={"plan": "gold"}))
    world.rows("people", person("9", "billing", email="a@x.org", fields={"plan": "other", "late": "yes"}))
    asks(world, "c", "a@x.org")
    assert shown(world, "c") == {"plan": "other", "late": "yes"}  # equal rules: sources by name


def test_what_becomes_a_dimension(world: World) -> None:
    people = [
        person(f"p{n}", email=f"p{n}@x{n}.org", created_at=at(60 * 24 * 40 * n), fields={
            "Annual Revenue": n * n * 100, "Seats": n % 3, "Zip Code": f"{10000 + n}", "note": f"talked to number {n}",
            "Phone": f"+49 30 1234{n:04}", "Since": f"20{n % 9 + 10}-05-0{n % 9 + 1}", "VIP": n % 2 == 0, "Status": "active",
            "shared list": ["a"],
        }) for n in range(40)
    ]  # fmt: skip
    world.rows("people", *people)
    asks(world, "c", "p7@x7.org")
    assert shown(world, "c") == {
        "annual_revenue": "under 10k", "seats": "1", "since": "2017", "vip": "false", "customer_status": "active",
        "signed_up": "2026",
    }  # fmt: skip
    told = {row["name"]: row for row in world.table("attributes")}
    assert {name: row["kind"] for name, row in told.items() if row["is_dimension"]} == {
        "annual_revenue": "number", "seats": "text", "since": "year", "vip": "text", "customer_status": "text", "signed_up": "year",
    }  # fmt: skip
    assert {name: row["reason"] for name, row in told.items() if not row["is_dimension"]} == {
        "zip_code": "40 different values in 40 are free text", "note": "40 different values in 40 are free text",
        "phone": "its values are addresses or telephone numbers",
    }  # fmt: skip
    assert told["annual_revenue"]["edges"] == [10_000, 50_000, 100_000]
    assert told["annual_revenue"]["title"] == "Annual Revenue"


def test_bands_hold_what_they_say(world: World) -> None:
    dice = random.Random(3)
    amounts = [0.0] * 30 + [round(dice.lognormvariate(8, 2), 2) for _ in range(60)]
    world.rows(
        "people", *(person(f"p{n}", email=f"p{n}@x.org", fields={"mrr": a}) for n, a in enumerate(amounts))
    )
    for n in range(90):
        asks(world, f"c{n}", f"p{n}@x.org", subject=" ".join(random.Random(n).choices(WORDS, k=4)))
    world.enrich()
    edges = world.writer.query("SELECT edges FROM attributes WHERE name = 'mrr'")["edges"][0].as_py()
    rows = world.writer.query("""
        SELECT f.attribute_mrr AS band, min((p.custom_fields->>'mrr')::DOUBLE) AS least,
          max((p.custom_fields->>'mrr')::DOUBLE) AS most, count(*) AS n
        FROM conversation_facts f JOIN people p ON p.email = f.requester_id GROUP BY 1 ORDER BY 2""").to_pylist()
    assert sum(row["n"] for row in rows) == 90
    limits = [float("-inf"), *edges, float("inf")]
    for row, low, high in zip(rows, limits, limits[1:], strict=False):
        assert low <= row["least"] <= row["most"] < high, row
    assert len(rows) == len(edges) + 1 >= 3


def test_no_more_attributes_than_a_list_can_show(world: World) -> None:
    fields = {f"field {n}": "yes" for n in range(MOST_ATTRIBUTES + 3)}
    world.rows("people", person("1", email="a@x.org", fields=fields), person("2", fields={"field 32": "no"}))
    asks(world, "c", "a@x.org")
    assert len(shown(world, "c")) == MOST_ATTRIBUTES
    left_out = [row["name"] for row in world.table("attributes") if not row["is_dimension"]]
    assert left_out == ["field_7", "field_8", "field_9"]  # 32 is had by two


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Plan", "plan"),
        ("Annual Revenue (€)", "annual_revenue"),
        ("Status", "customer_status"),
        ("Región", "región"),
        ("__", ""),
    ],
)
def test_names(title: str, name: str) -> None:
    assert name_of(title) == name


def test_a_field_with_a_quote_and_a_long_value(world: World) -> None:
    world.rows(
        "people", person("1", email="a@x.org", fields={'it\'s "a" field': "O'Brien", "long": "x" * 200})
    )
    asks(world, "c", "a@x.org")
    assert shown(world, "c") == {"it_s_a_field": "O'Brien"}


def test_only_facts_of_changed_customers_are_written(world: World) -> None:
    world.rows("people", *(person(f"p{n}", email=f"p{n}@x.org", fields={"plan": "gold"}) for n in range(3)))
    for n in range(3):
        asks(world, f"c{n}", f"p{n}@x.org")
    world.enrich()
    world.writer.execute("UPDATE people SET custom_fields = '{\"plan\": \"silver\"}' WHERE person_id = 'p1'")
    report = world.enrich()
    assert (report.conversations, report.requesters_changed) == (0, 1)
    assert [shown(world, f"c{n}") for n in range(3)] == [
        {"plan": "gold"},
        {"plan": "silver"},
        {"plan": "gold"},
    ]
    assert world.enrich().requesters_changed == 0


def test_a_source_of_people_that_goes_takes_its_columns_along(world: World) -> None:
    world.rows("people", person("1", email="a@x.org", fields={"plan": "gold"}))
    asks(world, "c", "a@x.org")
    assert shown(world, "c") == {"plan": "gold"}
    world.writer.execute("UPDATE people SET is_deleted = true WHERE source_id = 'crm'")
    world.enrich()
    assert attributes.columns(world.writer) == []
    assert (
        world.table("people_matches")
        == world.table("requester_attributes")
        == world.table("attributes")
        == []
    )


def test_a_workspace_without_customers_pays_nothing(world: World) -> None:
    asks(world, "c", "u1")
    world.rows("people", person("u1", "s", name="Ann"))
    assert world.enrich().attributes == 0
    assert world.table("people_matches") == []
    assert attributes.columns(world.writer) == []


# Incremental equals full, and both equal a second way to the same matches.


def _world_of(dice: random.Random) -> tuple[list[Row], list[Row], list[tuple[str, str | None]]]:
    mails = [f"{c}@{d}" for c in "ab" for d in ("acme.com", "beta.io", "gmail.com")]
    helpdesk = [
        person(f"u{n}", "s", email=dice.choice([None, *mails]), external_id=dice.choice([None, "1", "2", "e3"]),
               fields=dice.choice([None, None, {"plan": "own"}])) for n in range(5)
    ]  # fmt: skip
    crm = [
        person(str(n), dice.choice(("crm", "crm2")), email=dice.choice([None, *mails]), external_id=dice.choice([None, "u1", "e3"]),
               organization_id=dice.choice([None, "o1"]), updated_at=dice.choice([None, at(1), at(2)]),
               fields={"plan": f"plan {n}", **({"region": f"region {n}"} if dice.random() < 0.5 else {})})
        for n in range(6)
    ]  # fmt: skip
    talks = [(f"c{n}", dice.choice([None, *(f"u{i}" for i in range(7)), *mails])) for n in range(10)]
    return helpdesk, crm, talks


def _person_of(asker: Mapping[str, Any], source: str, crm: list[Row]) -> Row | None:
    """The rule once more, in Python: external id, then e-mail; updated last, then the lowest id."""
    rows = [row for row in crm if row["source_id"] == source]
    ext, key, mail = asker.get("external_id"), asker["person_id"], asker.get("email")
    by_id = [
        r for r in rows if (ext and ext in (r["person_id"], r["external_id"])) or r["external_id"] == key
    ]
    by_mail = [r for r in rows if mail and r["email"] == mail]
    found = sorted(
        by_id or by_mail,
        key=lambda r: (-(r["updated_at"].timestamp() if r.get("updated_at") else 0), r["person_id"]),
    )
    return found[0] if found else None


def _state(world: World) -> list[Any]:
    facts = [{k: v for k, v in sorted(row.items()) if k.startswith(("attribute_", "conversation_id"))}
             for row in world.table("conversation_facts")]  # fmt: skip
    return [sorted(facts, key=lambda row: row["conversation_id"]), *(world.table(t) for t in
            ("people_matches", "requester_attributes", "attributes"))]  # fmt: skip


@pytest.mark.slow
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), cut=st.integers(0, 10))
def test_incremental_equals_full(tmp_path_factory: pytest.TempPathFactory, seed: int, cut: int) -> None:
    helpdesk, crm, talks = _world_of(random.Random(seed))
    stepwise, at_once = (World(Home(tmp_path_factory.mktemp(name))) for name in ("steps", "once"))
    steps: tuple[tuple[list[Row], list[Row], list[tuple[str, str | None]]], ...] = (
        (helpdesk[:3], crm[:2], talks[:cut]),
        (helpdesk[3:], [], talks[cut:]),
        ([], crm[2:], []),
    )
    for people, customers, conversations in steps:
        for world in (stepwise, at_once):
            world.rows("people", *people, *customers)
            for key, requester in conversations:
                asks(world, key, requester)
            for key, requester in talks[:cut]:  # as the store does for a person who changed
                if requester in {p["person_id"] for p in people}:
                    world.dirty(key)
        stepwise.enrich()
    at_once.enrich()
    assert _state(stepwise) == _state(at_once)
    _compare(stepwise, helpdesk, crm, dict(talks))
    for world in (stepwise, at_once):
        world.writer.close()


def _compare(world: World, helpdesk: list[Row], crm: list[Row], talks: Mapping[str, str | None]) -> None:
    for key, requester in talks.items():
        if requester is None:
            assert shown(world, key) == {}
            continue
        asker = next((p for p in helpdesk if p["person_id"] == requester), {"person_id": requester})
        asker = {**asker, "email": asker.get("email") or (requester if "@" in requester else None)}
        matched = [m for source in ("crm", "crm2") if (m := _person_of(asker, source, crm))]
        plans = {json.loads(m["custom_fields"])["plan"] for m in matched}
        telling = [p for p in helpdesk if p["custom_fields"] and p["person_id"] != requester]
        if not plans and (asker.get("custom_fields") or _person_of(asker, "s", telling)):
            plans = {"own"}
        assert (shown(world, key).get("plan") in plans) if plans else "plan" not in shown(world, key)
