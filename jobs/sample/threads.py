"""Turns plans into timed messages, status changes, hand-overs and ratings, for one slice of the sample."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jobs.sample import scripts as s
from jobs.sample import world
from jobs.sample.draw import Draws, Floats, Ints
from jobs.sample.hours import DAY_S, Opening
from jobs.sample.plan import BAD_DAY, STEP_DAYS, Calendar, Plan

AFTERMATH_DAYS = 120  # how far beyond the end the hours are known; nothing written lies there
HOURS_CHANGE_DAYS = 200
BILLING, SLOWER = 1, 2.5
BAD_DAY_SLOWER, OUTAGE_SLOWER = 4.0, 2.5
CLOSE_AFTER_S = 4 * DAY_S


def hours_change(calendar: Calendar) -> date:
    """The day from which the longer office hours hold."""
    return calendar.end - timedelta(days=HOURS_CHANGE_DAYS)


@dataclass(frozen=True)
class Clockwork:
    """The hours in which people work, the scripts, and the last instant of the sample."""

    draws: Draws
    tables: s.Scripts
    office: Opening
    evening: Opening
    cutoff: int

    @classmethod
    def of(cls, calendar: Calendar, draws: Draws, cutoff: int) -> Clockwork:
        """Build once a sample."""
        import holidays

        days = world.DAYS + AFTERMATH_DAYS
        years = range(calendar.start.year, calendar.end.year + 2)
        closed = holidays.country_holidays("GB", subdiv="ENG", years=years)
        change = hours_change(calendar)

        def office(day: date) -> tuple[float, float] | None:
            if day in closed or day.weekday() == 6:
                return None
            if day.weekday() == 5:
                return (10, 16) if day >= change else None
            return (8.5, 18) if day >= change else (9, 17.5)

        def evening(day: date) -> tuple[float, float] | None:
            return None if (day.month, day.day) == (12, 25) else (8, 22)

        desk, chat = (Opening.of(calendar.start, days, rule) for rule in (office, evening))
        return cls(draws, s.build(), desk, chat, cutoff)


@dataclass(frozen=True)
class Events:
    """Rows of conversation_events; `events.of` gives them by conversation, moment and rank."""

    row: Ints
    at: Ints
    rank: Ints  # order among events of the same second
    field: Ints
    old: Ints
    new: Ints
    actor: Ints  # -1 system, -2 requester, else an agent


FIELDS = ("status", "team", "assignee", "priority")
STATUS, TEAM, ASSIGNEE, PRIORITY = range(4)
BY_SYSTEM, BY_REQUESTER, NOTHING = -1, -2, -1


@dataclass(frozen=True)
class Slice:
    """Conversations `rows` of a plan, played out."""

    plan: Plan
    clock: Clockwork
    rows: Ints

    @cached_property
    def script(self) -> Ints:
        """Script of each conversation."""
        return self.plan.script[self.rows]

    @cached_property
    def channel(self) -> Ints:
        """Channel of each conversation."""
        return self.plan.channel[self.rows]

    @cached_property
    def first_step(self) -> Ints:
        """Step of the first human answer, or -1."""
        return self.clock.tables.first_reply[self.script]

    @cached_property
    def times(self) -> Ints:
        """Instant of every step, shape (rows, MAX_STEPS); steps beyond the script repeat the last one."""
        created = self.plan.created[self.rows]
        minute = (self.channel == 3) | (created % 60 == 0)
        times = np.repeat(created[:, None], s.MAX_STEPS, axis=1)
        for step in range(1, s.MAX_STEPS):
            now = self._advance(step, times[:, step - 1])
            times[:, step] = np.where(minute, np.maximum(now // 60 * 60, times[:, step - 1]), now)
        return times

    @cached_property
    def visible(self) -> NDArray[np.bool_]:
        """Which steps exist: part of the script and not after the sample's end."""
        return np.asarray((self.clock.tables.act[self.script] >= 0) & (self.times <= self.clock.cutoff))

    @cached_property
    def finished(self) -> NDArray[np.bool_]:
        """Conversations whose script was played to its end."""
        return np.asarray(self.visible.sum(axis=1) == self.clock.tables.length[self.script])

    @cached_property
    def last(self) -> Ints:
        """Position of each conversation's last visible step."""
        return np.asarray(np.maximum(self.visible.sum(axis=1) - 1, 0), dtype=np.int64)

    @cached_property
    def last_status(self) -> Ints:
        """Status after the last visible step."""
        return self.clock.tables.status_after[self.script, self.last]

    @cached_property
    def answered(self) -> NDArray[np.bool_]:
        """Conversations that an agent answered before the sample's end."""
        return np.asarray((self.first_step >= 0) & (self.visible.sum(axis=1) > self.first_step))

    @cached_property
    def first_reply_s(self) -> Ints:
        """Seconds to the first human answer, or -1."""
        waited = self.at(np.maximum(self.first_step, 0)) - self.times[:, 0]
        return np.where(self.answered, waited, -1)

    def at(self, step: Ints) -> Ints:
        """The instant of one step in each conversation."""
        return np.asarray(self.times[np.arange(len(self.rows)), step], dtype=np.int64)

    @cached_property
    def first_reply_open_s(self) -> Ints:
        """Office seconds to the first human answer, or -1."""
        office = self.clock.office
        waited = office.until(self.at(np.maximum(self.first_step, 0))) - office.until(self.times[:, 0])
        return np.where(self.answered, waited, -1)

    def _advance(self, step: int, now: Ints) -> Ints:
        gap = self.clock.tables.gap[self.script, step]
        over = self.clock.tables.act[self.script, step] < 0
        wait = self._wait(step, gap).astype(np.int64)
        staffed = np.isin(gap, (s.FIRST, s.NEXT)) & (self.channel != 3)
        late = np.isin(self.channel, (1, 4))
        after = now + wait
        for rows, opening in ((staffed & ~late, self.clock.office), (staffed & late, self.clock.evening)):
            after[rows] = opening.after(now[rows], wait[rows])
        return np.where(over, now, after)

    def _wait(self, step: int, gap: Ints) -> Floats:
        """Seconds before a step, in the hours that apply to it."""
        draws, channel, plan = self.clock.draws, self.channel, self.plan
        priority = np.array(world.PRIORITY_SPEED)[plan.priority[self.rows]]
        mood = np.array((1.3, 1.0, 0.8))[plan.mood[self.rows]]
        medians = np.zeros((9, len(world.CHANNELS)))
        medians[s.INSTANT], medians[s.BURST], medians[s.QUICK] = 4, 14, (420, 60, 480, 45, 240)
        medians[s.FIRST], medians[s.NEXT] = world.FIRST_REPLY_S, world.NEXT_REPLY_S
        medians[s.REPLY] = world.CUSTOMER_REPLY_S
        medians[s.CHASE], medians[s.REOPEN] = (120_000, 900, 130_000, 3_600, 10_000), 110_000
        median = medians[gap, channel]
        median = np.where(gap == s.FIRST, median * priority * mood * self._planted(), median)
        spread = np.where(gap == s.INSTANT, 0.4, np.where(gap == s.FIRST, 0.75, 0.9))
        noise = np.log(draws.lognormal("wait", 1.0, 1.0, self.rows, np.full(len(self.rows), step)))
        return np.asarray(np.clip(median * np.exp(spread * noise), 1, 30 * DAY_S), dtype=np.float64)

    def _planted(self) -> Floats:
        """Billing slows down in the last weeks, and so does everybody on the two bad days."""
        stepped = self.plan.calendar.is_planted & (self.plan.day[self.rows] >= world.DAYS - STEP_DAYS)
        slow = np.where(stepped & (self.plan.team[self.rows] == BILLING), SLOWER, 1.0)
        planted = self.plan.planted[self.rows]
        slow *= np.where(planted == BAD_DAY, BAD_DAY_SLOWER, np.where(planted > 0, OUTAGE_SLOWER, 1.0))
        return np.asarray(slow, dtype=np.float64)

    @cached_property
    def agent_of_step(self) -> Ints:
        """Which agent would take each step: the second one takes over after the first answer."""
        later = np.arange(s.MAX_STEPS)[None, :] > self.first_step[:, None]
        first, second = self.plan.agent[self.rows], self.plan.second_agent[self.rows]
        return np.where(later & (self.first_step >= 0)[:, None], second[:, None], first[:, None])

    @cached_property
    def role(self) -> Ints:
        """Role of the author of each step."""
        roles = np.array([s.ACTS[name].role for name in s.ACT_NAMES])
        return roles[self.clock.tables.act[self.script]]
