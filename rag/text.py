"""Sentences out of messages, exactly as they stand, and what in them must not reach a reader or a model."""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_BREAK = re.compile(r"(?<=[.!?…])[\"”')\]]*\s+|\n+")
_DIRECTED = re.compile("[\u202a-\u202e\u2066-\u2069]")  # the words behind are shown in another order
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffc")  # letters and signs that look like nothing
_JOINERS = frozenset("\u200c\u200d")  # belong to some scripts' words
_TWO_ALPHABETS = re.compile("[A-Za-z][\u0370-\u058f\u13a0-\u13ff]|[\u0370-\u058f\u13a0-\u13ff][A-Za-z]")
_PLAIN = re.compile(r"[0-9A-Za-z]")
_EMPHASIS = re.compile(r"[*`]|~~|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)|&#?\w+;|(^|\n)\s*>")
_MARKUP = re.compile(
    r"https?://|www\.|<[a-zA-Z/!][^>]*>|!?\[[^\]]*\]\([^)]*\)|\bjavascript:|\bdata:\w+/|```", re.IGNORECASE
)
# Ticket text that speaks to a model instead of to support.
_ORDERS = re.compile(
    r"\b(ignore|disregard|forget|override)\b.{0,40}\b(instructions?|prompts?|rules|above|previous)\b|"
    r"\b(system|developer) (prompt|message|instruction)|\byou are (now )?(an?|the) (ai|assistant|language model|chatbot)\b|"
    r"\bas an ai\b|<\|?(im_start|system|/?data)|\b(assistant|system)\s*:\s|\b(say|answer|respond|reply|report|state|claim)"
    r" (that |with |only )?.{0,30}\b(are|is|was|were) (0|zero|none|\d+ ?%?)\b|\breveal\b.{0,30}\b(prompt|key|secret)|"
    r"\bdo not (mention|cite|tell)\b.{0,30}\b(customer|user|manager|evidence)|\[c:\w+\]|\{m\d+",
    re.IGNORECASE | re.DOTALL,
)
SHORTEST, LONGEST = 20, 240
FEWEST_WORDS, FEWEST_LETTERS, FEWEST_SIGNS = 3, 8, 6  # of a quote; signs: of scripts without spaces
_DENIED = re.compile(
    r"(?:\b(?:not|no|never|cannot|hardly|without|nicht|kein\w*|nie|ohne|nunca|sin|jamais|sans)|n['’]t) $",
    re.IGNORECASE,
)
# Scripts that put no spaces between words: Chinese, Japanese, Thai, Lao, Burmese, Khmer.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_JOINED = re.compile(r"(?<=[^\W_])[-'’\u2011_@/]+(?=[^\W_])|(?<=\d)[.,:]+(?=\d)")


def fold(text: str) -> str:
    """White space folded to single spaces, accents composed: the form in which quotes are compared."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def enough(text: str) -> bool:
    """Whether words are long enough to quote: one or two words stand in every conversation and prove nothing."""
    if len(_UNSPACED.findall(text)) >= FEWEST_SIGNS:
        return True
    letters = sum(char.isalnum() for char in text)
    return letters >= FEWEST_LETTERS and (len(text.split()) >= FEWEST_WORDS or len(text) >= SHORTEST)


def is_denied(words: str, before: str) -> bool:
    """Whether words go on behind a "not" that a quote of them would leave out."""
    return words[:1].islower() and bool(_DENIED.search(f"{before.rstrip()} "))


def in_word(text: str, at: int) -> bool:
    """Whether a cut before `at` goes through a word: "un|able", "can|'t", "non-|refundable", "1|.50"."""
    if not 0 < at < len(text):
        return False
    if unicodedata.category(text[at])[0] == "M":
        return True
    if is_wordy(text[at - 1]) and is_wordy(text[at]):
        return True
    around = text[max(0, at - 4) : at + 4]
    cut = min(at, 4)
    return any(found.start() <= cut <= found.end() for found in _JOINED.finditer(around))


def is_wordy(char: str) -> bool:
    """Whether a sign is part of a word in a script that puts spaces between words."""
    return (char.isalnum() or unicodedata.category(char)[0] == "M") and not _UNSPACED.match(char)


def sentences(text: str) -> list[str]:
    """Sentences of a message, each an exact part of it; long ones are cut at a word."""
    found, before = [], ""
    for piece in _BREAK.split(text):
        sentence = (piece or "").strip()
        goes_on, before = is_denied(sentence, before), sentence
        if goes_on:
            continue  # a line was broken behind a "not"
        if len(sentence) > LONGEST:
            whole, sentence = sentence, sentence[:LONGEST].rsplit(" ", 1)[0].rstrip(" ,;:-")
            if in_word(whole, len(sentence)):
                continue  # one endless word: a key, a log line
        if len(sentence) >= SHORTEST and enough(sentence) and any(c.isalpha() for c in sentence):
            found.append(sentence)
    return found


def has_markup(text: str) -> bool:
    """Whether it holds a link, an image, HTML or a code fence: never quoted."""
    return bool(_MARKUP.search(text))


def disguised(text: str) -> str | None:
    """What in a written sentence is not what it looks like: unseen signs, letters that look like others, emphasis."""
    if _EMPHASIS.search(text):
        return "emphasis or signs of markup"
    if _TWO_ALPHABETS.search(text):
        return "a word in two alphabets"
    composed = unicodedata.normalize("NFC", text)
    for at, char in enumerate(composed):
        if char.isascii():
            if char < " " and char not in "\t\n\r":
                return "an unseen sign"
            continue
        before = composed[at - 1 : at] if at else ""
        if char in _BLANK or unicodedata.category(char) in ("Cf", "Cc", "Co", "Cn", "Cs"):
            if char not in _JOINERS or not before or before.isascii():
                return "an unseen sign"
        elif unicodedata.category(char)[0] == "M" and before.isascii():
            return "a letter with a mark that does not belong to it"
        elif unicodedata.decomposition(char)[:1] == "<" and _PLAIN.search(
            unicodedata.normalize("NFKC", char)
        ):
            return f"the sign {char}, which looks like another"
    return None


def is_reordered(text: str) -> bool:
    """Whether it holds signs that make a screen show its words in another order."""
    return bool(_DIRECTED.search(text))


def gives_orders(text: str) -> bool:
    """Whether it reads like instructions to a model: never quoted, never sent."""
    return bool(_ORDERS.search(text))


def same_words(text: str) -> str:
    """A form in which near-duplicates are equal: lower-case letters only, cut."""
    return re.sub(r"[^a-zà-ÿ]+", " ", text.lower()).strip()[:120]
