"""A folder of CSV files that somebody exports into: a pair of files a week, each replaced whole when it changes."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random

from bench.soak.truth import Truth

SOURCE = "export"
DAYS_A_FILE = 7
STATUSES = ("open", "pending", "solved")
SETTLED_DAYS = 3  # a day that was counted by a rule stays as it was until the rule looks at later ones
RECENT_DAYS = 30
Row = dict[str, str]


@dataclass
class Week:
    """The rows of a pair of files by id; `named` counts how often the pair was renamed."""

    conversations: dict[str, Row] = field(default_factory=dict)
    messages: dict[str, Row] = field(default_factory=dict)
    named: int = 0


class Folder:
    """What the files hold. Every change is told to the truth and written."""

    def __init__(self, path: Path, truth: Truth, dice: Random) -> None:
        self.path, self._truth, self._dice = path, truth, dice
        self._weeks: dict[int, Week] = {}
        self._day_of: dict[str, int] = {}
        self._number = 0
        path.mkdir(parents=True)

    def day(self, number: int, midnight: datetime, new: int) -> None:
        """Day `number` happens: so many new conversations, and some older ones change, move or go."""
        with self._truth.lock:
            changed = {self._week(number)}
            for _ in range(new):
                self._begin(number, midnight)
            older = [id for id, day in self._day_of.items() if SETTLED_DAYS <= number - day <= RECENT_DAYS]
            for id in self._dice.sample(older, min(3, len(older))):
                changed.add(self._week(self._day_of[id]))
                self._dice.choice((self._answer, self._answer, self._settle, self._reword, self._remove))(
                    id, midnight
                )
            if self._dice.random() < 0.05 and self._week(number) - 2 in self._weeks:
                self._rename(self._week(number) - 2)
            for week in sorted(changed):
                self._write(week)

    def _week(self, day: int) -> int:
        return day // DAYS_A_FILE

    def _of(self, id: str) -> Week:
        return self._weeks[self._week(self._day_of[id])]

    def _begin(self, day: int, midnight: datetime) -> None:
        self._number += 1
        id, at = f"E{self._number:06d}", midnight + timedelta(minutes=self._dice.randrange(60, 600))
        self._day_of[id] = day
        self._weeks.setdefault(self._week(day), Week()).conversations[id] = {
            "conversation_id": id, "channel": "chat", "subject": f"Question {self._number}", "status": "open",
            "requester_id": f"c{self._number % 97}", "created_at": _stamp(at), "updated_at": _stamp(at),
        }  # fmt: skip
        self._told(id)
        self._say(id, at, "customer", f"Where is parcel {self._number}? It should have come by now.")
        if self._dice.random() < 0.6:
            later = at + timedelta(minutes=self._dice.randrange(1, 120))
            self._say(id, later, "agent", f"Parcel {self._number} is on its way.")

    def _answer(self, id: str, midnight: datetime) -> None:
        said = len([row for row in self._of(id).messages.values() if row["conversation_id"] == id])
        self._say(id, midnight + timedelta(hours=11), "agent", f"Answer {said} about {id}.")

    def _settle(self, id: str, midnight: datetime) -> None:
        row = self._of(id).conversations[id]
        row["status"] = self._dice.choice(STATUSES)
        row["subject"] = f"{row['subject'].split(',')[0]}, looked at on {midnight:%-d %b}"
        row["updated_at"] = _stamp(midnight + timedelta(hours=12))
        self._told(id)

    def _reword(self, id: str, midnight: datetime) -> None:
        messages = [row for row in self._of(id).messages.values() if row["conversation_id"] == id]
        row = self._dice.choice(messages)
        row["body_text"] = f"Corrected on {midnight:%-d %b}: {row['body_text'].split(': ')[-1]}"
        self._truth.message(SOURCE, row["message_id"], id, row["body_text"])

    def _remove(self, id: str, midnight: datetime) -> None:
        week = self._of(id)
        del week.conversations[id]
        week.messages = {name: row for name, row in week.messages.items() if row["conversation_id"] != id}
        del self._day_of[id]
        self._truth.remove(SOURCE, id)

    def _say(self, id: str, at: datetime, role: str, text: str) -> None:
        self._number += 1
        name = f"m{self._number:06d}"
        self._of(id).messages[name] = {
            "message_id": name, "conversation_id": id, "author_id": f"{role}-{self._number % 13}", "author_role": role,
            "is_public": "true", "kind": "message", "body_text": text, "created_at": _stamp(at),
        }  # fmt: skip
        self._truth.message(SOURCE, name, id, text)

    def _told(self, id: str) -> None:
        row = self._of(id).conversations[id]
        self._truth.conversation(SOURCE, id, row["subject"], row["status"])

    def _rename(self, week: int) -> None:
        """The same rows in files of other names: an export that was run again."""
        before = self._files(week)
        self._weeks[week].named += 1
        for old, new in zip(before, self._files(week), strict=True):
            if old.exists():
                old.rename(new)

    def _files(self, week: int) -> tuple[Path, Path]:
        name = f"{week:04d}_{self._weeks[week].named}"
        return self.path / f"conversations_{name}.csv", self.path / f"messages_{name}.csv"

    def _write(self, week: int) -> None:
        held = self._weeks[week]
        for path, rows in zip(self._files(week), (held.conversations, held.messages), strict=True):
            scratch = self.path.with_name(f"{path.name}.part")
            with scratch.open("w", newline="", encoding="utf-8") as file:
                out = csv.DictWriter(file, list(next(iter(rows.values()))))
                out.writeheader()
                out.writerows(rows.values())
            scratch.replace(path)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def midnight_of(first: datetime, number: int) -> datetime:
    """When day `number` begins (UTC), counted from the day of `first`."""
    return datetime.combine(first.date(), time(), UTC) + timedelta(days=number)
