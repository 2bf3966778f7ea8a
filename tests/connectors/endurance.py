"""What a contract demands of readings that are repeated, killed, or large: nothing doubled, nothing lost, no memory."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from core.home import Home
from core.stream import Item
from store.writer import Writer
from tests.connectors.world import COMPARED, HttpLab, Lab, World, message, put, seen


class Endurance:
    """Points 2, 6 and 11 of the contract, and how its gaps are declared."""

    gaps: ClassVar[Mapping[str, str]] = {}
    # How messages of the lab come back: the source's own ids, and columns that it cannot keep.
    any_order: ClassVar[bool] = True  # False: the last reading of a file is believed, whatever it says

    @pytest.fixture
    def world(self, lab: Lab, home: Home, now: datetime) -> World:
        return World(lab, home)

    def gap(self, what: str) -> None:
        """End the test as an expected failure where the source cannot do this."""
        if what in self.gaps:
            pytest.xfail(f"{what}: {self.gaps[what]}")

    # -- 2: replays ------------------------------------------------------------------------------------

    @pytest.mark.point(2)
    def test_replay_changes_nothing(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(30)])
        world.sync()
        before = [world.table(name) for name in COMPARED]
        for _ in range(2):
            again = world.sync(full=True)
            assert (again.inserted, again.updated, again.deleted) == (0, 0, 0)
        assert [world.table(name) for name in COMPARED] == before

    @pytest.mark.point(2)
    def test_any_prefix_in_any_order(self, world: World, tmp_path: Path) -> None:
        self._replay(world, tmp_path, examples=4)

    @pytest.mark.point(2)
    @pytest.mark.slow
    @pytest.mark.timeout(1800)
    def test_any_prefix_in_any_order_500_times(self, world: World, tmp_path: Path) -> None:
        self._replay(world, tmp_path, examples=500)

    def _replay(self, world: World, folder: Path, *, examples: int) -> None:
        world.lab.hold([message(n) for n in range(60)])
        pages = world.pages()
        plain = self._written(folder / "plain", pages)
        assert len(plain[COMPARED.index("messages")]) == 60
        places = st.lists(st.integers(0, len(pages)), max_size=3)

        @rules(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(prefixes=places, order=st.permutations(range(len(pages))))
        def replayed(prefixes: list[int], order: list[int]) -> None:
            again = [page for length in prefixes for page in pages[:length]]
            rest = [pages[n] for n in order] if self.any_order else pages
            assert self._written(folder / uuid.uuid4().hex, [*again, *rest]) == plain

        replayed()

    def _written(self, folder: Path, pages: Sequence[Sequence[Item]]) -> list[list[tuple[Any, ...]]]:
        folder.mkdir(parents=True)
        writer = Writer(Home(folder), run_id="r")
        try:
            put(writer, "lab", pages)
            return [writer.con.execute(seen(name)).fetchall() for name in COMPARED]
        finally:
            writer.con.close()

    # -- 6: kill -9 ------------------------------------------------------------------------------------

    @pytest.mark.point(6)
    @pytest.mark.slow
    @pytest.mark.timeout(900)
    @pytest.mark.parametrize("after", [1, 2, 3])
    def test_killed_after_a_page(self, world: World, tmp_path: Path, after: int) -> None:
        world.lab.hold([message(n) for n in range(300)])
        undisturbed = World(world.lab, Home(tmp_path / "undisturbed"))
        undisturbed.home.root.mkdir()
        undisturbed.sync()
        asked = len(world.lab.requests()) if isinstance(world.lab, HttpLab) else 0
        killed = subprocess.run(
            [sys.executable, "-m", "tests.connectors.killed", str(world.home.root), str(after)],
            input=json.dumps({"name": world.lab.name, **world.lab.options()}), text=True, check=False,
            cwd=Path(__file__).resolve().parents[2],
        )  # fmt: skip
        assert killed.returncode in (-9, 0)
        world.sync()
        for name in COMPARED:
            assert world.table(name) == undisturbed.table(name), name
        if isinstance(world.lab, HttpLab):
            calls = [path.partition(" ")[2] for path in world.lab.requests()]
            first, second = calls[:asked], calls[asked:]
            assert len(second) <= len(first) + 3 * len({c.partition("?")[0] for c in first})

    # -- 11: size --------------------------------------------------------------------------------------

    @pytest.mark.point(11)
    @pytest.mark.slow
    @pytest.mark.timeout(1800)
    def test_memory_does_not_follow_the_size(self, world: World) -> None:
        self.gap("a large source")
        peaks = []
        for count in (world.lab.many // 100, world.lab.many):
            world.lab.hold([message(n) for n in range(count)])
            told = json.dumps({"name": world.lab.name, **world.lab.options()})
            run = subprocess.run(
                [sys.executable, "-m", "tests.connectors.drained", str(world.home.root / f"n{count}")],
                input=told, text=True, check=True, capture_output=True,
                cwd=Path(__file__).resolve().parents[2],
            )  # fmt: skip
            rows, peak = map(int, run.stdout.split())
            assert rows >= count
            peaks.append(peak)
        assert peaks[1] - peaks[0] < 150 << 20, f"grew by {(peaks[1] - peaks[0]) >> 20} MB"
