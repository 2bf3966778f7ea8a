"""`python -m jobs digest …`: send the digests that are due; list, add, delete, try and look at them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import clock
from core.effective import effective_settings
from core.errors import InputError
from core.viewer import EVERYTHING
from jobs.acting import kept_name, owning
from jobs.cli import Context, Failed, plain

if TYPE_CHECKING:
    from core.settings import Settings
    from store.workspace import KeptDigest, Workspace

HELP = "send the digests that are due; list, add, change or delete one, send one now, write one to a file"
ACTIONS = ("send", "list", "add", "change", "delete", "now", "write")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="send", help="what to do")
    parser.add_argument("name", nargs="?", help="a digest's name or number; add: the new one's name")
    parser.add_argument("--view", help="add: the saved view it sends; without one it sends the Monday brief")
    parser.add_argument(
        "--view-of", metavar="OWNER", help="add: whose view that is (default: the digest's owner)"
    )
    parser.add_argument(
        "--digest", metavar="JSON", help="add: channel, to, every, on, at, zone; see docs/digests.md"
    )
    parser.add_argument(
        "--owner", default=EVERYTHING.name, help="add: in whose name; change: whose it is now"
    )
    parser.add_argument(
        "--to", default="", help="now, write: an address instead of the channel's own recipient"
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write: where the letter and its files go")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """Do it; send ends with exit code 0 only when every digest that was due could be queued."""
    from store.workspace import Workspace

    act: Callable[[argparse.Namespace, Context, Workspace, Settings], dict[str, Any]] = _ACTS[args.action]
    settings = effective_settings(context.home, context.settings)
    return {"action": args.action, **act(args, context, Workspace(context.home), settings)}


def _send(
    args: argparse.Namespace, context: Context, workspace: Workspace, settings: Settings
) -> dict[str, Any]:
    from jobs import alerting

    posted, sent = alerting.post_and_deliver(
        context.home, settings, workspace, settings_file=context.settings_file
    )
    result = {"digests": plain(posted), "deliveries": plain(sent)}
    if any(one.status not in ("ok", "not due") for one in posted):
        raise Failed(
            {"action": "send", **result}, partly=any(one.status in ("ok", "not due") for one in posted)
        )
    return result


def _list(
    args: argparse.Namespace, context: Context, workspace: Workspace, settings: Settings
) -> dict[str, Any]:
    from alerts import digests

    rows = []
    for kept in workspace.digests():
        try:
            timetable = digests.read(kept.definition).timetable
            when, due = timetable.words(), timetable.next(clock.now()).at
        except InputError as error:
            when, due = str(error), None
        rows.append({**plain(kept), "when": when, "next": due})
    return {"digests": rows}


def _add(
    args: argparse.Namespace, context: Context, workspace: Workspace, settings: Settings
) -> dict[str, Any]:
    from alerts import digests

    try:
        said = json.loads(args.digest or "")
    except ValueError:
        said = None
    if not args.name or not isinstance(said, dict):
        raise InputError(
            "a new digest needs a name and --digest with a JSON object.",
            hint='Add --digest \'{"channel": "post", "every": "week", "on": 1, "at": "08:00"}\'.',
        )
    owner = kept_name(settings, args.owner, owning(context.home, settings, args.owner, "share"))
    view = (args.view_of or owner, args.view) if args.view else None
    said = {**said, "what": "view" if view else "brief"}
    digests.read(said).check(settings)
    _require_view(workspace, view, owner)
    return {"id": workspace.add_digest(args.name, said, owner=owner, view=view), "name": args.name}


def _change(
    args: argparse.Namespace, context: Context, workspace: Workspace, settings: Settings
) -> dict[str, Any]:
    kept = _digest(workspace, args.name)
    owner = kept_name(settings, args.owner, owning(context.home, settings, args.owner, "share"))
    view = kept.view
    if view and view[0] == EVERYTHING.name and workspace.view(*view, viewer=owner) is None:
        view = _taken_along(workspace, view, owner)
    _require_view(workspace, view, owner)
    done = workspace.give_digest(kept.id, owner=kept.owner, to=owner, view=view)
    return {"id": kept.id, "name": kept.name, "owner": owner, "done": done}


def _taken_along(workspace: Workspace, view: tuple[str, str], owner: str) -> tuple[str, str]:
    """A view of before anybody signed in, kept for its digest's new owner too."""
    of_before, name = workspace.view(*view, viewer=view[0]), view[1]
    if of_before is None:
        return view
    if workspace.view(owner, name, viewer=owner) is not None:
        raise InputError(
            f"{owner} has a view called {name!r} already, and it may show something else.",
            hint="Rename it in the dashboard, or make a digest of it.",
        )
    workspace.save_view(name, owner=owner, page=of_before.page, query=of_before.query)
    return owner, name


def _require_view(workspace: Workspace, view: tuple[str, str] | None, owner: str) -> None:
    if view and workspace.view(*view, viewer=owner) is None:
        raise InputError(
            f"{view[0]} has no view called {view[1]!r} that {owner} may see.",
            hint="Save it in the dashboard, or share it with everybody.",
        )


def _delete(
    args: argparse.Namespace, context: Context, workspace: Workspace, settings: Settings
) -> dict[str, Any]:
    kept = _digest(workspace, args.name)
    return {"id": kept.id, "name": kept.name, "done": workspace.delete_digest(kept.id, owner=kept.owner)}


def _now(
    args: argparse.Namespace, context: Context, workspace: Workspace, settings: Settings
) -> dict[str, Any]:
    from alerts import digests
    from jobs import letters

    kept = _digest(workspace, args.name)
    write = letters.writer(context.home, settings, context.settings_file)
    done = digests.send_now(kept, settings, workspace, write, to=args.to)
    result = {"name": kept.name, "channel": done.channel, "status": done.status, "problem": done.problem}
    if done.status != "sent":
        raise Failed({"action": "now", **result})
    return result


def _write(
    args: argparse.Namespace, context: Context, workspace: Workspace, settings: Settings
) -> dict[str, Any]:
    from alerts import digests
    from jobs import letters

    if args.out is None:
        raise InputError("say where the letter goes.", hint="Add --out FOLDER.")
    kept = _digest(workspace, args.name)
    to = next(iter(digests.addresses([args.to] if args.to else [])), "")
    letter = letters.write(context.home, settings, context.settings_file, workspace, kept, to=to)
    args.out.mkdir(parents=True, exist_ok=True)
    files = {one.name: one.content for one in letter.enclosed}
    # A browser shows pictures that lie beside the letter; a mail program those that are in it.
    files["letter.html"] = letter.html.replace('src="cid:', 'src="').encode()
    for name, content in files.items():
        (args.out / name).write_bytes(content)
    return {"name": kept.name, "folder": str(args.out), "files": sorted(files)}


_ACTS: dict[str, Callable[[argparse.Namespace, Context, Workspace, Settings], dict[str, Any]]] = {
    "send": _send, "list": _list, "add": _add, "change": _change, "delete": _delete, "now": _now, "write": _write,
}  # fmt: skip


def _digest(workspace: Workspace, name: str | None) -> KeptDigest:
    known = workspace.digests()
    # Somebody may call theirs by a number: a number is only ever that of a digest.
    found = [kept for kept in known if name == (str(kept.id) if (name or "").isdecimal() else kept.name)]
    if len(found) > 1:
        numbers = ", ".join(str(kept.id) for kept in found)
        raise InputError(
            f"{len(found)} digests are called {name!r}.", hint=f"Say which by its number: {numbers}."
        )
    if not found:
        raise InputError(f"there is no digest {name!r}.", hint="`python -m jobs digest list` names them.")
    return found[0]


def show(result: dict[str, Any]) -> None:
    """The result for people."""
    shows: dict[str, Callable[[dict[str, Any]], None]] = {
        "send": _show_sent, "list": _show_list,
        "add": lambda done: print(f"{done['name']}: kept as digest {done['id']}."),
        "change": lambda done: print(f"{done['name']}: sent in the name of {done['owner']}."),
        "delete": lambda done: print(f"{done['name']}: deleted."),
        "now": lambda done: print(
            f"{done['name']} to {done['channel']}: {done['status']}{': ' + done['problem'] if done['problem'] else ''}"
        ),
        "write": lambda done: print(f"{done['name']}: {done['folder']}: {', '.join(done['files'])}"),
    }  # fmt: skip
    shows[result["action"]](result)


def _moment(due: datetime | None) -> str:
    return f"{due:%Y-%m-%d %H:%M} UTC" if due else "never"


def _show_sent(result: dict[str, Any]) -> None:
    from jobs import alerting

    print(f"{len(result['digests'])} digests")
    print(*alerting.told(result["digests"], result["deliveries"]), sep="\n")


def _show_list(result: dict[str, Any]) -> None:
    for one in result["digests"]:
        off = "" if one["enabled"] else " (off)"
        print(f"{one['id']} {one['name']}{off}, {one['when']}, next {_moment(one['next'])}: "
              f"{one['problem'] or one['status']}")  # fmt: skip
    if not result["digests"]:
        print("there are no digests.")
