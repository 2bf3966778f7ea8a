"""`python -m bench.evidence`: what a few conversations say of many, and whether search finds names first.

Each of 200 cells (a day and a channel, at least 100 conversations) has its own planted share of negative moods and of
topics. The error is |share among those drawn - share in the cell| by what was planted; the sampler knows only the
moods and topics that the product itself found. Beside it, in the same run: those nearest to a question inside the
filter, and random ones (the mean of 5 draws). A name is found first when the one conversation that holds it is the
first hit.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from analytics.chosen import chosen
from bench import planted
from bench.clocks import NOW
from core.effective import effective_settings
from core.filters import Filters, Period
from core.home import Home
from core.settings import load_settings
from core.viewer import EVERYTHING
from jobs.sample import world
from rag.context import RagContext
from rag.corpus import corpus_of
from rag.keywords import number
from rag.representative import representative
from rag.search import search_many
from store.reader import open_reader

SIZES = (20, 50)
DRAWS = 5
TOP = 3
QUESTION = "Why are customers negative?"

Errors = dict[str, list[float]]


class Cells:
    """Draws from cells of one workspace, each judged by what was planted."""

    def __init__(self, context: RagContext, truths: planted.Truths) -> None:
        self.context, self.truths = context, truths
        self.corpus = corpus_of(context)
        self.aim = context.embedder.embed([QUESTION])[0]
        self.rng = np.random.default_rng(11)

    def errors(self, filters: Filters, ids: Sequence[str]) -> Errors:
        """By "method k measure" the errors of this cell."""
        near = self.nearest(ids)
        own = representative(self.context, filters, EVERYTHING, max(SIZES))
        drawn = [row["conversation_id"] for row in own]
        found: Errors = {}
        for k in SIZES:
            some = [self.rng.choice(ids, k, replace=False).tolist() for _ in range(DRAWS)]
            for name, draws in (("sampler", [drawn[:k]]), ("nearest", [near[:k]]), ("random", some)):
                for measure in (self.mood_error, self.topic_error):
                    each = [measure(ids, draw) for draw in draws]
                    found[f"{name} {k} {measure.__name__}"] = [float(np.mean(each))]
        return found

    def nearest(self, ids: Sequence[str]) -> list[str]:
        """The conversations from the nearest to the question to the farthest, by their first chunk."""
        matrix, _ = self.corpus.rows([number(f"cells:{one}#0") for one in ids])
        return [ids[i] for i in np.argsort(-(matrix @ self.aim), kind="stable").tolist()]

    def mood_error(self, ids: Sequence[str], drawn: Sequence[str]) -> float:
        """Of the share of negative."""
        negative = self.truths.negative
        return abs(_share(drawn, negative.__getitem__) - _share(ids, negative.__getitem__))

    def topic_error(self, ids: Sequence[str], drawn: Sequence[str]) -> float:
        """Of the shares of the cell's largest topics, on average."""
        topics = [self.truths.topic[one] for one in ids]
        largest = sorted(set(topics), key=topics.count, reverse=True)[:TOP]
        told = [self.truths.topic[one] for one in drawn]
        return float(
            np.mean([abs(told.count(t) / len(told) - topics.count(t) / len(topics)) for t in largest])
        )


def _share(ids: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, ids)) / len(ids)


def cells(context: RagContext, days: int, *, whole_days: bool = False) -> list[tuple[Filters, list[str]]]:
    """Filters, each with the conversations that it counts."""
    found = []
    for back in range(days):
        day = planted.LAST_DAY - timedelta(days=back)
        wheres = (
            [{"channel": list(world.CHANNELS)}] if whole_days else [{"channel": [c]} for c in world.CHANNELS]
        )
        for where in wheres:
            filters = Filters.of(Period(day, day), where)
            ids = chosen(
                context.reader,
                filters,
                EVERYTHING,
                "conversation_id",
                columns=("conversation_id",),
                counted=(),
            )
            found.append((filters, sorted(ids.column(0).to_pylist())))
    return found


def evidence(
    context: RagContext, truths: planted.Truths, days: int, *, whole_days: bool = False
) -> dict[str, Any]:
    """Mean absolute errors over the cells."""
    judge, errors = Cells(context, truths), Errors()
    some = cells(context, days, whole_days=whole_days)
    for filters, ids in some:
        for name, values in judge.errors(filters, ids).items():
            errors.setdefault(name, []).extend(values)
    sizes = [len(ids) for _, ids in some]
    return {
        "cells": len(some),
        "conversations": [min(sizes), max(sizes)],
        **{name: round(float(np.mean(values)), 4) for name, values in errors.items()},
    }


def names(context: RagContext, some: Sequence[planted.Name]) -> dict[str, Any]:
    """Of each kind of name and form of query the share that is found first; and those that are not."""
    found: dict[str, list[bool]] = {}
    missed: list[str] = []
    for form in planted.ASKED:
        texts = [form.format(name.text) for name in some]
        for name, text, hits in zip(some, texts, search_many(context, texts, k=1), strict=True):
            is_first = bool(hits) and hits[0].conversation_id == name.conversation_id
            found.setdefault(f"{name.kind}: {form}", []).append(is_first)
            missed += [] if is_first else [text]
    every = [one for each in found.values() for one in each]
    shares = {name: round(float(np.mean(each)), 4) for name, each in found.items()}
    return {
        "queries": len(every),
        "found_first": round(float(np.mean(every)), 4),
        **shares,
        "missed": missed[:20],
    }


def closeness(context: RagContext, truths: planted.Truths) -> dict[str, Any]:
    """By share of the best score: of the hits from there on the share that is right, and of the right ones that kept.

    The hits are the 16 best of each planted topic's name (right: of that topic) and of each name.
    """
    sought: dict[str, Callable[[str], bool]] = {
        name.text: name.conversation_id.__eq__ for name in truths.names
    }
    topics: dict[str, Callable[[str], bool]] = {
        topic.replace("_", " "): {key for key, own in truths.topic.items() if own == topic}.__contains__
        for topic in world.TOPIC_NAMES
    }
    return {"topics": _by_ratio(context, topics), "names": _by_ratio(context, sought)}


def _by_ratio(context: RagContext, sought: dict[str, Callable[[str], bool]]) -> dict[str, list[float]]:
    texts = list(sought)
    told = [
        (hit.score / hits[0].score, sought[text](hit.conversation_id))
        for text, hits in zip(texts, search_many(context, texts, k=16), strict=True)
        for hit in hits
    ]
    right = sum(is_right for _, is_right in told)
    found: dict[str, list[float]] = {}
    for least in (0.5, 0.6, 0.7, 0.8):
        kept = [is_right for ratio, is_right in told if ratio >= least]
        found[str(least)] = [round(sum(kept) / len(kept), 3), round(sum(kept) / right, 3)]
    return found


def main() -> int:
    """Print the figures as one JSON document."""
    parser = argparse.ArgumentParser(prog="python -m bench.evidence", description=__doc__)
    parser.add_argument("--days", type=int, default=planted.DAYS, help="days of five cells each")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--home", type=Path, metavar="DIR", help="a workspace that is kept, and used when it is there"
    )
    args = parser.parse_args()
    os.environ["SUPPORTLENS_NOW"] = NOW
    with tempfile.TemporaryDirectory(prefix="evidence-") as scratch:
        home = Home(args.home.resolve() if args.home else Path(scratch))
        is_there = (home.root / "planted.json").is_file()
        truths = planted.read(home) if is_there else planted.write(home, seed=args.seed, days=args.days)
        context = RagContext(home, effective_settings(home, load_settings(home)), open_reader(home))
        report = {
            "cells": evidence(context, truths, args.days),
            "whole_days": evidence(context, truths, args.days, whole_days=True),
            "names": names(context, truths.names),
            "closeness": closeness(context, truths),
        }
    json.dump(report, sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
