"""A helpdesk on this machine in which people write, and which fails now and then."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from bench.soak.truth import Truth

if TYPE_CHECKING:
    from tests.fakes.zendesk import Zendesk

SOURCE = "desk"
TOKEN = "token-of-the-desk"  # noqa: S105 - of an account that exists for half an hour
FAILS = 0.2  # of ticks
STATUSES = ("open", "pending", "hold", "solved")
RECENT = 200  # of the newest tickets some change


class Desk:
    """The account and its truth. `key` is the token that it lets in."""

    key = TOKEN

    def __init__(self, zendesk: Zendesk, truth: Truth, dice: Random) -> None:
        self.zendesk, self._truth, self._dice = zendesk, truth, dice
        account = zendesk.account
        begin = zendesk.now() - timedelta(days=400)
        self._agents = [
            account.user(name=name, email=f"{name.lower()}@acme.example", role="agent", at=begin)["id"]
            for name in ("Ben", "Cleo")
        ]
        self._customers = [account.user(name=f"Customer {n}", at=begin)["id"] for n in range(20)]
        account.group(name="First level", at=begin)
        zendesk.rules.api_token = TOKEN

    def day(self, at: datetime, new: int) -> None:
        """A day happens at an instant: the server's clock stands there afterwards."""
        with self.zendesk.lock, self._truth.lock:
            self.zendesk.set_now(at)
            for _ in range(new):
                self._begin()
            held = list(self.zendesk.account.tickets)[-RECENT:]
            there = [id for id in held if (SOURCE, str(id)) in self._truth.rows["conversations"]]
            acts = (self._answer, self._answer, self._settle, self._redact, self._remove)
            for id in self._dice.sample(there, min(3, len(there))):
                self._dice.choice(acts)(id)

    def advance(self) -> None:
        """An hour in which nothing happens: exports leave out what is younger than a minute."""
        with self.zendesk.lock:
            self.zendesk.set_now(self.zendesk.now() + timedelta(hours=1))

    def stumble(self) -> None:
        """Now and then: one of the ways in which a server fails."""
        from tests.fakes.zendesk import Fault

        ways: tuple[list[dict[str, Any]], ...] = (
            [{"status": 503, "body": "<html>busy</html>"}] * 2,
            [{"status": 429, "headers": {"Retry-After": "2"}}],
            [{"drop": True}],
            [{"cut": True, "path": "incremental/"}],
            [{"status": 401, "body": '{"error": "Couldn\'t authenticate you"}'}],
        )
        if self._dice.random() < FAILS:
            with self.zendesk.lock:
                self.zendesk.faults.extend(Fault(**one) for one in self._dice.choice(ways))

    def refuse(self, everybody: bool) -> None:
        """Let nobody in, or those with the right key again; faults that wait are forgotten."""
        with self.zendesk.lock:
            self.zendesk.rules.api_token = "another" if everybody else TOKEN
            self.zendesk.faults.clear()

    def _begin(self) -> None:
        customer = self._dice.choice(self._customers)
        row = self.zendesk.account.ticket(
            requester_id=customer, submitter_id=customer, body="The invoice does not add up.", status="new"
        )
        self._told(row["id"])
        self._heard(row["id"])

    def _answer(self, id: Any) -> None:
        account = self.zendesk.account
        text = f"Answer {len(account.comments[id])} about invoice {id}."
        account.comment(id, text, author=self._dice.choice(self._agents), public=self._dice.random() < 0.8)
        self._heard(id)

    def _settle(self, id: Any) -> None:
        self.zendesk.account.change(
            id, author=self._agents[0], status=self._dice.choice(STATUSES),
            subject=f"Invoice {id}, seen on {self.zendesk.now():%-d %b}",
        )  # fmt: skip
        self._told(id)

    def _redact(self, id: Any) -> None:
        comment = self._dice.choice(self.zendesk.account.comments[id])
        self.zendesk.account.redact(comment["id"], "What stood here was taken out.", author=self._agents[0])
        self._heard(id)

    def _remove(self, id: Any) -> None:
        self.zendesk.account.delete(id)
        self._truth.remove(SOURCE, str(id))

    def _told(self, id: Any) -> None:
        row = self.zendesk.account.tickets[id]
        self._truth.conversation(SOURCE, str(id), row["subject"], row["status"])

    def _heard(self, id: Any) -> None:
        for comment in self.zendesk.account.comments[id]:
            self._truth.message(SOURCE, str(comment["id"]), str(id), comment["body"])
