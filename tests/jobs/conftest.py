from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from core.home import Home
from jobs.sample import generate
from tests.jobs import erasable
from tests.jobs.sample_files import END, Sample
from tests.jobs.scripted import Scripted, conversations, failing, pages
from tests.shared import made_once


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample") / "out"
    return Sample(folder, generate(folder, conversations=2000, seed=7, end=END))


@pytest.fixture(scope="session")
def big(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Large enough for medians and shares to show."""
    folder = tmp_path_factory.mktemp("big") / "out"
    return Sample(folder, generate(folder, conversations=8_000, seed=7, end=END))


@pytest.fixture
def scripts(now: datetime) -> Iterator[None]:
    """Two sources: one of two pages, and one whose key is refused."""
    Scripted.scripts = {"one": pages(conversations("a", "b"), conversations("c")), "bad": failing}
    Scripted.contexts = []
    yield


@pytest.fixture(scope="session")
def _her_home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(request, tmp_path_factory, "erasable", erasable.make)


@pytest.fixture
def her_home(_her_home: Path, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home that holds the requester of `tests.jobs.erasable`, for one test alone."""
    monkeypatch.setattr("analytics.ledger.record", erasable.NO_LEDGER)
    return erasable.copy(_her_home, tmp_path / "copy")
