"""One conversation in five lines, each with the message it rests on."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.effective import effective_settings
from core.errors import QuestionError
from core.filters import NONE
from core.viewer import EVERYTHING
from jobs import asking
from jobs.cli import Context

if TYPE_CHECKING:
    from rag.summary import Summary
    from store.reader import Reader

HELP = "one conversation in five lines, each with the message it rests on"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which conversation."""
    parser.add_argument(
        "conversation", metavar="CONVERSATION_ID", help="its id, or source/id where several have it"
    )
    asking.add_provider(parser, "the lines")


def run(args: argparse.Namespace, context: Context) -> Summary:
    """Summarise. Raises NothingPublished, QuestionError for an id that is unknown or that several sources have."""
    from analytics.dimensions import dimension_values
    from analytics.dossier import opened
    from rag.context import RagContext
    from rag.summary_wording import summary_of
    from store.reader import open_reader

    reader = open_reader(context.home)
    settings = effective_settings(context.home, context.settings)
    source, conversation = _named(reader, args.conversation)
    found = opened(reader, source, conversation, settings=settings, viewer=EVERYTHING)
    if found is None:
        raise QuestionError(
            f"there is no conversation {args.conversation!r}.", hint="Look for it with: search."
        )
    products = [value for value, _ in dimension_values(reader, "product", viewer=EVERYTHING, limit=200)]
    named = tuple(name for name in products if name != NONE)
    return summary_of(RagContext(context.home, settings, reader), found, named, provider=args.provider)


def _named(reader: Reader, name: str) -> tuple[str, str]:
    """Source and id of what was named: the whole of it as an id, or with its source in front."""
    sql = (
        "SELECT source_id, conversation_id FROM {conversation_facts} "
        "WHERE conversation_id = ? OR source_id || '/' || conversation_id = ? LIMIT 2"
    )
    rows = reader.query(sql, [name, name], viewer=EVERYTHING).to_pylist()
    if not rows:
        raise QuestionError(f"there is no conversation {name!r}.", hint="Look for it with: search.")
    if len(rows) > 1:
        raise QuestionError(
            f"several sources have a conversation {name!r}.",
            hint=f"Name its source too, such as {rows[0]['source_id']}/{name}.",
        )
    return rows[0]["source_id"], rows[0]["conversation_id"]


def show(result: Summary) -> None:
    """The five lines with their messages."""
    from rag.summary import TITLES

    for line in result.lines:
        said = f"“{line.text}”" if line.is_quote else line.text
        where = ", ".join(f"message {one.message}" if one.message else "the subject" for one in line.cited)
        aside = ", extracted" if result.writer != "extracted" and not line.by_model else ""
        print(f"{TITLES[line.kind]}: {said} [{where}{aside}]")
    if result.writer != "extracted":
        print(f"Worded by {result.writer} and checked; {result.failed} lines did not pass the checks.")
    if result.because:
        print(f"Extracted without a language model: {result.because}.")
    if result.set_aside:
        print(f"Not quoted: {result.set_aside} messages that read like instructions to a model.")
