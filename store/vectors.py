"""Embedding vectors kept by content hash and model, so that no text is ever embedded twice.

One folder a model holds packs; the newest complete pack counts. A pack is two files of equal length in rows:
`keys.bin` (16-byte md5 of the content) and `vectors.f32` (raw float32 rows). Rows are only appended, vectors
before keys, so the shorter file says how many rows are whole. Compacting writes the next pack beside the old.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import StoreError
from core.home import Home
from store import generations
from store.connection import connect

if TYPE_CHECKING:
    import numpy as np

KEY_BYTES = 16
_FRESH_BEFORE_SORT = 100_000


class VectorStore:
    """The vectors of one model. One process appends (the refresh); any number read at the same time."""

    def __init__(self, home: Home, model: str, dims: int) -> None:
        self.model, self.dims = model, dims
        self.folder = home.vectors / _folder_name(model)
        self._guard = threading.RLock()
        # What was read: pack and rows, keys sorted with their row numbers, and rows added since by name.
        self._seen: tuple[Path, int] | None = None
        self._index: tuple[np.ndarray, np.ndarray] | None = None
        self._fresh: dict[str, int] = {}

    def __len__(self) -> int:
        pack = self._pack()
        return self._rows(pack) if pack else 0

    def known(self, hashes: Sequence[str]) -> np.ndarray:
        """Which of the content hashes (md5, hex) have a vector."""
        import numpy as np

        with self._guard:
            return np.asarray(self._places(hashes) >= 0)

    def get(self, hashes: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """The vectors, one row a hash (zeros where there is none), and which were found."""
        import numpy as np

        matrix = np.zeros((len(hashes), self.dims), dtype=np.float32)
        with self._guard:
            places, seen = self._places(hashes), self._seen
        found = places >= 0
        if seen and found.any():
            pack, rows = seen
            stored = np.memmap(pack / "vectors.f32", dtype=np.float32, mode="r", shape=(rows, self.dims))
            matrix[found] = stored[places[found]]
        return matrix, found

    def add(self, hashes: Sequence[str], matrix: np.ndarray) -> int:
        """Append the vectors that are not there yet; gives how many. Cuts off a killed run's torn tail.

        Raises StoreError for a matrix of another shape than one row of `dims` numbers a hash.
        """
        import numpy as np

        if matrix.shape != (len(hashes), self.dims):
            raise StoreError(f"{matrix.shape} does not hold {len(hashes)} vectors of {self.dims} numbers.")
        first: dict[str, int] = {}
        for at in np.flatnonzero(~self.known(hashes)).tolist():
            first.setdefault(hashes[at], at)
        if not first:
            return 0
        pack = self._pack() or self._create()
        rows = self._rows(pack)
        chosen = matrix[list(first.values())].astype("<f4")
        _append(pack / "vectors.f32", rows * self.dims * 4, chosen.tobytes())
        _append(pack / "keys.bin", rows * KEY_BYTES, bytes.fromhex("".join(first)))
        self._learn(pack, rows, list(first))
        return len(first)

    def compact(self, keep: Sequence[str]) -> int:
        """Keep only these hashes; gives how many were dropped. Readers with the old pack open keep it."""
        pack = self._pack()
        if pack is None:
            return 0
        before = self._rows(pack)
        wanted = list(dict.fromkeys(keep))
        matrix, found = self.get(wanted)
        kept = [key for key, there in zip(wanted, found.tolist(), strict=True) if there]
        if len(kept) == before:
            return 0
        self._create(kept, matrix[found])
        shutil.rmtree(pack, ignore_errors=True)
        return before - len(kept)

    def _create(self, hashes: Sequence[str] = (), matrix: np.ndarray | None = None) -> Path:
        """A new pack under the next number, complete before it gets its name."""
        newest = self._pack()
        number = int(newest.name.split("-")[1]) + 1 if newest else 1
        pack = self.folder / f"pack-{number:06d}-{self.dims}"
        scratch = pack.with_name(pack.name + ".tmp")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        _append(scratch / "vectors.f32", 0, b"" if matrix is None else matrix.astype("<f4").tobytes())
        _append(scratch / "keys.bin", 0, bytes.fromhex("".join(hashes)))
        scratch.rename(pack)
        return pack

    def _pack(self) -> Path | None:
        """The newest complete pack. Raises StoreError when it holds vectors of another length."""
        packs = sorted(p for p in self.folder.glob("pack-*") if not p.name.endswith(".tmp"))
        if not packs:
            return None
        stored = int(packs[-1].name.split("-")[2])
        if stored != self.dims:
            raise StoreError(
                f"the stored vectors of {self.model} have {stored} numbers, the model gives {self.dims}.",
                hint=f"Delete {self.folder}; the next refresh embeds again.",
            )
        return packs[-1]

    def _rows(self, pack: Path) -> int:
        keys, vectors = pack / "keys.bin", pack / "vectors.f32"
        return min(keys.stat().st_size // KEY_BYTES, vectors.stat().st_size // (self.dims * 4))

    def _places(self, hashes: Sequence[str]) -> np.ndarray:
        """Row numbers of the hashes, -1 where unknown."""
        import numpy as np

        self._load()
        places = np.full(len(hashes), -1, dtype=np.int64)
        if self._seen is None or self._index is None or not len(hashes):
            return places
        ordered, order = self._index
        keys = np.frombuffer(bytes.fromhex("".join(hashes)), dtype=">u8").reshape(-1, 2).astype(np.uint64)
        if len(ordered):
            near = np.minimum(np.searchsorted(ordered[:, 0], keys[:, 0]), len(ordered) - 1)
            places = np.where((ordered[near] == keys).all(axis=1), order[near], -1)
        for missing in np.flatnonzero(places < 0).tolist() if self._fresh else ():
            places[missing] = self._fresh.get(hashes[missing].lower(), -1)
        return places

    def _load(self) -> None:
        """Read the keys again when somebody else appended or compacted."""
        for _ in range(3):
            pack = self._pack()
            if pack is None:
                self._seen = None
                return
            try:
                rows = self._rows(pack)
                if self._seen != (pack, rows) or len(self._fresh) > _FRESH_BEFORE_SORT:
                    self._sort(pack, rows)
                return
            except FileNotFoundError:
                continue  # compacted between the two looks
        raise StoreError(f"the vectors in {self.folder} keep changing.", hint="Try again after the refresh.")

    def _sort(self, pack: Path, rows: int) -> None:
        import numpy as np

        keys = np.fromfile(pack / "keys.bin", dtype=">u8", count=rows * 2).reshape(-1, 2)
        native = keys.astype(np.uint64)
        order = np.lexsort((native[:, 1], native[:, 0]))
        ordered = native[order]
        self._fresh = {}
        # Keys that share their first half cannot be told apart by the search: keep these by name.
        twins = np.flatnonzero(ordered[1:, 0] == ordered[:-1, 0])
        for place in np.unique(np.concatenate([order[twins], order[twins + 1]])).tolist():
            self._fresh[keys[place].tobytes().hex()] = place
        self._index, self._seen = (ordered, order), (pack, rows)

    def _learn(self, pack: Path, rows: int, hashes: list[str]) -> None:
        """Remember own appended keys without sorting everything again."""
        with self._guard:
            if self._seen == (pack, rows):
                self._fresh.update({key.lower(): rows + at for at, key in enumerate(hashes)})
                self._seen = (pack, rows + len(hashes))


def stored(home: Home, model: str) -> int:
    """How many vectors of a model are stored."""
    return max((len(one) for one in _stores(home) if one.model == _folder_name(model)), default=0)


def keep_published(home: Home) -> int:
    """Keep the vectors of texts that the published generation holds, of every model; gives how many were dropped."""
    with connect(generations.current(home).path, home, read_only=True) as con:
        hashes = [row[0] for row in con.execute("SELECT DISTINCT content_hash FROM chunks").fetchall()]
    return sum(one.compact(hashes) for one in _stores(home))


def _stores(home: Home) -> list[VectorStore]:
    """The vectors of every model; the newest pack of each says how many numbers a vector has."""
    packs = sorted(pack for pack in home.vectors.glob("*/pack-*") if not pack.name.endswith(".tmp"))
    return [VectorStore(home, model, dims) for model, dims in
            {pack.parent.name: int(pack.name.split("-")[2]) for pack in packs}.items()]  # fmt: skip


def _folder_name(model: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", model).lstrip(".")


def _append(path: Path, length: int, data: bytes) -> None:
    """Cut the file to `length` bytes, add `data`, and make sure it is on disk."""
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.truncate(length)
        file.seek(length)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
