from __future__ import annotations

import pytest

from enrich import sieve
from tests.enrich.world import World


def passing(world: World) -> set[str]:
    rows = world.writer.query("SELECT 'c' || n AS id FROM range(100000) r(n) WHERE may_be_touched('c' || n)")
    return set(rows["id"].to_pylist())


def touch(world: World, count: int) -> set[str]:
    world.writer.execute(
        "CREATE OR REPLACE TEMP TABLE touched AS "
        f"SELECT 's' AS source_id, 'c' || n * 7 AS conversation_id FROM range({count}) r(n)"
    )
    sieve.lay_sieve(world.writer, "touched")
    return {f"c{n * 7}" for n in range(count)}


def test_all_that_are_touched_pass_and_few_others(world: World) -> None:
    touched = touch(world, 1000)
    found = passing(world)
    assert touched <= found
    assert len(found) < len(touched) + 500


def test_of_nothing_nothing_passes(world: World) -> None:
    touch(world, 0)
    assert passing(world) == set()


def test_of_many_everything_passes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sieve, "MOST", 10)
    touch(world, 11)
    assert len(passing(world)) == 100_000


def test_a_sieve_is_laid_anew_each_time(world: World) -> None:
    touch(world, 1000)
    touched = touch(world, 3)
    assert touched <= passing(world)
    assert len(passing(world)) < 50
