"""A workspace whose every day and channel has shares of negative moods and of topics that are known, and names.

The texts are the first messages of the sample workspace's customers. Names (order numbers, error codes, made-up
products) each stand in one conversation of a second source, beside others that differ in a character or a word.
"""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pyarrow.compute as pc

from bench.clocks import END, command
from core.home import Home
from jobs.sample import plan as plans
from jobs.sample import tables, world
from jobs.sample.draw import Draws
from jobs.sample.text import Phrases
from jobs.sample.threads import Clockwork, Slice
from jobs.sample.write import Files

DAYS = 40  # with all channels: 200 cells
LAST_DAY = date.fromisoformat(END) - timedelta(days=30)
LEAST, MOST = 102, 114  # conversations of a cell; a few are not counted
NEGATIVE = (0.05, 0.75)
TOPICS_OF_A_CELL = 0.3  # Dirichlet: a few topics are most of a cell
_SETTINGS = """[workspace]
reporting_zone = "UTC"

[[sources]]
name = "cells"
kind = "files"
path = "cells"

[[sources]]
name = "names"
kind = "files"
path = "names"
"""
_COLUMNS = ("message_id", "conversation_id", "author_id", "author_role", "body_text", "created_at")
_START = ("Ve", "Kor", "Lu", "Tal", "Bri", "Os", "Mi", "Zan", "Pel", "Dru", "Ha", "Sy")
_MIDDLE = ("lo", "va", "ne", "ri", "mu", "ta")
_LAST = ("ra", "dex", "nix", "lum", "to", "via")
_KINDS = ("Glide", "Home", "Duo", "Max", "Sense")
_SAID = {
    "order": (
        "My order {} has not arrived yet, can you check where it is?",
        "I want to send back {}, it does not fit.",
        "You charged me twice for {}. Please refund one of the payments.",
    ),
    "code": (
        "The app stops with {} whenever I log in.",
        "Since the update I get {} and nothing works any more!",
        "What does {} mean? My backup stopped with it last night.",
    ),
    "product": (
        "I bought the {} last week and it does not charge.",
        "Does the {} work with the mobile app?",
        "The {} makes a loud noise since yesterday, I want my money back.",
    ),
}
ASKED = ("{}", "what do customers say about {}?", "problem with {} not working")


@dataclass(frozen=True, slots=True)
class Name:
    """What one conversation alone holds."""

    kind: str
    text: str
    conversation_id: str


@dataclass(frozen=True, slots=True)
class Truths:
    """Planted mood (negative or not) and topic by conversation id, and the names."""

    negative: dict[str, bool]
    topic: dict[str, str]
    names: list[Name]


def names(each: int, seed: int) -> list[Name]:
    """`each` order numbers, error codes and product names, no two the same."""
    rng = np.random.default_rng(seed)
    texts = {"order": _orders(rng), "code": _codes(rng), "product": _products(rng)}
    found: list[Name] = []
    for kind, made in texts.items():
        distinct: dict[str, None] = {}
        while len(distinct) < each:
            distinct[next(made)] = None
        found += [Name(kind, text, f"{kind}-{i}") for i, text in enumerate(distinct)]
    return found


def said(name: Name, i: int) -> str:
    """The sentence in which a name stands, one of three."""
    return _SAID[name.kind][i % 3].format(name.text)


def _orders(rng: np.random.Generator) -> Iterator[str]:
    while True:
        number = int(rng.integers(10_000, 99_990))
        for near in range(2):  # a neighbour that differs in its last digits
            yield (f"ORD-{number + near}", f"#{number + near}", f"RX{number + near}B")[number % 3]


def _codes(rng: np.random.Generator) -> Iterator[str]:
    while True:
        number = int(rng.integers(1_000, 9_990))
        for near in range(2):
            forms = (f"E-{number + near}", f"ERR_SYNC_{number + near}", f"0x8007{number + near}")
            yield forms[number % 3]


def _products(rng: np.random.Generator) -> Iterator[str]:
    while True:
        word = "".join(str(rng.choice(part)) for part in (_START, _MIDDLE, _LAST))
        for kind in rng.choice(_KINDS, 2, replace=False):
            yield f"{word} {kind}"


def write(home: Home, *, seed: int = 7, days: int = DAYS, each: int = 100) -> Truths:
    """Write both sources and refresh; the truths are kept in the home as well."""
    home.root.mkdir(parents=True, exist_ok=True)
    (home.root / "settings.toml").write_text(_SETTINGS, encoding="utf-8")
    plan = planned(seed, days)
    draws = Draws(seed)
    # Plays on beyond the last planted day, so that conversations come to their end.
    until = datetime.combine(LAST_DAY + timedelta(days=20), time(), UTC)
    slice_ = Slice(plan, Clockwork.of(plan.calendar, draws, int(until.timestamp())), np.arange(len(plan)))
    made = tables.SliceTables(slice_, Phrases.load())
    (home.root / "cells").mkdir(exist_ok=True)
    with ExitStack() as stack:
        files = Files(home.root / "cells", False, stack)
        files.append("conversations", made.conversations())
        messages = made.messages()
        # What customers wrote first is all that mood and topic need: a seventh of the time to load.
        files.append("messages", messages.filter(pc.ends_with(messages.column("message_id"), "-01")))
    ids = tables.conversation_ids(np.arange(len(plan))).to_pylist()
    truths = Truths(
        dict(zip(ids, (plan.mood == 0).tolist(), strict=True)),
        {key: world.TOPIC_NAMES[topic] for key, topic in zip(ids, plan.topic.tolist(), strict=True)},
        names(each, seed),
    )
    _write_names(home, truths.names)
    command("refresh", "--home", home.root)
    (home.root / "planted.json").write_text(json.dumps(dataclasses.asdict(truths)), encoding="utf-8")
    return truths


def read(home: Home) -> Truths:
    """The truths of a home that was written before."""
    known = json.loads((home.root / "planted.json").read_text(encoding="utf-8"))
    return Truths(known["negative"], known["topic"], [Name(**name) for name in known["names"]])


def planned(seed: int, days: int) -> plans.Plan:
    """The sample's plan with day, channel, mood and topic as every cell has them."""
    rng = np.random.default_rng(seed)
    columns: list[np.ndarray] = []
    for day in range(days):
        for channel in range(len(world.CHANNELS)):
            many = int(rng.integers(LEAST, MOST + 1))
            share = rng.uniform(*NEGATIVE)
            mood = np.where(rng.random(many) < share, 0, rng.integers(1, 3, many))
            weights = rng.dirichlet(np.full(len(world.TOPICS), TOPICS_OF_A_CELL))
            topic = rng.choice(len(world.TOPICS), many, p=weights)
            second = np.sort(rng.integers(6 * 3600, 20 * 3600, many))
            columns.append(
                np.stack([np.full(many, day), np.full(many, channel), mood, topic, second]).astype("int64")
            )
    day, channel, mood, topic, second = np.concatenate(columns, axis=1)
    plan = plans.make(len(day), Draws(seed), date.fromisoformat(END), planted=False)
    first = LAST_DAY - timedelta(days=days - 1)
    begin = int(datetime.combine(first, time(), UTC).timestamp())
    return dataclasses.replace(
        plan, day=day + plan.calendar.number(first), created=begin + day * 86_400 + second, channel=channel,
        mood=mood, topic=topic, kind=np.full(len(day), world.ORDINARY), merged_into=np.full(len(day), -1),
    )  # fmt: skip


def _write_names(home: Home, some: list[Name]) -> None:
    (home.root / "names").mkdir(exist_ok=True)
    with (home.root / "names" / "messages.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(_COLUMNS)
        for i, name in enumerate(some):
            out.writerow(
                (f"n{i}", name.conversation_id, f"p{i}", "customer", said(name, i), f"{LAST_DAY}T10:00:00Z")
            )
