"""Find conversations by words and meaning."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from core import conditions
from core.effective import effective_settings
from core.errors import QuestionError
from core.filters import Filters
from jobs import asking
from jobs.cli import Context

HELP = "find conversations by words and meaning"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words, or a file with a query per line."""
    parser.add_argument("words", nargs="?", help="what to look for")
    parser.add_argument("--file", type=Path, help="a text file with one query per line")
    asking.add_filters(parser)
    parser.add_argument("--k", type=int, default=10, help="conversations per query (default 10)")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """Results per query, best first. Raises QuestionError for a wrong filter or no query."""
    from rag.context import RagContext
    from rag.search import search_many
    from store.reader import open_reader

    queries = _queries(args)
    filters = replace(_filters(args.filter), groups=conditions.ordered(asking.groups(args)))
    settings = effective_settings(context.home, context.settings)
    rag = RagContext(context.home, settings, open_reader(context.home))
    found = zip(queries, search_many(rag, queries, filters, args.k), strict=True)
    return {
        "results": [
            {"query": query, "hits": [{name: getattr(hit, name) for name in _SHOWN} for hit in hits]}
            for query, hits in found
        ]
    }


_SHOWN = ("source_id", "conversation_id", "score", "own", "similarity", "keyword", "chunk_no", "subject", "created_at",
          "channel", "product")  # fmt: skip


def _queries(args: argparse.Namespace) -> list[str]:
    if args.file is None:
        if not args.words:
            raise QuestionError("there is nothing to look for.", hint="Give words, or --file QUERIES.")
        return [args.words]
    try:
        lines = args.file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(
            f"{args.file} cannot be read: {error}.", hint="One query per line, UTF-8."
        ) from None
    return [line for line in lines if line.strip()]


def _filters(pairs: list[str]) -> Filters:
    where: dict[str, list[str]] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name or not value:
            raise QuestionError(
                f"the filter {pair!r} is not of the form name=value.", hint="For example channel=chat."
            )
        where.setdefault(name, []).append(value)
    return Filters.of(None, where)


def show(result: dict[str, Any]) -> None:
    """One line per conversation."""
    for entry in result["results"]:
        print(entry["query"])
        for hit in entry["hits"]:
            place = f"{hit['source_id']}/{hit['conversation_id']}"
            print(f"  {hit['score']:.3f}  {place}  {hit['subject'] or ''}")
