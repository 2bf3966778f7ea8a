from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import StoreError
from core.home import Home
from store.vectors import VectorStore

DIMS = 8


def key(n: int) -> str:
    return hashlib.md5(str(n).encode()).hexdigest()


def rows(*numbers: int) -> np.ndarray:
    return np.array([[n + i / 10 for i in range(DIMS)] for n in numbers], dtype=np.float32)


def store(home: Home) -> VectorStore:
    return VectorStore(home, "some/model:1", DIMS)


def test_an_empty_store_knows_nothing(home: Home) -> None:
    vectors = store(home)
    assert len(vectors) == 0
    assert vectors.known([key(1)]).tolist() == [False]
    matrix, found = vectors.get([key(1)])
    assert matrix.shape == (1, DIMS) and not found.any()
    assert not home.vectors.exists()  # looking writes nothing


def test_what_was_added_is_found_in_any_order(home: Home) -> None:
    vectors = store(home)
    assert vectors.add([key(1), key(2), key(3)], rows(1, 2, 3)) == 3
    matrix, found = vectors.get([key(3), key(9), key(1), key(3)])
    assert found.tolist() == [True, False, True, True]
    assert np.array_equal(matrix[found], rows(3, 1, 3))
    assert not matrix[1].any()


def test_nothing_is_stored_twice(home: Home) -> None:
    vectors = store(home)
    assert vectors.add([key(1), key(1), key(2)], rows(1, 5, 2)) == 2
    assert vectors.add([key(2), key(3)], rows(7, 3)) == 1
    assert len(vectors) == 3
    assert np.array_equal(vectors.get([key(1), key(2), key(3)])[0], rows(1, 2, 3))


def test_another_reader_sees_what_was_appended(home: Home) -> None:
    writer, reader = store(home), store(home)
    writer.add([key(1)], rows(1))
    assert reader.known([key(1), key(2)]).tolist() == [True, False]
    writer.add([key(2)], rows(2))
    assert reader.known([key(1), key(2)]).tolist() == [True, True]


@settings(max_examples=30, deadline=None)
@given(cut_keys=st.integers(0, 16 * 4), cut_vectors=st.integers(0, DIMS * 4 * 4))
def test_a_torn_tail_is_ignored_and_cut(
    tmp_path_factory: pytest.TempPathFactory, cut_keys: int, cut_vectors: int
) -> None:
    home = Home(tmp_path_factory.mktemp("torn"))
    store(home).add([key(n) for n in range(4)], rows(0, 1, 2, 3))
    pack = next((home.vectors / "some_model_1").glob("pack-*"))
    for name, size in (("keys.bin", cut_keys), ("vectors.f32", cut_vectors)):
        with (pack / name).open("r+b") as file:
            file.truncate(size)
    whole = min(cut_keys // 16, cut_vectors // (DIMS * 4))
    vectors = store(home)
    assert vectors.known([key(n) for n in range(4)]).tolist() == [n < whole for n in range(4)]
    vectors.add([key(n) for n in range(6)], rows(*range(6)))
    again = store(home)
    assert len(again) == 6
    assert np.array_equal(again.get([key(n) for n in range(6)])[0], rows(*range(6)))


def test_compacting_keeps_what_is_asked_for(home: Home) -> None:
    vectors, reader = store(home), store(home)
    vectors.add([key(n) for n in range(10)], rows(*range(10)))
    assert reader.known([key(9)]).all()
    assert vectors.compact([key(2), key(7), key(99)]) == 8
    for one in (vectors, reader, store(home)):
        matrix, found = one.get([key(7), key(9), key(2)])
        assert found.tolist() == [True, False, True]
        assert np.array_equal(matrix[found], rows(7, 2))
    assert vectors.compact([key(2), key(7)]) == 0
    vectors.add([key(9)], rows(9))
    assert len(store(home)) == 3


def test_a_compaction_that_died_leaves_the_old_pack(home: Home) -> None:
    vectors = store(home)
    vectors.add([key(1)], rows(1))
    half = Path(home.vectors / "some_model_1" / f"pack-000002-{DIMS}.tmp")
    half.mkdir()
    (half / "keys.bin").write_bytes(b"x")
    assert store(home).known([key(1)]).all()
    assert vectors.compact([]) == 1
    assert len(store(home)) == 0


def test_models_do_not_mix(home: Home) -> None:
    store(home).add([key(1)], rows(1))
    assert not VectorStore(home, "other", DIMS).known([key(1)]).any()
    with pytest.raises(StoreError, match="some/model"):
        VectorStore(home, "some/model:1", DIMS * 2).known([key(1)])


def test_the_wrong_shape_is_refused(home: Home) -> None:
    with pytest.raises(StoreError):
        store(home).add([key(1)], rows(1, 2))


def test_many_rows_and_keys_that_begin_alike(home: Home) -> None:
    vectors = store(home)
    alike = ["0" * 16 + f"{n:016x}" for n in range(50)]
    vectors.add(alike[:25], rows(*range(25)))
    fresh = store(home)
    assert fresh.known(alike).tolist() == [True] * 25 + [False] * 25
    fresh.add(alike[25:], rows(*range(25, 50)))
    assert np.array_equal(store(home).get(alike)[0], rows(*range(50)))
