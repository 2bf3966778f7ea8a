"""Generated data for an account: enough to try the connector without an account of one's own."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from tests.fakes import zendesk_shapes as shapes
from tests.fakes.zendesk_data import Account

DAYS = 120
_WORDS = {
    "Refund": ("I was charged twice for order {n}.", "We have sent the money back."),
    "Delivery": ("Parcel {n} has not arrived.", "It is on its way, here is the tracking number."),
    "Sign-in": ("The app says my password is wrong, account {n}.", "Please use the link to set a new one."),
    "Invoice": ("Invoice {n} shows the wrong address.", "A corrected invoice is attached."),
}


def fill(account: Account, *, tickets: int, seed: int) -> None:
    """Set an account up and let customers write in it for four months up to now."""
    dice, now = random.Random(seed), account.clock()
    begin = now - timedelta(days=DAYS)
    set_up(account, begin)
    agents = [row["id"] for row in account.lists["users"] if row["role"] != "end-user"]
    groups = [row["id"] for row in account.lists["groups"]]
    customers = [
        account.user(name=f"Customer {n}", email=f"customer{n}@shop{n % 7}.example", at=begin,
                     organization_id=account.lists["organizations"][n % 3]["id"])["id"]
        for n in range(max(5, tickets // 4))
    ]  # fmt: skip
    for number in range(tickets):
        at = begin + timedelta(days=DAYS * number / tickets, seconds=dice.randrange(3600))
        _one(account, dice, number, min(at, now - timedelta(hours=2)), now, agents, groups, customers)


def set_up(account: Account, at: datetime) -> None:
    account.user(name="Ada Admin", email="ada@acme.example", role="admin", at=at)
    for name in ("Ben", "Cleo", "Dev"):
        account.user(name=name, email=f"{name.lower()}@acme.example", role="agent", at=at)
    for name in ("First level", "Billing"):
        account.group(name=name, at=at)
    for number, user in enumerate(row for row in account.lists["users"]):
        team = account.lists["groups"][number % 2]["id"]
        account.add("group_memberships", shapes.membership, at=at, user_id=user["id"], group_id=team)
    for name, domain in (
        ("Northwind", "shop0.example"),
        ("Contoso", "shop1.example"),
        ("Fabrikam", "shop2.example"),
    ):
        account.organization(name=name, domain_names=[domain], at=at)
    account.add("ticket_fields", shapes.ticket_field, at=at, id=27642, title="Plan", type="tagger")
    account.add("custom_statuses", shapes.custom_status, at=at, id=501, status_category="pending",
                agent_label="Waiting for parts")  # fmt: skip
    account.add("brands", shapes.brand, at=at, id=601, name="Acme")
    account.add("ticket_forms", shapes.ticket_form, at=at, id=701, name="General")
    account.add("sla_policies", shapes.sla_policy, at=at, title="Urgent first", policy_metrics=[
        {"priority": "urgent", "metric": "first_reply_time", "target": 60, "target_in_seconds": 3600,
         "business_hours": True}])  # fmt: skip
    week = [{"start_time": day * 1440 + 540, "end_time": day * 1440 + 1020} for day in range(1, 6)]
    office = account.add(
        "schedules", shapes.schedule, at=at, name="Office", time_zone="London", intervals=week
    )
    account.holidays[office["id"]] = [
        {"id": 1, "name": "Boxing Day", "start_date": "2025-12-26", "end_date": "2025-12-26"}
    ]


def _one(
    account: Account, dice: random.Random, number: int, at: datetime, now: datetime, agents: list[int],
    groups: list[int], customers: list[int],
) -> None:  # fmt: skip
    topic = dice.choice(list(_WORDS))
    asks, answers = _WORDS[topic]
    requester, agent = dice.choice(customers), dice.choice(agents)
    messaging = dice.random() < 0.1
    via = {"channel": "native_messaging" if messaging else dice.choice(["web", "email", "api"]),
           "source": {"from": {}, "to": {}, "rel": None}}  # fmt: skip
    row = account.ticket(
        at=at, body=asks.format(n=number), requester_id=requester, submitter_id=requester, subject=f"{topic} {number}",
        priority=dice.choice(["low", "normal", "normal", "high", "urgent"]), group_id=dice.choice(groups), via=via,
        tags=[topic.lower().replace("-", "_")], brand_id=601, ticket_form_id=701, from_messaging_channel=messaging,
        custom_fields=[{"id": 27642, "value": dice.choice(["free", "team", "company"])}],
    )  # fmt: skip
    ticket = row["id"]
    if messaging:
        account.say(ticket, asks.format(n=number), at=at)
    reply = min(at + timedelta(minutes=dice.randrange(5, 600)), now - timedelta(minutes=90))
    account.comment(ticket, answers, author=agent, at=reply)
    account.change(ticket, at=reply, author=agent, status="open", assignee_id=agent)
    if dice.random() < 0.2:
        account.comment(ticket, "Same customer as last week.", author=agent, at=reply, public=False)
    if dice.random() < 0.85:
        solved = min(reply + timedelta(minutes=dice.randrange(10, 3000)), now - timedelta(minutes=60))
        account.change(ticket, at=solved, author=agent, status="solved")
        if dice.random() < 0.4:
            score = "good" if dice.random() < 0.85 else "bad"
            account.rate(ticket, score, at=min(solved + timedelta(hours=3), now - timedelta(minutes=10)))
