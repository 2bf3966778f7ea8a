"""A generated sample, read back with the csv module alone."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from datetime import date, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jobs.sample import SampleReport

END = date(2026, 11, 15)


LONDON = ZoneInfo("Europe/London")


LANGUAGES = ("en", "de", "es", "fr")


TWO_FACTOR = (
    "two-factor", "login code", "zwei-faktor", "anmeldecode", "dos factores", "código de acceso",
    "verificación en dos", "deux facteurs", "code de connexion", "double authentification",
)  # fmt: skip


Rows = list[dict[str, str]]


@cache
def instant(text: str) -> datetime:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text), text
    return datetime.fromisoformat(text)


@cache
def local_day(text: str) -> date:
    return instant(text).astimezone(LONDON).date()


class Sample:
    """A generated folder, read back with the csv module alone."""

    def __init__(self, folder: Path, report: SampleReport) -> None:
        self.folder, self.report = folder, report
        self.truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())
        for path in sorted((folder / "data").glob("*.csv")):
            with path.open(newline="", encoding="utf-8") as file:
                setattr(self, path.stem, list(csv.DictReader(file)))
        self.by_id = {row["conversation_id"]: row for row in self.conversations}
        self.thread: dict[str, Rows] = defaultdict(list)
        for row in self.messages:
            self.thread[row["conversation_id"]].append(row)
        self.history: dict[str, Rows] = defaultdict(list)
        for row in self.conversation_events:
            self.history[row["conversation_id"]].append(row)

    conversations: Rows
    messages: Rows
    conversation_events: Rows
    csat: Rows
    conversation_tags: Rows
    people: Rows
    teams: Rows
    team_members: Rows
    organizations: Rows

    @cached_property
    def counted(self) -> Rows:
        """The everyday population, by the flags in the file."""
        flags = ("is_spam", "is_test", "is_outbound", "is_automatic")
        return [
            row
            for row in self.conversations
            if all(row[flag] == "false" for flag in flags)
            and not row["merged_into"]
            and row["status"] != "deleted"
        ]

    def cell(self, truth: dict[str, Any]) -> Rows:
        return [
            row
            for row in self.counted
            if row["product"] == truth["product"]
            and row["channel"] == truth["channel"]
            and local_day(row["created_at"]) == date.fromisoformat(truth["date"])
        ]

    def says(self, conversation_id: str, *words: str) -> bool:
        text = " ".join(row["body_text"].lower() for row in self.thread[conversation_id])
        return any(word in text for word in words)
