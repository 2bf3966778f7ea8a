"""Writes README.md: the stories and the metrics as tables that a person can check.

Run `python -m tests.golden.table` after a change of the stories.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

from tests.golden.story import Story, load
from tests.golden.worked import Worked, load_worked

README = Path(__file__).parent / "README.md"
INTRO = """# The truth set

Conversations made by hand, with the facts that must come out of them worked out on paper from the definitions of
[docs/metrics.md](../../docs/metrics.md). `stories/*.toml` holds them with the arithmetic beside each value: an event
is `when who what`, `when` counted from the conversation's creation. `metrics.toml` holds numbers over sets of them.
Nothing here was copied from a computation: a value that differs is an error of the program, or of the paper, and is
corrected only with the definition at hand.

This page is written by `python -m tests.golden.table`; a test compares it.
"""


def text() -> str:
    """The page."""
    told: dict[tuple[str, str], Story] = {}
    counts: dict[tuple[str, str], int] = {}
    for story in load().values():
        key = (story.file, story.why)
        told.setdefault(key, story)
        counts[key] = counts.get(key, 0) + 1
    parts = [INTRO]
    for file, stories in groupby(told.values(), key=lambda story: story.file):
        rows = [_row(story, counts[file, story.why]) for story in stories]
        parts.append(
            f"\n## {file}\n\n| conversation | why | what happened | expected |\n| --- | --- | --- | --- |\n"
            + "\n".join(rows)
        )
    parts.append("\n\n## Numbers\n\n| number | value | worked out |\n| --- | --- | --- |")
    parts += [_number(worked) for worked in load_worked()]
    return "\n".join(part.strip("\n") if n else part for n, part in enumerate(parts)) + "\n"


def _row(story: Story, count: int) -> str:
    name = story.id if count == 1 else f"{story.id.removesuffix('_01')} ({count} of them)"
    values = [f"{column} {_shown(value)}" for column, value in story.facts.items()]
    values += [
        f"{table}: {len(rows)} ({'; '.join(map(_brief, rows))})" for table, rows in story.tables.items()
    ]
    return f"| {name} | {story.why} | {_told(story)} | {', '.join(values)} |"


def _told(story: Story) -> str:
    """Where it comes from, what its row says, and its events in minutes."""
    begin = [f"{story.source}, {story.created:%a %Y-%m-%d %H:%M} UTC"]
    begin += [f"{column} {value}" for column, value in story.row.items()]
    events = [
        f"{_minutes((e.at - story.created).total_seconds())} {e.who} {e.what} {e.text}".strip()
        for e in story.events
    ]
    return "<br>".join([", ".join(begin), *events])


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:g}" if seconds % 60 == 0 else f"{seconds:g}s"


def _brief(row: dict[str, Any]) -> str:
    return " ".join(f"{column.removesuffix('_at')} {_shown(value)}" for column, value in row.items())


def _number(worked: Worked) -> str:
    groups = [f"{group}: {_shown(value)}" for group, value in worked.groups.items()]
    return (
        f"| {worked.title} | {_shown(worked.value)} of n = {worked.n} | {'; '.join([worked.how, *groups])} |"
    )


def _shown(value: Any) -> str:
    return "none" if value == "null" else str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    README.write_text(text(), encoding="utf-8")
