"""A sieve for scans of whole tables that look for the rows of a few conversations.

A join alone reads every column of every row before it drops most of them. A condition on one column is looked at
first, and the other columns are read where it holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.writer import Writer

BITS = 1 << 20
MOST = 50_000  # of more conversations every twentieth bit is set, and looking costs more than it spares


def lay_sieve(writer: Writer, table: str) -> None:
    """The temporary macro `may_be_touched(conversation_id)`: true for every conversation of `table`, and for few others.

    The same id in two sources passes twice, so the join with `table` still decides.
    """
    held = writer.query(f"SELECT count(*) AS n FROM {table}")["n"][0].as_py()
    if held > MOST:
        writer.execute("CREATE OR REPLACE TEMP MACRO may_be_touched(id) AS true")
        return
    place = f"(hash({{}}) % {BITS})::INTEGER"
    writer.execute(
        "SET VARIABLE touched_bits = "
        f"(SELECT bitstring_agg({place.format('conversation_id')}, 0, {BITS - 1}) FROM {table})"
    )
    condition = f"get_bit(getvariable('touched_bits'), {place.format('id')}) = 1"
    writer.execute(f"CREATE OR REPLACE TEMP MACRO may_be_touched(id) AS {condition}")
