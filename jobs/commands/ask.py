"""Answer a question from the published data."""

from __future__ import annotations

import argparse

from core.effective import effective_settings
from jobs import asking
from jobs.cli import Context
from rag.answer import Answer

HELP = "answer a question with numbers, conversations and quotes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The question, who words the answer, and what it continues."""
    parser.add_argument("question", help="in plain words, in quotation marks")
    asking.add_provider(parser, "the answer")
    parser.add_argument("--follow", type=int, metavar="ID", help="continue the question of this id")


def run(args: argparse.Namespace, context: Context) -> Answer:
    """Ask. Raises NothingPublished before the first refresh."""
    from rag.ask import ask
    from rag.context import RagContext
    from store.reader import open_reader

    settings = effective_settings(context.home, context.settings)
    rag = RagContext(context.home, settings, open_reader(context.home))
    return ask(args.question, rag, provider=args.provider, follow=args.follow)


def show(result: Answer) -> None:
    """The sentences, what they rest on, and how far to trust them."""
    if result.banner or result.words_by:
        print(f"({result.banner or f'worded by {result.words_by}'})")
    for claim in result.claims:
        print(claim.text + "".join(f" [{n}]" for n in claim.citations))
    for citation in result.citations:
        where = ", ".join(str(v) for v in (citation.date, citation.channel, citation.product) if v)
        print(
            f"  [{citation.n}] {citation.source_id}/{citation.conversation_id} {citation.subject or ''} ({where})"
        )
    print(f"Confidence: {result.confidence.level}. {' '.join(result.confidence.reasons)}")
    for title, lines in (("Assumed", result.assumptions), ("Note", result.notes), ("There is", result.nearest),
                         ("Ask next", result.next_questions)):  # fmt: skip
        for line in lines:
            print(f"{title}: {line}")
    print(f"Question {result.id}, generation {result.generation}.")
