"""Texts masked on their way into the warehouse: in the stage, before a row of them is written.

Only the texts that people wrote. People keep their names and addresses: without them nobody is the same twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.errors import StoreError
from store.state import Mask
from store.tables import columns

if TYPE_CHECKING:
    import duckdb

# Given the names that a stage speaks of: a mask for its texts.
MaskFor = Callable[[frozenset[str]], Mask]
_TEXTS = {
    "conversations": ("subject",),
    "messages": ("body_text", "body_html"),
    "csat": ("comment", "reason"),
    "attachments": ("file_name",),
}
_FIELDS = ("custom_fields", "vendor_metrics", "engagement")
_ROWS = 20_000
_SHORTEST_NAME = 3


def cover(con: duckdb.DuckDBPyConnection, stream: str, mask_for: MaskFor) -> None:
    """Mask the texts of `stage_<stream>`; what the source sent word for word is not kept."""
    if stream not in _TEXTS:
        return
    stage = f"stage_{stream}"
    staged = columns(con, stage)
    mask = mask_for(_names(con))
    for column in (*_TEXTS[stream], *_FIELDS):
        if column in staged:
            _cover(con, stage, column, mask if column in _TEXTS[stream] else _inside(mask))
    if "raw" in staged:
        con.execute(f"UPDATE {stage} SET raw = NULL WHERE raw IS NOT NULL")


def _names(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """People that any of the stages speaks of: a subject is covered before its messages are stored."""
    found: set[str] = set()
    for stage, column in (
        ("stage_messages", "author_name"),
        ("stage_people", "name"),
        ("stage_people", "handle"),
    ):
        try:
            is_there = column in columns(con, stage)
        except StoreError:
            continue
        if is_there:
            rows = con.execute(
                f"SELECT DISTINCT trim({column}) FROM {stage} WHERE length(trim({column})) >= {_SHORTEST_NAME}"
            )
            found |= {row[0] for row in rows.fetchall()}
    return frozenset(found)


def _cover(con: duckdb.DuckDBPyConnection, stage: str, column: str, mask: Mask) -> None:
    import pyarrow as pa

    con.execute("CREATE OR REPLACE TEMP TABLE covered (was VARCHAR, masked VARCHAR)")
    texts = con.execute(
        f"SELECT DISTINCT {column}::VARCHAR AS was FROM {stage} WHERE {column} IS NOT NULL"
    ).to_arrow_table()
    for batch in texts.to_batches(_ROWS):
        was = batch.column(0).to_pylist()
        changed = [(text, masked) for text in was if (masked := mask(text)) != text]
        if changed:
            rows = pa.table(
                {"was": [text for text, _ in changed], "masked": [masked for _, masked in changed]}
            )
            con.register("covered_rows", rows)
            con.execute("INSERT INTO covered SELECT was, masked FROM covered_rows")
            con.unregister("covered_rows")
    con.execute(f"UPDATE {stage} s SET {column} = c.masked FROM covered c WHERE s.{column}::VARCHAR = c.was")
    con.execute("DROP TABLE covered")


def _inside(mask: Mask) -> Mask:
    """The mask for texts inside of JSON; names of fields and plain numbers stay."""

    def masked(value: Any) -> Any:
        if isinstance(value, str):
            return mask(value)
        if isinstance(value, list):
            return [masked(one) for one in value]
        return {name: masked(one) for name, one in value.items()} if isinstance(value, dict) else value

    def mask_json(text: str) -> str:
        try:
            value = json.loads(text)
        except ValueError:
            return mask(text)
        again = masked(value)
        return text if again == value else json.dumps(again, ensure_ascii=False)

    return mask_json
