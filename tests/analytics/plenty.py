"""What `many` of conftest leaves out: values of every fact, replies, solves and targets, made from a seed."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]
TEAMS, AGENTS, PRIORITIES = ["Billing", "Front Line", ""], ["Anna", "Ben", "Cleo"], ["low", "high", None]
MOMENTS = ("first_reply", "reopened_reply", "first_solve", "last_solve", "csat")
WAITS = ("requester_wait", "agent_work", "agent_wait", "on_hold")
END = datetime(2026, 11, 16)


def held(dice: random.Random, prefix: str = "") -> Row:
    return {f"{prefix}agent": dice.choice(AGENTS), f"{prefix}team": dice.choice(TEAMS),
            f"{prefix}priority": dice.choice(PRIORITIES)}  # fmt: skip


def filled(facts: Sequence[Row], dice: random.Random) -> None:
    """Give every fact of the rows a value, with gaps."""
    for row in facts:
        created, solved, reply = row["created_local"], row["last_solved_local"], row["first_reply_local"]
        row |= held(dice) | {"created_team": dice.choice(TEAMS), "created_priority": dice.choice(PRIORITIES)}
        for moment in MOMENTS:
            row |= held(dice, f"{moment}_")
        for name in WAITS:
            row[f"{name}_s"] = dice.randrange(50_000) if solved else None
            row[f"{name}_business_s"] = dice.randrange(20_000) if solved and dice.random() < 0.8 else None
        for name in ("first_reply", "full_resolution"):
            seconds = row.get(f"{name}_s")
            row[f"{name}_business_s"] = seconds // 3 if seconds and dice.random() < 0.8 else None
        row["first_reply_zendesk_s"] = row["first_reply_s"]
        row["first_resolution_s"], row["first_resolution_business_s"] = row["full_resolution_s"], None
        row["last_status_local"] = solved or created
        back = row["first_reopened_local"]
        answered = back + timedelta(hours=dice.randrange(1, 9)) if back else None
        row |= {
            "reopened_reply_local": answered,
            "reopened_reply_s": dice.randrange(40_000) if answered else None,
        }
        row["reopened_reply_business_s"] = None
        row |= _counts(dice, solved is not None) | _surveys(dice, created)
        row["is_outbound"] = dice.random() < 0.05
        row["excluded_because"] = row["excluded_because"] or ("outbound" if row["is_outbound"] else None)
        row["sentiment_end"] = dice.choice([-0.8, 0.0, 0.6, None])
        row["next_contact_local"] = None
        again = solved + timedelta(days=dice.choice((2, 20))) if solved and dice.random() < 0.3 else None
        row["next_contact_at"] = again.replace(tzinfo=UTC) if again else None
        row["requester_id"] = f"r{dice.randrange(200)}"
        row["bot_handoff"] = bool(row["bot_messages"] and reply)
        row["waiting_since_local"] = created if reply is None else None
        row["last_customer_local"] = created
        row["missed_targets"] = len(row["conversation_id"]) % 2
        del row["next_contact_local"]


def _counts(dice: random.Random, solved: bool) -> Row:
    return {
        "thanks_reopens": dice.randrange(2), "agent_replies": dice.randrange(4), "customer_messages": dice.randrange(1, 5),
        "message_count": dice.randrange(1, 9), "agent_stations": dice.randrange(1, 4), "handling_kind": "tracked",
        "team_stations": dice.randrange(1, 3), "handoffs": dice.randrange(3), "bot_messages": dice.randrange(2),
        "handling_s": dice.randrange(3_000) if dice.random() < 0.7 else None,
        **{name: dice.random() < 0.5 if solved else None
           for name in ("one_touch", "one_touch_lt2", "one_touch_eq1", "one_touch_messaging")},
    }  # fmt: skip


def _surveys(dice: random.Random, created: datetime) -> Row:
    row: Row = {
        "csat_kind": dice.choice(["3", "5"]),
        "csat_ratings": 1,
        "csat_first_score": dice.choice([0.0, 1.0]),
    }
    for name, top in (("nps", 10), ("ces", 7)):
        rated = dice.random() < 0.6
        row[f"{name}_score"] = float(dice.randrange(1, top + 1)) if rated else None
        row[f"{name}_local"] = created if rated else None
    sent = created + timedelta(minutes=1)
    return row | {"surveyed_local": sent, "surveyed_at": sent.replace(tzinfo=UTC)}


def children(facts: Sequence[Row], dice: random.Random) -> dict[str, list[Row]]:
    """Rows of replies, solves and sla_instances of the conversations."""
    replies, solves, targets = [], [], []
    for row in facts:
        key = {"conversation_id": row["conversation_id"]}
        if row["first_reply_local"]:
            for number in range(dice.randrange(1, 4)):
                at = min(row["first_reply_local"] + timedelta(hours=5 * number), END - timedelta(seconds=1))
                waited = dice.randrange(30_000) if dice.random() < 0.8 else None
                replies.append({**key, **held(dice), "reply_no": number, "replied_local": at, "waited_s": waited,
                                "agent_hour": at.toordinal() * 24 + at.hour,
                                "waited_business_s": waited and waited // 2, "is_reply": dice.random() < 0.9})  # fmt: skip
        if row["last_solved_local"]:
            back = row["first_reopened_local"]
            solves.append({**key, **held(dice), "solve_no": 1, "solved_local": row["last_solved_local"],
                           "reopened_local": back, "reopened_by_thanks": back and dice.random() < 0.2})  # fmt: skip
        for metric in ("first_reply", "next_reply", "resolution"):
            targets.append({**key, **_target(dice, row["created_local"], metric)})
    return {"replies": replies, "solves": solves, "sla_instances": targets}


def _target(dice: random.Random, started: datetime, metric: str) -> Row:
    due = started + timedelta(hours=dice.choice((4, 24)))
    ended = started + timedelta(hours=dice.randrange(1, 40)) if dice.random() < 0.8 else None
    ended = ended if ended and ended < END else None
    breached = due if ended and ended > due else None
    row: Row = held(dice) | {"sla_metric": metric, "instance_no": 1, "policy": f"{metric} within a day"}
    row["cancelled_because"] = "merged" if dice.random() < 0.05 else None
    for name, at in (("started", started), ("due", due), ("ended", ended), ("breached", breached)):
        row[f"{name}_at"] = at.replace(tzinfo=UTC) if at else None
        if name != "started":
            row[f"{name}_local"] = at
    return row
