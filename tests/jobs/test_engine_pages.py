"""Pages of rows as a source has them: into columns, in any order, with what cannot be used set aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pyarrow as pa

from connectors.base import ReadContext
from core.home import Home
from core.stream import (
    Batch,
    ColumnRead,
    FileRead,
    Item,
    Page,
    Roles,
)
from tests.jobs.played import Script, conversations, go, point, rows


def page(told: Sequence[Mapping[str, str | None]], **more: Any) -> Page:
    names = list(dict.fromkeys(name for row in told for name in row))
    columns = {"conversation_id": "id", "created_at": "at", "status": "state", "tags": "labels",
               "subject": "title"}  # fmt: skip
    read = FileRead(
        "", "tickets", "tickets", tuple(names),
        {ours: ColumnRead(theirs) for ours, theirs in columns.items() if theirs in names},
        complete=False, version="v", roles=Roles(), **more,
    )  # fmt: skip
    table = pa.table({n: pa.array([row.get(n) for row in told], pa.string()) for n in names})
    return Page(table, read)


def ticket(n: int, v: int, labels: str = "", **more: str | None) -> dict[str, str | None]:
    return {"id": str(n), "at": "2026-01-01 10:00:00+00", "state": "open", "title": f"ticket {n}",
            "labels": labels, "v": str(v), **more}  # fmt: skip


def test_pages_of_tickets_in_any_order_give_the_newest_state(home: Home, now: datetime) -> None:
    old, new = page([ticket(1, 1, "a,b"), ticket(2, 1, "x")]), page([ticket(1, 5, "a", title="new words")])

    def read(*order: Page) -> Script:
        def script(context: ReadContext) -> Iterator[Item]:
            for one in order:
                yield one
                yield point(1)

        return script

    for name, order in {
        "rising": (old, new),
        "falling": (new, old),
        "again": (old, new, old, new, old),
    }.items():
        assert go(home, {name: read(*order)}).status == "ok"
        assert rows(home, f"SELECT subject FROM conversations WHERE source_id = '{name}' ORDER BY 1") == [
            ("new words",), ("ticket 2",)]  # fmt: skip
        tags = f"SELECT conversation_id, tag FROM conversation_tags WHERE source_id = '{name}' AND NOT is_deleted"
        assert rows(home, f"{tags} ORDER BY ALL") == [("1", "a"), ("2", "x")]


def test_rows_of_a_page_that_cannot_be_used_are_listed_once(home: Home, now: datetime) -> None:
    def read(context: ReadContext) -> Iterator[Item]:
        yield page([ticket(1, 1), ticket(2, 1, at="infinity"), ticket(3, 1, id=None)])
        yield point(1)

    for published in (True, False):
        report = go(home, {"one": read})
        assert (report.totals.rejected, report.published) == (2, published)
    assert rows(home, "SELECT stream, reason FROM sync_rejects ORDER BY 2") == [
        ("conversations", "conversation_id is empty"), ("conversations", "created_at is not a usable date")
    ]  # fmt: skip


def test_columns_that_come_later_are_kept_counted_and_said(home: Home, now: datetime) -> None:
    def told(**more: str) -> Script:
        one = page([ticket(1, 1 + len(more), **more)])
        own = {f"custom:{name}": ColumnRead(name) for name in more}
        described = replace(one.read, columns={**one.read.columns, **own})
        return lambda context: iter([Page(one.rows, described), point(len(more))])

    reports = [go(home, {"one": told(plan="gold")})]
    reports.append(go(home, {"one": told(plan="gold", region="north")}))
    reports.append(go(home, {"one": told(plan="gold", region="north")}))
    assert [report.sources[0].new_columns for report in reports] == [(), ("region",), ()]
    fields = "SELECT field_key, first_seen = last_seen FROM field_definitions ORDER BY 1"
    assert [key for key, _ in rows(home, fields)] == ["plan", "region"]
    assert rows(home, "SELECT custom_fields->>'region' FROM conversations") == [("north",)]


def test_a_batch_that_holds_all_rows_of_a_conversation(home: Home, now: datetime) -> None:
    def tags(version: int, *words: str) -> list[Item]:
        table = pa.table({"conversation_id": ["a"] * len(words), "tag": pa.array(words, pa.string())})
        whole = pa.table({"conversation_id": ["a"], "source_version": [version]})
        return [conversations("a", version=version), Batch("conversation_tags", table, whole), point(version)]

    for told in ([tags(1, "x", "y"), tags(2, "y"), tags(1, "x", "y")], [tags(3)], [tags(4, "x")]):
        go(home, {"one": lambda context, told=told: (item for page in told for item in page)})
    assert rows(home, "SELECT tag FROM conversation_tags WHERE NOT is_deleted") == [("x",)]
    assert rows(home, "SELECT count(*) FROM conversation_tags") == [(2,)]


def test_a_note_of_a_page_that_does_not_say_who_may_read_it_is_private(home: Home, now: datetime) -> None:
    told = [("m1", None, None), ("m2", "note", None), ("m3", None, "false"), ("m4", "note", "true")]
    names = ("id", "of", "at", "kind", "open", "v")
    ours = ("message_id", "conversation_id", "created_at", "kind", "is_public")

    def script(columns: Sequence[str]) -> Script:
        known = {one: ColumnRead(theirs) for one, theirs in zip(ours, names, strict=False) if one in columns}
        read = FileRead("", "comments", "messages", names, known, complete=False, version="v", roles=Roles())
        made = [(id, "c1", "2026-01-01 10:00:00+00", kind, is_open, "1") for id, kind, is_open in told]
        table = pa.table(
            {
                name: pa.array(column, pa.string())
                for name, column in zip(names, zip(*made, strict=True), strict=True)
            }
        )
        return lambda context: iter([conversations("c1"), Page(table, read), point(1)])

    go(home, {"all": script(ours), "kinds": script(ours[:4])})
    public = "SELECT is_public FROM messages WHERE source_id = '{}' ORDER BY message_id"
    assert [one for (one,) in rows(home, public.format("all"))] == [True, False, False, True]
    assert [one for (one,) in rows(home, public.format("kinds"))] == [True, False, True, False]
