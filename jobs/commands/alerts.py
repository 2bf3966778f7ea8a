"""`python -m jobs alerts …`: judge the rules and deliver; look at rules, previews and what was sent."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.effective import effective_settings
from core.errors import InputError
from core.viewer import EVERYTHING
from jobs.acting import kept_name, owning
from jobs.cli import Context, Failed, plain

if TYPE_CHECKING:
    from store.workspace import AlertRule, Workspace

HELP = "judge the alert rules and deliver; list, add, change, delete or preview rules, test a channel, show the log"
ACTIONS = ("evaluate", "list", "add", "change", "delete", "preview", "test", "log")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="evaluate", help="what to do")
    parser.add_argument(
        "name", nargs="?", help="a rule's name or number; test: a channel; add: the new rule's name"
    )
    parser.add_argument(
        "--every", action="store_true", help="evaluate: rules too of which nothing new can be said"
    )
    parser.add_argument("--days", type=int, default=30, help="preview: so many days back")
    parser.add_argument("--kind", default="threshold", help="add: threshold, change, sla_breach, sla_soon, …")
    parser.add_argument("--rule", metavar="JSON", help="add: the definition; see docs/alerts.md")
    parser.add_argument(
        "--owner", default=EVERYTHING.name, help="add, test: in whose name; change: whose it is from now on"
    )
    parser.add_argument("--limit", type=int, default=50, help="log: so many deliveries")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """Do it; evaluate ends with exit code 0 only when every rule could be judged."""
    from store.workspace import Workspace

    act: Callable[[argparse.Namespace, Context, Workspace], dict[str, Any]] = _ACTS[args.action]
    return {"action": args.action, **act(args, context, Workspace(context.home))}


def _evaluate(args: argparse.Namespace, context: Context, workspace: Workspace) -> dict[str, Any]:
    from jobs.alerting import round_of_alerts

    done = round_of_alerts(
        context.home, context.settings, settings_file=context.settings_file, every=args.every
    )
    result = {**plain(done.evaluation), "digests": plain(done.digests), "deliveries": plain(done.deliveries)}
    if not done.evaluation.is_whole:
        worked = any(rule.status in ("ok", "not due") for rule in done.evaluation.rules)
        raise Failed({"action": "evaluate", **result}, partly=worked)
    return result


def _list(args: argparse.Namespace, context: Context, workspace: Workspace) -> dict[str, Any]:
    states = workspace.alert_states()
    rules = [
        {**plain(rule), "states": {name: plain(state) for name, state in states.get(rule.id, {}).items()}}
        for rule in workspace.alert_rules()
    ]
    return {"rules": rules, "incidents": plain(workspace.incidents(only_open=True))}


def _add(args: argparse.Namespace, context: Context, workspace: Workspace) -> dict[str, Any]:
    from alerts.readings import Asker, check
    from alerts.rules import read

    if not args.name or args.rule is None:
        raise InputError(
            "a new rule needs a name and --rule.", hint='Add --rule \'{"metric": "volume", "level": 100}\'.'
        )
    try:
        said = json.loads(args.rule)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise InputError("--rule is no JSON object.", hint="docs/alerts.md has examples.")
    settings = effective_settings(context.home, context.settings)
    viewer = owning(context.home, settings, args.owner, "alerts")
    check(read(args.kind, said), Asker(context.home, settings), viewer)
    owner = kept_name(settings, args.owner, viewer)
    return {"id": workspace.add_alert_rule(args.name, args.kind, said, owner=owner), "name": args.name}


def _change(args: argparse.Namespace, context: Context, workspace: Workspace) -> dict[str, Any]:
    from alerts.readings import Asker, check
    from alerts.rules import read

    rule = _rule(workspace, args.name)
    settings = effective_settings(context.home, context.settings)
    viewer = owning(context.home, settings, args.owner, "alerts")
    check(read(rule.kind, rule.definition), Asker(context.home, settings), viewer)
    owner = kept_name(settings, args.owner, viewer)
    done = workspace.give_alert_rule(rule.id, owner=rule.owner, to=owner)
    return {"id": rule.id, "name": rule.name, "owner": owner, "done": done}


def _delete(args: argparse.Namespace, context: Context, workspace: Workspace) -> dict[str, Any]:
    rule = _rule(workspace, args.name)
    return {"id": rule.id, "name": rule.name, "done": workspace.delete_alert_rule(rule.id, owner=rule.owner)}


def _preview(args: argparse.Namespace, context: Context, workspace: Workspace) -> dict[str, Any]:
    from alerts.history import preview
    from alerts.owners import owners_of
    from alerts.readings import Asker
    from alerts.rules import read

    rule = _rule(workspace, args.name)
    settings = effective_settings(context.home, context.settings)
    viewer = owners_of(context.home, workspace)(settings, rule.owner)
    if viewer is None:
        raise InputError(
            f"{rule.owner} has no access any more.",
            hint=f"Give it to somebody: `python -m jobs alerts change {rule.id} --owner NAME`.",
        )
    found = preview(read(rule.kind, rule.definition), Asker(context.home, settings), viewer, days=args.days)
    return {"name": rule.name, **plain(found), "told": found.told()}


def _test(args: argparse.Namespace, context: Context, workspace: Workspace) -> dict[str, Any]:
    from alerts import outbox

    if not args.name:
        raise InputError("test needs the name of a channel.", hint="The settings list them as [[channels]].")
    done = outbox.test(workspace, context.settings, args.name, owner=args.owner)
    result = {"channel": done.channel, "status": done.status, "problem": done.problem}
    if done.status != "sent":
        raise Failed({"action": "test", **result})
    return result


def _log(args: argparse.Namespace, context: Context, workspace: Workspace) -> dict[str, Any]:
    return {"deliveries": plain(workspace.deliveries(limit=args.limit))}


_ACTS: dict[str, Callable[[argparse.Namespace, Context, Workspace], dict[str, Any]]] = {
    "evaluate": _evaluate, "list": _list, "add": _add, "change": _change, "delete": _delete, "preview": _preview,
    "test": _test, "log": _log,
}  # fmt: skip


def _rule(workspace: Workspace, name: str | None) -> AlertRule:
    for rule in workspace.alert_rules():
        if name in (rule.name, str(rule.id)):
            return rule
    raise InputError(f"there is no rule {name!r}.", hint="`python -m jobs alerts list` names them.")


def show(result: dict[str, Any]) -> None:
    """The result for people."""
    shows: dict[str, Callable[[dict[str, Any]], None]] = {
        "evaluate": _show_evaluation, "list": _show_list, "log": _show_log,
        "preview": lambda done: print(done["told"]), "test": _show_test,
        "add": lambda done: print(f"{done['name']}: kept as rule {done['id']}."),
        "change": lambda done: print(f"{done['name']}: kept in the name of {done['owner']}."),
        "delete": lambda done: print(f"{done['name']}: deleted."),
    }  # fmt: skip
    shows[result["action"]](result)


def _show_evaluation(result: dict[str, Any]) -> None:
    from jobs import alerting

    for rule in result["rules"]:
        problem = f": {rule['problem']}" if rule["problem"] else ""
        print(f"{rule['name']}: {rule['status']}, {rule['opened']} opened, {rule['resolved']} over{problem}")
    print(f"{len(result['rules'])} rules, {result['queries']} questions, {result['seconds']:.1f} s")
    print(*alerting.told(result["digests"], result["deliveries"]), sep="\n")


def _show_list(result: dict[str, Any]) -> None:
    for rule in result["rules"]:
        off = "" if rule["enabled"] else " (off)"
        firing = [name or "total" for name, state in rule["states"].items() if state["level"] == "firing"]
        told = f"beyond its level: {', '.join(firing)}" if firing else rule["status"]
        print(
            f"{rule['id']} {rule['name']}{off}, {rule['kind']} of {rule['owner']}: {rule['problem'] or told}"
        )
    if not result["rules"]:
        print("there are no rules.")


def _show_test(result: dict[str, Any]) -> None:
    print(f"{result['channel']}: {result['status']}{': ' + result['problem'] if result['problem'] else ''}")


def _show_log(result: dict[str, Any]) -> None:
    for one in result["deliveries"]:
        problem = f": {one['problem']}" if one["problem"] else ""
        print(f"{one['created_at']:%Y-%m-%d %H:%M} {one['channel']} {one['event']}, {one['status']}, "
              f"{one['attempts']} attempts, {one['message']['title']}{problem}")  # fmt: skip
