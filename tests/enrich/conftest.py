"""Every test of this room gets a small warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from core.home import Home
from tests.enrich.hours_world import Hours
from tests.enrich.world import World


@pytest.fixture
def world(home: Home) -> Iterator[World]:
    made = World(home)
    yield made
    made.writer.close()


@pytest.fixture
def hours(home: Home, now: datetime) -> Iterator[Hours]:
    made = Hours(home)
    yield made
    made.writer.close()
