"""The small relational database beside the warehouse: run log and what people create.

SQLite in the home by default; any SQLAlchemy URL when several machines share a workspace.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    ExceptionContext,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.pool import NullPool

from core import log
from core.errors import ConfigError, DiskFull, SchemaMismatch, StoreError
from core.home import Home


class Instant(TypeDecorator[datetime]):
    """A UTC instant, also in databases that keep no zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Naive UTC on the way in."""
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware UTC on the way out."""
        return value.replace(tzinfo=UTC) if value else None


# Where several machines serve one workspace, what people create lies in a database that all of them reach.
URL_VARIABLE = "SUPPORTLENS_DATABASE_URL"
# What is gone where the file is lost or moved away. Erasures come back from their certificates.
LOST_WITH_IT = (
    "What people created then starts anew: questions and feedback, saved views, notes, corrections, labels, evidence, "
    "cards, alert rules and incidents, digests, tokens, links between persons, choices of topics and moods, what was "
    "said of anomalies; and the audit log, the run log, sums of language models, and erasures that were broken off."
)
_LOOKS, _BETWEEN_LOOKS_S = 5, 0.1
_ROOM = 1_000_000  # bytes that SQLite needs beside its file to work at all, and more
_LOOK_AGAIN_S = 60.0  # so long a database whose file has not changed is taken to be as it was when its tables were looked at
_bringing_up = threading.Lock()
# By database, part and version: what the file looked like when its tables were looked at, and when that was.
_seen: dict[tuple[str, str, int], tuple[object, float]] = {}
_versions = MetaData()
_VERSION = Table(
    "part_versions",
    _versions,
    Column("part", String(40), primary_key=True),
    Column("version", Integer, nullable=False),
)


@lru_cache(maxsize=64)
def engine_for(url: str, *, read_only: bool = False) -> Engine:
    """One engine per database and process. `read_only` is for a file in a folder that may not be written to."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)  # the server may have been started anew meanwhile
    if read_only:
        place = quote(make_url(url).database or "")
        engine = create_engine(f"sqlite:///file:{place}?immutable=1&uri=true", poolclass=NullPool)
        event.listen(engine, "handle_error", _say_read_only)
        return engine
    # A connection per use: SQLite opens in microseconds, and no handle outlives its thread.
    engine = create_engine(url, connect_args={"timeout": 30}, poolclass=NullPool)
    event.listen(engine, "connect", _tune_sqlite)
    event.listen(engine, "handle_error", _say_full)
    return engine


def database(
    home: Home,
    metadata: MetaData,
    *,
    part: str,
    version: int,
    url: str | None = None,
) -> Engine:
    """The engine, with `metadata`'s tables present. Raises SchemaMismatch when they are newer,
    StoreError when the database cannot be used.

    Tables of an older version get the columns they lack.
    """
    url = url or shared_url()
    if url is None:
        _make_folder(home)
        url = f"sqlite:///{home.workspace_db}"
    engine, key = engine_for(url, read_only=_may_only_be_read(url)), (url, part, version)
    if _is_as_seen(key):
        return engine
    try:
        with _bringing_up:
            _bring_up_in_turn(engine, metadata, part, version)
        _seen[key] = (_stamp(url), time.monotonic())
    except DatabaseError as error:
        where = str(home.workspace_db) if url.startswith("sqlite") else engine.url.render_as_string()
        raise StoreError(
            f"the workspace database {where} cannot be used: {error.orig}.",
            hint=f"Check that it may be written. If it is damaged, restore a backup or move it away. {LOST_WITH_IT}",
        ) from None
    return engine


@contextmanager
def kept_in_words() -> Iterator[None]:
    """Raises StoreError where the database goes away, or refuses, in the middle of something."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise StoreError(
            f"the workspace database cannot be used now: {str(reason).strip().rstrip('.')}.",
            hint="Check that its server runs, that it may be written and that the disk has room.",
        ) from None


def _is_as_seen(key: tuple[str, str, int]) -> bool:
    """Whether the tables were looked at lately, and nothing was written since that a file's times tell of."""
    stamp, at = _seen.get(key, (None, 0.0))
    return stamp is not None and time.monotonic() - at < _LOOK_AGAIN_S and stamp == _stamp(key[0])


def _stamp(url: str) -> object:
    """What a file of SQLite looks like from outside, or the name of a server's database; None for no file."""
    if not url.startswith("sqlite"):
        return url
    try:
        found = Path(make_url(url).database or "").stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def shared_url() -> str | None:
    """The database that `SUPPORTLENS_DATABASE_URL` names instead of a file in the home. Raises ConfigError."""
    text = os.environ.get(URL_VARIABLE)
    if not text:
        return None
    try:
        found = make_url(text)
    except ArgumentError:
        raise ConfigError(
            f"{URL_VARIABLE} is no database URL.",
            hint="For example postgresql+psycopg2://supportlens:password@db/supportlens.",
        ) from None
    log.hide(str(found.password or ""))
    return text


def shown_url() -> str:
    """The same as it may be shown: without its password; empty where none is named. Raises ConfigError."""
    url = shared_url()
    return make_url(url).render_as_string() if url else ""


def is_kept(home: Home) -> bool:
    """Whether somebody has used the workspace of this home: it lies in a shared database, or its file is there."""
    return shared_url() is not None or home.workspace_db.is_file()


def continue_numbers(con: Connection, table: Table) -> None:
    """After rows came with numbers of their own: the next one gets a higher number. SQLite does so by itself."""
    number = table.autoincrement_column
    if con.dialect.name != "postgresql" or number is None:
        return
    con.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', '{number.name}'), max({number.name})) "
            f"FROM {table.name} HAVING count(*) > 0"
        )
    )


def _make_folder(home: Home) -> None:
    try:
        home.make()
    except OSError as error:
        raise StoreError(
            f"the workspace folder {home.root} cannot be made: {error.strerror}.",
            hint="Check SUPPORTLENS_HOME.",
        ) from None


def _bring_up_in_turn(engine: Engine, metadata: MetaData, part: str, version: int) -> None:
    """Other processes may make the same tables at this very moment: a later look finds them there."""
    for look in range(1, _LOOKS + 1):
        try:
            return _bring_up(engine, metadata, part, version)
        except (OperationalError, ProgrammingError, IntegrityError):
            if look == _LOOKS:
                raise
            time.sleep(_BETWEEN_LOOKS_S)


def _bring_up(engine: Engine, metadata: MetaData, part: str, version: int) -> None:
    _versions.create_all(engine)
    with engine.begin() as con:
        found = con.execute(select(_VERSION.c.version).where(_VERSION.c.part == part)).scalar()
        if found is not None and found > version:
            raise SchemaMismatch(
                f"the {part} tables are of version {found}, this program knows {version}.",
                hint="Update Supportlens.",
            )
        if found == version:  # the number is written after the tables
            return
        metadata.create_all(con)
        if found is None:
            con.execute(insert(_VERSION).values(part=part, version=version))
        else:
            _add_columns(con, metadata)
            con.execute(update(_VERSION).where(_VERSION.c.part == part).values(version=version))


def _add_columns(con: Connection, metadata: MetaData) -> None:
    for table in metadata.tables.values():
        have = {column["name"] for column in inspect(con).get_columns(table.name)}
        for column in table.columns:
            if column.name not in have:
                kind = column.type.compile(con.dialect)
                con.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}"))


def _may_only_be_read(url: str) -> bool:
    """Whether it is an SQLite file in a folder that may not be written to, where SQLite needs files of its own."""
    place = make_url(url).database if url.startswith("sqlite") else None
    return bool(place) and Path(str(place)).is_file() and not os.access(Path(str(place)).parent, os.W_OK)


def _say_read_only(context: ExceptionContext) -> None:
    if "readonly database" in str(context.original_exception):
        raise StoreError(
            "the workspace folder may only be read: nothing can be kept in it.",
            hint="Check who owns it and how it is mounted.",
        ) from None


def _say_full(context: ExceptionContext) -> None:
    """SQLite says that a disk is full, or, where it cannot even make the files beside its own, that it has a fault."""
    told = str(context.original_exception)
    place = Path(str(context.engine.url.database)).parent if context.engine else None
    is_fault = "disk I/O error" in told and place is not None and shutil.disk_usage(place).free < _ROOM
    if "is full" in told or is_fault:
        raise DiskFull(
            f"there is no room on the disk of {place}: nothing can be kept there.",
            hint="Free some space; what was kept before stays.",
        ) from None


def _tune_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "busy_timeout=30000", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
