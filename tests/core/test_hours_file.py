"""What is saved on Settings takes the place of what settings.toml says, whole or not at all."""

from __future__ import annotations

import pytest

from core import hours_file
from core.effective import effective_settings
from core.errors import ConfigError
from core.home import Home
from core.settings import load_settings

WRITTEN = """
[[calendars]]
name = "office"
hours = { mon-fri = "09:00-17:00" }

[[sla]]
metric = "first_reply"
target = "4h"
calendar = "office"
"""
SHOP = hours_file.proposed(
    [
        {
            "name": "shop",
            "hours": {"mon-sat": "10:00-20:00"},
            "valid_from": "2026-12-01",
            "closed": ["2026-12-25"],
        }
    ],
    [
        {
            "metric": "resolution",
            "target": "2d",
            "calendar": "shop",
            "filter": {"team": ['Tier "2"']},
            "pause_in": [],
        }
    ],
)


@pytest.fixture
def written(home: Home) -> Home:
    home.root.mkdir(parents=True, exist_ok=True)
    home.settings_file.write_text(WRITTEN)
    return home


def test_saved_ones_count_until_they_are_withdrawn(written: Home) -> None:
    before = hours_file.in_force(load_settings(written))
    assert [one.name for one in before.calendars] == ["office"] and not hours_file.is_saved(written)
    hours_file.save(written, SHOP)
    assert hours_file.is_saved(written) and hours_file.in_force(load_settings(written)) == SHOP
    hours_file.withdraw(written)
    assert hours_file.in_force(load_settings(written)) == before


def test_saving_none_is_not_the_same_as_saving_nothing(written: Home) -> None:
    hours_file.save(written, hours_file.Goals())
    settings = load_settings(written)
    assert settings.calendars == () and settings.sla == ()


def test_the_sample_does_not_bring_back_what_was_taken_away(written: Home) -> None:
    written.settings_file.unlink()
    written.sample.mkdir()
    (written.sample / "settings.toml").write_text(WRITTEN)
    assert effective_settings(written, load_settings(written)).calendars
    hours_file.save(written, hours_file.Goals())
    assert effective_settings(written, load_settings(written)).calendars == ()


def test_a_file_that_somebody_broke_is_named(written: Home) -> None:
    written.hours_file.write_text("calendars = ")
    with pytest.raises(ConfigError, match=r"hours\.toml is not valid TOML"):
        load_settings(written)
    written.hours_file.write_text('[llm]\nprovider = "openai"\n')
    with pytest.raises(ConfigError, match=r"hours\.toml holds llm"):
        load_settings(written)
