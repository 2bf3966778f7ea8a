"""What an alert says, and how each kind of channel reads it. Words of others are escaped wherever they could act."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from alerts import letter_html
from alerts.judge import Reading, measure
from alerts.readings import Watched
from alerts.rules import OF_FINDINGS, Rule
from core import conditions, numbers
from core.settings import Settings
from store.workspace.incidents import Event

_PAGES = {
    "sla_soon": "live", "source_stale": "data_jobs", "job_failed": "data_jobs", "anomaly": "anomalies",
    "off_forecast": "volume", "topic_rising": "topics", "answers": "ask",
}  # fmt: skip
_WINDOWS = {"day": "%-d %b %Y", "month": "%B %Y", "year": "%Y", "hour": "%-d %b %Y, %H:%M"}
_AGAINST = {"previous": "the {} before", "week": "a week before", "year": "a year before"}


@dataclass(frozen=True, slots=True)
class Message:
    """What is told, by parts. `lines` are pairs of a label and a text; `data` is the same for programs."""

    title: str
    lines: tuple[tuple[str, str], ...]
    link: str | None
    data: Mapping[str, Any]

    def plain(self) -> dict[str, Any]:
        """As it is kept."""
        return {"title": self.title, "lines": [list(pair) for pair in self.lines], "link": self.link,
                "data": dict(self.data)}  # fmt: skip

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Message:
        """From what was kept."""
        lines = tuple((str(label), str(text)) for label, text in kept.get("lines") or ())
        return cls(str(kept.get("title") or ""), lines, kept.get("link"), kept.get("data") or {})

    def text(self) -> str:
        """For people, without any markup."""
        body = "\n".join(f"{label}: {text}" for label, text in self.lines)
        return f"{body}\n\n{self.link}" if self.link else body

    def chat(self) -> str:
        """Text that mentions nobody and opens nothing of itself: a mark that is not seen stands after @ and <."""
        told = "\n".join(f"{label}: {_inert(text)}" for label, text in self.lines)
        return f"{told}\n\n{self.link}" if self.link else told

    def chat_title(self) -> str:
        """The title, made as harmless."""
        return _inert(self.title)

    def html(self) -> str:
        """For mail: a heading, a table and a link, all words escaped."""
        body = [letter_html.pairs(self.lines)]
        if self.link:
            body.append(letter_html.button("Open it", self.link))
        return letter_html.frame(self.title, "", body, ())


def message(
    name: str, rule: Rule, watched: Watched, reading: Reading, event: Event, *, settings: Settings,
    until: Reading | None = None, lasts: bool = False,
) -> Message:  # fmt: skip
    """What an event of a rule says of one segment. Of a window that was judged late, it says which one it is.

    `until` is the reading that ended what began with `reading` before anybody was told; what began and `lasts` says so.
    """
    told = _headline(rule, watched, reading)
    newest, over = watched.names[-1], "already over, " if until else "over, " if event == "resolved" else ""
    is_late = bool(until) or reading.window != newest
    if is_late and rule.is_of_metric:
        told += f" ({window_words(rule, reading.window)})"
    lines = _lines(rule, watched, reading, settings)
    if until or (is_late and lasts):
        end = until.window if until else newest
        day = f" {window_words(rule, end)}" if rule.is_of_metric or rule.kind == "off_forecast" else ""
        over_since = f"over since{day}" if day else "over"
        lines.append(("Since then", over_since if until else f"not over by{day or ' now'}"))
    data = _data(rule, watched, until or reading) | ({"began": reading.window} if until else {})
    return Message(f"{one_line(name)}: {over}{told}", tuple(lines), link(rule, reading, settings), data)


def test_message(channel: str, settings: Settings) -> Message:
    """What the test of a channel says."""
    base = base_url(settings)
    lines = (("Channel", channel), ("From", settings.workspace.name))
    return Message(f"Test of the channel {channel}", lines, base, {"kind": "test"})


def window_words(rule: Rule, window: str) -> str:
    """A window as people say it: "15 Nov 2026", "week of 9 Nov 2026", "Q4 2026"."""
    start = datetime.fromisoformat(window)
    if rule.window == "week":
        return f"week of {start:%-d %b %Y}"
    if rule.window == "quarter":
        return f"Q{(start.month + 2) // 3} {start.year}"
    return f"{start:{_WINDOWS[rule.window]}}"


def level_words(rule: Rule, level: float, unit: str) -> str:
    """A level in the unit it is held against."""
    if rule.kind == "change" and rule.change_in == "percent":
        return f"{level:g} %"
    return f"{level * 100:g} pp" if rule.kind == "change" and unit == "share" else _value(level, unit)


def link(rule: Rule, reading: Reading, settings: Settings) -> str | None:
    """The page that shows it, with the rule's filters; None when the settings say no address."""
    base = base_url(settings)
    if base is None:
        return None
    page = _PAGES.get(rule.kind, "explore")
    if rule.kind in ("source_stale", "job_failed", "answers"):
        return f"{base}/{page}"
    filters = rule.filters.narrowed(rule.by, reading.segment) if rule.by else rule.filters
    said: list[tuple[str, str]] = [(name, value) for name, values in filters.where for value in values]
    said += [("include", kind) for kind in filters.include]
    said += [("any", conditions.encode(filters.groups))] if filters.groups else []
    said += [("hours", "business")] if rule.filters.hours == "business" else []
    if rule.is_of_metric:
        days = _days(rule, reading.window)
        said += [("metrics", rule.metric), ("period", "custom"), *(("dates", day) for day in days)]
    return f"{base}/{page}?{urlencode(said)}" if said else f"{base}/{page}"


def base_url(settings: Settings) -> str | None:
    """What links begin with: the dashboard's address as its readers reach it."""
    return settings.notifications.base_url or settings.sign_in.address


def one_line(text: str, most: int = 120) -> str:
    """Somebody's words in one line, without characters that act, and not too many of them."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
    flat = " ".join(kept.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def _headline(rule: Rule, watched: Watched, reading: Reading) -> str:
    place = f" in {one_line(reading.segment)}" if reading.segment else ""
    if rule.kind == "sla_soon":
        what = "target" if reading.value == 1 else "targets"
        span = numbers.duration(rule.within_min * 60)
        return f"{_value(reading.value, 'count')} {what} due within {span}{place}"
    if rule.kind == "source_stale":
        return f"{one_line(reading.segment)} was last read {numbers.duration(reading.value)} ago"
    if rule.kind == "job_failed":
        return f"failed refreshes in a row: {_value(reading.value, 'count')}"
    if _has_found(rule):
        return one_line(reading.note.split("\n")[0]) if reading.note else f"{watched.title.lower()}{place}"
    if rule.kind == "change":
        against = _AGAINST[rule.against].format(rule.window)
        return f"{watched.title}{place} {_change(watched, reading)} against {against}"
    return f"{watched.title}{place} {_value(reading.value, watched.unit, reading.n)}"


def _lines(rule: Rule, watched: Watched, reading: Reading, settings: Settings) -> list[tuple[str, str]]:
    if _has_found(rule):
        return _found_lines(rule, watched, reading)
    limit = level_words(rule, rule.level, watched.unit)
    found = [(watched.title, _value(reading.value, watched.unit, reading.n))]
    if rule.kind == "change":
        found += [("Before", _value(reading.previous, watched.unit, reading.previous_n)),
                  ("Change", _change(watched, reading))]  # fmt: skip
    way = {"above": "more than", "below": "less than", "either": "either way, more than"}[rule.direction]
    if rule.kind == "change" and rule.direction == "below":
        way = "a fall of more than"
    found.append(
        ("Alert when", f"{way} {limit}" + (f", {rule.times} times in a row" if rule.times > 1 else ""))
    )
    if rule.is_of_metric:
        found += [("Period", f"{window_words(rule, reading.window)} ({settings.workspace.reporting_zone})")]
    if rule.is_of_metric and watched.unit != "count":
        found.append(("n", f"{reading.n:,} {watched.counts}"))
    if rule.by or rule.kind == "source_stale":
        found.append(((rule.by or "source").replace("_", " ").capitalize(), one_line(reading.segment)))
    if only := _only(rule):
        found.append(("Only", only))
    if reading.note:
        found.append(("Reason", one_line(reading.note, 300)))
    return found


def _has_found(rule: Rule) -> bool:
    """Whether the word is what was found, in a sentence, and no number beside a level."""
    return rule.kind in OF_FINDINGS and rule.kind != "answers"


def _found_lines(rule: Rule, watched: Watched, reading: Reading) -> list[tuple[str, str]]:
    told = [one_line(line, 300) for line in reading.note.split("\n") if line]
    found = [("What" if place == 0 else "Also", line) for place, line in enumerate(told)]
    if not found:
        found = [(watched.title, f"no longer{f' in {one_line(reading.segment)}' if reading.segment else ''}")]
    if rule.kind == "topic_rising":
        found.append(("Alert when", f"more than {rule.level:g} conversations"))
    if only := _only(rule):
        found.append(("Only", only))
    return found


def _only(rule: Rule) -> str:
    parts = [f"{name} {' or '.join(values)}" for name, values in rule.filters.where]
    parts += [conditions.told(rule.filters.groups)] if rule.filters.groups else []
    parts += [f"with {' and '.join(rule.filters.include)}"] if rule.filters.include else []
    parts += ["business hours"] if rule.filters.hours == "business" else []
    return one_line(", ".join(parts), 300)


def _data(rule: Rule, watched: Watched, reading: Reading) -> dict[str, Any]:
    return {
        "kind": rule.kind, "metric": rule.metric or None, "unit": watched.unit, "value": reading.value, "n": reading.n,
        "previous": reading.previous, "measure": measure(rule, reading), "level": rule.level, "clear": rule.back_at,
        "direction": rule.direction, "window": rule.window if rule.is_of_metric else None, "from": reading.window,
        "dimension": rule.by, "segment": reading.segment or None,
        "quiet": str(rule.quiet) if rule.quiet else None, "quiet_zone": rule.quiet.zone if rule.quiet else None,
    }  # fmt: skip


def _days(rule: Rule, window: str) -> tuple[str, str]:
    from analytics import periods

    start = datetime.fromisoformat(window)
    last = periods.bucket_end(periods.bucket_start(start, rule.window), rule.window) - timedelta(
        microseconds=1
    )
    return f"{start:%Y-%m-%d}", f"{last:%Y-%m-%d}"


def _change(watched: Watched, reading: Reading) -> str:
    n = min(reading.n, reading.previous_n) if watched.unit == "share" else None
    return numbers.change(reading.value, reading.previous, watched.unit, n)


def _value(value: float | None, unit: str, n: int | None = None) -> str:
    return numbers.value(value, unit, n)


def _inert(text: str) -> str:
    """Somebody's words where chats read @ as a mention and < as a command."""
    return text.replace("@", "@\N{WORD JOINER}").replace("<", "<\N{WORD JOINER}")
