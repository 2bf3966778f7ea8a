from __future__ import annotations

import re

import pytest

from core.errors import StoreError
from core.stream import KEYS
from store.migrations import SCHEMA
from store.tables import PROVENANCE, columns, keys
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


def promised_keys() -> dict[str, tuple[str, ...]]:
    found = re.findall(r"^CREATE TABLE (\w+)\b[^\n]*-- key: ([^\n]+)$", SCHEMA.read_text(), re.MULTILINE)
    return {table: tuple(name.strip() for name in names.split(",")) for table, names in found}


def test_the_keys_of_the_streams_are_those_of_the_schema() -> None:
    promised = promised_keys()
    assert len(promised) > 20
    assert {stream: ("source_id", *key) for stream, key in KEYS.items()} == {s: promised[s] for s in KEYS}


def test_every_stream_has_the_columns_that_the_merge_writes(writer: Writer) -> None:
    needed = PROVENANCE - {"raw", "is_derived"}
    for stream in KEYS:
        have = columns(writer.con, stream)
        assert needed <= have.keys(), stream
        assert set(keys(stream)) <= have.keys(), stream


def test_every_table_says_who_may_see_it(writer: Writer) -> None:
    tables = {row[0] for row in writer.con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    groups = (BY_CONVERSATION, BY_PERSON, BY_SOURCE, WHOLE_SOURCE, WHOLE_WORKSPACE, OPEN_TO_ALL)
    assert tables == TABLES
    assert sum(map(len, groups)) == len(TABLES), "a table is in two groups"
    for table in BY_CONVERSATION:
        assert {"source_id", "conversation_id"} <= columns(writer.con, table).keys(), table
    for table in BY_PERSON:
        assert {"source_id", "person_id"} <= columns(writer.con, table).keys(), table
    for table in BY_SOURCE | WHOLE_SOURCE:
        assert "source_id" in columns(writer.con, table), table


def test_columns_are_those_of_the_catalog_in_its_order(writer: Writer) -> None:
    writer.execute('CREATE TEMP TABLE stage_odd (b DECIMAL(9, 2), "a b" VARCHAR[], c STRUCT(x BIGINT))')
    catalog = writer.con.execute(
        "SELECT table_name, list((column_name, data_type) ORDER BY column_index) FROM duckdb_columns() "
        "WHERE NOT internal GROUP BY 1"
    ).fetchall()
    assert len(catalog) > 20 and "stage_odd" in dict(catalog)
    for table, promised in catalog:
        assert list(columns(writer.con, table).items()) == promised, table


def test_unknown_streams_and_tables_are_refused(writer: Writer) -> None:
    with pytest.raises(StoreError, match="not a stream"):
        keys("tickets")
    with pytest.raises(StoreError, match="no table"):
        columns(writer.con, "tickets")
