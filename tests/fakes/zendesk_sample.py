"""Generated data for an account: enough to try the connector without an account of one's own.

What happens to tickets is in zendesk_stories.py, at about the shares of a real account.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from tests.fakes import zendesk_shapes as shapes
from tests.fakes.zendesk_data import Account
from tests.fakes.zendesk_stories import LEAVER, Stories

DAYS = 120


def fill(account: Account, *, tickets: int, seed: int) -> None:
    """Set an account up and let customers write in it for four months up to now."""
    dice, now = random.Random(seed), account.clock()
    begin = now - timedelta(days=DAYS)
    set_up(account, begin)
    account.user(name=LEAVER, email="fay@acme.example", role="agent", at=begin)
    customers = [
        account.user(name=f"Customer {n}", email=f"customer{n}@shop{n % 7}.example", at=begin,
                     organization_id=account.lists["organizations"][n % 3]["id"])["id"]
        for n in range(max(5, tickets // 4))
    ]  # fmt: skip
    world = Stories(account, dice, customers, now - timedelta(minutes=10))
    for number in range(tickets):
        at = begin + timedelta(days=DAYS * number / tickets, seconds=dice.randrange(3600))
        world.tell(number, min(at, now - timedelta(hours=2)))
    world.finish()


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
    late = [{"start_time": day * 1440 + 720, "end_time": day * 1440 + 1260} for day in range(1, 7)]
    account.add("schedules", shapes.schedule, at=at, name="Late", time_zone="London", intervals=late)
    account.holidays[office["id"]] = [
        {"id": 1, "name": "Boxing Day", "start_date": "2025-12-26", "end_date": "2025-12-26"}
    ]
