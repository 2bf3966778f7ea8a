"""`python -m jobs sentiment …`: who scores moods and how well; choose the classifier or the word list, or train again."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from core import numbers
from core.viewer import EVERYTHING
from jobs.cli import Context, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

HELP = "who scores moods and how well, by language; choose the classifier or the word list, or train again"
CHOICES = ("model", "lexicon", "train")
NEXT = "It holds from the next refresh on."
_HEADS = ("negative", "neutral", "positive", "not scored")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "action", nargs="?", choices=("show", *CHOICES), default="show",
        help="show the model card; model or lexicon: whose scores are wanted; train: learn again",
    )  # fmt: skip
    parser.add_argument("--owner", default=EVERYTHING.name, help="in whose name a choice is made")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """The report of the published generation, or what was chosen. Raises NothingPublished, InputError."""
    from analytics.moods import mood_report
    from store.reader import open_reader
    from store.workspace import Workspace

    if args.action != "show":
        made = Workspace(context.home).choose_moods(args.action, viewer=args.owner)
        return {"action": args.action, "choice": made}
    return {"action": "show", **plain(mood_report(open_reader(context.home), EVERYTHING))}


def show(result: dict[str, Any]) -> None:
    """The card and a line a language; or what was done."""
    if result["action"] != "show":
        print(f"{result['action']}: choice {result['choice']}. {NEXT}")
        return
    card = result["card"]
    print(f"Moods by {result['label']}")
    counts = ", ".join(
        f"{n} {mood}" for n, mood in zip(card["corrections"], _HEADS[: len(card["corrections"])], strict=True)
    )
    print(f"Corrections: {counts}" + (f"; {card['reason']}" if card["reason"] else ""))
    if card["problem"]:
        print(f"The classifier is not used: {card['problem']}")
    if card["trained_at"]:
        print(f"Trained {str(card['trained_at'])[:16]} on {card['trained_on']} corrections")
    _show_tables(card["whole"])
    print(f"{numbers.count(result['scored'])} of {numbers.count(result['n'])} conversations have a mood:")
    for one in result["languages"]:
        judged = one["judged"]
        print(
            f"  {one['language'] or 'too short to tell':<18} {numbers.count(one['n']):>9}  "
            f"{numbers.count(one['n'] - one['scored']):>9} not scored  {one['by'] or 'nobody':<11}"
            + _quality(judged)
        )


def _quality(judged: Mapping[str, Any] | None) -> str:
    if not judged:
        return "not judged: no corrections"
    own = "" if judged["f1"] is None else f"classifier {judged['f1']:.2f}, "
    listed = "no word list" if judged["list_f1"] is None else f"word list {judged['list_f1']:.2f}"
    return f"macro-F1 {own}{listed}, n {judged['n']}: {judged['reason']}"


def _show_tables(whole: Mapping[str, Any] | None) -> None:
    for title, name in (("classifier", "table"), ("word list", "list_table")):
        if whole and whole[name]:
            print(f"{title}: rows are what people say, columns what was answered")
            print(f"  {'':<10}" + "".join(f"{head:>12}" for head in _HEADS))
            for mood, row in zip(_HEADS[:3], whole[name], strict=True):
                print(f"  {mood:<10}" + "".join(f"{n:>12}" for n in row))
