"""HTML as lines of text, each with its place in the original. One pass: time grows with the length and no faster.

Blocks end lines, what stands in a quotation is marked as quoted, what a browser would not show is left out.
Malformed HTML is no error: what does not look like a tag is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

_TAGS = frozenset(
    "a abbr address article aside b base big blockquote body br button caption center cite code col colgroup dd del "
    "details div dl dt em fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe "
    "img input ins kbd label legend li link main map mark meta nav noscript o:p ol option p pre q s samp script section "
    "select small span strike strong style sub summary sup svg table tbody td textarea tfoot th thead time title tr tt "
    "u ul v:shape v:imagedata var video wbr xml".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body br caption center dd details div dl dt fieldset figure footer form h1 h2 h3 "
    "h4 h5 h6 head header hr html li main nav ol p pre section summary table tbody tfoot thead title tr ul".split()
)
_UNSEEN = frozenset(("script", "style", "title", "xml"))
_PIECE = re.compile(
    r"<!--|<!\[CDATA\[|\]\]>|<[!?][^<>]*>|<(/?)([a-zA-Z][a-zA-Z0-9:]{0,20})(?=[\s/>])([^<>]*)>"
)
_IS_MARKUP = re.compile(
    r"\A\s*<(?:!doctype|html|head|body|div|p|span|table|font|meta|style|script|blockquote|ul|ol|b|strong)\b[^<>]*>"
    r"|</(?:html|body|div|p|span|table|td|a|b|i|u|em|li|strong|font|blockquote|h[1-6])>|<br\s*/?>"
    r"|&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"gmail_signature|moz-signature|apple-signature|\bid=[\"']?(?:ms-outlook-mobile-)?signature", re.I
)
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0]+")
_LONGEST_ATTRIBUTES = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a message: its text, its place in the original (`first` up to `last`), and what markup says of it."""

    text: str
    first: int
    last: int
    is_quoted: bool = False
    is_signature: bool = False


def is_markup(body: str) -> bool:
    """Whether a text is HTML, or holds what is left of it (`It&#39;s`)."""
    return ("<" in body or "&" in body) and _IS_MARKUP.search(body) is not None


@dataclass
class _Reading:
    """The state of one pass over a body."""

    lines: list[Line] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    first: int = -1
    last: int = 0
    quoted: int = 0
    preformatted: int = 0
    unseen: str = ""
    signed_by: str = ""
    signed_depth: int = 0

    def say(self, words: str, at: int, until: int) -> None:
        """Words between two tags."""
        if self.unseen or not words:
            return
        if self.preformatted and "\n" in words:
            for part in words.splitlines(keepends=True):
                self._put(part.rstrip("\r\n"), at, at + len(part))
                at += len(part)
                if part.endswith("\n"):
                    self.end_line()
            return
        self._put(words, at, until)

    def _put(self, words: str, at: int, until: int) -> None:
        if self.first < 0:
            self.first = at
        self.last = until
        self.pieces.append(unescape(words) if "&" in words else words)

    def end_line(self) -> None:
        """What was said since the last line end is a line."""
        if self.first >= 0:
            text = "".join(self.pieces)
            text = text.replace("\u00a0", " ") if self.preformatted else _SPACE.sub(" ", text).strip()
            self.lines.append(Line(text, self.first, self.last, self.quoted > 0, self.signed_depth > 0))
            self.pieces.clear()
            self.first = -1

    def tag(self, name: str, attributes: str, *, closes: bool) -> None:
        """A tag that HTML knows."""
        if self.unseen:
            self.unseen = "" if closes and name == self.unseen else self.unseen
            return
        if name in _UNSEEN and not closes:
            self.unseen = "" if attributes.endswith("/") else name
        elif name in _BLOCKS:
            self._block(name, closes=closes)
        elif name in ("td", "th"):
            self.pieces.append(" ")
        if name == self.signed_by:
            self.signed_depth += -1 if closes else 1
            self.signed_by = self.signed_by if self.signed_depth else ""
        elif not self.signed_by and not closes and _SIGNATURE.search(attributes[:_LONGEST_ATTRIBUTES]):
            self.end_line()
            self.signed_by, self.signed_depth = name, 1

    def _block(self, name: str, *, closes: bool) -> None:
        if self.first < 0 and name in ("p", "br", "hr") and self.lines and self.lines[-1].text:
            at = self.lines[-1].last
            self.lines.append(Line("", at, at, self.quoted > 0, self.signed_depth > 0))
        self.end_line()
        if name == "blockquote":
            self.quoted = max(0, self.quoted + (-1 if closes else 1))
        elif name == "pre":
            self.preformatted = max(0, self.preformatted + (-1 if closes else 1))


def lines_of(body: str) -> list[Line]:
    """The lines that a browser would show of a body."""
    reading, done, at = _Reading(), 0, 0
    no_more_comments = False
    while found := _PIECE.search(body, at):
        name = (found[2] or "").lower()
        if found[2] and name not in _TAGS:
            at = found.end()  # <jane@example.com>, <your name>: text
            continue
        reading.say(body[done : found.start()], done, found.start())
        done = at = found.end()
        if found[2]:
            reading.tag(name, found[3], closes=bool(found[1]))
        elif found[0] == "<!--" and not no_more_comments:
            end = body.find("-->", done)
            no_more_comments = end < 0
            done = at = done if end < 0 else end + 3
    reading.say(body[done:], done, len(body))
    reading.end_line()
    return reading.lines
