from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DiskFull, SourceDataError, StoreError
from core.stream import Batch, Checkpoint, Reject
from store.merge import Counts, merge
from store.writer import Writer


def conversation(n: int, **more: Any) -> dict[str, Any]:
    return {"conversation_id": f"c{n}", "subject": f"subject {n}", "created_at": n, **more}


def message(n: int, c: int, **more: Any) -> dict[str, Any]:
    return {
        "message_id": f"m{n}",
        "conversation_id": f"c{c}",
        "body_text": f"text {n}",
        "created_at": n,
        **more,
    }


def rows(writer: Writer, sql: str) -> list[tuple[Any, ...]]:
    return writer.con.execute(sql).fetchall()


def test_first_rows_are_inserted_and_a_replay_changes_nothing(writer: Writer, batch: Any) -> None:
    page = [
        batch("conversations", [conversation(1), conversation(2)]),
        batch("messages", [message(1, 1), message(2, 1), message(3, 2)]),
    ]
    first = writer.apply("s", page)
    before = rows(writer, "SELECT * FROM messages ORDER BY ALL")
    second = writer.apply("s", page)
    assert first.counts == Counts(inserted=5)
    assert second.counts == Counts(unchanged=5)
    assert rows(writer, "SELECT * FROM messages ORDER BY ALL") == before
    assert rows(writer, "SELECT message_id, seq FROM messages ORDER BY 1") == [
        ("m1", 1),
        ("m2", 2),
        ("m3", 1),
    ]


def test_unchanged_rows_keep_the_run_that_wrote_them(writer: Writer, batch: Any) -> None:
    writer.apply("s", [batch("conversations", [conversation(1), conversation(2)])])
    writer.run_id = "run-2"
    counts = writer.apply(
        "s", [batch("conversations", [conversation(1), conversation(2, status="open")])]
    ).counts
    assert counts == Counts(updated=1, unchanged=1)
    assert rows(
        writer, "SELECT conversation_id, first_seen_run, last_seen_run FROM conversations ORDER BY 1"
    ) == [
        ("c1", "run-1", "run-1"),
        ("c2", "run-1", "run-2"),
    ]


def test_absent_and_empty_columns_have_one_fingerprint(writer: Writer, batch: Any) -> None:
    writer.apply("s", [batch("conversations", [conversation(1)])])
    again = writer.apply("s", [batch("conversations", [conversation(1, status=None, brand=None)])])
    assert again.counts == Counts(unchanged=1)


def test_an_older_version_never_replaces_a_newer_one(writer: Writer, batch: Any) -> None:
    writer.apply("s", [batch("conversations", [conversation(1, status="solved", source_version=5)])])
    older = writer.apply("s", [batch("conversations", [conversation(1, status="open", source_version=4)])])
    none = writer.apply("s", [batch("conversations", [conversation(1, status="open")])])
    assert (older.counts, none.counts) == (Counts(unchanged=1), Counts(unchanged=1))
    assert rows(writer, "SELECT status, source_version FROM conversations") == [("solved", 5)]


def test_a_newer_version_of_equal_content_is_no_change_but_counts_later(writer: Writer, batch: Any) -> None:
    writer.apply("s", [batch("conversations", [conversation(1, source_version=1)])])
    assert writer.apply("s", [batch("conversations", [conversation(1, source_version=3)])]).counts == Counts(
        unchanged=1
    )
    writer.apply("s", [batch("conversations", [conversation(1, status="open", source_version=2)])])
    assert rows(writer, "SELECT status, source_version FROM conversations") == [(None, 3)]


def test_of_one_key_the_highest_version_wins_then_the_last(writer: Writer, batch: Any) -> None:
    page = [
        conversation(1, status="a", source_version=2),
        conversation(1, status="b", source_version=3),
        conversation(1, status="c", source_version=3),
        conversation(1, status="d", source_version=1),
    ]
    for _ in range(2):
        writer.apply("s", [batch("conversations", page)])
        assert rows(writer, "SELECT status FROM conversations") == [("c",)]


def test_sources_do_not_touch_each_other(writer: Writer, batch: Any) -> None:
    writer.apply("a", [batch("conversations", [conversation(1)])])
    writer.apply("b", [batch("conversations", [conversation(1, status="open")])])
    assert rows(writer, "SELECT source_id, status FROM conversations ORDER BY 1") == [
        ("a", None),
        ("b", "open"),
    ]


def test_late_messages_renumber_their_conversation_alone(writer: Writer, batch: Any) -> None:
    writer.apply("s", [batch("messages", [message(10, 1), message(20, 1), message(5, 2)])])
    late = writer.apply("s", [batch("messages", [message(15, 1), message(20, 1)])])
    assert late.counts == Counts(inserted=1, unchanged=1)
    assert rows(writer, "SELECT conversation_id, message_id, seq FROM messages ORDER BY 1, 3") == [
        ("c1", "m10", 1), ("c1", "m15", 2), ("c1", "m20", 3), ("c2", "m5", 1),
    ]  # fmt: skip


def test_messages_without_a_time_come_last(writer: Writer) -> None:
    table = pa.table({"message_id": ["m1"], "conversation_id": ["c1"], "body_text": ["hello"]})
    for inserted in (1, 0):
        assert writer.apply("s", [Batch("messages", table)]).counts.inserted == inserted
    assert rows(writer, "SELECT message_id, seq, created_at FROM messages") == [("m1", 1, None)]


def test_equal_times_of_pages_are_ordered_by_id_whichever_page_comes_first(
    writer: Writer, batch: Any
) -> None:
    writer.apply("s", [batch("messages", [message(10, 1, created_at=1), message(3, 1, created_at=1)])])
    writer.apply("s", [batch("messages", [message(9, 1, created_at=1)])])
    assert rows(writer, "SELECT message_id FROM messages ORDER BY seq") == [("m3",), ("m9",), ("m10",)]


def test_a_message_that_moves_marks_both_conversations(writer: Writer, batch: Any) -> None:
    writer.apply("s", [batch("messages", [message(1, 1), message(2, 1)])])
    writer.execute("DELETE FROM dirty_conversations")
    writer.apply("s", [batch("messages", [message(1, 7)])])
    assert rows(writer, "SELECT conversation_id FROM dirty_conversations ORDER BY 1") == [("c1",), ("c7",)]
    assert rows(writer, "SELECT message_id, conversation_id, seq FROM messages ORDER BY 1") == [
        ("m1", "c7", 1),
        ("m2", "c1", 1),
    ]


def test_deletion_keeps_the_content_and_can_be_undone(writer: Writer, batch: Any) -> None:
    writer.apply("s", [batch("conversations", [conversation(1, source_version=1)])])
    gone = writer.apply(
        "s", [batch("conversations", [{"conversation_id": "c1", "is_deleted": True, "source_version": 2}])]
    )
    assert gone.counts == Counts(deleted=1)
    assert rows(writer, "SELECT subject, is_deleted, deleted_at IS NULL FROM conversations") == [
        ("subject 1", True, False)
    ]
    back = writer.apply("s", [batch("conversations", [conversation(1, source_version=3)])])
    assert back.counts == Counts(updated=1)
    assert rows(writer, "SELECT is_deleted, deleted_at FROM conversations") == [(False, None)]


def test_changed_conversations_are_dirty_once(writer: Writer, batch: Any) -> None:
    page = [batch("conversations", [conversation(1), conversation(2)]), batch("messages", [message(1, 1)])]
    writer.apply("s", page)
    writer.apply("s", page)
    assert rows(writer, "SELECT * FROM dirty_conversations ORDER BY ALL") == [("s", "c1"), ("s", "c2")]
    writer.execute("DELETE FROM dirty_conversations")
    writer.apply("s", page)
    assert rows(writer, "SELECT * FROM dirty_conversations") == []


def test_a_renamed_agent_or_team_marks_the_conversations_that_show_the_name(
    writer: Writer, batch: Any
) -> None:
    writer.apply(
        "s",
        [
            batch(
                "conversations",
                [conversation(1, assignee_id="p1"), conversation(2, team_id="t1"), conversation(3)],
            ),
            batch("people", [{"person_id": "p1", "name": "Ann"}]),
            batch("teams", [{"team_id": "t1", "name": "One"}]),
        ],
    )
    writer.execute("DELETE FROM dirty_conversations")
    writer.apply("s", [batch("people", [{"person_id": "p1", "name": "Anna"}])])
    assert rows(writer, "SELECT conversation_id FROM dirty_conversations") == [("c1",)]
    writer.apply("s", [batch("teams", [{"team_id": "t1", "name": "Two"}])])
    assert rows(writer, "SELECT conversation_id FROM dirty_conversations ORDER BY 1") == [("c1",), ("c2",)]


def test_rows_without_a_key_are_set_aside_and_said(writer: Writer, batch: Any) -> None:
    applied = writer.apply("s", [batch("conversations", [conversation(1), {"conversation_id": None}])])
    assert (applied.read, applied.rejected, applied.counts.inserted) == (2, 1, 1)
    assert rows(writer, "SELECT stream, reason FROM sync_rejects") == [
        ("conversations", "no conversation_id")
    ]


def test_unknown_columns_and_unfit_values_are_refused_and_nothing_stays(writer: Writer, batch: Any) -> None:
    with pytest.raises(StoreError, match="colour"):
        writer.apply("s", [batch("conversations", [conversation(1, colour="red")])])
    with pytest.raises(SourceDataError, match="do not fit"):
        writer.apply(
            "s",
            [
                batch("conversations", [conversation(1)]),
                Batch("messages", pa.table({"message_id": ["m1"], "created_at": ["yesterday"]})),
            ],
        )
    assert rows(writer, "SELECT count(*) FROM conversations") == [(0,)]


def test_rows_cursor_and_rejects_come_together_or_not_at_all(writer: Writer, batch: Any) -> None:
    page = [batch("conversations", [conversation(1)])]
    reject = Reject("conversations", "no date", line=3, sample="write to ann@example.com")
    writer.mask = lambda text: text.replace("ann@example.com", "[email]")
    for _ in range(2):  # read again, it is listed once
        writer.apply("s", page, checkpoints=[Checkpoint("conversations", {"n": 1}, "page")], rejects=[reject])
    assert rows(writer, "SELECT sample, line FROM sync_rejects") == [("write to [email]", 3)]

    def fail(text: str) -> str:
        raise RuntimeError(text)

    writer.mask = fail
    with pytest.raises(RuntimeError):
        writer.apply(
            "s", [batch("conversations", [conversation(2)])],
            checkpoints=[Checkpoint("conversations", {"n": 2}, "page")], rejects=[replace(reject, line=9)],
        )  # fmt: skip
    assert rows(writer, "SELECT cursor FROM sync_state") == [('{"n": 1}',)]
    assert rows(writer, "SELECT count(*) FROM conversations") == [(1,)]


def test_a_full_disk_is_said_and_undoes_the_page(writer: Writer, batch: Any) -> None:
    import duckdb

    def fill(_: str) -> str:
        raise duckdb.IOException("IO Error: could not write: No space left on device")

    writer.mask = fill
    with pytest.raises(DiskFull, match="filled up"):
        writer.apply("s", [batch("conversations", [conversation(1)])], rejects=[Reject("x", "y", sample="z")])
    assert rows(writer, "SELECT count(*) FROM conversations") == [(0,)]
    writer.mask = str
    assert writer.apply("s", [batch("conversations", [conversation(1)])]).counts.inserted == 1


# -- several files that speak of one conversation --------------------------------------------------


def stage(writer: Writer, stream: str, file: str, told: list[dict[str, Any]], batch: Any) -> None:
    table = batch(stream, [{"source_id": "s", "source_file": file, **row} for row in told]).rows
    writer.con.register("incoming", table)
    names = ", ".join(f"{n}::BOOLEAN AS {n}" if n in ("is_derived",) else n for n in table.column_names)
    writer.execute(f"CREATE OR REPLACE TEMP TABLE stage_{stream} AS SELECT {names} FROM incoming")
    writer.con.unregister("incoming")


def load(writer: Writer, stream: str, file: str, told: list[dict[str, Any]], batch: Any) -> Counts:
    stage(writer, stream, file, told, batch)
    with writer.transaction():
        return merge(writer.con, stream, source_id="s", run_id="run-1", complete_file=file)


TICKETS = [conversation(1, created_at=5, status="open"), conversation(2, created_at=6, status="solved")]
DERIVED = [
    {"conversation_id": "c1", "created_at": 3, "message_count": 2, "status": "unknown", "is_derived": "true"},
    {"conversation_id": "c9", "created_at": 4, "message_count": 1, "is_derived": "true"},
]


@pytest.mark.parametrize("order", ["tm", "mt", "tmt", "mtm", "mtmtm"])
def test_files_are_combined_in_any_order(writer: Writer, batch: Any, order: str) -> None:
    for name in order:
        told = TICKETS if name == "t" else DERIVED
        load(writer, "conversations", f"{name}.csv", told, batch)
    again = load(writer, "conversations", "m.csv", DERIVED, batch) + load(
        writer, "conversations", "t.csv", TICKETS, batch
    )
    assert again == Counts(unchanged=4)
    assert rows(
        writer,
        "SELECT conversation_id, status, subject, message_count, minute(created_at), is_derived, is_deleted "
        "FROM conversations ORDER BY 1",
    ) == [
        ("c1", "open", "subject 1", 2, 3, False, False),
        ("c2", "solved", "subject 2", None, 6, None, False),
        ("c9", None, None, 1, 4, True, False),
    ]


def test_what_one_file_no_longer_says_is_gone_and_what_another_says_stays(writer: Writer, batch: Any) -> None:
    load(writer, "conversations", "t.csv", TICKETS, batch)
    load(writer, "conversations", "m.csv", DERIVED, batch)
    counts = load(writer, "conversations", "t.csv", [conversation(2, created_at=6)], batch)
    assert counts == Counts(updated=2)
    assert rows(writer, "SELECT conversation_id, status, subject, is_deleted FROM conversations ORDER BY 1") == [
        ("c1", "unknown", None, False), ("c2", None, "subject 2", False), ("c9", None, None, False),
    ]  # fmt: skip
    load(writer, "conversations", "m.csv", DERIVED[1:], batch)
    assert rows(writer, "SELECT conversation_id, is_deleted FROM conversations ORDER BY 1") == [
        ("c1", True), ("c2", False), ("c9", False),
    ]  # fmt: skip


def test_rows_missing_from_a_whole_file_are_deleted_and_come_back(writer: Writer, batch: Any) -> None:
    told = [message(1, 1), message(2, 1)]
    load(writer, "messages", "m.csv", told, batch)
    assert load(writer, "messages", "m.csv", told[:1], batch) == Counts(unchanged=1, deleted=1)
    assert load(writer, "messages", "m.csv", told[:1], batch) == Counts(unchanged=1)
    assert load(writer, "messages", "m.csv", told, batch) == Counts(updated=1, unchanged=1)


def test_a_file_that_was_put_back_to_an_older_state_is_believed(writer: Writer, batch: Any) -> None:
    load(writer, "messages", "m.csv", [message(1, 1, source_version=9)], batch)
    counts = load(writer, "messages", "m.csv", [message(1, 1, source_version=4, body_text="old")], batch)
    assert counts == Counts(updated=1)
    assert load(
        writer, "messages", "other.csv", [message(1, 1, source_version=3, body_text="older")], batch
    ) == Counts(unchanged=1)


# -- replays ---------------------------------------------------------------------------------------

_row = st.fixed_dictionaries(
    {
        "n": st.integers(0, 5),
        "c": st.integers(0, 2),
        "text": st.sampled_from("abc"),
        "minute": st.integers(0, 2),
        "version": st.one_of(st.none(), st.integers(1, 3)),
        "deleted": st.booleans(),
    }
)
_pages = st.lists(st.lists(_row, min_size=1, max_size=5), min_size=1, max_size=4)


def _page(told: list[dict[str, Any]], batch: Any) -> list[Batch]:
    return [
        batch(
            "messages",
            [
                message(r["n"], r["c"], body_text=r["text"], created_at=r["minute"],
                        source_version=r["version"], is_deleted=r["deleted"])
                for r in told
            ],
        ),
        batch(
            "conversations",
            [
                conversation(r["c"], subject=r["text"], created_at=0, source_version=r["version"])
                for r in told
            ],
        ),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def shared_writer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from core.home import Home

    opened = Writer(Home(tmp_path_factory.mktemp("replays")), run_id="run-1")
    yield opened
    opened.con.close()


_example = iter(range(1_000_000))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(pages=_pages, prefixes=st.lists(st.integers(0, 4), max_size=3))
def test_replaying_prefixes_any_number_of_times_gives_the_same_tables(
    shared_writer: Writer, batch: Any, pages: list[list[dict[str, Any]]], prefixes: list[int]
) -> None:
    n = next(_example)
    for told in pages:
        shared_writer.apply(f"plain{n}", _page(told, batch))
    for length in [*prefixes, len(pages)]:
        for told in pages[:length]:
            shared_writer.apply(f"replayed{n}", _page(told, batch))
    for table in ("messages", "conversations"):
        seen = [
            rows(
                shared_writer,
                f"SELECT * EXCLUDE (source_id, deleted_at) FROM {table} WHERE source_id = '{name}{n}' ORDER BY ALL",
            )
            for name in ("plain", "replayed")
        ]
        assert seen[0] == seen[1]
    seqs = rows(
        shared_writer,
        f"SELECT conversation_id, count(*), count(DISTINCT seq), max(seq) FROM messages "
        f"WHERE source_id = 'replayed{n}' GROUP BY 1",
    )
    assert all(count == distinct == highest for _, count, distinct, highest in seqs)
