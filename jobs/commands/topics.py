"""`python -m jobs topics …`: what people write about, what is new and what rises; name, merge, move, pin and split topics.

`word` lets the configured language model name them, after it has said what that costs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core import numbers
from core.errors import InputError
from core.viewer import EVERYTHING
from jobs import asking
from jobs.cli import Context, plain

if TYPE_CHECKING:
    from store.workspace import Workspace

HELP = (
    "list topics with terms, sizes and fit, what is emerging and rising; rename, merge, move, pin, split or find them "
    "again; let a language model word their names"
)
CHOICES = ("rename", "merge", "move", "pin", "split", "refit")
ACTIONS = ("list", "choices", *CHOICES, "undo", "word", "unword")
NEXT = "It holds from the next refresh on."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="list", help="what to do")
    parser.add_argument("topic", nargs="?", type=int, help="a topic's number; undo: a choice's number")
    parser.add_argument(
        "to",
        nargs="?",
        help="rename: the name; move: the group; merge: into which topic; split: into how many parts",
    )
    parser.add_argument(
        "--trends", action="store_true", help="with every topic's numbers, intervals and changes"
    )
    asking.add_period(parser, first="of what rises and of --trends")
    asking.add_filters(parser)
    parser.add_argument(
        "--yes", action="store_true", help="word: ask the model; without it only what that costs"
    )
    parser.add_argument("--owner", default=EVERYTHING.name, help="in whose name a choice is made")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """The topics, or what was chosen. Raises NothingPublished, InputError."""
    from analytics.topic_list import topic_list
    from core.effective import effective_settings
    from store.reader import open_reader
    from store.workspace import Workspace

    if args.action == "list":
        return _listed(args, context)
    workspace = Workspace(context.home)
    if args.action == "choices":
        return {"action": "choices", "choices": plain(workspace.topic_choices_in_force())}
    if args.action == "undo":
        if args.topic is None or not workspace.undo_topic_choice(args.topic, viewer=args.owner):
            raise InputError(
                f"there is no choice {args.topic} to take back.", hint="`jobs topics choices` lists them."
            )
        return {"action": "undo", "choice": args.topic}
    if args.action == "unword":
        return {"action": "unword", "taken_back": workspace.unword_topics(viewer=args.owner)}
    if args.action == "word":
        return _worded(args, context)
    if args.action != "refit":
        include = effective_settings(context.home, context.settings).counting.include
        found = topic_list(open_reader(context.home), EVERYTHING, include=include)
        _check(args, [one.topic_id for one in found.topics])
    return {"action": args.action, "choice": _CHOOSE[args.action](args, workspace)}


def _worded(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """What a model's names would take, and with --yes the names. Raises NothingPublished, ConfigError."""
    from core.effective import effective_settings
    from rag.context import RagContext
    from rag.topic_wording import estimate, word_topics
    from store.reader import open_reader

    settings = effective_settings(context.home, context.settings)
    rag = RagContext(context.home, settings, open_reader(context.home))
    takes = estimate(rag)
    if args.yes and not args.json:
        print(told_before(plain(takes)))
    worded = word_topics(rag, viewer=args.owner) if args.yes else None
    return {"action": "word", "estimate": plain(takes), "worded": plain(worded) if worded else None}


def _listed(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """Topics of all time, what is emerging, what rises in the period, and there each topic's numbers. Raises QuestionError."""
    from analytics.dimensions import check_values
    from analytics.emerging import emerging_groups
    from analytics.rising import rising_topics
    from analytics.topic_list import topic_list
    from analytics.topic_trends import topic_trends
    from core.effective import effective_settings
    from core.filters import Filters
    from store.reader import open_reader

    reader, settings = open_reader(context.home), effective_settings(context.home, context.settings)
    period = asking.period(args.start, args.end, reader, settings)
    filters = Filters.of(period, asking.where(args.filter), groups=asking.groups(args))
    check_values(reader, filters, viewer=EVERYTHING)
    how: dict[str, Any] = {"settings": settings, "viewer": EVERYTHING}
    include = settings.counting.include
    return {
        "action": "list",
        **plain(topic_list(reader, EVERYTHING, include=include)),
        "emerging": plain(emerging_groups(reader, EVERYTHING)),
        "rising": plain(rising_topics(reader, filters, **how)),
        "trends": plain(topic_trends(reader, filters, **how)) if args.trends else None,
    }


def _check(args: argparse.Namespace, known: list[int | None]) -> None:
    """Raises InputError for a topic that is none, and for a choice without its word or number."""
    wanted = [args.topic, int(args.to)] if args.action == "merge" and str(args.to).isdigit() else [args.topic]
    for number in wanted:
        if number is None or number not in known:
            raise InputError(
                f"there is no topic {number}.", hint="`jobs topics` lists them with their numbers."
            )
    if args.action in ("rename", "move") and not args.to:
        raise InputError(
            f"{args.action} needs a name.", hint=f'jobs topics {args.action} {args.topic} "A name"'
        )
    if args.action in ("merge", "split") and not str(args.to).isdigit():
        raise InputError(f"{args.action} needs a number.", hint=f"jobs topics {args.action} {args.topic} 2")


_CHOOSE: dict[str, Callable[[argparse.Namespace, Workspace], int]] = {
    "rename": lambda args, workspace: workspace.rename_topic(args.topic, args.to, viewer=args.owner),
    "merge": lambda args, workspace: workspace.merge_topics(args.topic, int(args.to), viewer=args.owner),
    "move": lambda args, workspace: workspace.move_topic(args.topic, args.to, viewer=args.owner),
    "pin": lambda args, workspace: workspace.pin_topic(args.topic, viewer=args.owner),
    "split": lambda args, workspace: workspace.split_topic(args.topic, int(args.to), viewer=args.owner),
    "refit": lambda args, workspace: workspace.refit_topics(viewer=args.owner),
}


def show(result: dict[str, Any]) -> None:
    """A line a topic; or what was done."""
    if result["action"] == "list":
        _show_topics(result)
    elif result["action"] == "choices":
        for one in result["choices"]:
            of = "" if one["topic_id"] is None else f" topic {one['topic_id']}"
            to = one["words"] or ("" if one["target_id"] is None else one["target_id"])
            by = f"{one['model']}, asked by {one['viewer']}" if one["model"] else one["viewer"]
            print(f"{one['id']:>4}  {one['kind']}{of} {to}".rstrip() + f"  ({by}, {one['at']:%Y-%m-%d})")
    elif result["action"] == "word":
        _show_worded(result)
    elif result["action"] == "unword":
        print(f"unword: {result['taken_back']} names of a language model taken back. {NEXT}")
    else:
        print(f"{result['action']}: choice {result['choice']}. {NEXT}")


def told_before(takes: dict[str, Any]) -> str:
    """What naming would take, in a sentence."""
    if takes["because"]:
        return f"Topics keep the names they have: {takes['because']}."
    from rag.model_calls import cost

    bill = cost(takes["input_tokens"], takes["output_tokens"], takes["dollars"])
    return (
        f"{takes['model']}: {takes['topics']} topics, {takes['calls']} calls, {bill}. "
        f"{takes['by_people']} topics that people named stay as they are."
    )


def _show_worded(result: dict[str, Any]) -> None:
    """The estimate alone, or a line a name and what was dropped."""
    worded = result["worded"]
    if worded is None:
        print(told_before(result["estimate"]))
    if result["estimate"]["because"]:
        return
    if worded is None:
        print("Nothing was sent. Add --yes to ask.")
        return
    for topic, label in worded["labels"].items():
        print(f"{topic:>4}  {worded['before'][topic]} → {label}")
    for problem, n in worded["dropped"].items():
        print(f"dropped: {n}, {problem}")
    if worded["unnamed"]:
        print(f"{worded['unnamed']} topics got no name from the model.")
    if worded["because"]:
        print(f"Topics keep the names they have: {worded['because']}.")
    used = worded["usage"]
    print(f"{len(worded['labels'])} names kept, {used['calls']} calls, {used['input_tokens'] + used['output_tokens']} tokens. "
          f"{NEXT} `jobs topics unword` takes them all back.")  # fmt: skip


def _show_topics(result: dict[str, Any]) -> None:
    if result["version"] is None:
        print("There are no topics yet: a refresh finds them from 30 conversations on.")
        return
    print(
        f"{len(result['topics'])} topics of {numbers.count(result['n'])} conversations, fit {result['version']} on "
        f"{numbers.count(result['fitted_on'])}; its halves agree to {result['agreement']:.2f}"
    )
    for one in result["topics"]:
        number = "" if one["topic_id"] is None else one["topic_id"]
        fit = numbers.MISSING if one["fit"] is None else f"{one['fit']:.2f}"
        print(
            f"{number:>4}  {one['label']:<34.34}  {numbers.count(one['n']):>9}  {numbers.percent(one['share']):>6}  "
            f"fit {fit}  {', '.join(one['terms'][:5])}"
        )
    for one in result["emerging"]:
        print(
            f"emerging: {one['label']}, {one['n']} since {one['since']:%-d %b %Y}, {one['before']} in the year before; "
            f"counted under {one['topic']}"
        )
    for one in result["rising"]["topics"]:
        print(
            f"rising: {one['topic']}, {numbers.percent(one['before_share'])} to {numbers.percent(one['share'])} of "
            f"conversations, n {one['n']}, false with a chance of {one['q']:.2g}"
        )
    if result["trends"]:
        _show_trends(result["trends"])


def _show_trends(trends: dict[str, Any]) -> None:
    """A line a topic; a star marks a change that chance does not explain."""
    print(f"from {trends['period']['start']} to {trends['period']['end']}, before in brackets")
    units = {
        "share": "share",
        "negative": "share",
        "first_reply_s": "seconds",
        "reopened": "share",
        "csat": "share",
    }
    for one in trends["topics"]:
        cells = []
        for name, unit in units.items():
            now = one[name]
            before = numbers.value(now["before"], unit, now["before_n"])
            told = (
                f"{numbers.value(now['value'], unit, now['n'])} ({before}){'*' if now['is_marked'] else ''}"
            )
            cells.append(f"{name.removesuffix('_s').replace('_', ' ')} {told}")
        print(f"{one['topic']:<34.34}  {one['volume']['n']:>7}  {', '.join(cells)}")
