"""Which table of a database holds which stream, by its name and columns."""

from __future__ import annotations

from connectors._detect import Layout
from connectors._mapping import Proposal, file_stream, propose
from connectors._sql_config import STREAMS, SqlConfig, TableConfig
from connectors._sql_database import Database
from connectors._sql_relation import sampled
from core.errors import SchemaError


def proposed(database: Database, config: SqlConfig) -> dict[str, TableConfig]:
    """Stream to the table that fits it best. Raises SchemaError when no table looks like messages or tickets."""
    best: dict[str, tuple[float, str]] = {}
    tables = database.tables()
    for table in tables:
        try:
            layout, _ = sampled(database, table, TableConfig(table=f'"{table}"'), config.statement_timeout_s)
        except SchemaError:
            continue
        found = _proposal(table, layout)
        if found is not None and (found.stream not in best or found.score > best[found.stream][0]):
            best[found.stream] = (found.score, table)
    if not {"messages", "conversations", "people", "organizations"} & best.keys():
        raise SchemaError(
            f"none of its tables looks like conversations or messages (tables: {', '.join(tables) or 'none'}).",
            hint='Name them: conversations = "…", messages = "…".',
            source=database.source,
        )
    return {stream: TableConfig(table=f'"{table}"') for stream, (_, table) in best.items()}


def _proposal(table: str, layout: Layout) -> Proposal | None:
    """What a table is; rows of the smaller streams only where the table's name says so."""
    from pathlib import Path

    found = propose(Path(table), layout)
    named = file_stream(Path(table))
    usable = found.stream in STREAMS.values() and not found.missing
    return found if usable and (found.form != "rows" or named == found.stream) else None
