"""A new home is its owner's alone, whoever makes it; one that is there stays as it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from core.home import Home
from core.written import one_writer, scratch
from store.lock import refresh_lock
from store.workspace import Workspace
from store.writer import Writer


def _save(home: Home) -> None:
    with one_writer(home):
        pass


def _refresh(home: Home) -> None:
    with refresh_lock(home, run_id="r"):
        Writer(home, run_id="r").close()


FIRST: dict[str, Callable[[Home], object]] = {
    "what people create": Workspace, "a refresh": _refresh, "saved settings": _save, "an upload": scratch,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _generous() -> Iterator[None]:
    """As most machines are."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.parametrize("who", FIRST)
def test_whoever_comes_first_makes_it_for_its_owner(tmp_path: Path, now: datetime, who: str) -> None:
    home = Home(tmp_path / "parent" / "home")
    FIRST[who](home)
    assert home.root.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("who", FIRST)
def test_one_that_a_group_may_read_stays_so(tmp_path: Path, now: datetime, who: str) -> None:
    home = Home(tmp_path)
    tmp_path.chmod(0o750)
    FIRST[who](home)
    assert home.root.stat().st_mode & 0o777 == 0o750
