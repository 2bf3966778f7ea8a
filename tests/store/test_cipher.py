"""The door to encrypted files: what it opens, where it leaves nothing, and how it is told from a plain one."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from core.errors import StoreError, WarehouseLocked
from core.home import Home
from store import cipher
from store.connection import MEMORY, connect, connect_with

KEY = "it's a key of forty characters, quote and all"


@pytest.fixture
def sealed(home: Home) -> Path:
    """An encrypted file with one table of 100 rows."""
    path = home.root / "sealed.duckdb"
    with connect_with(path, home, key=KEY, read_only=False) as con:
        con.execute("CREATE TABLE t AS SELECT range AS n FROM range(100)")
        assert cipher.is_encrypted(path) and not path.with_name("sealed.duckdb.wal").read_bytes().count(
            b"range"
        )
    return path


def test_cursors_are_in_the_file_as_their_connection_is(home: Home, sealed: Path) -> None:
    with connect_with(sealed, home, key=KEY, read_only=True) as con:
        assert con.cursor().cursor().execute("SELECT count(*) FROM t").fetchall() == [(100,)]
        assert con.cursor().execute("SELECT current_database(), current_setting('TimeZone')").fetchall() == [
            ("sealed", "UTC")
        ]
        with pytest.raises(duckdb.Error, match="read-only"):
            con.execute("INSERT INTO t VALUES (1)")


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_what_spills_is_encrypted_and_nothing_is_fetched_or_left(home: Home, sealed: Path, kind: str) -> None:
    path = MEMORY if kind == "memory" else sealed
    with connect_with(path, home, key=KEY, read_only=False) as con:
        assert con.execute("SELECT current_setting('temp_file_encryption')").fetchall() == [(True,)]
        with pytest.raises(duckdb.Error, match="disabled by configuration"):
            con.execute("FROM read_csv('http://127.0.0.1:9/x.csv')")
    assert not (Path.home() / ".duckdb").exists() and not (home.cache / "duckdb-extensions").exists()


def test_a_copy_of_the_extension_does_not_stand_in_for_the_package(
    home: Home, sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect_with(MEMORY, home, key=KEY, read_only=False) as con:
        con.execute(f"INSTALL '{cipher.extension_file(duckdb.__version__)}'")
        assert list((home.cache / "duckdb-extensions").rglob("httpfs*"))
    monkeypatch.setattr(cipher, "PACKAGE", "duckdb_extension_lost")
    with pytest.raises(WarehouseLocked, match="duckdb-extension-lost is not installed"):
        connect_with(sealed, home, key=KEY, read_only=True)


def test_a_package_of_another_version_is_refused() -> None:
    with pytest.raises(WarehouseLocked, match="not the one of DuckDB 9"):
        cipher.extension_file("9.9.9")


def test_a_wrong_key_opens_nothing_and_is_not_told(home: Home, sealed: Path) -> None:
    for key, says in ((KEY + "x", "does not open with the key"), (None, "without a key")):
        with pytest.raises(StoreError, match=says) as told:
            connect_with(sealed, home, key=key, read_only=True)
        assert KEY not in str(told.value)


def test_whether_a_file_is_encrypted_shows_in_its_head(home: Home, sealed: Path) -> None:
    plain, other = home.root / "plain.duckdb", home.root / "other"
    connect(plain, home, read_only=False).close()
    other.write_text("neither of both, but long enough to be one")
    assert [cipher.is_encrypted(path) for path in (sealed, plain, other, home.root / "none")] == [
        True, False, None, None,
    ]  # fmt: skip


def test_an_encrypted_file_that_was_changed_is_not_read(home: Home, sealed: Path) -> None:
    from store.checksums import damage

    assert damage(sealed) is None
    whole = sealed.read_bytes()
    sealed.write_bytes(whole[: len(whole) // 2 + 77])
    assert damage(sealed) == "it is cut off"
    sealed.write_bytes(bytes([*whole[:100], whole[100] ^ 1, *whole[101:]]))
    assert damage(sealed) == "a header is damaged"
    changed = bytearray(whole)
    for place in range(3 * 4096 + 100, len(whole), 4096):
        changed[place] ^= 1
    sealed.write_bytes(changed)
    with pytest.raises((StoreError, duckdb.Error)):
        connect_with(sealed, home, key=KEY, read_only=True).execute("FROM t").fetchall()
