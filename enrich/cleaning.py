"""What the author of a message said: without quoted mail, signatures, legal notices and what machines added.

The original stays as it is; what is not the author's own is marked by its place in it. A message is never cleaned
away: where nothing would be left, what it quotes is what it says. See docs/adr/0018-own-rules-clean-mail.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar, Literal

from enrich import mail_lines
from enrich.base import MessageEnricher, Text
from enrich.mail_parts import MOST_LINES, mark_lines
from enrich.markup import Line, is_markup, lines_of
from enrich.placeholders import MASKED

Kind = Literal["quote", "header", "signature", "disclaimer", "notice", "macro"]
FEWEST_WORDS = 3  # of what is left beside macros: a greeting and a name are no message

_CODE_BLOCK = re.compile(r"```.*?(?:```|\Z)|`[^`\n]{1,200}`", re.DOTALL)
_URL = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_HANDLE = re.compile(r"(?<![\w.])[@#]\w{1,50}")
_SPACE = re.compile(r"\s+")
_QUOTE_SIGNS = re.compile(r"\A(?:\s{0,3}>)+ ?")
_LINE = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `first` up to `last` of the original, which its author did not say here."""

    kind: Kind
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The author's own text, and what was left out of the original."""

    text: str
    spans: tuple[Span, ...] = ()


class Cleaning(MessageEnricher):
    """The cleaned text (None: the message as it is), what was left out, and how many words are left."""

    name = "cleaning"
    version = 1
    columns: ClassVar[tuple[str, ...]] = ("clean_text", "left_out", "word_count")

    def enrich(self, texts: Sequence[Text]) -> list[tuple[Any, ...]]:
        """All None for a message without words."""
        return [_row(text) for text in texts]


def _row(text: Text) -> tuple[Any, ...]:
    cleaned = clean(text.body, text.macros)
    words = len(cleaned.text.split())
    spans = [{"kind": s.kind, "first": s.first, "last": s.last} for s in cleaned.spans]
    return (cleaned.text if cleaned.text != text.body else None, spans or None, words or None)


def clean(body: str, macros: Sequence[int] = ()) -> Cleaned:
    """The author's own text of a message. `macros` are numbers of lines, from 0, that many messages share."""
    has_markup = is_markup(body)
    if not has_markup and "\n" not in body and "\r" not in body:
        return Cleaned(body.replace("\x00", " ") if "\x00" in body else body)
    lines = lines_of(body) if has_markup else _plain_lines(body)
    kinds = mark_lines(lines)
    if macros and not has_markup:
        _mark_macros(lines, kinds, macros)
    kept = _something_left(lines, kinds)
    return Cleaned(_joined(lines, kept), _spans(lines, kept))


def _plain_lines(body: str) -> list[Line]:
    if "\x00" in body:
        body = body.replace("\x00", " ")
    lines, at = [], 0
    for found in islice(_LINE.finditer(body), MOST_LINES):
        lines.append(Line(body[at : found.start()], at, found.start()))
        at = found.end()
    lines.append(Line(body[at:], at, len(body)))
    return lines


def _mark_macros(lines: Sequence[Line], kinds: list[str | None], macros: Sequence[int]) -> None:
    """What many messages share is a macro, unless little else is left: then it is the message."""
    shared = {at for at in macros if at < len(lines) and kinds[at] is None}
    words = sum(
        len(line.text.split()) for at, line in enumerate(lines) if kinds[at] is None and at not in shared
    )
    if words > FEWEST_WORDS:
        for at in shared:
            kinds[at] = "macro"


def _something_left(lines: Sequence[Line], kinds: list[str | None]) -> list[str | None]:
    """The marks as they are, or fewer of them where they would leave no words."""
    for given_up in (
        (),
        ("quote",),
        ("quote", "macro", "notice", "signature"),
        ("quote", "macro", "notice", "signature", "disclaimer", "header"),
    ):
        kept = [None if kind in given_up else kind for kind in kinds]
        if any(
            kind is None and mail_lines.has_letters(line.text) for line, kind in zip(lines, kept, strict=True)
        ):
            return kept
    return [None] * len(kinds)


def _joined(lines: Sequence[Line], kinds: Sequence[str | None]) -> str:
    """The lines that stay; empty ones in a row are one, and none stand at the ends."""
    said: list[str] = []
    for line, kind in zip(lines, kinds, strict=True):
        if kind is not None:
            continue
        text = line.text.rstrip()
        if text or (said and said[-1]):
            said.append(text)
    while said and not said[-1]:
        said.pop()
    return "\n".join(said)


def _spans(lines: Sequence[Line], kinds: Sequence[str | None]) -> tuple[Span, ...]:
    """Neighbouring lines of a kind are one span."""
    spans: list[Span] = []
    before: str | None = None
    for line, kind in zip(lines, kinds, strict=True):
        if kind is not None and line.last > line.first:
            if kind == before and spans:
                spans[-1] = Span(spans[-1].kind, spans[-1].first, line.last)
            else:
                spans.append(Span(kind, line.first, line.last))  # type: ignore[arg-type]
            before = kind
        elif kind is None and line.text.strip():
            before = None
    return tuple(spans)


def plain_words(text: str) -> str:
    """A cleaned text on one line, without code, links, mail addresses, handles and placeholders of masking."""
    if ">" in text:
        text = "\n".join(_QUOTE_SIGNS.sub("", line) for line in text.split("\n"))
    if "`" in text:
        text = _CODE_BLOCK.sub(" ", text)
    if "/" in text or "www." in text:
        text = _URL.sub(" ", text)
    if "@" in text or "#" in text:
        text = _HANDLE.sub(" ", _EMAIL.sub(" ", text))
    if "[" in text:
        text = MASKED.sub(" ", text)
    return _SPACE.sub(" ", text).strip()
