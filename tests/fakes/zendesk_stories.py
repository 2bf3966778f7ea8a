"""What happens to tickets of a generated account: each step may be the last one before now."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.zendesk_data import Account
from tests.fakes.zendesk_shapes import Row

WORDS = {
    "Refund": ("I was charged twice for order {n}.", "We have sent the money back."),
    "Delivery": ("Parcel {n} has not arrived.", "It is on its way, here is the tracking number."),
    "Sign-in": ("The app says my password is wrong, account {n}.", "Please use the link to set a new one."),
    "Invoice": ("Invoice {n} shows the wrong address.", "A corrected invoice is attached."),
}
RECEIVED = "We have received your message and will answer soon."
SYSTEM = -1
LEAVER = "Fay"  # an agent who is an end user again when everything is told


class Stories:
    """Tickets of one account, told one after the other; nothing happens after `until`."""

    def __init__(self, account: Account, dice: random.Random, customers: list[int], until: datetime) -> None:
        self.account, self.dice, self.customers, self.until = account, dice, customers, until
        users = account.lists["users"]
        self.agents = [row["id"] for row in users if row["role"] != "end-user" and row["name"] != LEAVER]
        self.leaver = next(row["id"] for row in users if row["name"] == LEAVER)
        self.groups = [row["id"] for row in account.lists["groups"]]
        self.schedules = [row["id"] for row in account.lists["schedules"]]

    def tell(self, number: int, at: datetime) -> None:
        """One ticket from its creation to its end, or to now."""
        story = Story(self, number, at)
        for _ in story.steps():
            if story.at >= self.until:
                return

    def finish(self) -> None:
        """What happens at the end: a colleague leaves."""
        self.account.user_changes(self.leaver, role="end-user", at=self.until)


class Story:
    """One ticket. Its steps yield where time goes on, and stop where now is."""

    def __init__(self, world: Stories, number: int, at: datetime) -> None:
        self.world, self.account, self.dice = world, world.account, world.dice
        self.number, self.at = number, at
        self.topic = self.dice.choice(list(WORDS))
        self.requester = self.dice.choice(world.customers)
        self.agent = world.leaver if self.chance(0.02) else self.dice.choice(world.agents)
        self.messaging = self.chance(0.1)
        self.ticket: Any = None

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def later(self, least_min: int, most_min: int) -> bool:
        """Time goes on; False where that is not past any more. Seconds are seldom whole minutes."""
        at = self.at + timedelta(
            minutes=self.dice.randrange(least_min, most_min), seconds=self.dice.randrange(60)
        )
        if at >= self.world.until:
            self.at = self.world.until
            return False
        self.at = at
        return True

    def steps(self) -> Iterator[None]:
        outbound = not self.messaging and self.chance(0.04)
        self.create(outbound)
        if not outbound and self.chance(0.09) and self.later(0, 1):
            self.speak(self.world.agents[0], RECEIVED)
        if self.messaging:
            yield from self.bot()
        if self.chance(0.05) and self.later(1, 30):
            self.account.assign_schedule(self.ticket, self.world.schedules[1], at=self.at)
        if self.chance(0.03) and self.later(1, 60):
            self.merge()
            return
        if self.chance(0.02) and self.later(10, 90):
            self.change("closed", SYSTEM, rule=True)  # closed by an automation, never solved
            return
        if outbound:  # the customer answers what the agent began
            yield from self.customer("Yes, that is right.", 10, 900)
        yield from self.work()
        yield from self.after()

    def create(self, outbound: bool) -> None:
        asks, answers = WORDS[self.topic]
        channel = "native_messaging" if self.messaging else self.dice.choice(["web", "email", "api"])
        first = {"author": self.agent, "body": answers} if outbound else {"body": asks.format(n=self.number)}
        dice = self.dice
        row = self.account.ticket(
            at=self.at, requester_id=self.requester, submitter_id=first.get("author", self.requester),
            subject=f"{self.topic} {self.number}", group_id=dice.choice(self.world.groups),
            priority=dice.choice(["low", "normal", "normal", "high", "urgent"]), via=_via(channel),
            tags=[self.topic.lower().replace("-", "_")], brand_id=601, ticket_form_id=701,
            from_messaging_channel=self.messaging,
            custom_fields=[{"id": 27642, "value": dice.choice(["free", "team", "company"])}], **first,
        )  # fmt: skip
        self.ticket = row["id"]
        if self.messaging:
            self.account.say(self.ticket, asks.format(n=self.number), at=self.at)

    def bot(self) -> Iterator[None]:
        """A bot greets; in some accounts it writes from an agent's seat, and then Zendesk takes it for one."""
        seat = self.agent if self.chance(0.2) else SYSTEM
        if self.later(0, 2):
            author = {"type": "bot", "display_name": "Helper", "zen:support:user_id": seat}
            self.account.say(self.ticket, "Hello! Somebody will be with you soon.", at=self.at, author=author)
        yield

    def work(self) -> Iterator[None]:
        """Assigned, answered, perhaps passed on, asked back or held, and solved."""
        yield from self.reply(5, 600)
        if self.chance(0.15) and self.later(5, 300):
            self.agent = self.dice.choice(self.world.agents)
            self.update(self.agent, group_id=self.dice.choice(self.world.groups), assignee_id=self.agent)
        if self.chance(0.2) and self.later(1, 30):
            self.speak(self.agent, "Same customer as last week.", public=False)
        if self.chance(0.3) and self.later(1, 20):
            self.change("pending", self.agent)
            yield
            yield from self.customer("Here is what you asked for.", 20, 2000)
            if self.chance(0.1) and self.later(1, 30):
                self.account.assign_schedule(self.ticket, self.world.schedules[1], at=self.at)
        if self.chance(0.08) and self.later(5, 200):
            self.change("hold", self.agent)
            yield
        if self.chance(0.4):
            yield from self.reply(5, 900)
        if self.chance(0.88) and self.later(10, 3000):
            by_rule = self.chance(0.1)
            self.change("solved", SYSTEM if by_rule else self.agent, rule=by_rule)
        yield

    def after(self) -> Iterator[None]:
        """Rated, reopened with a question or with thanks, hidden, closed."""
        if self.status() != "solved":
            return
        if self.chance(0.4) and self.later(20, 300):
            self.account.rate(self.ticket, "good" if self.chance(0.85) else "bad", at=self.at)
        if self.chance(0.08):
            yield from self.customer("It is still not working.", 60, 4000)
            yield from self.reply(10, 600)
            if self.later(10, 900):
                self.change("solved", self.agent)
            yield
        elif self.chance(0.05):
            yield from self.customer("Thanks a lot!", 5, 600)
            if self.later(2, 60):
                self.change("solved", self.agent)
            yield
        if not self.messaging and self.chance(0.03) and self.later(60, 600):
            self.hide()
        if self.status() == "solved" and self.later(5760, 5900):
            self.change("closed", SYSTEM, rule=True)

    def reply(self, least_min: int, most_min: int) -> Iterator[None]:
        if not self.later(least_min, most_min):
            return
        self.speak(self.agent, WORDS[self.topic][1])
        if self.messaging and self.chance(0.5) and self.later(0, 10):
            self.speak(self.agent, "Is there anything else?")
        if self.status() in ("new", "hold"):
            self.update(self.agent, status="open", assignee_id=self.agent)
        yield

    def customer(self, text: str, least_min: int, most_min: int) -> Iterator[None]:
        """The customer writes, and a trigger opens what was waiting or solved."""
        if not self.later(least_min, most_min):
            return
        if self.messaging:
            self.account.say(self.ticket, text, at=self.at)
        else:
            self.account.comment(self.ticket, text, author=self.requester, at=self.at)
        if self.status() in ("pending", "solved"):
            self.change("open", self.requester)
        yield

    def speak(self, author: int, text: str, *, public: bool = True) -> None:
        if self.messaging and public:
            who = {"type": "agent", "display_name": "Agent", "zen:support:user_id": author}
            self.account.say(self.ticket, text, at=self.at, author=who)
        else:
            self.account.comment(self.ticket, text, author=author, at=self.at, public=public)

    def hide(self) -> None:
        """The first public reply becomes a note."""
        staff = {*self.world.agents, self.world.leaver}
        for row in self.account.comments[self.ticket][1:]:
            if row["author_id"] in staff and row["public"]:
                self.account.make_private(row["id"], at=self.at, author=self.world.agents[0])
                return

    def merge(self) -> None:
        """Into the customer's other ticket, or any other that is not closed."""
        others = [t for t, row in self.account.tickets.items() if row["status"] in ("new", "open", "pending")]
        goals = [ticket for ticket in others if ticket != self.ticket]
        if goals:
            self.account.merge(self.ticket, goals[-1], author=self.agent, at=self.at)

    def change(self, status: str, author: int, *, rule: bool = False) -> None:
        via = _via("rule") if rule else None
        self.account.change(self.ticket, at=self.at, author=author, via=via, status=status)

    def update(self, author: int, **fields: Any) -> None:
        self.account.change(self.ticket, at=self.at, author=author, **fields)

    def status(self) -> str:
        return str(self.account.tickets[self.ticket]["status"])


def _via(channel: str) -> Row:
    return {"channel": channel, "source": {"from": {}, "to": {}, "rel": None}}
