from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import NothingPublished, StoreError
from core.home import Home
from core.viewer import EVERYTHING, Viewer
from store import generations
from store.reader import BY_CONVERSATION, BY_SOURCE, OPEN_TO_ALL, open_reader, scoped
from store.tables import columns
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
SOURCE = Viewer("bob", sources=("a",))
NOBODY = Viewer("eve", sources=())


@pytest.fixture
def two_sources(home: Home, now: object) -> Home:
    """In every table one row of source a, team One, and one of source b, team Two."""
    writer = Writer(home, run_id="r")
    for source, team in (("a", "One"), ("b", "Two")):
        for table in sorted(BY_CONVERSATION | BY_SOURCE):
            values: dict[str, Any] = {"source_id": source}
            values |= {"conversation_id": f"c{source}"} if table in BY_CONVERSATION else {}
            values |= {"team": team} if table == "conversation_facts" else {}
            names = ", ".join(values)
            marks = ", ".join("?" for _ in values)
            writer.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))
    writer.close()
    generations.publish(home, writer.path, keep=1)
    return home


@pytest.mark.parametrize("table", sorted(BY_CONVERSATION | BY_SOURCE))
def test_each_table_is_limited_to_what_the_viewer_may_see(two_sources: Home, table: str) -> None:
    reader = open_reader(two_sources)
    limited_by_team = ["a"] if table in BY_CONVERSATION else ["a", "b"]
    for viewer, expected in (
        (EVERYTHING, ["a", "b"]), (SOURCE, ["a"]), (TEAM, limited_by_team), (NOBODY, []),
        (Viewer("x", sources=("b",), teams=("One",)), [] if table in BY_CONVERSATION else ["b"]),
    ):  # fmt: skip
        told = reader.query(f"SELECT source_id FROM {{{table}}} ORDER BY 1", viewer=viewer)
        assert told["source_id"].to_pylist() == expected, (viewer, "sql")
        expression = reader.table(table, viewer).select("source_id").order_by("source_id")
        assert reader.run(expression)["source_id"].to_pylist() == expected, (viewer, "ibis")


def test_open_tables_and_unknown_ones(two_sources: Home) -> None:
    for table in OPEN_TO_ALL:
        assert scoped(table, NOBODY) == table
    with pytest.raises(StoreError, match="who may see"):
        scoped("secrets", EVERYTHING)
    with pytest.raises(StoreError, match="who may see"):
        open_reader(two_sources).table("secrets", EVERYTHING)


def test_names_with_quotes_stay_names(two_sources: Home) -> None:
    sly = Viewer("mal", sources=("a') OR true OR source_id IN ('b",))
    assert number(two_sources, viewer=sly) == 0


def test_columns_of_ibis_tables_are_those_of_the_store(two_sources: Home) -> None:
    reader = open_reader(two_sources)
    assert list(reader.table("messages", EVERYTHING).columns) == list(columns(reader._con, "messages"))
