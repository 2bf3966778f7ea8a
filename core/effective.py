"""Which settings count: the configured ones, or the generated sample's while nothing is configured."""

from __future__ import annotations

from pathlib import Path

from core.home import Home
from core.settings import Settings, Source, read_settings

SAMPLE_SOURCE = "sample"


def is_generated(home: Home) -> bool:
    """Whether this home has a generated sample."""
    return _file(home).is_file()


def is_sample(home: Home, source: Source) -> bool:
    """Whether a source is the generated sample of this home: one of your own may be called alike."""
    path = source.options().get("path")
    if source.name != SAMPLE_SOURCE or not isinstance(path, str) or "://" in path:
        return False
    return Path(path).resolve().is_relative_to(home.sample.resolve())


def effective_settings(home: Home, settings: Settings) -> Settings:
    """The settings, completed by the sample workspace's sources, zone, hours and targets.

    The sample steps in only while no source is configured and its folder exists in the home.
    """
    if settings.sources or not is_generated(home):
        return settings
    sample = read_settings(home, _file(home))  # who encrypts is said by the workspace's own
    return settings.model_copy(
        update={
            "workspace": sample.workspace.model_copy(
                update={
                    "keep_generations": settings.workspace.keep_generations,
                    "min_free_disk_mb": settings.workspace.min_free_disk_mb,
                }
            ),
            "sources": sample.sources,
            "calendars": settings.calendars or sample.calendars,
            "sla": settings.sla or sample.sla,
        }
    )


def _file(home: Home) -> Path:
    return home.sample / "settings.toml"
