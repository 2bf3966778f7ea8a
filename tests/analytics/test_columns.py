"""What exports say about their columns is what the warehouse has, and the page says the same."""

from __future__ import annotations

import pytest

from analytics import columns, document_exports
from analytics.columns import Column, Kind
from core.home import Home
from store.tables import columns as stored
from store.writer import Writer

KINDS: dict[Kind, tuple[str, ...]] = {
    "text": ("VARCHAR", "JSON"),
    "number": ("INTEGER", "BIGINT", "DOUBLE"),
    "seconds": ("BIGINT",),
    "instant": ("TIMESTAMP WITH TIME ZONE",),
    "local": ("TIMESTAMP",),
    "flag": ("BOOLEAN",),
    "list": ("VARCHAR[]",),
    "date": ("DATE",),
}

# Not taken out: where a row came from, and what the store needs for itself.
INNER = {"source_version", "content_hash", "is_deleted", "deleted_at", "first_seen_run", "last_seen_run", "raw",
         "is_derived", "message_count"}  # fmt: skip


@pytest.fixture
def tables(home: Home) -> dict[str, dict[str, str]]:
    writer = Writer(home, run_id="test")
    found = {
        name: stored(writer.con, name)
        for name in ("conversation_facts", "conversations", "messages", "message_enrichment")
    }
    writer.close()
    return found


def test_every_column_of_the_facts_is_documented(tables: dict[str, dict[str, str]]) -> None:
    told = [column.name for column in columns.FACTS]
    assert told == list(tables["conversation_facts"]), (
        "say in analytics/columns.py what it means, and `make docs`"
    )


def test_every_column_of_conversations_is_documented(tables: dict[str, dict[str, str]]) -> None:
    names = [name for name in tables["conversations"] if name not in INNER]
    assert [column.name for column in columns.CONVERSATIONS] == names


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("conversation_facts", columns.FACTS),
        ("conversations", columns.CONVERSATIONS),
        ("messages", columns.MESSAGES),
    ],
)
def test_types_are_as_documented(
    tables: dict[str, dict[str, str]], table: str, told: tuple[Column, ...]
) -> None:
    enriched = tables["message_enrichment"]
    made = {"author": "VARCHAR", "own_text": enriched["clean_text"]}
    known = tables[table] | made | {name: enriched[name] for name in ("sentiment_score", "word_count")}
    wrong = [column for column in told if known[column.name] not in KINDS[column.kind]]
    assert wrong == [] and len(told) > 10


def test_the_page_is_what_the_columns_are() -> None:
    assert document_exports.PAGE.read_text(encoding="utf-8") == document_exports.page(), (
        "stale: run `make docs`"
    )
