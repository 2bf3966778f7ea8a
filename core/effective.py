"""Which settings count: the configured ones, or the generated sample's while nothing is configured."""

from __future__ import annotations

from core.home import Home
from core.settings import Settings, read_settings

SAMPLE_SOURCE = "sample"


def effective_settings(home: Home, settings: Settings) -> Settings:
    """The settings, completed by the sample workspace's sources, zone, hours and targets.

    The sample steps in only while no source is configured and its folder exists in the home.
    """
    file = home.sample / "settings.toml"
    if settings.sources or not file.is_file():
        return settings
    sample = read_settings(home, file)  # who encrypts is said by the workspace's own
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
