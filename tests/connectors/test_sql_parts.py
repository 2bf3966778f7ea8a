"""What the SQL connectors decide before a server is asked: one query, quoted names, positions, days below each other."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from pydantic import ValidationError

from connectors._sql_database import Column, earlier
from connectors._sql_guard import is_query, one_query
from connectors._sql_lanes import _scale
from connectors._sql_pages import after, as_text_table, beside_to_below
from connectors.mysql import MysqlConfig, MysqlDatabase
from connectors.sqlite import SqliteConfig, SqliteDatabase


@pytest.mark.parametrize(
    "text",
    [
        "select 1; drop table messages",
        "select 1 into outfile 'stolen.csv'",
        "select 1 INTO\nDUMPFILE 'stolen.csv'",
        "select 1 /*!50000 into outfile 'stolen.csv' */",
        "delete from messages where true",
        "insert into messages select 1",
        "set transaction read write",
        "",
    ],
)
def test_only_one_reading_query(text: str) -> None:
    with pytest.raises(ValueError, match=r"statement|query|allowed"):
        one_query(text)


@pytest.mark.parametrize(
    "text",
    [
        "select ';' from t",
        'select "a;b" from t -- ; and more\n where 1 = 1',
        "with x as (select $$;$$ as a) select a from x",
        "select 'it''s; fine', `odd;name` from t /* ; */",
        "select body as outfile from t",
    ],
)
def test_queries_that_are_fine(text: str) -> None:
    assert one_query(text + " ; \n") == text


def test_a_table_is_no_query() -> None:
    assert not is_query("support.messages")
    assert is_query("select * from support.messages")
    with pytest.raises(ValidationError, match="semicolon"):
        SqliteConfig(path="x", messages="select 1; select 2")
    with pytest.raises(ValidationError, match="name at least one"):
        MysqlConfig(host="db")
    with pytest.raises(ValidationError, match="where the server is"):
        MysqlConfig(messages="messages")


def test_several_hosts_with_ports() -> None:
    config = MysqlConfig(hosts=("a", "b:3307", "[::1]:3308"), messages="messages")
    assert config.addresses(3306) == [("a", 3306), ("b", 3307), ("::1", 3308)]


def test_identifiers_are_quoted() -> None:
    mysql = MysqlDatabase("lab", MysqlConfig(host="db", messages="messages"))
    assert mysql.name("a`b") == "`a``b`"
    assert mysql.table("shop.`order lines`") == "`shop`.`order lines`"
    sqlite = SqliteDatabase("lab", SqliteConfig(path="x"))
    assert sqlite.table('"order"') == '"order"'


def test_predicates_are_of_the_dialect() -> None:
    mysql = MysqlDatabase("lab", MysqlConfig(host="db", messages="messages"))
    sqlite = SqliteDatabase("lab", SqliteConfig(path="x"))
    assert after(mysql, ("c", "k"), ("1", "2"), ">") == "c >= 1 AND (c > 1 OR k >= 2)"
    assert after(sqlite, ("c", "k"), ("1", "2"), "<") == "(c, k) <= (1, 2)"


@pytest.mark.parametrize(
    ("value", "zone", "moved"),
    [
        ("2026-01-01 00:02:00.5+00", True, "2025-12-31 23:57:00.500000+00"),
        ("2026-01-01T00:02:00Z", False, "2025-12-31T23:57:00"),
        ("2026-01-05", False, "2026-01-04 23:55:00"),
        ("infinity", True, "infinity"),
        ("0044-03-15 00:00:00 BC", True, "0044-03-15 00:00:00 BC"),
    ],
)
def test_the_overlap_of_an_instant(value: str, zone: bool, moved: str) -> None:
    assert earlier(value, 300, keeps_zone=zone) == moved


def test_numbers_that_are_times() -> None:
    at = datetime(2026, 11, 16, tzinfo=UTC)
    assert [_scale(v, at) for v in ("1763200000", "1763200000000", "1763200000000000", "4711", None)] == [
        1, 1_000, 1_000_000, 0, 0,
    ]  # fmt: skip


def test_numbers_are_compared_as_numbers() -> None:
    sqlite = SqliteDatabase("lab", SqliteConfig(path="x"))
    assert sqlite.literal("12", Column("id", "number")) == "12"
    assert sqlite.literal("12 or 1=1", Column("id", "number")) == "'12 or 1=1'"
    assert sqlite.literal("o'brien", Column("id")) == "'o''brien'"


def test_days_below_each_other() -> None:
    table = pa.table({"d": ["2026-01-01 00:00:00", "2026-01-02"], "users": ["5", None], "orders": ["1", "2"]})
    assert beside_to_below(table).to_pylist() == [
        {"day": "2026-01-01", "name": "users", "value": "5"},
        {"day": "2026-01-01", "name": "orders", "value": "1"},
        {"day": "2026-01-02", "name": "orders", "value": "2"},
    ]


def test_a_text_that_is_none_sets_its_row_aside() -> None:
    bad = b"caf\xe9".decode("utf-8", "surrogateescape")
    table, rejects = as_text_table(["id", "body"], [("m1", bad), ("m2", "fine")], "messages")
    assert table.to_pylist() == [{"id": "m2", "body": "fine"}]
    assert [(r.native_id, r.reason) for r in rejects] == [("m1", "the row is not valid UTF-8")]
