"""Show what masking makes of a text, and report what was masked: to try out patterns, and to see what a model sees."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.effective import effective_settings
from core.errors import NothingPublished, QuestionError
from jobs.cli import Context

HELP = "mask a text as a language model would see it, and report what was masked"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A text, a file, or a conversation of the store."""
    parser.add_argument("text", nargs="?", help="the text")
    parser.add_argument("--file", type=Path, help="a text file, as one conversation")
    parser.add_argument("--conversation", metavar="ID", help="the messages of a conversation of the store")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """The masked texts, and by kind how many places were masked and how many different things stood there."""
    from enrich.redaction import redaction_of, reported

    settings = effective_settings(context.home, context.settings)
    texts, names = _texts(args, context)
    masked, report = reported(redaction_of(settings.masking, names), texts)
    return {"texts": masked, "report": report}


def show(result: dict[str, Any]) -> None:
    """The texts, then the report."""
    for text in result["texts"]:
        print(text)
    told = ", ".join(
        f"{kind} {n['masked']} ({n['different']} different)" for kind, n in result["report"].items()
    )
    print(f"masked: {told or 'nothing'}")


def _texts(args: argparse.Namespace, context: Context) -> tuple[list[str], frozenset[str]]:
    """What is masked, and the names that the store knows. Raises QuestionError for no text or several."""
    from core.viewer import EVERYTHING
    from enrich.redaction import known_names
    from store.reader import open_reader

    if sum(given is not None for given in (args.text, args.file, args.conversation)) != 1:
        raise QuestionError("there is nothing to mask.", hint="Give a text, --file or --conversation.")
    try:
        reader = open_reader(context.home)
    except NothingPublished:
        if args.conversation:
            raise
        reader = None
    names = known_names(reader) if reader else frozenset()
    if args.conversation and reader:
        sql = "SELECT body_text FROM {messages} WHERE conversation_id = ? AND body_text <> '' ORDER BY source_id, seq"
        texts = reader.query(sql, [args.conversation], viewer=EVERYTHING)["body_text"].to_pylist()
        if not texts:
            raise QuestionError(f"there is no conversation {args.conversation!r} with messages.")
        return texts, names
    return [args.text if args.text is not None else _read(args.file)], names


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"{path} cannot be read: {error}.", hint="A text file in UTF-8.") from None
