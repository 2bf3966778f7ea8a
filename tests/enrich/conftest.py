"""Every test of this room gets a small warehouse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.home import Home
from tests.enrich.world import World


@pytest.fixture
def world(home: Home) -> Iterator[World]:
    made = World(home)
    yield made
    made.writer.close()
