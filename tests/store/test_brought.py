"""What each source has brought, against counts by plain SQL."""

from core.viewer import EVERYTHING, Viewer
from store.brought import reject_reasons, source_rows
from store.reader import open_reader


def test_sources_and_what_they_brought(sample_home):
    reader = open_reader(sample_home)
    (row,) = source_rows(reader, viewer=EVERYTHING)
    (counted,) = reader.query(
        "SELECT count(*) AS n, sum(message_count) AS messages FROM {conversation_facts} "
        "WHERE coalesce(excluded_because, '') <> 'deleted'",
        viewer=EVERYTHING,
    ).to_pylist()
    assert (row["source_id"], row["conversations"], row["messages"]) == (
        "sample",
        counted["n"],
        counted["messages"],
    )
    assert row["first_at"] < row["last_at"] and "first_reply" not in (row["lacking"] or [])
    assert source_rows(reader, viewer=Viewer("eve", sources=())) == []


def test_reasons_are_counted(sample_home):
    reader = open_reader(sample_home)
    (counted,) = reader.query("SELECT count(*) AS n FROM {sync_rejects}", viewer=EVERYTHING).to_pylist()
    assert sum(one["rows"] for one in reject_reasons(reader, viewer=EVERYTHING)) == counted["n"]
