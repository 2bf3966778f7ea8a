"""Finds what stands between quotation marks, of whatever kind, and holds it against what may stand there.

A reader takes everything between quotation marks for the very words of somebody. So every mark must open
words that hold, and the longest words that hold are taken: marks inside a quote are then part of it.
Whatever is left unclosed, cut or put together makes the sentence fail. In doubt a sentence fails.
"""

# ruff: noqa: RUF001 - the marks of many languages are the subject here
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rag.text import enough, fold, in_word, is_denied, is_wordy

HELD = "\ufffc"  # stands in a sentence where a quote stood that holds

# What may close a mark. Directions differ by language: „German“, »Danish«, ”Swedish”, «French», 「Japanese」.
_DOUBLE = {
    '"': '"', "“": "”", "”": "”", "„": '“”"', "‟": "”", "«": "»", "»": "«»", "‹": "›", "›": "‹›", "❝": "❞", "❞": "❝❞",
    "❮": "❯", "❯": "❮❯", "⹂": "”", "「": "」", "」": "", "『": "』", "』": "", "《": "》", "》": "", "〈": "〉", "〉": "",
    "〝": "〞〟", "〞": "", "〟": "", "⟨": "⟩", "⟩": "", "⟪": "⟫", "⟫": "", "≪": "≫", "≫": "", "﹁": "﹂", "﹂": "",
    "﹃": "﹄", "﹄": "",
}  # fmt: skip
_SINGLE = {"'": "'’", "’": "’", "´": "´", "‘": "’", "‚": "‘’", "‛": "’", "`": "`´'", "❛": "❜", "❜": "❛❜"}
_CLOSERS = {**_DOUBLE, **_SINGLE}
_MAYBE_APOSTROPHE = frozenset("'’´")
_BRACKETS = frozenset("「『《〈〝⟨⟪≪﹁﹃")  # they show their direction themselves: no spaces around them
_GUILLEMETS = frozenset("«»‹›❮❯")  # « may have spaces inside »
# Signs and letters that look like a quotation mark: primes, ditto marks, modifier letters, Hebrew, Greek, wide ones.
_DOUBLES = "\uff02\u2033\u2036\u3003\u02ba\u02dd\u02ee\u02f6\u05f4\u05f2\u2034\u2057"
_SINGLES = (
    "\uff07\u2032\u2035\u02b9\u0374\u02bb\u02bc\u02bd\u02be\u02c8\u02ca\u02cb\u02f4\u0384\u055a\u05f3\u07f4\u07f5"
    "\ua78c\u1fbd\u1fbf\u1ffe\u1ffd"
)
_ALIKE = str.maketrans(
    {
        **dict.fromkeys(_DOUBLES, '"'),
        **dict.fromkeys(_SINGLES, "'"),
        "\uff40": "`",
        "\u1fef": "`",
        "｢": "「",
        "｣": "」",
    }
)
# A mark typed as two signs counts as one, followed by nothing: ''so'', ``so'', ,,so'', <<so>>.
_NOTHING = "\0"
_TWICE = re.compile(r"(['’‘‛`´])\1|,,|‚‚|<<|>>|＜＜|＞＞")
_TYPED = {
    "<<": "«",
    ">>": "»",
    "＜＜": "«",
    "＞＞": "»",
    "''": '"',
    "``": '"',
    "’’": "”",
    "‘‘": "“",
    "´´": "”",
    ",,": "„",
    "‚‚": "„",
}
_ELIDED = re.compile(r"['’](?:tis|twas|em|til|cause|cos|bout|round|n|\d0s)\b", re.IGNORECASE)
_SPEECH = (
    r"(?:wrote|writ(?:es?|ing|ten)|sa(?:id|ys?|ying)|reads?|stat(?:ed|es)|told|complain(?:s|ed)?|quot(?:es?|ed)|"
    r"repl(?:y|ies|ied)|put it|own words|verbatim)"
)
_AFTER_SPEECH = re.compile(rf"\b{_SPEECH}(?: that)?[\s:,(–—-]*$", re.IGNORECASE)
_UNMARKED = re.compile(rf"\b{_SPEECH}(?: that)?\s*(?::|\s[–—-]+\s)\s*(?![\s{HELD}])", re.IGNORECASE)
_POSSESSIVE_BEFORE = frozenset(" .,;:!?)]…")


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence whose quotes were looked up: `rest` has HELD in place of those that hold."""

    rest: str
    held: tuple[str, ...]
    problems: tuple[str, ...]


def read(text: str, *, is_said: Callable[[str], bool], is_name: Callable[[str], bool]) -> Reading:
    """Every quote of a folded sentence, held against the words that were said and the names that are known."""
    marks = _same_marks(text)
    rest, held, problems, at = "", [], [], 0
    while at < len(text):
        if not _opens(marks, at):
            rest, at = rest + text[at], at + 1
            continue
        begin = _behind(marks, at)
        may_name = not _AFTER_SPEECH.search(rest)
        for end in _ends(marks, at):
            words = text[begin:end].strip()
            if is_said(words) or (may_name and is_name(words)):
                held.append(words)
                rest, at = rest + HELD, _behind(marks, end)
                break
        else:
            problems.append(_problem(text, marks, at))
            rest, at = rest + " ", begin
    return Reading(rest, tuple(held), tuple(problems))


def told_without_marks(rest: str) -> str | None:
    """Words of speech that nothing between quotation marks follows: "a customer wrote: …"."""
    found = _UNMARKED.search(rest)
    return found[0].strip() if found else None


def is_exact(words: str, texts: Iterable[str]) -> bool:
    """Whether words are enough to mean something and stand, whole and not denied, in one of the folded texts.

    A full stop or comma before the closing mark may be the writer's own, and so may dots at either end.
    """
    folded = fold(words)
    bare = folded.removeprefix("...").removeprefix("…").rstrip(".,;:…").strip()
    wanted = [form for form in (folded, bare) if enough(form)]
    return any(_stands_in(form, said) for said in texts for form in wanted)


def _stands_in(words: str, said: str) -> bool:
    """Whole words only: “able to log in” does not stand in “unable to log in”, nor “I can” in “I can't”."""
    at = said.find(words)
    while words and at >= 0:
        whole = not (in_word(said, at) or in_word(said, at + len(words)))
        if whole and not is_denied(words, said[max(0, at - 12) : at]):
            return True
        at = said.find(words, at + 1)
    return False


def _same_marks(text: str) -> str:
    """The text, as long as before, with every sign that looks like a quotation mark as the mark it looks like."""
    return _TWICE.sub(
        lambda pair: (_TYPED.get(pair[0]) or pair[0][0]) + _NOTHING,
        text.replace(_NOTHING, " ").translate(_ALIKE),
    )


def _behind(marks: str, at: int) -> int:
    return at + 2 if marks[at + 1 : at + 2] == _NOTHING else at + 1


def _opens(marks: str, at: int) -> bool:
    """Whether a reader may take the sign for the beginning of a quote. Apostrophes are none."""
    mark = marks[at]
    if mark not in _MAYBE_APOSTROPHE:
        return mark in _CLOSERS
    before, after = marks[at - 1 : at] if at else "", marks[at + 1 : at + 2]
    if _is_spaced(before):
        return not (_is_spaced(after) or not after or after in _POSSESSIVE_BEFORE)
    return not _ELIDED.match(marks, at) or any(True for _ in _ends(marks, at))


def _ends(marks: str, at: int) -> Iterator[int]:
    """Where the quote that opens here may end, the farthest first."""
    mark, begin = marks[at], _behind(marks, at)
    if mark not in _BRACKETS and at and _is_spaced(marks[at - 1]):
        return
    for end in range(len(marks) - 1, begin, -1):
        if marks[end] in _CLOSERS[mark] and (mark in _BRACKETS or _closes(marks, mark, begin, end)):
            yield end


def _closes(marks: str, mark: str, begin: int, end: int) -> bool:
    """Tight around its words (a guillemet may keep the same distance on both sides), and no word right behind."""
    spaces = (marks[begin] == " ", marks[end - 1] == " ")
    tight = spaces == (False, False) or (mark in _GUILLEMETS and spaces == (True, True))
    return tight and not _is_spaced(marks[_behind(marks, end) :][:1])


def _is_spaced(char: str) -> bool:
    return bool(char) and is_wordy(char)


def _problem(text: str, marks: str, at: int) -> str:
    end = min(_ends(marks, at), default=None)
    if end is None:
        return f"a quotation mark before “{text[at + 1 : at + 41].strip()}” is never closed"
    words = text[_behind(marks, at) : end].strip()
    if not enough(words):
        return f"“{words[:60]}” is between quotation marks and is too short to be a quote"
    return f"“{words[:60]}” is between quotation marks and is in no cited conversation"
