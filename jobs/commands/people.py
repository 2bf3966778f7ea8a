"""`python -m jobs people`: which customers were recognised, who was not, and who is one and the same."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import QuestionError
from jobs.cli import Context

if TYPE_CHECKING:
    from store.person_links import Key, Link, Proposal, Verdict
    from store.queries import MatchReport
    from store.reader import Reader

HELP = "customers joined to those who asked: match rate, the unmatched (masked), attributes; links between persons"


@dataclass(frozen=True, slots=True)
class Links:
    """Persons who may be the same, and what was decided before."""

    proposed: tuple[Proposal, ...]
    decided: tuple[Link, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with whom, and how many to list."""
    parser.add_argument(
        "action", nargs="?", default="report", choices=("report", "links", "confirm", "reject"),
        help="report (default); links: who may be one person; confirm or reject that two are",
    )  # fmt: skip
    parser.add_argument(
        "persons", nargs="*", metavar="SOURCE/PERSON", help="two persons, such as desk/17 chat/ann"
    )
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="list this many (default: 20)")


def run(args: argparse.Namespace, context: Context) -> MatchReport | Links | Link:
    """Read the report of the published generation, or decide on a link."""
    from core.viewer import EVERYTHING
    from store.person_links import PersonLinks, proposals
    from store.queries import match_report
    from store.reader import open_reader

    reader = open_reader(context.home)
    if args.action == "report":
        return match_report(reader, EVERYTHING, limit=max(0, args.limit))
    kept = PersonLinks(context.home)
    if args.action == "links":
        decided = kept.all()
        found = proposals(reader, decided, viewer=EVERYTHING, limit=max(0, args.limit))
        return Links(tuple(found), tuple(decided))
    if len(args.persons) != 2:
        raise QuestionError("a link is between two persons.", hint="Write them as desk/17 chat/ann.")
    one, other = (_person(reader, text) for text in args.persons)
    verdict: Verdict = "confirmed" if args.action == "confirm" else "rejected"
    return kept.decide(one, other, verdict, viewer=EVERYTHING.name)


def _person(reader: Reader, text: str) -> Key:
    from core.viewer import EVERYTHING

    source, _, person = text.partition("/")
    known = reader.query(
        "SELECT 1 FROM {people} WHERE source_id = $1 AND person_id = $2 AND NOT coalesce(is_deleted, false) "
        "UNION SELECT 1 FROM {conversation_facts} WHERE source_id = $1 AND requester_id = $2 LIMIT 1",
        [source, person],
        viewer=EVERYTHING,
    )
    if not known.num_rows:
        raise QuestionError(
            f"nobody is known as {text!r}.", hint="Write the source's name, a slash, and the id."
        )
    return source, person


def show(result: MatchReport | Links | Link) -> None:
    """In words."""
    from store.person_links import Link

    if isinstance(result, Link):
        what = "are one person" if result.verdict == "confirmed" else "are not one person"
        print(f"{result.source_id}/{result.person_id} and {result.other_source_id}/{result.other_id} {what}; "
              "the next refresh takes it up.")  # fmt: skip
    elif isinstance(result, Links):
        _show_links(result)
    else:
        _show_report(result)


def _show_links(result: Links) -> None:
    for p in result.proposed:
        print(
            f"{p.source_id}/{p.person_id} ({p.name}) and {p.other_source_id}/{p.other_id} ({p.other_name}): same {p.rule}"
        )
    if not result.proposed:
        print("Nobody is proposed.")
    for link in result.decided:
        print(f"{link.verdict}: {link.source_id}/{link.person_id} and {link.other_source_id}/{link.other_id}")


def _show_report(result: MatchReport) -> None:
    if not result.sources:
        print("No source delivers people alone. See docs/people.md for how to join a CRM or a customer list.")
    for source in result.sources:
        rules = ", ".join(f"{n:,} by {rule}" for rule, n in source.by_rule.items())
        print(
            f"{source.source_id}: {source.people:,} people, {source.organizations:,} organizations; knows "
            f"{_share(source.matched, result.requesters)} requesters{f' ({rules})' if rules else ''}"
        )
    for attribute in result.attributes:
        told = attribute.kind if attribute.is_dimension else f"no dimension: {attribute.reason}"
        print(f"  {attribute.name}: {attribute.distinct_values:,} values of {attribute.holders:,}, {told}")
    for one in result.denominators:
        print(f"{one.source_id}: {one.name}, {one.days:,} days from {one.first_day} to {one.last_day}")
    for copy in result.copies:
        print(
            f"{copy.source_id}: {copy.conversations:,} conversations are also in {copy.original_source_id} "
            f"({copy.rule}) and counted there"
        )
    _show_unmatched(result)


def _show_unmatched(result: MatchReport) -> None:
    known = f"\n{_share(result.matched, result.requesters)} requesters are known."
    print(known + (" Not known:" if result.unmatched else ""))
    for person in result.unmatched:
        print(
            f"  {person.source_id}: {person.requester}, {person.conversations:,} conversations such as "
            f"{person.example}: {person.reason}"
        )
    left = result.unmatched_total - len(result.unmatched)
    if left > 0:
        print(f"  and {left:,} more")


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({100 * part / whole:.1f} %)" if whole else "none of the"
