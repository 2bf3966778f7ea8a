"""Which alerts had a cause, which were heard, and how the two are held against each other."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

LEVEL = 10  # chats a day
CHANNELS = ("mail", "hook")


def rules(stale_s: float) -> dict[str, tuple[str, dict[str, object]]]:
    """Name to kind and definition: of days with many chats, of what never happens, and of a helpdesk not read for so long."""
    return {
        "Busy": ("threshold", {"metric": "volume", "level": LEVEL, "filters": {"channel": ["chat"]}}),
        "Never": ("threshold", {"metric": "volume", "level": 100_000}),
        "Stale": ("source_stale", {"level": f"{stale_s:.0f}s", "sources": ["desk"]}),
    }


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that has to be told once: `event` (opened, resolved) of a rule, judged in a window of the span.

    Windows are compared as the text that readings name them by: an ISO day of data, or an ISO minute (UTC).
    """

    rule: str
    event: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that the webhook got; the same `delivery` twice is one that was sent again.

    `began` is the window in which something began that was over before anybody was told: one message tells of both.
    """

    delivery: str
    rule: str
    event: str
    window: str
    title: str
    began: str = ""

    @classmethod
    def of(cls, body: bytes) -> Heard:
        """From what was posted."""
        said = json.loads(body)
        rule = str(said["title"]).partition(":")[0]
        return cls(said["delivery"], rule, said["event"], said["data"]["from"], said["title"],
                   said["data"].get("began", ""))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """Causes that nobody was told, what told of one again, and words without a cause; mails likewise, by their title."""

    missing: tuple[Cause, ...]
    doubled: tuple[Heard, ...]
    without_cause: tuple[Heard, ...]
    mails_missing: tuple[str, ...] = ()
    mails_doubled: tuple[str, ...] = ()

    @property
    def wrong(self) -> int:
        """How many of all of them."""
        return sum(map(len, (self.missing, self.doubled, self.without_cause, self.mails_missing,
                             self.mails_doubled)))  # fmt: skip


def judge(
    causes: Sequence[Cause],
    calls: Iterable[Heard],
    mails: Iterable[str],
    unsure: Mapping[str, int],
    slow: Sequence[Cause] = (),
) -> Judged:
    """Everything against everything. `mails` are their titles, `unsure` those that the program itself calls unknown.

    `slow` are causes that a busy machine made, and nobody planned: what was heard of them is right, silence is too.
    """
    heard = {one.delivery: one for one in calls}.values()
    of_cause = {cause: [one for one in heard if _is_of(one, cause)] for cause in causes}
    explained = {one.delivery for found in of_cause.values() for one in found}
    explained |= {one.delivery for one in heard if any(_is_of(one, cause) for cause in slow)}
    told, sent = Counter(one.title for one in heard), Counter(mails)
    return Judged(
        tuple(cause for cause, found in of_cause.items() if not found),
        tuple(again for found in of_cause.values() for again in found[1:]),
        tuple(one for one in heard if one.delivery not in explained),
        tuple(title for title, n in told.items() if sent[title] + unsure.get(title, 0) < n),
        tuple(title for title, n in sent.items() if n > told[title]),
    )


def slow_readings(finished: Sequence[datetime], stale_s: float) -> list[Cause]:
    """Where a source was not read to its end for longer than the rule on staleness allows, by its whole readings (UTC)."""
    causes = []
    for before, after in pairwise(sorted(finished)):
        if (after - before).total_seconds() > stale_s:
            stale = before + timedelta(seconds=stale_s)
            later = after + (after - before)
            causes.append(Cause("Stale", "opened", minute(stale), minute(after)))
            causes.append(Cause("Stale", "resolved", minute(after), minute(later)))
    return causes


def minute(at: datetime) -> str:
    """A minute as readings of what is so now name it."""
    return at.replace(second=0, microsecond=0).isoformat()


def _is_of(one: Heard, cause: Cause) -> bool:
    told = {one.event: one.window} | ({"opened": one.began} if one.began else {})
    return one.rule == cause.rule and cause.since <= told.get(cause.event, "") <= cause.until
