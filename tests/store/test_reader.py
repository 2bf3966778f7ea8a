from __future__ import annotations

import gc
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import MemoryLimit, NothingPublished, StoreError
from core.home import Home
from core.viewer import EVERYTHING, Viewer
from store import generations
from store.reader import open_reader
from store.tables import columns
from store.visible import (
    BY_CONVERSATION,
    BY_PERSON,
    BY_SOURCE,
    OPEN_TO_ALL,
    TABLES,
    WHOLE_SOURCE,
    WHOLE_WORKSPACE,
)
from store.writer import Writer

FULL = "SELECT count(*) AS n FROM {conversations}"


@pytest.fixture
def publish(home: Home, now: object) -> Callable[[], int]:
    """Adds one conversation with one message and publishes."""

    def once() -> int:
        writer = Writer(home, run_id="r")
        (count,) = writer.con.execute("SELECT count(*) FROM conversations").fetchone() or (0,)
        for table in ("conversations", "messages", "conversation_facts"):
            writer.execute(f"INSERT INTO {table} (source_id, conversation_id) VALUES ('s', 'c{count}')")
        writer.close()
        return generations.publish(home, writer.path, keep=2).number

    return once


def number(home: Home, sql: str = FULL, viewer: Viewer = EVERYTHING) -> int:
    return int(open_reader(home).query(sql, viewer=viewer)["n"][0].as_py())


def test_nothing_published_is_said(home: Home) -> None:
    with pytest.raises(NothingPublished):
        open_reader(home)


def test_a_publish_and_a_rollback_are_seen_without_a_restart(home: Home, publish: Callable[[], int]) -> None:
    publish()
    first = open_reader(home)
    assert (open_reader(home) is first, number(home)) == (True, 1)
    publish()
    assert (open_reader(home).number, number(home)) == (2, 2)
    assert first.query(FULL, viewer=EVERYTHING)["n"][0].as_py() == 1  # whoever holds it goes on reading it
    generations.rollback(home)
    assert number(home) == 1


def test_old_readers_close_when_nobody_holds_them(home: Home, publish: Callable[[], int]) -> None:
    publish()
    held = open_reader(home)
    closers = [held._closer]
    for _ in range(5):
        publish()
        closers.append(open_reader(home)._closer)
    gc.collect()
    assert [closer.alive for closer in closers] == [True, False, False, True, True, True]
    assert held.query(FULL, viewer=EVERYTHING)["n"][0].as_py() == 1


def test_threads_read_whole_generations_while_others_are_published(
    home: Home, publish: Callable[[], int]
) -> None:
    publish()
    done, seen, wrong = threading.Event(), set(), []

    def read() -> None:
        while not done.is_set():
            try:
                reader = open_reader(home)
                table = reader.query(
                    "SELECT (SELECT count(*) FROM {conversations}) AS c, (SELECT count(*) FROM {messages}) AS m",
                    viewer=EVERYTHING,
                ).to_pylist()[0]
                seen.add(reader.number)
                if (table["c"], table["m"]) != (reader.number, reader.number):
                    wrong.append((reader.number, table))
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    numbers = [publish() for _ in range(6)]
    done.wait(0.1)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert numbers[-1] in seen


def test_a_missing_file_is_said(home: Home, publish: Callable[[], int]) -> None:
    publish()
    publish()
    generations.current(home).path.unlink()
    with pytest.raises(StoreError, match="missing"):
        open_reader(home)


TEAM = Viewer("ann", teams=("One",))
TAG = Viewer("tim", tags=("vip", "other"))
SOURCE = Viewer("bob", sources=("a",))
NOBODY = Viewer("eve", sources=())
OF_A_SOURCE = BY_CONVERSATION | BY_PERSON | BY_SOURCE | WHOLE_SOURCE


@pytest.fixture
def two_sources(home: Home, now: object) -> Home:
    """In every table one row of source a, team One, tag vip, and one of source b, team Two."""
    writer = Writer(home, run_id="r")
    for source, team, tags in (("a", "One", ["vip"]), ("b", "Two", [])):
        for table in sorted(OF_A_SOURCE):
            values: dict[str, Any] = {"source_id": source}
            values |= {"conversation_id": f"c{source}"} if table in BY_CONVERSATION else {}
            values |= {"person_id": f"p{source}"} if table in BY_PERSON else {}
            if table == "conversation_facts":
                values |= {"team": team, "tags": tags, "requester_id": f"p{source}"}
            names = ", ".join(values)
            marks = ", ".join("?" for _ in values)
            writer.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))
    for table in WHOLE_WORKSPACE:
        writer.execute(f"INSERT INTO {table} (metric) VALUES ('created')")
    writer.close()
    generations.publish(home, writer.path, keep=1)
    return home


def expected_of(viewer: Viewer, table: str) -> list[str]:
    """The sources of the rows that a viewer may see, by the rules in words."""
    sources = [s for s in ("a", "b") if viewer.sources is None or s in viewer.sources]
    if viewer.teams is None and viewer.tags is None:
        return sources
    if table in WHOLE_SOURCE:
        return []
    return [s for s in sources if s == "a"] if table in BY_CONVERSATION | BY_PERSON else sources


@pytest.mark.parametrize("table", sorted(OF_A_SOURCE))
def test_each_table_is_limited_to_what_the_viewer_may_see(two_sources: Home, table: str) -> None:
    reader = open_reader(two_sources)
    for viewer in (
        EVERYTHING, SOURCE, TEAM, TAG, NOBODY, Viewer("x", sources=("b",), teams=("One",)),
        Viewer("y", teams=("One",), tags=()),
    ):  # fmt: skip
        expected = (
            [] if viewer.tags == () and table in BY_CONVERSATION | BY_PERSON else expected_of(viewer, table)
        )
        told = reader.query(f"SELECT source_id FROM {{{table}}} ORDER BY 1", viewer=viewer)
        assert told["source_id"].to_pylist() == expected, (viewer, "sql")
        expression = reader.table(table, viewer).select("source_id").order_by("source_id")
        assert reader.run(expression)["source_id"].to_pylist() == expected, (viewer, "ibis")


def test_open_tables_whole_ones_and_unknown_ones(two_sources: Home) -> None:
    reader = open_reader(two_sources)
    for table in OPEN_TO_ALL:
        assert reader.table(table, NOBODY) is reader.table(table, EVERYTHING)
    for table in WHOLE_WORKSPACE:
        count = f"SELECT count(*) AS n FROM {{{table}}}"
        assert [number(two_sources, count, viewer) for viewer in (EVERYTHING, SOURCE, TEAM)] == [1, 0, 0]
    with pytest.raises(StoreError, match="who may see"):
        reader.query("SELECT 1 FROM {secrets}", viewer=EVERYTHING)
    with pytest.raises(StoreError, match="who may see"):
        reader.table("secrets", EVERYTHING)


# Columns that can name somebody of a role. A new one that no rule hides makes a test below fail.
NAMING = {
    "agent": re.compile(
        r"(^|_)(agent|assignee|author|actor|submitter)(_id|_name)?$|^(raw|new_value|old_value)$"
    ),
    "customer": re.compile(
        r"(^|_)(requester|author|actor|submitter|person|canonical)(_id|_name)?$|^(raw|organization)$"
    ),
}
_BOTH = {"people", "people_parts", "person_roles"}
ABOUT_PEOPLE = {"agent": _BOTH | {"names_seen", "team_members"}, "customer": _BOTH | {"linked_people"}}
OF_PEOPLE = ("person_id", "name", "email", "handle", "external_id", "id")
BLIND = {
    "agent": Viewer("ida", rights=frozenset({"unmasked"}), alias_key="k1"),
    "customer": Viewer("ida", rights=frozenset({"agent_names"}), alias_key="k1"),
}


@pytest.fixture(params=["agent", "customer"])
def of_ana(request: pytest.FixtureRequest, home: Home, now: object) -> tuple[Home, str]:
    """A row in every table in which every column that can name Ana, an agent or a customer, does."""
    role = request.param
    writer = Writer(home, run_id="r")
    known: dict[str, Any] = {
        "author_role": role, "actor_role": role, "kind": role, "field": "assignee" if role == "agent" else "status",
        "dimension": role, "segment": "Ana",
    }  # fmt: skip
    of_agents_alone = {"team_members"} if role == "customer" else set()
    for table in sorted(TABLES - {"attributes"} - of_agents_alone):
        have = columns(writer.con, table)
        text = {c for c, kind in have.items() if kind == "VARCHAR"}
        ana = {c: "Ana" for c in text if NAMING[role].search(c)}
        ana |= {c: '{"by": "Ana"}' for c in ("raw",) if c in have}
        if table in ABOUT_PEOPLE[role]:
            ana |= {c: "Ana" for c in OF_PEOPLE if c in text}
            ana |= {"custom_fields": '{"of": "Ana"}'} if "custom_fields" in have else {}
        values = {c: v for c, v in known.items() if c in have} | ana
        if table == "names_seen":
            values["kind"] = "person"  # of those who work on conversations
        marks = ", ".join("?" for _ in values)
        if values:
            writer.execute(
                f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values())
            )
    writer.close()
    generations.publish(home, writer.path, keep=1)
    return home, role


def test_teams_that_history_knows_keep_their_names(home: Home, now: object) -> None:
    writer = Writer(home, run_id="r")
    writer.execute(
        "INSERT INTO names_seen VALUES ('team', 'a', 't1', 'Billing'), ('person', 'a', 'p1', 'Ana')"
    )
    writer.close()
    generations.publish(home, writer.path, keep=1)
    blind = Viewer("ida", rights=frozenset(), alias_key="k")
    told = (
        open_reader(home).query("SELECT kind, name FROM {names_seen} ORDER BY kind", viewer=blind).to_pylist()
    )
    assert told[1] == {"kind": "team", "name": "Billing"}
    assert re.fullmatch(r"Agent [0-9A-F]{6}", told[0]["name"])


@pytest.mark.parametrize("kind", ["customer", "unknown", None])
def test_a_person_of_unknown_kind_is_seen_with_their_conversations_alone(
    home: Home, now: object, kind: str | None
) -> None:
    writer = Writer(home, run_id="r")
    for person, team in (("in", "One"), ("out", "Two")):
        writer.execute("INSERT INTO people (source_id, person_id, kind) VALUES ('a', ?, ?)", [person, kind])
        writer.execute(
            "INSERT INTO conversation_facts (source_id, conversation_id, requester_id, team) VALUES ('a', ?, ?, ?)",
            [person, person, team],
        )
    writer.execute("INSERT INTO people (source_id, person_id, kind) VALUES ('a', 'ana', 'agent')")
    writer.close()
    generations.publish(home, writer.path, keep=1)
    told = open_reader(home).query("SELECT person_id FROM {people} ORDER BY 1", viewer=TEAM)
    assert told["person_id"].to_pylist() == ["ana", "in"]


@pytest.mark.parametrize("table", sorted(TABLES - {"metric_ledger"}))
def test_who_may_not_see_names_finds_them_nowhere(of_ana: tuple[Home, str], table: str) -> None:
    home, role = of_ana
    reader = open_reader(home)
    assert "Ana" not in str(reader.query(f"SELECT * FROM {{{table}}}", viewer=BLIND[role]).to_pylist())
    assert "Ana" not in str(reader.run(reader.table(table, BLIND[role])).to_pylist())


def test_a_pseudonym_is_one_in_every_table_and_cannot_be_guessed(of_ana: tuple[Home, str]) -> None:
    home, role = of_ana
    reader = open_reader(home)

    def seen(table: str, column: str, viewer: Viewer = BLIND[role]) -> Any:
        return reader.query(f"SELECT {column} AS c FROM {{{table}}}", viewer=viewer)["c"][0].as_py()

    places = [("messages", "author_name"), ("messages", "author_id"), ("people", "name"), ("people", "person_id"),
              ("conversation_events", "actor_id")]  # fmt: skip
    places += {
        "agent": [("conversation_facts", "agent"), ("replies", "agent"), ("conversations", "assignee_id"),
                  ("conversation_events", "new_value")],
        "customer": [("conversation_facts", "requester_id"), ("conversations", "submitter_id"),
                     ("requester_attributes", "person_id"), ("csat", "person_id")],
    }[role]  # fmt: skip
    found = {seen(*place) for place in places}
    assert len(found) == 1
    assert re.fullmatch(rf"{role.capitalize()} [0-9A-F]{{6}}", found.pop())
    other = Viewer("ida", rights=frozenset(), alias_key="k2")
    assert seen("people", "name", other) != seen("people", "name")
    assert seen("people", "name", EVERYTHING) == "Ana"
    assert seen("people", "name", BLIND["customer" if role == "agent" else "agent"]) == "Ana"


def test_numbers_by_agent_that_were_written_down_are_hidden_too(of_ana: tuple[Home, str]) -> None:
    home, role = of_ana
    count = "SELECT count(*) AS n FROM {metric_ledger} WHERE segment = 'Ana'"
    assert number(home, count, BLIND["agent"]) == (0 if role == "agent" else 1)


def test_names_with_quotes_stay_names(two_sources: Home) -> None:
    sly = Viewer("mal", sources=("a') OR true OR source_id IN ('b",))
    assert number(two_sources, viewer=sly) == 0


def test_columns_of_ibis_tables_are_those_of_the_store(two_sources: Home) -> None:
    reader = open_reader(two_sources)
    assert list(reader.table("messages", EVERYTHING).columns) == list(columns(reader._con, "messages"))


def test_a_query_that_needs_more_memory_than_it_may_take_is_ended_and_said(
    home: Home, publish: Callable[[], int]
) -> None:
    home.settings_file.write_text("[storage]\nmemory_mb = 256\n")
    publish()
    # Lists of an aggregate cannot be paged out: 40 million numbers take more than 256 MB.
    with pytest.raises(MemoryLimit, match="256 MB") as found:
        open_reader(home).select("SELECT len(list(range)) FROM range(40_000_000)")
    assert "storage.memory_mb" in found.value.hint
    assert number(home) == 1  # and the next one is answered
