"""The definitions once more, in plain Python over the events of one story: slow, short, and independent of the store.

Of docs/metrics.md; for stories whose clock does not run backwards. A key is left out where the definitions leave a
choice: the replies of outbound conversations, for example.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.golden.story import AGENTS, TEAMS, Story

SOLVED = ("solved", "closed")
WAITS = {
    "requester_wait_s": ("new", "open", "hold"), "agent_work_s": ("new", "open"), "agent_wait_s": ("pending",),
    "on_hold_s": ("hold",),
}  # fmt: skip
SILENCE = timedelta(minutes=30)
THANKS = ("Thanks!",)


def whole_seconds(length: timedelta) -> int:
    return length // timedelta(seconds=1)


@dataclass
class Solve:
    """An entry into the solved set; `undone` is the place of the event that undid it."""

    place: int
    undone: int | None = None


class Told:
    """One story, asked for its facts."""

    def __init__(self, story: Story) -> None:
        self.story, self.events = story, story.events
        self.talk = [
            (place, event)
            for place, event in enumerate(self.events)
            if event.what == "says" and event.role in ("customer", "agent")
        ]
        self.answers = [(place, event) for place, event in self.talk if event.role == "agent"]
        self.outbound = bool(self.talk) and self.talk[0][1].role == "agent"
        self.solves, self.stretches = self._statuses()
        self.solved = bool(self.solves) and self.solves[-1].undone is None

    def _statuses(self) -> tuple[list[Solve], list[tuple[str, datetime, datetime]]]:
        status, since = "new", self.story.created
        solves: list[Solve] = []
        stretches = []
        for place, event in enumerate(self.events):
            if event.what != "status" or event.text == status:
                continue
            stretches.append((status, since, event.at))
            if event.text in SOLVED and status not in SOLVED:
                solves.append(Solve(place))
            elif event.text not in SOLVED and status in SOLVED:
                solves[-1].undone = place
            status, since = event.text, event.at
        return solves, stretches

    def at(self, place: int) -> datetime:
        return self.events[place].at

    def since_creation(self, place: int) -> int:
        return whole_seconds(self.at(place) - self.story.created)

    def by_thanks(self, number: int) -> bool:
        """Whether all that the customer said between a solve and the next one is thanks."""
        begin = self.solves[number].place
        end = self.solves[number + 1].place if number + 1 < len(self.solves) else len(self.events)
        said = [e.text for e in self.events[begin:end] if e.what == "says" and e.role == "customer"]
        return bool(said) and all(text in THANKS for text in said)

    def held(self, field: str, moment: datetime) -> str | None:
        """The team, assignee or priority after everything that happened at an instant."""
        value = {"team": self.story.team, "assignee": self.story.agent, "priority": self.story.priority}[
            field
        ]
        for event in self.events:
            if event.what == field and event.at <= moment:
                value = event.text
        names = {"team": TEAMS, "assignee": AGENTS}.get(field, {})
        return names.get(value, value) if value else value

    def holders(self, prefix: str, place: int) -> dict[str, Any]:
        """Who acted, and what held then."""
        moment = self.at(place)
        return {
            f"{prefix}_agent": AGENTS[self.events[place].who],
            f"{prefix}_team": self.held("team", moment),
            f"{prefix}_priority": self.held("priority", moment),
        }

    def stations(self, field: str, first: str | None) -> int:
        runs = [first] if first else []
        for event in self.events:
            if event.what == field and (not runs or runs[-1] != event.text):
                runs.append(event.text)
        return len(runs)

    def turn_before(self, place: int) -> datetime | None:
        """Since when a customer waited for what comes at `place`; None where nobody did or no agent had spoken."""
        before = [p for p, _ in self.answers if p < place]
        asked = [
            e.at
            for p, e in self.talk
            if before and before[-1] < p < place and e.role == "customer" and e.text not in THANKS
        ]
        return asked[0] if asked else None

    def begins_session(self, place: int) -> bool:
        """Whether an agent's message is the first of its chat session."""
        for p, event in reversed([(p, e) for p, e in self.talk if p < place]):
            after = next(q for q, _ in self.talk if q > p)
            if self.at(after) - event.at > SILENCE or any(p < s.place < after for s in self.solves):
                return True
            if event.role == "agent":
                return False
        return True

    def replies(self) -> list[dict[str, Any]]:
        made = []
        for place, event in self.answers:
            asked = self.turn_before(place)
            is_reply = self.story.channel != "chat" or self.begins_session(place)
            if is_reply or asked is not None:
                made.append(
                    {
                        "replied_at": event.at, "agent": AGENTS[event.who], "is_reply": is_reply,
                        "team": self.held("team", event.at), "asked_at": asked,
                        "waited_s": None if asked is None else whole_seconds(event.at - asked),
                    }
                )  # fmt: skip
        return made

    def facts(self) -> dict[str, Any]:
        """All that can be said."""
        return {
            "is_outbound": self.outbound,
            "is_solved": self.solved,
            "agent_stations": self.stations("assignee", self.story.agent),
            "team_stations": self.stations("team", self.story.team),
            **self._of_solves(),
            **self._of_waiting(),
            **({} if self.outbound else self._of_replies()),
        }

    def _of_solves(self) -> dict[str, Any]:
        thanked = [n for n, s in enumerate(self.solves) if s.undone is not None and self.by_thanks(n)]
        undone = [n for n, s in enumerate(self.solves) if s.undone is not None]
        made: dict[str, Any] = {
            "reopens": len(undone) - len(thanked),
            "thanks_reopens": len(thanked),
            "first_resolution_s": self.since_creation(self.solves[0].place) if self.solves else None,
            "full_resolution_s": self.since_creation(self.solves[-1].place) if self.solved else None,
        }
        if self.solves:
            made |= self.holders("first_solve", self.solves[0].place)
        if self.solved:
            made |= self.holders("last_solve", self.solves[-1].place)
        if undone and undone[-1] not in thanked:
            begin = self.solves[undone[-1]].undone or 0
            reply = next((p for p, _ in self.answers if p > begin), None)
            gone = None if reply is None else whole_seconds(self.at(reply) - self.at(begin))
            made |= {"reopened_reply_s": gone}
        return made

    def _of_waiting(self) -> dict[str, Any]:
        if not self.solved:
            return dict.fromkeys(WAITS)
        return {
            column: whole_seconds(sum((b - a for s, a, b in self.stretches if s in statuses), timedelta()))
            for column, statuses in WAITS.items()
        }

    def _of_replies(self) -> dict[str, Any]:
        count = sum(reply["is_reply"] for reply in self.replies())
        made: dict[str, Any] = {"agent_replies": count}
        first = self.answers[0][0] if self.answers else None
        made["first_reply_s"] = made["first_reply_zendesk_s"] = (
            None if first is None else self.since_creation(first)
        )
        if first is not None:
            made |= self.holders("first_reply", first)
        if self.answers and not self.solved:
            made["waiting_since_at"] = self.turn_before(len(self.events))
        reopens = self._of_solves()["reopens"]
        made |= {
            "one_touch": count == 1 and not reopens if self.solved else None,
            "one_touch_lt2": count < 2 if self.solved else None,
            "one_touch_eq1": count == 1 if self.solved else None,
        }
        return made


def next_contacts(stories: Iterable[Story]) -> dict[str, datetime | None]:
    """For conversations that are solved now: when their requester's next counted conversation began."""
    told = [(story, Told(story)) for story in stories]
    counted = [story for story, one in told if not story.row and not one.outbound]
    made: dict[str, datetime | None] = {}
    for story, one in told:
        if one.solved:
            solved_at = one.at(one.solves[-1].place)
            later = [
                other.created
                for other in counted
                if other.id != story.id
                and (other.source, other.requester) == (story.source, story.requester)
                and other.created > solved_at
            ]
            made[story.id] = min(later, default=None)
    return made
