"""Which lines of a message are its author's own: line by line from the top, with a look at a few neighbours."""

from __future__ import annotations

from collections.abc import Sequence

from enrich import mail_lines as look
from enrich.markup import Line

MOST_LINES = 20_000  # what lies below is pasted: it goes with what stands above it
HEADER_LINES = 10  # of a mail's head: fields, one a line
WRAPPED_LINES = 3  # a reply header is broken into so many at most
SIGNATURE_LINES = 12  # below a closing phrase; what is longer is not only a signature
SIGNATURE_WIDTH = 90
PROSE_WORDS = 9  # a line of so many words is no line of a signature
LOG_SHARE = 0.5
_RULE_SIGNS = frozenset("-_=*~–— ")


def mark_lines(lines: Sequence[Line]) -> list[str | None]:
    """The kind of each line that its author did not write there; None for the author's own."""
    marking = _Marking(lines[:MOST_LINES])
    kinds = marking.run()
    beyond = "quote" if marking.end < len(marking.texts) else None
    return kinds + [beyond] * (len(lines) - len(kinds))


class _Marking:
    """One pass over a message's lines."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.texts = [look.bare(line.text) for line in lines]
        self.kinds: list[str | None] = [None] * len(lines)
        self.end = len(lines)  # where the author's part ends
        self.has_header = False  # of a message that is quoted with signs

    def run(self) -> list[str | None]:
        end = self.end = self._history()
        self._quoted(end)
        self._footers(end)
        self._signatures(end)
        self._rules()
        return self.kinds

    def _history(self) -> int:
        """Mark what follows a reply header or a mail's head; gives where the author's part ends."""
        at, said = 0, 0
        while at < len(self.texts):
            text = self.texts[at]
            if not text:
                at += 1
                continue
            kind, until = self._header(at)
            if kind is None:
                said += not (self._is_quoted(at) or text.startswith(">"))
                at += 1
                continue
            self._mark(at, until, "notice" if kind == "above" else "header")
            if kind == "wrote" and self._quotes_next(until):
                self.has_header = True
            elif kind in ("original", "wrote") or (kind in ("head", "above") and said):
                self._mark(at, len(self.texts), "quote")
                return at
            at = until
        return len(self.texts)

    def _header(self, at: int) -> tuple[str | None, int]:
        """What kind of header begins at a line, and the line after it."""
        text = self.texts[at]
        if len(text) > look.LONGEST_LINE or text[0] == ">":
            return None, at
        if look.is_above(text):
            return "above", at + 1
        if look.is_forward(text):
            return "forward", self._fields(at + 1, HEADER_LINES)[1]
        if look.is_original(text):
            return "original", at + 1
        if look.label(text) in ("origin", "sent", "subject"):
            found, until = self._fields(at, HEADER_LINES)
            if found:
                return "head", until
        return self._wrote(at)

    def _wrote(self, at: int) -> tuple[str | None, int]:
        """A reply header on one line, or broken into a few."""
        joined = self.texts[at]
        if not look.may_begin_header(joined) and joined[-1:] not in ":：":
            return None, at
        for until in range(at + 1, min(at + WRAPPED_LINES, len(self.texts)) + 1):
            if look.is_reply_header(joined):
                return ("wrote", until) if self._is_told(joined, until) else (None, at)
            if until == len(self.texts) or not self.texts[until] or len(joined) > look.LONGEST_LINE:
                break
            if not look.may_begin_header(self.texts[at]) or self.texts[until].startswith(">"):
                break
            joined += " " + self.texts[until]
        return None, at

    def _is_told(self, header: str, until: int) -> bool:
        """Whether something is quoted below, and the line is not prose that ends in a colon."""
        if self._quotes_next(until):
            return True
        return any(self.texts[until : until + 40]) and (look.has_address(header) or len(header.split()) <= 14)

    def _quotes_next(self, at: int) -> bool:
        for place in range(at, min(at + 4, len(self.texts))):
            if self.texts[place] or self._is_quoted(place):
                return self._is_quoted(place) or self.texts[place].startswith((">", "|"))
        return False

    def _fields(self, at: int, most: int) -> tuple[bool, int]:
        """Whether the fields of a mail's head stand here, and the line after them."""
        seen: set[str] = set()
        place, end, has_address = at, at, False
        while place < min(at + most, len(self.texts)):
            text = self.texts[place]
            field = look.label(text) if len(text) <= 4 * look.LONGEST_LINE else None
            if field:
                seen.add(field)
                has_address = has_address or look.has_address(text)
                end = place + 1
            elif text and (not seen or place > end + 1 or not self._continues(text)):
                break
            place += 1
        is_head = len(seen) >= 3 and ("subject" in seen or has_address)
        return is_head, end

    @staticmethod
    def _continues(text: str) -> bool:
        """A long list of recipients goes on in the next line."""
        return look.has_address(text) or text.endswith(";")

    def _is_quoted(self, at: int) -> bool:
        return self.lines[at].is_quoted

    def _quoted(self, end: int) -> None:
        """Lines behind quote signs, except output of a program that somebody shows."""
        at = 0
        while at < end:
            if self.kinds[at] is None and (self._is_quoted(at) or self.texts[at].startswith(">")):
                until = at
                while until < end and (self._is_quoted(until) or self.texts[until].startswith(">")):
                    until += 1
                if not self._is_shown(at, until):
                    self._mark(at, until, "quote")
                at = until
            else:
                at += 1

    def _is_shown(self, at: int, until: int) -> bool:
        """Whether the lines are a log: no reply header in the message, and they read like one."""
        if self.has_header or self._is_quoted(at):
            return False
        inside = [text.lstrip("> ") for text in self.texts[at : min(until, at + 60)] if text.strip("> ")]
        if any(look.is_reply_header(text) for text in inside[:2]):
            return False
        logs = sum(look.is_log(text[: look.LONGEST_LINE]) for text in inside)
        return bool(inside) and logs >= LOG_SHARE * len(inside)

    def _footers(self, end: int) -> None:
        """Notices, legal paragraphs and the footers of mail programs."""
        at = 0
        while at < end:
            text = self.texts[at]
            if not text or self.kinds[at] is not None:
                at += 1
                continue
            begins = at == 0 or not self.texts[at - 1] or self.kinds[at - 1] is not None
            if len(text) <= 120 and look.is_mobile(text):
                self._mark(at, at + 1, "signature")
            elif look.is_notice(text[: look.LONGEST_LINE]):
                self._mark(at, at + 1, "notice")
            elif begins or self._is_rule(self.texts[at - 1]):
                until = self._paragraph(at, end)
                if look.is_disclaimer(" ".join(self.texts[at:until])[:4_000]):
                    self._mark(at, until, "disclaimer")
            at += 1

    @staticmethod
    def _is_rule(text: str) -> bool:
        return len(text) >= 2 and set(text) <= _RULE_SIGNS

    def _paragraph(self, at: int, end: int) -> int:
        until = at
        while until < min(end, at + 40) and self.texts[until] and self.kinds[until] is None:
            until += 1
        return until

    def _signatures(self, end: int) -> None:
        for at in range(end):
            if self.kinds[at] is None and self.lines[at].is_signature:
                self.kinds[at] = "signature"
        own = [at for at in range(end) if self.kinds[at] is None and self.texts[at]]
        done = 0
        for at in own:
            if at >= done:
                done = self._signature(at, end, own[-1])
        self._contacts(end)

    def _signature(self, at: int, end: int, last_own: int) -> int:
        """Mark the signature that begins at a line; gives the line to go on with."""
        text = self.texts[at]
        if text in ("--", "—", "––", "__") or (self._is_rule(text) and set(text) <= set("-_") and at > 0):
            until = self._short_lines(
                at + 1, end, width=4 * SIGNATURE_WIDTH if text == "--" else SIGNATURE_WIDTH
            )
            if until > at + 1:
                self._mark(at, until, "signature")
                return until
            return at + 1
        closing = look.closing(text) if len(text) <= 60 else None
        if closing is None or (closing == "thanks" and (at == 0 or last_own > at + 2 * SIGNATURE_LINES)):
            return at + 1
        first = at + (closing == "thanks")
        until = self._short_lines(at + 1, end)
        goes_on = until == at + 1 < end and self.texts[until] != ""
        if last_own >= until and (closing == "thanks" or goes_on):
            return at + 1
        self._mark(first, until, "signature")
        return max(until, at + 1)

    def _short_lines(self, at: int, end: int, width: int = SIGNATURE_WIDTH) -> int:
        """The line after the names, titles and numbers that begin at a line."""
        place, last, seen = at, at, 0
        while place < end and seen < SIGNATURE_LINES:
            text = self.texts[place]
            if self.kinds[place] is not None:
                if self.kinds[place] in ("quote", "header"):
                    break
                last = place + 1
            elif text:
                if (
                    len(text) > width
                    or look.is_postscript(text)
                    or (self._is_prose(text) and width == SIGNATURE_WIDTH)
                ):
                    break
                seen, last = seen + 1, place + 1
            place += 1
        return last

    @staticmethod
    def _is_prose(text: str) -> bool:
        words = len(text.split())
        if look.is_contact(text):
            return words > 2 * PROSE_WORDS
        return words >= PROSE_WORDS or (words >= 4 and text[-1] in ".?!") or text.endswith("?")

    def _rules(self) -> None:
        """A line of dashes belongs to what it stands above."""
        below: str | None = None
        for at in range(len(self.texts) - 1, -1, -1):
            text = self.texts[at]
            if text and self.kinds[at] is None and below and self._is_rule(text):
                self.kinds[at] = below
            below = self.kinds[at] if text else below

    def _contacts(self, end: int) -> None:
        """A last paragraph of which most lines tell how to reach somebody."""
        until = end
        while until > 0 and (not self.texts[until - 1] or self.kinds[until - 1] is not None):
            until -= 1
        at = until
        while at > 0 and self.texts[at - 1] and self.kinds[at - 1] is None and until - at < SIGNATURE_LINES:
            at -= 1
        block = self.texts[at:until]
        if (
            at == 0
            or len(block) < 3
            or any(len(text) > SIGNATURE_WIDTH or self._is_prose(text) for text in block)
        ):
            return
        reached = sum(look.is_contact(text) for text in block)
        if reached >= 2 and 2 * reached >= len(block) - 1 and not look.is_contact(block[0]):
            self._mark(at, until, "signature")

    def _mark(self, at: int, until: int, kind: str) -> None:
        for place in range(at, until):
            if self.kinds[place] is None:
                self.kinds[place] = kind
