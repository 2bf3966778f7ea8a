"""Who writes when, about what, in which mood: one row a conversation, and the planted truths among them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from jobs.sample import scripts as script_tables
from jobs.sample import world
from jobs.sample.draw import Draws, Floats, Ints
from jobs.sample.hours import local_hours

PARCEL, BACKUP, PAYMENTS, APP = 0, 1, 3, 4
CHAT, WEB, SOCIAL = 1, 2, 4
RISE_DAYS, STEP_DAYS, NEW_TOPIC_DAYS = 120, 60, 30
BAD_DAY, OUTAGE = 1, 2
COME_BACK = 0.35  # of what is solved on social media: reopened, whatever it is about and whoever solved it


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of the sample and the dates of what is planted in them."""

    start: date
    end: date
    bad_day: date
    outage: date
    holiday: date
    is_planted: bool = True  # whether anything is planted but the week, the season and growth

    @classmethod
    def ending(cls, end: date, *, planted: bool = True) -> Calendar:
        """The calendar of a sample whose last day is `end`."""
        bad = date(end.year, 10, 31)
        holiday = date(end.year, 12, 25)
        start = end - timedelta(days=world.DAYS - 1)
        outage = end - timedelta(days=75)
        outage -= timedelta(days=(outage.weekday() - 2) % 7)  # a Wednesday
        return cls(
            start,
            end,
            bad if bad <= end else date(end.year - 1, 10, 31),
            outage,
            holiday if holiday <= end else date(end.year - 1, 12, 25),
            planted,
        )

    def number(self, day: date) -> int:
        """Position of a day in the sample."""
        return (day - self.start).days

    def day(self, number: int) -> date:
        """The day at a position."""
        return self.start + timedelta(days=number)


@dataclass(frozen=True)
class Plan:
    """One row a conversation, in the order of their beginning."""

    calendar: Calendar
    day: Ints
    created: Ints  # seconds since 1970
    channel: Ints
    product: Ints
    topic: Ints
    team: Ints
    mood: Ints
    language: Ints
    priority: Ints
    requester: Ints
    agent: Ints
    second_agent: Ints
    script: Ints
    kind: Ints
    merged_into: Ints  # position, or -1
    planted: Ints  # 0, BAD_DAY or OUTAGE

    def __len__(self) -> int:
        return len(self.day)


def day_weights(calendar: Calendar) -> Floats:
    """How busy every day is: week, season, growth and public holidays."""
    import holidays

    closed = holidays.country_holidays(
        "GB", subdiv="ENG", years=range(calendar.start.year, calendar.end.year + 1)
    )
    weights = []
    for number in range(world.DAYS):
        day = calendar.day(number)
        season = 1 + 0.10 * np.cos(2 * np.pi * (day.timetuple().tm_yday - 330) / 365.25)
        weight = world.WEEKDAY[day.weekday()] * season * (1 + 0.25 * number / world.DAYS)
        if (day.month, day.day) == (12, 25):
            weight *= 0.02
        elif day in closed:
            weight *= 0.35
        weights.append(weight)
    return np.array(weights)


def planted_sizes(total: int) -> tuple[int, int]:
    """Extra conversations of the bad day and of the outage: visible at 300, not absurd at a million."""
    bad = max(9, round(28 * (total / 2000) ** 0.55))
    return bad, max(8, round(22 * (total / 2000) ** 0.55))


def requesters(total: int) -> int:
    """How many people write."""
    return max(20, total // 3)


def make(total: int, draws: Draws, end: date, *, planted: bool = True) -> Plan:
    """Plan `total` conversations that begin in the days up to `end`."""
    calendar = Calendar.ending(end, planted=planted)
    number = np.arange(total)
    cause = np.zeros(total, dtype=np.int64)
    bad, outage = planted_sizes(total) if planted else (0, 0)
    cause[:bad], cause[bad : bad + outage] = BAD_DAY, OUTAGE
    day, channel, product = _where(calendar, draws, number, cause)
    created = _when(calendar, draws, number, day, channel, cause)
    order = np.lexsort((number, created))
    day, channel, product, cause, created = (
        column[order] for column in (day, channel, product, cause, created)
    )
    return _people(_subjects(calendar, draws, day, created, channel, product, cause), draws)


def _where(calendar: Calendar, draws: Draws, number: Ints, planted: Ints) -> tuple[Ints, Ints, Ints]:
    day = draws.choice("day", day_weights(calendar), number)
    weekend = np.array([calendar.day(n).weekday() >= 5 for n in range(world.DAYS)], dtype=np.int64)
    by_kind_of_day = np.array([world.CHANNEL_WEIGHTS, world.CHANNEL_WEIGHTS_WEEKEND])
    channel = draws.choice_rows("channel", by_kind_of_day, weekend[day], number)
    product = draws.choice("product", world.PRODUCT_WEIGHTS, number)
    for which, date_of, cell in (
        (BAD_DAY, calendar.bad_day, (CHAT, PARCEL)),
        (OUTAGE, calendar.outage, (WEB, BACKUP)),
    ):
        rows = planted == which
        day[rows], channel[rows], product[rows] = calendar.number(date_of), *cell
    return day, channel, product


def _when(calendar: Calendar, draws: Draws, number: Ints, day: Ints, channel: Ints, planted: Ints) -> Ints:
    hour = draws.choice_rows("hour", np.array(world.HOUR_WEIGHTS, dtype=np.float64), channel, number)
    hour = np.where(planted == BAD_DAY, 8 + draws.below("bad hour", 12, number), hour)
    hour = np.where(planted == OUTAGE, 9 + draws.below("outage hour", 6, number), hour)
    begins = local_hours(calendar.start, world.DAYS, ZoneInfo(world.ZONE))
    created = begins[day, hour] + draws.below("second", 3600, number)
    to_the_minute = (channel == 3) | (draws.uniform("minute", number) < 0.06)
    return np.where(to_the_minute, created // 60 * 60, created)


def _subjects(
    calendar: Calendar, draws: Draws, day: Ints, created: Ints, channel: Ints, product: Ints, planted: Ints
) -> Plan:
    number = np.arange(len(day))
    topic = _topics(draws, number, day, product, planted, calendar)
    moods = np.array([t.mood for t in world.TOPICS])
    mood = draws.choice_rows("mood", moods, topic, number)
    on_bad_day = calendar.is_planted & (day == calendar.number(calendar.bad_day))
    in_bad_cell = on_bad_day & (channel == CHAT) & (product == PARCEL)
    mood = np.where((planted > 0) | (in_bad_cell & (draws.uniform("bad", number) < 0.9)), 0, mood)
    team = np.array([t.team for t in world.TOPICS])[topic]
    kind = np.where(planted > 0, world.ORDINARY, draws.choice("kind", world.KIND_WEIGHTS, number))
    urgency = np.array([[0.10, 0.50, 0.28, 0.12], [0.24, 0.60, 0.13, 0.03], [0.34, 0.58, 0.07, 0.01]])
    empty = np.zeros(len(day), dtype=np.int64)
    return Plan(
        calendar, day, created, channel, product, topic, team, mood, empty,
        draws.choice_rows("priority", urgency, mood, number), empty, empty, empty,
        _scripts(draws, number, channel, mood, kind, day, calendar), kind, empty - 1, planted,
    )  # fmt: skip


def _topics(draws: Draws, number: Ints, day: Ints, product: Ints, planted: Ints, calendar: Calendar) -> Ints:
    weights = np.array([t.products for t in world.TOPICS]).T
    topic = draws.choice_rows("topic", weights, product, number)
    if not calendar.is_planted:
        return topic
    named = {name: position for position, name in enumerate(world.TOPIC_NAMES)}
    last = world.DAYS - 1
    rise = np.clip((day - (last - RISE_DAYS)) / RISE_DAYS, 0, 1)
    late = (day > last - NEW_TOPIC_DAYS) & np.isin(product, (PAYMENTS, APP))
    topic = np.where(late & (draws.uniform("gift", number) < 0.36), named["gift_card"], topic)
    share = np.where(product == APP, 0.06 + 0.54 * rise, np.where(product == PAYMENTS, 0.01 + 0.2 * rise, 0))
    topic = np.where(draws.uniform("two factor", number) < share, named["two_factor"], topic)
    topic = np.where(planted == BAD_DAY, named["delivery_late"], topic)
    return np.where(planted == OUTAGE, named["outage"], topic)


def _scripts(
    draws: Draws, number: Ints, channel: Ints, mood: Ints, kind: Ints, day: Ints, calendar: Calendar
) -> Ints:
    tables = script_tables.build()
    script = draws.choice_rows("script", tables.weights, channel * 3 + mood, number)
    finished = tables.weights * script_tables.ends_solved(tables)
    again = draws.choice_rows("script again", finished, channel * 3 + mood, number)
    old = (day < world.DAYS - 30) & (draws.uniform("left open", number) < 0.9)
    script = np.where(old & ~script_tables.ends_solved(tables)[script], again, script)
    back = calendar.is_planted & (channel == SOCIAL) & (draws.uniform("comes back", number) < COME_BACK)
    place = np.minimum(script - script_tables.SOCIAL_FIRST, len(script_tables.AGAIN) - 1)
    script = np.where(back, script_tables.AGAIN_FIRST + place, script)
    for offset, odd in enumerate((world.SPAM, world.TEST, world.OUTBOUND, world.MERGED, world.AUTOMATIC)):
        script = np.where(kind == odd, script_tables.ODD_FIRST + offset, script)
    return script


def _people(plan: Plan, draws: Draws) -> Plan:
    number = np.arange(len(plan))
    many = requesters(len(plan))
    requester = np.floor(many * draws.uniform("requester", number) ** 1.5).astype(np.int64)
    first, size = _desks()
    agent = first[plan.team] + draws.below("agent", size[plan.team], number)
    other = first[plan.team] + (agent - first[plan.team] + 1) % size[plan.team]
    changed = draws.uniform("reassigned", number) < 0.12
    earlier = _previous(requester)
    kind = np.where((plan.kind == world.MERGED) & (earlier < 0), world.TEST, plan.kind)
    script = np.where(kind == world.TEST, script_tables.ODD_FIRST + 1, plan.script)
    return replace(
        plan,
        requester=requester,
        # The planted days must be readable for a word list that knows English only.
        language=np.where(plan.planted > 0, 0, language_of(draws, requester)),
        agent=agent,
        second_agent=np.where(changed, other, agent),
        kind=kind,
        script=script,
        merged_into=np.where(kind == world.MERGED, earlier, -1),
    )


def language_of(draws: Draws, requester: Ints) -> Ints:
    """A person keeps one language."""
    return draws.choice("language", world.LANGUAGE_WEIGHTS, requester)


def _desks() -> tuple[Ints, Ints]:
    teams = np.array([team for _, team in world.AGENTS])
    return np.array([int(np.argmax(teams == t)) for t in range(4)]), np.bincount(teams)


def _previous(requester: Ints) -> Ints:
    """The same person's conversation before this one, or -1."""
    order = np.lexsort((np.arange(len(requester)), requester))
    same = requester[order[1:]] == requester[order[:-1]]
    earlier = np.full(len(requester), -1, dtype=np.int64)
    earlier[order[1:][same]] = order[:-1][same]
    return earlier
