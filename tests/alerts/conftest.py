"""A workspace over the sample's data that a test may write into, and channels that listen on this machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.effective import effective_settings
from core.home import Home
from core.settings import Settings, load_settings
from store.workspace import Workspace
from tests.shared import copy_of


@pytest.fixture
def own_sample(sample_home: Home, tmp_path: Path, now: datetime) -> Home:
    """A copy of the sample workspace to write rules into."""
    return copy_of(sample_home, tmp_path / "copy")


@pytest.fixture
def own_settings(own_sample: Home) -> Settings:
    """The sample's settings."""
    return effective_settings(own_sample, load_settings(own_sample))


@pytest.fixture
def workspace(own_sample: Home) -> Workspace:
    return Workspace(own_sample)


@pytest.fixture
def with_channels(own_settings: Settings) -> Callable[..., Settings]:
    """`with_channels({"name": …, "url": …})`: the sample's settings with these channels."""

    def made(*channels: dict[str, Any], **notifications: Any) -> Settings:
        from core.channels import Channel, Notifications

        return own_settings.model_copy(
            update={
                "channels": tuple(Channel(**channel) for channel in channels),
                "notifications": Notifications(**notifications),
            }
        )

    return made


def at(patch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Set the clock."""
    patch.setenv("SUPPORTLENS_NOW", moment.isoformat())
