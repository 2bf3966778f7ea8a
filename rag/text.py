"""Sentences out of messages, exactly as they stand, and what in them must not reach a reader or a model."""

from __future__ import annotations

import re

_SPACE = re.compile(r"\s+")
_BREAK = re.compile(r"(?<=[.!?…])[\"”')\]]*\s+|\n+")
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


def fold(text: str) -> str:
    """White space folded to single spaces: the form in which quotes are compared."""
    return _SPACE.sub(" ", text).strip()


def sentences(text: str) -> list[str]:
    """Sentences of a message, each an exact part of it; long ones are cut at a word."""
    found = []
    for piece in _BREAK.split(text):
        sentence = (piece or "").strip()
        if len(sentence) > LONGEST:
            sentence = sentence[:LONGEST].rsplit(" ", 1)[0].rstrip(" ,;:-")
        if len(sentence) >= SHORTEST and any(c.isalpha() for c in sentence):
            found.append(sentence)
    return found


def has_markup(text: str) -> bool:
    """Whether it holds a link, an image, HTML or a code fence: never quoted."""
    return bool(_MARKUP.search(text))


def gives_orders(text: str) -> bool:
    """Whether it reads like instructions to a model: never quoted, never sent."""
    return bool(_ORDERS.search(text))


def same_words(text: str) -> str:
    """A form in which near-duplicates are equal: lower-case letters only, cut."""
    return re.sub(r"[^a-zà-ÿ]+", " ", text.lower()).strip()[:120]
