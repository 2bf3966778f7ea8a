"""How much a sentence praises: what is quoted where somebody asks what customers like."""

from __future__ import annotations

import re

LEAST = 0.3  # of the word list's score, from -1 to 1
# The word list knows the mood of words wherever they stand: "smart", "strength" and "account" praise nothing.
_PRAISE = re.compile(
    r"\b(?:lov(?:e|es|ed|ely|ing)|lik(?:e|es|ed)|enjoy\w*|great|good|brilliant|excellent|amazing|fantastic|perfect(?:ly)?|"
    r"wonderful(?:ly)?|superb|awesome|outstanding|happy|glad|pleased|delighted|satisfied|impress\w*|appreciat\w*|helpful|"
    r"friendly|kind|best|nice|quick(?:ly)?|fast|easy|reliable|well)\b",
    re.IGNORECASE,
)
# A wish is no praise: "it would be great to have a dark mode".
_WISH = re.compile(r"\b(?:would|could|should|wish|if|please|hope|want|need)\b|\?", re.IGNORECASE)
# Courtesy that any letter may begin or end with says little of what is liked.
_COURTESY = re.compile(
    r"\b(?:look(?:ing)? forward|in advance|whenever you|no rush|(?:kind|best|warm) (?:regards|wishes)|to whom it may|"
    r"have a (?:nice|good|great|lovely)|(?:good|nice) (?:day|morning|evening)|"
    r"thanks?(?: you)? for (?:your )?(?:help|time|looking))\b",
    re.IGNORECASE,
)


def praise(sentence: str) -> float:
    """From 0 (none) to 1; plain courtesy counts half. Words of praise in English alone are known."""
    from enrich.sentiment import lexicon_score

    if not _PRAISE.search(sentence) or _WISH.search(sentence):
        return 0.0
    score = lexicon_score(sentence, "en") or 0.0
    if score < LEAST:
        return 0.0
    return score / 2 if _COURTESY.search(sentence) else score
