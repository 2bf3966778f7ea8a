"""A question while it is read; and of it the weekdays, hours, holders and limits that it names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rag import question_words as said
from rag.answer import Intent, Limit
from rag.thresholds import AGE, RATED, RATING, limit_of, measured, rated_of, without
from rag.vocabulary import NOBODY, Vocabulary


@dataclass
class Reading:
    """The question while it is read; what is understood is blanked out of `rest`."""

    text: str  # as typed
    rest: str  # lower case, what is not yet understood
    words: Vocabulary
    filters: dict[str, list[str]] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)
    ambiguity: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    limit: Limit | None = None

    def take(self, start: int, end: int) -> None:
        """Blank out what is understood."""
        self.rest = self.rest[:start] + " " * (end - start) + self.rest[end:]

    def filter(self, dimension: str, value: str) -> None:
        """Keep conversations of a value, beside those of other values of the dimension."""
        values = self.filters.setdefault(dimension, [])
        if value not in values:
            values.append(value)


def clock(reading: Reading) -> list[str]:
    """Weekdays and hours as what is split by; "on Mondays" alone keeps the conversations of that weekday."""
    found = []
    for name, rule in (("weekday", said.WEEKDAY), ("hour", said.HOUR)):
        match = rule.search(reading.rest)
        if match:
            found.append(name)
            reading.take(match.start(), match.end())
    found += _in_hours(reading)
    days = [match[1].title() for match in said.MANY_DAYS.finditer(reading.rest)]
    days += ["Saturday", "Sunday"] if said.WEEKENDS.search(reading.rest) else []
    if not days:
        return found
    for rule in (said.MANY_DAYS, said.WEEKENDS):
        for match in [*rule.finditer(reading.rest)]:
            reading.take(match.start(), match.end())
    if found or said.CONTRAST.search(reading.text.lower()):
        return found or ["weekday"]
    for day in days:
        reading.filter("created_weekday", day)
    reading.assumptions.append(f"Conversations created on a {' or '.join(days)} are taken.")
    return found


def _in_hours(reading: Reading) -> list[str]:
    """What came in or outside the working hours of its calendar: kept alone, or split where a share is asked for."""
    outside, text = said.OUTSIDE_HOURS.search(reading.rest), reading.text.lower()
    match = outside or (None if said.TIMED.search(text) else said.INSIDE_HOURS.search(reading.rest))
    if match is None:
        return []
    reading.take(match.start(), match.end())
    reading.assumptions.append("Working hours are those of each conversation's calendar when it was created.")
    if said.SHARE.search(text):
        return ["created_in_hours"]
    inside, beyond = reading.words.values["created_in_hours"]
    reading.filter("created_in_hours", beyond if outside else inside)
    return []


def unheld(reading: Reading, metrics: list[str]) -> None:
    """ "Unassigned" and "without a tag": those that have none; of no agent the open ones where no number is named."""
    match = said.UNASSIGNED.search(reading.rest)
    if match:
        reading.take(match.start(), match.end())
        reading.filter("agent", NOBODY)
        if metrics in ([], ["volume"]):
            metrics[:] = ["backlog"]
            reading.assumptions.append("“Unassigned” is read as open conversations that no agent holds.")
    for word, dimension in reading.words.dimensions.items():
        found = (
            re.search(rf"{said.WITHOUT}{re.escape(word)}\b", reading.rest) if word in reading.rest else None
        )
        if found:
            reading.take(found.start(), found.end())
            reading.filter(dimension, NOBODY)


def waiting(reading: Reading, metrics: list[str]) -> None:
    """Open conversations of a status that is told as what they are: "how many tickets are pending"."""
    match = said.IN_STATUS.search(reading.rest)
    status = {"on hold": "hold"}.get(match[1], match[1]) if match else ""
    if (
        match
        and status in reading.words.values.get("status", ())
        and metrics in ([], ["volume"], ["backlog"])
    ):
        reading.take(match.start(1), match.end(1))
        reading.filter("status", status)
        metrics[:] = ["backlog"]
        reading.assumptions.append(f"“{match[1].capitalize()}” is read as open conversations of that status.")


def limit_in_time(reading: Reading) -> None:
    """A limit such as "older than 30 days", before its words are read as a comparison."""
    found = limit_of(reading.rest)
    if found:
        reading.limit, start, end = found
        reading.take(start, end)


def causes(reading: Reading) -> Intent | None:
    """ "Is the new release causing problems?": how many speak of it, against before; what it causes nobody knows."""
    found = said.CAUSES.search(reading.rest)
    if found is None:
        return None
    reading.take(found.start("how"), found.end("how"))
    for word in said.LATELY.finditer(reading.rest, found.start("what"), found.end("what")):
        reading.take(word.start(), word.end())
    reading.ambiguity.append(
        f"The data cannot tell whether “{found['what']}” caused it: conversations that speak of it are counted, against the "
        "period before. Mark its day as an event under Anomalies & events to measure what changed after it."
    )
    return "count"


def rated(reading: Reading, intent: Intent | None) -> None:
    """Bad or good ratings, where how many there are is asked for, and not why or how they went."""
    found = rated_of(reading.rest) if intent in (None, "count", "top_n", "compare", "lookup") else None
    if found and RATING in reading.words.titles:
        reading.limit, start, end = found
        reading.take(start, end)
        reading.assumptions.append(RATED[reading.limit.text])
        if said.STARS.search(reading.text.lower()):
            reading.ambiguity.append(
                "Ratings are not told apart by their stars here, only good ones from bad ones."
            )


def limits(reading: Reading, metrics: list[str]) -> None:
    """What the question says and no number can keep to: said aloud, never passed over."""
    if reading.limit and reading.limit.text in RATED:
        metrics[:] = [RATING]
    elif reading.limit:
        name = measured(reading.text.lower(), metrics, reading.words.durations)
        if name:
            metrics[:] = [name]
            reading.assumptions += (
                ["The age of what is open counts from its creation."] if name == AGE else []
            )
            for start, end in without(reading.rest):
                reading.take(start, end)
        else:
            told = f"“{reading.limit.text}” is not applied: the question names no time that it could be a limit of."
            reading.ambiguity.append(told)
            reading.limit = None
    match = said.THRESHOLD.search(reading.rest)
    if match and metrics not in ([], ["volume"]):
        reading.take(match.start(), match.end())
        reading.ambiguity.append(f"“{match[0]}” is not applied: no number here is cut at such a limit.")
    if said.SLOW_DAY.search(reading.text.lower()) and "first_reply_median" in metrics:
        reading.ambiguity.append(
            "“Slow” is read as slow to reply; ask for the quietest day for the fewest conversations."
        )
