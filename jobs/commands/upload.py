"""`python -m jobs upload FILE`: put a file into the workspace as a source, or preview it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from jobs import sources
from jobs.cli import Context, Failed, plain
from jobs.commands.sources import show_mapping

HELP = "put a file into the workspace as a source of its own, or preview it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("file", metavar="FILE", help="the file to load")
    parser.add_argument("--name", help="name of the source (default: from the file's name)")
    parser.add_argument("--file-name", metavar="TEXT", help="name to keep the file under (default: its own)")
    parser.add_argument(
        "--mapping", metavar="JSON|TOML", help="columns, roles, timezone, day_first, …: text or a file"
    )
    parser.add_argument("--preview", action="store_true", help="show what would be loaded and change nothing")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """Store or preview; exit code 1 when the file cannot be loaded as it is."""
    found = sources.upload(
        context.home,
        context.settings,
        Path(args.file).expanduser(),
        name=args.name,
        file_name=args.file_name,
        mapping=sources.read_mapping(args.mapping) if args.mapping else None,
        store=not args.preview,
    )
    result = {
        "name": found.name, "file_name": found.file_name, "stored": found.stored, "message": found.message,
        **plain(sources.without_read(found.mapping)),
    }  # fmt: skip
    if found.mapping.file.problem:
        raise Failed(result)
    return result


def show(result: dict[str, Any]) -> None:
    """The result for people."""
    show_mapping(result)
    print(result["message"])
