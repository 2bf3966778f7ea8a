from __future__ import annotations

import json
import os
import shutil
from collections import namedtuple
from datetime import datetime
from pathlib import Path

import pytest

from core.errors import DiskFull, NothingPublished, StoreError
from core.home import Home
from store import generations
from store.generations import Generation


@pytest.fixture
def work(home: Home, now: datetime) -> Path:
    home.warehouse.mkdir(parents=True)
    path = home.warehouse / "work.duckdb"
    path.write_bytes(b"one")
    return path


def test_nothing_is_current_before_the_first_publish(home: Home) -> None:
    assert generations.current_or_none(home) is None
    with pytest.raises(NothingPublished):
        generations.current(home)


def test_publish_copies_points_and_keeps_the_newest(home: Home, work: Path) -> None:
    for n in range(1, 6):
        work.write_bytes(str(n).encode())
        made = generations.publish(home, work, keep=3, state=f"state {n}")
        assert (made.number, generations.current(home)) == (n, made)
    assert generations.all_generations(home) == [3, 4, 5]
    assert generations.current(home).path.read_bytes() == b"5"


def test_rollback_goes_back_one_or_to_a_number(home: Home, work: Path) -> None:
    for _ in range(4):
        generations.publish(home, work, keep=3, state="x")
    assert generations.rollback(home).number == 3
    assert generations.rollback(home).number == 2
    with pytest.raises(StoreError, match="before 2"):
        generations.rollback(home)
    with pytest.raises(StoreError, match="no generation 9"):
        generations.rollback(home, 9)
    assert generations.rollback(home, 4).number == 4


def test_after_a_rollback_numbers_go_on_and_the_state_counts_as_another(home: Home, work: Path) -> None:
    for _ in range(3):
        generations.publish(home, work, keep=3, state="x")
    generations.rollback(home, 1)
    assert generations.current(home).state == ""
    generations.file_of(home, 3).unlink()
    assert generations.publish(home, work, keep=1, state="x").number == 4
    assert generations.all_generations(home) == [4]


def test_leftovers_of_a_killed_publish_are_removed(home: Home, work: Path) -> None:
    generations.publish(home, work, keep=3)
    leftover = home.warehouse / "gen" / "gen-000002.tmp"
    leftover.write_bytes(b"half")
    generations.clean(home)
    assert not leftover.exists()
    assert generations.all_generations(home) == [1]


def test_too_little_room_is_said_before_anything_is_written(
    home: Home, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = generations.publish(home, work, keep=3)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, 400_000_000))
    with pytest.raises(DiskFull, match="400 MB free"):
        generations.publish(home, work, keep=3, reserve_mb=500)
    assert generations.current(home) == before
    assert [p.name for p in (home.warehouse / "gen").iterdir()] == ["gen-000001.duckdb"]


def test_a_disk_that_fills_up_during_the_copy_leaves_the_pointer(
    home: Home, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = generations.publish(home, work, keep=3)

    def fill(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", fill)
    with pytest.raises(DiskFull, match="filled up"):
        generations.publish(home, work, keep=3)
    assert generations.current(home) == before
    assert [p.name for p in (home.warehouse / "gen").iterdir()] == ["gen-000001.duckdb"]


def test_a_pointer_written_by_the_first_version_can_be_read(home: Home, work: Path) -> None:
    pointer = {"generation": 7, "file": "gen/gen-000007.duckdb", "published_at": "2026-01-01T00:00:00+00:00"}
    (home.warehouse / "CURRENT").write_text(json.dumps(pointer))
    assert generations.current(home).newest == 7
    assert generations.publish(home, work, keep=3).number == 8


@pytest.mark.parametrize("damage", ["{nope", "{}", '{"generation": "x"}', ""])
def test_a_damaged_pointer_is_said_and_the_next_publish_mends_it(home: Home, work: Path, damage: str) -> None:
    generations.publish(home, work, keep=3)
    (home.warehouse / "CURRENT").write_text(damage)
    with pytest.raises(StoreError, match="is damaged"):
        generations.current(home)
    assert generations.current_or_none(home) is None
    assert generations.publish(home, work, keep=3).number == 2
    assert generations.current(home).number == 2
    assert generations.current(home).least == 2  # nobody knows any more what was erased before


def test_what_was_erased_is_known_from_then_on(home: Home, work: Path, tmp_path: Path) -> None:
    def published() -> Generation:
        generations.publish(home, work, keep=3)
        return generations.current(home)

    assert [published().least for _ in range(3)] == [1, 1, 1]
    generations.forget_others(home)
    assert generations.all_generations(home) == [3]
    assert (generations.current(home).number, generations.current(home).least) == (3, 3)
    assert published().least == 3
    assert generations.rollback(home).least == 3
    made = home.warehouse / "gen" / "made.duckdb"
    made.write_bytes(work.read_bytes())
    assert generations.put(home, made).least == 3


def test_a_generation_that_was_cut_off_is_not_whole(home: Home, work: Path) -> None:
    work.write_bytes(bytes(8) + b"DUCK" + bytes(100))
    published = generations.publish(home, work, keep=3)
    assert published.size == work.stat().st_size and generations.is_whole(generations.current(home))
    os.truncate(published.path, published.size // 2)
    assert not generations.is_whole(generations.current(home))
    published.path.write_bytes(b"no database at all".ljust(published.size))
    assert not generations.is_whole(generations.current(home))
    published.path.unlink()
    assert not generations.is_whole(generations.current(home))
