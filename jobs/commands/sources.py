"""`python -m jobs sources …`: look at sources, try them, add, change, pause and remove them."""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors._files_config import Reading
from core.effective import effective_settings
from core.errors import ConfigError
from jobs import preview, source_files, source_schema, sources
from jobs.cli import Context, Failed, plain

HELP = "test, list, map, try, add, edit, pause, resume or remove sources"
ACTIONS = ("check", "list", "map", "schema", "try", "add", "edit", "pause", "resume", "remove")
MOST_BYTES = 1 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("action", choices=ACTIONS, help="what to do")
    parser.add_argument("name", nargs="?", help="only this source; schema: the kind")
    parser.add_argument("--table", metavar="FILE|-", help="try, add, edit: the source's settings as TOML or JSON; "
                        "- reads standard input, where secrets belong")  # fmt: skip
    parser.add_argument(
        "--seconds", type=float, default=preview.PREVIEW_S, help="try: longest time for the preview"
    )
    parser.add_argument("--path", metavar="FILE", help="map: a file that is no source yet")
    parser.add_argument("--mapping", metavar="JSON|TOML", help="map: settings to read the file with")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """Do it; exit code 1 when a source cannot be read or nothing was changed."""
    act: Callable[[argparse.Namespace, Context], dict[str, Any]] = _ACTS[args.action]
    return {"action": args.action, **act(args, context)}


def _check(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    checks = sources.check(effective_settings(context.home, context.settings), args.name)
    result = {"sources": {name: plain(found) for name, found in checks.items()}}
    if any(c.status in ("error", "denied") for found in checks.values() for c in found):
        raise Failed({"action": "check", **result})
    return result


def _list(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    return sources.listed(context.home, effective_settings(context.home, context.settings), args.name)


def _map(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    if args.path:
        reading = Reading(**sources.read_mapping(args.mapping)) if args.mapping else None
        return _mapped([sources.map_file(context.home, Path(args.path).expanduser(), reading)])
    settings = effective_settings(context.home, context.settings)
    if sources.kind_of(settings, _name(args)) != "files":
        return {"files": [], "streams": plain(sources.discover(settings, args.name))}
    return _mapped(sources.map_source(context.home, settings, args.name))


def _mapped(found: list[sources.MapReport]) -> dict[str, Any]:
    result = {"files": [plain(sources.without_read(f)) for f in found], "streams": []}
    if any(f.file.problem for f in found):
        raise Failed({"action": "map", **result})
    return result


def _schema(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    found = [source_schema.kind_schema(args.name)] if args.name else source_schema.all_kinds()
    return {"kinds": plain(found)}


def _try(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    context.settings  # noqa: B018 - says whose secrets a reference means, and refuses broken settings
    trial = preview.try_source(context.home, _table(args, context), seconds=args.seconds)
    result = {**plain(trial), "works": trial.works}
    if not trial.works:
        raise Failed({"action": "try", **result})
    return result


def _add(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    table = _table(args, context)
    return plain(source_files.add(context.home, context.settings_file, table))  # type: ignore[no-any-return]


def _edit(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    return plain(source_files.edit(context.home, _name(args), _given(args)))  # type: ignore[no-any-return]


def _pause(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    return plain(source_files.enable(context.home, _name(args), enabled=args.action == "resume"))  # type: ignore[no-any-return]


def _remove(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    return plain(source_files.remove(context.home, _name(args)))  # type: ignore[no-any-return]


_ACTS: dict[str, Callable[[argparse.Namespace, Context], dict[str, Any]]] = {
    "check": _check, "list": _list, "map": _map, "schema": _schema, "try": _try, "add": _add, "edit": _edit,
    "pause": _pause, "resume": _pause, "remove": _remove,
}  # fmt: skip


def _name(args: argparse.Namespace) -> str:
    if not args.name:
        also = ", or --path FILE" if args.action == "map" else ""
        raise ConfigError(f"`sources {args.action}` needs the name of a source{also}.")
    return str(args.name)


def _table(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """The source that is tried or added: what --table gives, over a configured source of that name."""
    if args.table is None and args.action == "try" and args.name:
        return sources.table_of(context.settings, args.name)
    given = _given(args)
    if args.name:
        given = {**(sources.table_of(context.settings, args.name) if args.action == "try" else {}),
                 **given, "name": args.name}  # fmt: skip
    return {key: value for key, value in given.items() if value is not None}


def _given(args: argparse.Namespace) -> dict[str, Any]:
    """A table as JSON or TOML from a file or standard input; a lone [[sources]] is understood too."""
    if args.table is None:
        raise ConfigError(
            f"`sources {args.action}` needs --table FILE, or --table - and the settings on stdin."
        )
    try:
        raw = sys.stdin.buffer.read(MOST_BYTES + 1) if args.table == "-" else Path(args.table).read_bytes()
        text = raw[: MOST_BYTES + 1].decode("utf-8")
        found = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{args.table} cannot be read: {error.strerror}.", hint="Check --table.") from None
    except (ValueError, RecursionError):  # the text may hold a secret, so it is not repeated
        raise ConfigError(
            "the settings of the source are neither JSON nor TOML.", hint="Check --table."
        ) from None
    if len(raw) > MOST_BYTES:
        raise ConfigError("the settings of the source are too long.", hint="Check --table.")
    tables = found.get("sources") if isinstance(found, dict) and set(found) == {"sources"} else [found]
    if not isinstance(tables, list) or len(tables) != 1 or not isinstance(tables[0], dict):
        raise ConfigError("one source is needed, as a table of settings.", hint="Check --table.")
    return dict(tables[0])


def show(result: dict[str, Any]) -> None:
    """The result for people."""
    {
        "list": _show_list,
        "check": _show_check,
        "map": _show_map,
        "schema": _show_schema,
        "try": _show_trial,
    }.get(result["action"], lambda done: print(done["message"]))(result)


def _show_list(result: dict[str, Any]) -> None:
    for source in result["sources"]:
        paused = "" if source["enabled"] else " (paused)"
        print(f"{source['name']}: {source['kind']}, {source['path'] or ''}{paused} [{source['origin']}]")
    print(f"kinds: {', '.join(result['kinds'])}")


def _show_check(result: dict[str, Any]) -> None:
    if not result["sources"]:
        print("no source is configured; the generated sample is used.")
    for name, checks in result["sources"].items():
        _show_checks(name, checks)


def _show_checks(name: str, checks: list[dict[str, Any]]) -> None:
    for one in checks:
        print(f"{name}: {one['name']}: {one['status']}. {one['message']} {one['hint']}".rstrip())


def _show_map(result: dict[str, Any]) -> None:
    for one in result["files"]:
        show_mapping(one)
    for stream in result["streams"]:
        print(f"{stream['name']}: {', '.join(stream['columns'])}. {stream['note']}".rstrip())


def _show_schema(result: dict[str, Any]) -> None:
    for kind in result["kinds"]:
        print(f"{kind['kind']}: {kind['sentence']}")
        for one in kind["fields"]:
            needed = "needed" if one["required"] else f"default {one['default']!r}"
            print(f"  {one['name']:28} {one['type']:10} {needed}. {one['description']}")


def _show_trial(result: dict[str, Any]) -> None:
    _show_checks(result["name"], result["checks"])
    for note in result["notes"]:
        print(f"  {note}")
    for place, columns in result["mapping"].items():
        print(f"{place}: {', '.join(f'{ours} = {theirs}' for ours, theirs in columns.items())}")
    for stream, rows in result["streams"].items():
        print(f"{stream}: {result['counts'][stream]} rows were looked at")
        _show_rows(rows)
    if result["reject_count"]:
        print(f"{result['reject_count']} rows would be set aside, for example: {result['rejects'][:3]}")
    if result["problem"]:
        print(f"{result['problem']['message']} {result['problem']['hint']}".rstrip())


def _show_rows(rows: list[dict[str, Any]]) -> None:
    for row in rows[:3]:
        print("    " + ", ".join(f"{k}={str(v)[:60]!r}" for k, v in row.items() if v is not None))


def show_mapping(one: dict[str, Any]) -> None:
    """One file's findings, mapping and first rows for people."""
    file = one["file"]
    print(f"{file['file']}: {file['reason']}")
    for note in file["findings"]:
        print(f"  {note}")
    for column in file["columns"]:
        if column["column"]:
            print(
                f"  {column['canonical']:22} = {column['column']}  ({column['confidence']:.2f},"
                f" {column['reason']})"
            )
    if file["problem"]:
        print(f"  {file['problem']['message']} {file['problem']['hint']}")
    for stream, rows in one["preview"].items():
        print(f"  {stream}: {one['preview_counts'][stream]} rows in the beginning of the file")
        _show_rows(rows)
    for reject in one["rejects"]:
        print(f"  line {reject['line']}: {reject['reason']}")
