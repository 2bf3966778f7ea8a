"""`python -m jobs sentiment …`: who scores moods and how well; choose the classifier or the word list, or train again.

`label` lets the configured language model label a sample to learn from, after it has said what that costs.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from core import numbers
from core.viewer import EVERYTHING
from jobs.cli import Context, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

HELP = (
    "who scores moods and how well, by language; choose the classifier or the word list, train again, or let a language "
    "model label a sample"
)
CHOICES = ("model", "lexicon", "train")
NEXT = "It holds from the next refresh on."
_HEADS = ("negative", "neutral", "positive", "not scored")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "action", nargs="?", choices=("show", *CHOICES, "label", "unlabel"), default="show",
        help="show the model card; model or lexicon: whose scores are wanted; train: learn again; label: a language model "
        "labels a sample; unlabel: take all of its labels back",
    )  # fmt: skip
    parser.add_argument(
        "--n", type=int, default=300, help="label: conversations of the sample (default: 300)"
    )
    parser.add_argument(
        "--yes", action="store_true", help="label: ask the model; without it only what that costs"
    )
    parser.add_argument("--owner", default=EVERYTHING.name, help="in whose name a choice is made")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """The report of the published generation, or what was chosen. Raises NothingPublished, InputError."""
    from analytics.moods import mood_report
    from core.effective import effective_settings
    from store.reader import open_reader
    from store.workspace import Workspace

    if args.action == "label":
        return _labelled(args, context)
    if args.action == "unlabel":
        return {
            "action": "unlabel",
            "taken_back": Workspace(context.home).take_back_mood_labels(viewer=args.owner),
        }
    if args.action != "show":
        made = Workspace(context.home).choose_moods(args.action, viewer=args.owner)
        return {"action": args.action, "choice": made}
    include = effective_settings(context.home, context.settings).counting.include
    told = mood_report(open_reader(context.home), EVERYTHING, include=include)
    return {"action": "show", **plain(told)}


def _labelled(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """What labels would take, and with --yes the labels. Raises NothingPublished, InputError, ConfigError."""
    from core.effective import effective_settings
    from rag.context import RagContext
    from rag.mood_labelling import estimate, label_moods
    from store.reader import open_reader

    settings = effective_settings(context.home, context.settings)
    rag = RagContext(context.home, settings, open_reader(context.home))
    takes = estimate(rag, args.n)
    if args.yes and not args.json:
        print(told_before(plain(takes)))
    done = label_moods(rag, args.n, viewer=args.owner) if args.yes else None
    return {"action": "label", "estimate": plain(takes), "labelled": plain(done) if done else None}


def told_before(takes: dict[str, Any]) -> str:
    """What labelling would take, in a sentence."""
    if takes["because"]:
        return f"Nothing is labelled: {takes['because']}."
    from rag.model_calls import cost

    bill = cost(takes["input_tokens"], takes["output_tokens"], takes["dollars"])
    aside = (
        f" {takes['set_aside']} more read like instructions to a model and are not sent."
        if takes["set_aside"]
        else ""
    )
    return (
        f"{takes['model']}: {takes['conversations']} conversations ({takes['of_people']} of them corrected by people), "
        f"{takes['calls']} calls, {bill}.{aside}"
    )


def _show_labelled(result: dict[str, Any]) -> None:
    """The estimate alone, or what came of it."""
    done = result["labelled"]
    if done is None:
        print(told_before(result["estimate"]))
    if result["estimate"]["because"]:
        return
    if done is None:
        print("Nothing was sent. Add --yes to ask.")
        return
    moods = ", ".join(f"{n} {mood}" for mood, n in done["labels"].items())
    used = done["usage"]
    print(f"{sum(done['labels'].values())} labels kept{f': {moods}' if moods else ''}; {used['calls']} calls, "
          f"{used['input_tokens'] + used['output_tokens']} tokens.")  # fmt: skip
    for problem, n in done["dropped"].items():
        print(f"dropped: {n} {problem}")
    if done["because"]:
        print(f"The others were not labelled: {done['because']}.")
    print("The next refresh learns from them. `jobs sentiment unlabel` takes them all back.")


def show(result: dict[str, Any]) -> None:
    """The card and a line a language; or what was done."""
    if result["action"] == "label":
        _show_labelled(result)
        return
    if result["action"] == "unlabel":
        print(f"unlabel: {result['taken_back']} labels of a language model taken back. {NEXT}")
        return
    if result["action"] != "show":
        print(f"{result['action']}: choice {result['choice']}. {NEXT}")
        return
    card = result["card"]
    print(f"Moods by {result['label']}")
    counts = ", ".join(
        f"{n} {mood}" for n, mood in zip(card["corrections"], _HEADS[: len(card["corrections"])], strict=True)
    )
    print(f"Corrections: {counts}" + (f"; {card['reason']}" if card["reason"] else ""))
    if sum(card["labels"]):
        print(f"{sum(card['labels'])} labels by {card['labelled_by']}, {sum(card['corrections'])} by people")
    if card["both"]:
        print(
            f"Model and people agree in {card['agreed']} of {card['both']} conversations that both labelled"
        )
    if card["whole"] and card["whole"]["of_model"]:
        print("Measured against the model's labels too: people have corrected too few")
    if card["problem"]:
        print(f"The classifier is not used: {card['problem']}")
    if card["trained_at"]:
        print(f"Trained {str(card['trained_at'])[:16]} on {card['trained_on']} corrections and labels")
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
    of_model = f", {judged['of_model']} of them by the model" if judged["of_model"] else ""
    return f"macro-F1 {own}{listed}, n {judged['n']}{of_model}: {judged['reason']}"


def _show_tables(whole: Mapping[str, Any] | None) -> None:
    for title, name in (("classifier", "table"), ("word list", "list_table")):
        if whole and whole[name]:
            who = "people and the model" if whole["of_model"] else "people"
            print(f"{title}: rows are what {who} say, columns what was answered")
            print(f"  {'':<10}" + "".join(f"{head:>12}" for head in _HEADS))
            for mood, row in zip(_HEADS[:3], whole[name], strict=True):
                print(f"  {mood:<10}" + "".join(f"{n:>12}" for n in row))
