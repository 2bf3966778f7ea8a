"""What is planted in a sample, counted in the rows that were written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.sample import plan as plans
from jobs.sample import world
from jobs.sample.draw import Ints
from jobs.sample.plan import Plan
from jobs.sample.scripts import AGAIN_FIRST
from jobs.sample.threads import BAD_DAY_SLOWER, OUTAGE_SLOWER, SLOWER, Slice, hours_change

Mask = NDArray[np.bool_]


@dataclass
class Played:
    """What only shows when conversations are played out, gathered slice by slice."""

    first_reply_s: Ints
    first_reply_open_s: Ints

    @classmethod
    def empty(cls, total: int) -> Played:
        """Room for `total` conversations."""
        return cls(*(np.full(total, -1, dtype=np.int64) for _ in range(2)))

    def add(self, slice_: Slice) -> None:
        """Keep what the truths need of a slice."""
        self.first_reply_s[slice_.rows] = slice_.first_reply_s
        self.first_reply_open_s[slice_.rows] = slice_.first_reply_open_s


def counted(plan: Plan) -> Mask:
    """Conversations of the everyday population."""
    return np.asarray(plan.kind == world.ORDINARY)


def _text(plan: Plan, number: int) -> str:
    return plan.calendar.day(number).isoformat()


def _median(values: Ints) -> float | None:
    return float(np.median(values)) if len(values) else None


def truths(plan: Plan, played: Played) -> dict[str, Any]:
    """Every planted truth with its place, its size and what it is compared with."""
    everyday = {
        "zone": world.ZONE,
        "start": plan.calendar.start.isoformat(),
        "end": plan.calendar.end.isoformat(),
        "counted_conversations": int(counted(plan).sum()),
        "hours_change": hours_change(plan.calendar).isoformat(),
    }
    if not plan.calendar.is_planted:
        return everyday | {"holiday": _holiday(plan)}
    return everyday | {
        "bad_day": _bad_day(plan),
        "rising_topic": _rising(plan),
        "first_reply_step": _step(plan, played),
        "holiday": _holiday(plan),
        "outage": _outage(plan),
        "new_topic": _new_topic(plan),
        "reopen_driver": _reopen_driver(plan),
    }


def _share(values: Mask) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None


def _usual(plan: Plan, rows: Mask, without: Iterable[int]) -> float:
    """Conversations a day in these rows, on days that carry no spike."""
    without = list(without)
    inside = rows & ~np.isin(plan.day, without)
    return round(float(inside.sum()) / (world.DAYS - len(without)), 3)


def _cell(plan: Plan, number: int, channel: int, product: int, topic: str) -> dict[str, Any]:
    rows = counted(plan)
    cell = rows & (plan.channel == channel) & (plan.product == product)
    day = plan.day == number
    named = plan.topic == world.TOPIC_NAMES.index(topic)
    return {
        "date": _text(plan, number),
        "product": world.PRODUCTS[product],
        "channel": world.CHANNELS[channel],
        "topic": topic,
        "conversations_in_cell": int((cell & day).sum()),
        "negative_conversations_in_cell": int((cell & day & (plan.mood == 0)).sum()),
        "topic_conversations_in_cell": int((cell & day & named).sum()),
        "conversations_on_day": int((rows & day).sum()),
        "negative_conversations_on_day": int((rows & day & (plan.mood == 0)).sum()),
        "usual_conversations_in_cell_per_day": _usual(plan, cell, [number]),
        "usual_conversations_per_day": _usual(plan, rows, [number]),
        "usual_negative_share": _share(plan.mood[rows & ~day] == 0),
    }


def _bad_day(plan: Plan) -> dict[str, Any]:
    number = plan.calendar.number(plan.calendar.bad_day)
    return _cell(plan, number, plans.CHAT, plans.PARCEL, "delivery_late") | {
        "first_reply_factor": BAD_DAY_SLOWER
    }


def _outage(plan: Plan) -> dict[str, Any]:
    number = plan.calendar.number(plan.calendar.outage)
    return _cell(plan, number, plans.WEB, plans.BACKUP, "outage") | {"first_reply_factor": OUTAGE_SLOWER}


def _shares(plan: Plan, rows: Mask, named: Mask, begin: int, end: int) -> dict[str, Any]:
    inside = rows & (plan.day >= begin) & (plan.day <= end)
    return {
        "from": _text(plan, begin),
        "to": _text(plan, end),
        "conversations": int((inside & named).sum()),
        "of": int(inside.sum()),
    }


def _rising(plan: Plan) -> dict[str, Any]:
    rows, named = counted(plan), plan.topic == world.TOPIC_NAMES.index("two_factor")
    last = world.DAYS - 1
    return {
        "topic": "two_factor",
        "words": ["two-factor", "login codes"],
        "from": _text(plan, last - plans.RISE_DAYS),
        "to": _text(plan, last),
        "products": [world.PRODUCTS[plans.APP], world.PRODUCTS[plans.PAYMENTS]],
        "before": _shares(plan, rows, named, 0, last - plans.RISE_DAYS - 1),
        "by_30_days": [
            _shares(plan, rows, named, last - back - 29, last - back) for back in (90, 60, 30, 0)
        ],
    }  # fmt: skip


def _step(plan: Plan, played: Played) -> dict[str, Any]:
    begin = world.DAYS - plans.STEP_DAYS
    usual = counted(plan) & (played.first_reply_s >= 0) & (plan.planted == 0)
    billing = usual & (plan.team == world.TEAMS.index("Billing"))
    late = plan.day >= begin
    return {
        "team": "Billing",
        "from": _text(plan, begin),
        "factor": SLOWER,
        "conversations_before": int((billing & ~late).sum()),
        "conversations_after": int((billing & late).sum()),
        "median_first_reply_s_before": _median(played.first_reply_s[billing & ~late]),
        "median_first_reply_s_after": _median(played.first_reply_s[billing & late]),
        "median_office_s_before": _median(played.first_reply_open_s[billing & ~late]),
        "median_office_s_after": _median(played.first_reply_open_s[billing & late]),
        "other_teams_median_before": _median(played.first_reply_s[usual & ~billing & ~late]),
        "other_teams_median_after": _median(played.first_reply_s[usual & ~billing & late]),
    }


def _holiday(plan: Plan) -> dict[str, Any]:
    number = plan.calendar.number(plan.calendar.holiday)
    rows = counted(plan)
    around = [plan.calendar.number(plan.calendar.holiday + timedelta(weeks=w)) for w in (-3, -2, -1)]
    return {
        "date": _text(plan, number),
        "conversations_on_day": int((rows & (plan.day == number)).sum()),
        "same_weekday_before": [int((rows & (plan.day == n)).sum()) for n in around],
    }


def _new_topic(plan: Plan) -> dict[str, Any]:
    rows, named = counted(plan), plan.topic == world.TOPIC_NAMES.index("gift_card")
    begin = world.DAYS - plans.NEW_TOPIC_DAYS
    days = np.nonzero(rows & named)[0]
    return {
        "topic": "gift_card",
        "words": ["gift card", "not accepted"],
        "from": _text(plan, begin),
        "first_day_seen": _text(plan, int(plan.day[days[0]])) if len(days) else None,
        "conversations": int((rows & named).sum()),
        "conversations_before": int((rows & named & (plan.day < begin)).sum()),
        "products": [world.PRODUCTS[plans.PAYMENTS], world.PRODUCTS[plans.APP]],
    }


def _reopen_driver(plan: Plan) -> dict[str, Any]:
    social = counted(plan) & (plan.channel == plans.SOCIAL)
    return {
        "outcome": "reopened",
        "dimension": "channel",
        "value": world.CHANNELS[plans.SOCIAL],
        "conversations": int(social.sum()),
        "planted": int((social & (plan.script >= AGAIN_FIRST)).sum()),
    }
