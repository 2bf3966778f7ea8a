"""The settings file of a sample workspace."""

from __future__ import annotations

from jobs.sample.plan import Calendar
from jobs.sample.threads import hours_change
from jobs.sample.world import ZONE

TEXT = """# The sample workspace: a made-up company's conversations. truth.json says what is planted.
[workspace]
name = "Supportlens sample"
reporting_zone = "{zone}"

[[sources]]
name = "sample"
kind = "files"
path = "data"                     # every CSV file in that folder

[[calendars]]                     # the hours until the change
name = "office"
zone = "{zone}"
hours = {{ mon-fri = "09:00-17:30" }}
valid_from = {start}
holidays = "GB-ENG"

[[calendars]]                     # longer days, and Saturdays
name = "office"
zone = "{zone}"
hours = {{ mon-fri = "08:30-18:00", sat = "10:00-16:00" }}
valid_from = {change}
holidays = "GB-ENG"
"""
TARGETS = {
    "first_reply": {"urgent": "1h", "high": "2h", "normal": "4h", "low": "8h"},
    "resolution": {"urgent": "8h", "high": "16h", "normal": "24h", "low": "40h"},
}
TARGET = """
[[sla]]
metric = "{metric}"
priority = "{priority}"
target = "{target}"
calendar = "office"
{pause}"""
PAUSE = 'pause_in = ["pending"]           # the clock stands still while the customer is asked\n'


def settings_text(calendar: Calendar) -> str:
    """settings.toml for a sample of these days."""
    text = TEXT.format(zone=ZONE, start=calendar.start, change=hours_change(calendar))
    for metric, targets in TARGETS.items():
        for priority, target in targets.items():
            pause = PAUSE if metric == "resolution" else ""
            text += TARGET.format(metric=metric, priority=priority, target=target, pause=pause)
    return text
