"""The cipher of encrypted warehouse files: DuckDB writes them only with the one that its httpfs extension brings.

The extension is loaded from the installed package by its path, and DuckDB checks its signature. It is never
"installed" into an extension folder: a copy left there would hide that the package is missing.
"""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from core.encryption import SETTING
from core.errors import WarehouseLocked
from store.sql import literal

if TYPE_CHECKING:
    import duckdb

PACKAGE = "duckdb_extension_httpfs"
# What spills to disk is encrypted too, and the extension may not do what it was written for.
CONFIG = {"temp_file_encryption": "true", "allow_persistent_secrets": "false"}
_NO_NETWORK = "SET GLOBAL disabled_filesystems = 'HTTPFileSystem,S3FileSystem,HuggingFaceFileSystem'"
_MAGIC_AT, _MAGIC, _FLAGS_AT, _ENCRYPTED = 8, b"DUCK", 20, 1  # duckdb/storage/storage_info.hpp: MainHeader


def load(con: duckdb.DuckDBPyConnection) -> None:
    """Give an instance the cipher. Raises WarehouseLocked where there is none."""
    import duckdb

    try:
        con.execute(f"LOAD {literal(str(extension_file(duckdb.__version__)))}")
        con.execute(_NO_NETWORK)
    except duckdb.Error as error:
        raise _no_cipher(str(error).splitlines()[0]) from None


def extension_file(version: str) -> Path:
    """Where the package of this DuckDB version keeps the extension. Raises WarehouseLocked where it does not."""
    package = importlib.util.find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise _no_cipher(f"the package {PACKAGE.replace('_', '-')} is not installed")
    file = Path(package.origin).parent / "extensions" / f"v{version}" / "httpfs.duckdb_extension"
    if not file.is_file():
        raise _no_cipher(f"{PACKAGE.replace('_', '-')} is not the one of DuckDB {version}")
    return file


def _no_cipher(why: str) -> WarehouseLocked:
    return WarehouseLocked(
        f"the warehouse cannot be encrypted here: {why}.",
        hint=f"Run `make install`. Nothing was written; {SETTING} asks for encrypted files only.",
    )


def is_encrypted(path: Path) -> bool | None:
    """Whether a DuckDB file is encrypted, as its first header says; None where it is no DuckDB file, or is not there."""
    try:
        with path.open("rb") as file:
            head = file.read(_FLAGS_AT + 8)
    except OSError:
        return None
    if len(head) < _FLAGS_AT + 8 or head[_MAGIC_AT : _MAGIC_AT + len(_MAGIC)] != _MAGIC:
        return None
    return bool(struct.unpack_from("<Q", head, _FLAGS_AT)[0] & _ENCRYPTED)


def attach(
    con: duckdb.DuckDBPyConnection, path: Path, name: str, *, key: str | None, read_only: bool
) -> None:
    """Attach a file under a name, as plain or as encrypted as `key` says. Raises duckdb.Error.

    DuckDB itself refuses a key for a plain file, and an encrypted one without.
    """
    options = ["READ_ONLY"] * read_only
    if key is not None:
        options.append(f"ENCRYPTION_KEY {literal(key)}")
    given = f" ({', '.join(options)})" if options else ""
    con.execute(f'ATTACH {literal(str(path))} AS "{name}"{given}')
