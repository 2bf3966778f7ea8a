"""What people create and the run log, carried from the file in the home to the database that replaces it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import JSON, Connection, Engine, MetaData, Table, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from core.errors import ConfigError, StoreError
from core.home import Home
from store import erasures, person_links, runs
from store.database import URL_VARIABLE, continue_numbers, database, shared_url, shown_url
from store.workspace import tables

_AT_ONCE = 1_000
# Every table of the workspace: the part of the program that has it, and the version.
PARTS: tuple[tuple[MetaData, str, int], ...] = (
    (tables.metadata, "workspace", tables.VERSION),
    (person_links.metadata, "person_links", 1),
    (erasures.metadata, "erasures", 1),
    (runs.metadata, "runs", runs.VERSION),
)


def carry(home: Home) -> dict[str, int]:
    """Copy all rows of `workspace.sqlite` to the shared database, in one transaction; gives the rows of each table.

    Raises ConfigError where no database is named, StoreError where there is nothing to copy, where the database is not
    empty, or where it does not take the rows: then it is as it was.
    """
    url = shared_url()
    if url is None:
        raise ConfigError(
            f"{URL_VARIABLE} names no database.", hint="Set it first; docs/deployment.md has an example."
        )
    if not home.workspace_db.is_file():
        raise StoreError(f"there is no {home.workspace_db}.", hint="There is nothing to copy.")
    ours, theirs = _opened(home, f"sqlite:///{home.workspace_db}"), _opened(home, url)
    with _told(), _held(ours) as source, theirs.begin() as target:
        _require_empty(target)
        done = {table.name: _copy(table, source, target) for table in all_tables()}
        if (found := _counted(target)) != done:
            apart = ", ".join(name for name in done if found[name] != done[name])
            raise StoreError(f"not all rows arrived ({apart}); nothing was copied.", hint="Try again.")
    return {name: n for name, n in done.items() if n}


def all_tables() -> list[Table]:
    """Every table of the workspace, each after those that it refers to."""
    return [table for metadata, _, _ in PARTS for table in metadata.sorted_tables]


def _opened(home: Home, url: str) -> Engine:
    engines = [
        database(home, metadata, part=part, version=version, url=url) for metadata, part, version in PARTS
    ]
    return engines[0]


@contextmanager
def _held(engine: Engine) -> Iterator[Connection]:
    """A connection to the file that nobody writes to meanwhile."""
    with engine.connect() as con:
        con.exec_driver_sql("BEGIN IMMEDIATE")
        yield con
        con.rollback()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StoreError(
            f"the database does not take the rows: {reason}.",
            hint="Nothing was copied; cure that and try again.",
        ) from None


def _require_empty(target: Connection) -> None:
    there = {name: n for name, n in _counted(target).items() if n}
    if there:
        told = ", ".join(f"{name} ({n:,})" for name, n in there.items())
        raise StoreError(
            f"the database {shown_url()} is not empty: it holds rows of {told}.",
            hint="Nothing was copied. Copy into an empty database, before anything else works with it.",
        )


def _counted(con: Connection) -> dict[str, int]:
    return {
        table.name: con.execute(select(func.count()).select_from(table)).scalar_one()
        for table in all_tables()
    }


def _copy(table: Table, source: Connection, target: Connection) -> int:
    done, into = 0, _with_empty_cells(table)
    for rows in source.execute(select(table)).mappings().partitions(_AT_ONCE):
        target.execute(insert(into), [dict(row) for row in rows])
        done += len(rows)
    continue_numbers(target, table)
    return done


def _with_empty_cells(table: Table) -> Table:
    """The table, where no value stays none: by itself SQLAlchemy would write a JSON null."""
    into = table.to_metadata(MetaData())
    for column in into.columns:
        if isinstance(column.type, JSON):
            column.type = JSON(none_as_null=True)
    return into
