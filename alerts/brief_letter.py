"""The Monday brief as a letter: its sentences and sections as HTML, and as lines for chats and webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from alerts import letter_html

if TYPE_CHECKING:
    from analytics.brief import Brief
    from analytics.brief_words import Sentence


def body(found: Brief, base: str | None) -> list[str]:
    """Blocks of HTML, with links where the dashboard has an address."""
    blocks = [block for one in found.sentences for block in _blocks(one, base)]
    for section in found.sections:
        blocks.append(letter_html.heading(section.title))
        blocks += [block for one in section.sentences for block in _blocks(one, base)]
    return blocks


def lines(found: Brief) -> list[str]:
    """Plain lines: every sentence, and below it what customers wrote."""
    told = [*found.sentences, *(one for section in found.sections for one in section.sentences)]
    return [line for one in told for line in (one.text, *(f"“{quote.text}”" for quote in one.quotes))]


def _blocks(one: Sentence, base: str | None) -> Iterator[str]:
    from analytics.brief_words import conversation

    yield letter_html.sentence(one.text, one.good, f"{base}/{one.address}" if base else None)
    for quote in one.quotes:
        where = conversation(quote.source, quote.conversation_id)
        yield letter_html.quoted(quote.text, f"{base}/{where}" if base else None)
    if base and one.examples:
        links = (
            letter_html.link(
                each.subject or each.conversation_id,
                f"{base}/{conversation(each.source, each.conversation_id)}",
            )
            for each in one.examples
        )
        yield letter_html.ways("Such as", links)
