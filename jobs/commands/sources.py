"""`python -m jobs sources check|list|map`: test connections, list sources, propose a column mapping."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from connectors._files_config import Reading
from core.effective import effective_settings
from core.errors import ConfigError
from jobs import sources
from jobs.cli import Context, Failed, plain

HELP = "test a connection, list sources, propose a column mapping"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("action", choices=["check", "list", "map"], help="what to do")
    parser.add_argument("name", nargs="?", help="only this source")
    parser.add_argument("--path", metavar="FILE", help="map: a file that is no source yet")
    parser.add_argument("--mapping", metavar="JSON|TOML", help="map: settings to read the file with")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """Check, list or map; exit code 1 when a source cannot be read."""
    if args.action == "map" and args.path:
        reading = Reading(**sources.read_mapping(args.mapping)) if args.mapping else None
        found = [sources.map_file(context.home, Path(args.path).expanduser(), reading)]
        return _mapped(found)
    settings = effective_settings(context.home, context.settings)
    if args.action == "list":
        return {"action": "list", **sources.listed(settings)}
    if args.action == "check":
        checks = sources.check(settings, args.name)
        result = {"action": "check", "sources": {name: plain(found) for name, found in checks.items()}}
        if any(c.status in ("error", "denied") for found in checks.values() for c in found):
            raise Failed(result)
        return result
    if not args.name:
        raise ConfigError("`sources map` needs the name of a source, or --path FILE.")
    return _mapped(sources.map_source(context.home, settings, args.name))


def _mapped(found: list[sources.MapReport]) -> dict[str, Any]:
    result = {"action": "map", "files": [plain(sources.without_read(f)) for f in found]}
    if any(f.file.problem for f in found):
        raise Failed(result)
    return result


def show(result: dict[str, Any]) -> None:
    """The result for people."""
    if result["action"] == "list":
        for source in result["sources"]:
            print(
                f"{source['name']}: {source['kind']},"
                f" {source['path'] or ''}{'' if source['enabled'] else ' (disabled)'}"
            )
        print(f"kinds: {', '.join(result['kinds'])}")
    elif result["action"] == "check":
        if not result["sources"]:
            print("no source is configured; the generated sample is used.")
        for name, checks in result["sources"].items():
            for one in checks:
                print(f"{name}: {one['name']}: {one['status']}. {one['message']} {one['hint']}".rstrip())
    else:
        for one in result["files"]:
            show_mapping(one)


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
        for row in rows[:3]:
            print("    " + ", ".join(f"{k}={str(v)[:60]!r}" for k, v in row.items() if v is not None))
    for reject in one["rejects"]:
        print(f"  line {reject['line']}: {reject['reason']}")
