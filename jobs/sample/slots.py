"""Names, numbers and codes that fill the slots of the phrases: one value a slot and conversation."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.sample import world
from jobs.sample.draw import Draws, Ints
from jobs.sample.plan import Plan

SLOTS = (
    "none", "name", "full", "agent", "email", "phone", "order", "invoice", "amount", "version", "code",
    "device", "city", "days", "date", "product", "card", "iban", "size", "degrees", "serial", "percent",
)  # fmt: skip
CODES = {
    "backup_failing": ("E-4042", "E-4017", "BK-507"), "restore_files": ("RS-311", "E-4100"),
    "thermostat_offline": ("W-21", "W-34"), "thermostat_readings": ("T-08", "T-19"),
    "thermostat_install": ("H-55", "H-02"), "card_declined": ("PAY-51", "PAY-05", "3DS-402"),
    "double_charge": ("PAY-88",), "refund_missing": ("REF-12",),
    "app_crash": ("APP-0x3F", "APP-217", "SIG-11"),
    "two_factor": ("2FA-930", "2FA-904"), "gift_card": ("GC-118", "GC-140"), "outage": ("HTTP 503", "E-5030"),
    "tracking_stuck": ("TRK-7",), "storage_quota": ("Q-100",), "password_reset": ("AUTH-17",),
}  # fmt: skip
DEVICES = (
    "iPhone 15", "Pixel 8", "Galaxy S23", "iPad Air", "Windows 11 laptop", "MacBook Air", "Galaxy A54",
    "ThinkPad", "iPhone 13 mini", "Fire tablet",
)  # fmt: skip
CITIES = (
    "Leeds", "Bristol", "Glasgow", "Cardiff", "Norwich", "Sheffield", "Exeter", "Belfast", "Coventry", "York",
    "Nottingham", "Swansea", "Hamburg", "Lyon", "Valencia",
)  # fmt: skip
# Numbers that pay and card schemes publish for tests; they belong to nobody.
CARDS = ("4111 1111 1111 1111", "5555 5555 5555 4444", "4012 8888 8888 1881", "3782 822463 10005")
IBANS = (
    "GB33BUKB20201555555555",
    "DE89370400440532013000",
    "FR1420041010050500013M02606",
    "ES9121000418450200051332",
)


@cache
def _texts(values: tuple[str, ...]) -> pa.Array:
    return pa.array(values)


def pick(values: tuple[str, ...], position: Ints) -> pa.Array:
    """The values at these positions."""
    return _texts(values).take(pa.array(position))


def digits(numbers: Ints, width: int) -> pa.Array:
    """Numbers as text, padded with zeros."""
    return pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width, "0")


def joined(*parts: pa.Array | str) -> pa.Array:
    """Texts put together without anything in between."""
    return pc.binary_join_element_wise(*parts, "")


def person_names(draws: Draws, requester: Ints) -> tuple[pa.Array, pa.Array]:
    """First and last names of requesters."""
    first = draws.below("first name", len(world.FIRST_NAMES), requester)
    last = draws.below("last name", len(world.LAST_NAMES), requester)
    return pick(world.FIRST_NAMES, first), pick(world.LAST_NAMES, last)


def person_email(draws: Draws, requester: Ints) -> pa.Array:
    """An address at a domain that is reserved for examples."""
    first, last = person_names(draws, requester)
    domain = pick(
        ("example.com", "example.org", "example.net", "mail.example"), draws.below("domain", 4, requester)
    )
    number = pc.cast(pa.array(requester), pa.string())
    return joined(pc.utf8_lower(first), ".", pc.utf8_lower(last), number, "@", domain)


@cache
def _code_table() -> tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]:
    flat: list[str] = []
    first: list[int] = []
    count: list[int] = []
    for name in world.TOPIC_NAMES:
        codes = CODES.get(name, ("E-1000",))
        first.append(len(flat))
        count.append(len(codes))
        flat.extend(codes)
    return tuple(flat), tuple(first), tuple(count)


def _codes(draws: Draws, topic: Ints, rows: Ints) -> pa.Array:
    flat, first, count = _code_table()
    return pick(flat, np.array(first)[topic] + draws.below("code", np.array(count)[topic], rows))


def slot_values(draws: Draws, plan: Plan, rows: Ints) -> pa.Array:
    """All values of slot 0 for these conversations, then all of slot 1, and so on in the order of SLOTS."""

    def below(name: str, limit: int) -> Ints:
        return draws.below(name, limit, rows)

    first, last = person_names(draws, plan.requester[rows])
    version = joined(
        digits(4 + below("major", 3), 1),
        ".",
        digits(below("minor", 20), 1),
        ".",
        digits(below("patch", 6), 1),
    )
    amounts = joined(
        "£",
        digits(5 + below("pounds", 240), 1),
        ".",
        pick(("00", "49", "50", "90", "95", "99"), below("pence", 6)),
    )
    values = {
        "none": pa.array([""]).take(pa.array(np.zeros(len(rows), dtype=np.int64))),
        "name": first, "full": joined(first, " ", last),
        "agent": pick(tuple(name.split()[0] for name, _ in world.AGENTS), plan.agent[rows]),
        "email": person_email(draws, plan.requester[rows]),
        "phone": joined("07700 900", digits(below("phone", 1000), 3)),
        "order": joined("PT-", digits(100_000 + below("order", 900_000), 6)),
        "invoice": joined("INV-", digits(10_000 + below("invoice", 90_000), 5)),
        "amount": amounts, "version": version, "code": _codes(draws, plan.topic[rows], rows),
        "device": pick(DEVICES, below("device", len(DEVICES))),
        "city": pick(CITIES, below("city", len(CITIES))),
        "days": digits(2 + below("days", 9), 1), "date": _dates(plan, rows, 1 + below("date", 12)),
        "product": pick(world.PRODUCTS, plan.product[rows]), "card": pick(CARDS, below("card", len(CARDS))),
        "iban": pick(IBANS, below("iban", len(IBANS))), "size": digits(10 + below("size", 900), 1),
        "degrees": digits(12 + below("degrees", 14), 1), "percent": digits(3 + below("percent", 96), 1),
        "serial": joined("SN", digits(below("serial", 10_000_000), 8)),
    }  # fmt: skip
    return pa.concat_arrays([pc.cast(values[name], pa.string()) for name in SLOTS])


def _dates(plan: Plan, rows: Ints, back: Ints) -> pa.Array:
    """Day and month of some days before each conversation, without leading zeros."""
    days = tuple(_spoken(plan, number) for number in range(-14, world.DAYS))
    return pick(days, plan.day[rows] - back + 14)


def _spoken(plan: Plan, number: int) -> str:
    day = plan.calendar.day(number)
    return f"{day.day}/{day.month:02d}"
