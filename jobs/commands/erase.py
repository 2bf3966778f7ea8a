"""`python -m jobs erase REQUESTER`: a customer taken out of everything the program keeps."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.acting import acting, add_by
from jobs.cli import Context

if TYPE_CHECKING:
    from jobs.erasing import Plan

HELP = "take a customer out of everything that is kept, and certify it; without --yes only say what would go"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who, and how."""
    parser.add_argument(
        "requester",
        nargs="?",
        help="e-mail address, id, handle, or SOURCE/PERSON; without: the list of erasures",
    )
    parser.add_argument(
        "--again", type=Path, metavar="FILE", help="whom a certificate speaks of, after a restore"
    )
    parser.add_argument(
        "--also", action="append", default=[], metavar="WORDS", help="look for this in texts too"
    )
    parser.add_argument("--yes", action="store_true", help="do it; there is no way back")
    parser.add_argument("--resume", action="store_true", help="finish what was broken off, and nothing else")
    parser.add_argument(
        "--backups", action="append", default=[], type=Path, metavar="DIR", help="name these backups too"
    )
    add_by(parser)


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """List, look, or erase. Raises QuestionError, StoreError."""
    from core.errors import QuestionError
    from jobs import certificates, erasing
    from store import requesters
    from store.erasures import Erasures

    home, settings = context.home, context.settings
    if not (args.requester or args.again or args.resume):
        return {"erasures": [_listed(one) for one in Erasures(home).all()]}
    viewer = acting(home, settings, args.by, "manage", "unmasked")
    if args.again:
        told = certificates.read(args.again)
        find = requesters.by_certificate(told["salt"], told["tombstones"])
    else:
        find = requesters.by_name(home, args.requester or "")
    if not (args.yes or args.resume):
        return {"plan": _plain(erasing.look(home, settings, find, also=args.also))}
    done = [erasing.finish(home, settings, one) for one in Erasures(home).unfinished()]
    if not args.resume:
        try:
            done.append(
                erasing.run(home, settings, find, also=args.also, viewer=viewer, backups=args.backups)
            )
        except QuestionError:
            if not done:  # else it was finished just now
                raise
    return {"certificates": done}


def _plain(plan: Plan) -> dict[str, Any]:
    return {**asdict(plan), "people": [{**asdict(one), "key": str(one)} for one in plan.people]}


def _listed(one: Any) -> dict[str, Any]:
    return {"erasure": one.id, "begun_at": one.begun_at, "finished_at": one.finished_at, "by": one.viewer,
            "certificate": one.certificate}  # fmt: skip


def show(result: dict[str, Any]) -> None:
    """In words."""
    from jobs import certificates

    if "plan" in result:
        return _show_plan(result["plan"])
    for certificate in result.get("certificates", ()):
        print(*certificates.lines(certificate), sep="\n")
    for one in result.get("erasures", ()):
        ended = (
            f"finished {one['finished_at']:%Y-%m-%d %H:%M}"
            if one["finished_at"]
            else "broken off: run it with --resume"
        )
        print(f"{one['erasure']}: begun {one['begun_at']:%Y-%m-%d %H:%M} by {one['by']}, {ended}")
    if not (result.get("certificates") or result.get("erasures")):
        print("Nothing was erased, and nothing is to be finished.")


def _show_plan(plan: dict[str, Any]) -> None:
    for one in plan["people"]:
        print(f"{one['key']}: {one['name'] or 'no name'}, {one['email'] or 'no address'}")
    print(f"{plan['conversations']:,} conversations would go, and from the warehouse:")
    for table, n in plan["rows"].items():
        print(f"  {table}: {n:,} rows")
    print(f"Looked for in texts of others: {', '.join(plan['words']) or 'nothing'}.")
    for title in ("texts", "workspace"):
        for table, n in plan[title].items():
            print(f"  {title}, {table}: {n:,}")
    for file in plan["files"]:
        what = "deleted, its source paused" if file["deleted"] else f"{file['records']:,} records taken out"
        print(f"  file {file['file']}: {what}")
    for words, n in plan["copies"].items():
        print(f"  {words}: {n:,} files, whoever they are of")
    print(
        f"Generations that would go: {', '.join(map(str, plan['generations']))}. --yes does it; there is no way back."
    )
