"""Which language a message is written in (py3langid), or none where the text is too short to tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeGuard

from enrich.base import MessageEnricher, Text
from enrich.cleaning import clean, plain_words

# Rare languages are what short English texts are mistaken for, so only these are considered.
CONSIDERED = frozenset(
    "ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nb nl no pl pt ro ru sk sl sr sv "
    "ta te th tr uk ur vi zh".split()
)
ENOUGH_LETTERS = 12
SURE_FROM = 0.5
MOST_CHARACTERS = 1_500
_CODE = re.compile(r"[A-Za-z]{2}(?:[-_].{1,12})?")
_LETTERS = re.compile(r"[^\W\d_]")


class Language(MessageEnricher):
    """ISO 639-1 code and the model's confidence from 0 to 1."""

    name = "language"
    version = 2
    builds_on = ("cleaning",)
    columns = ("language", "language_confidence")

    def enrich(self, texts: Sequence[Text]) -> list[tuple[Any, ...]]:
        """The source's own code where it gives one; else both None below a dozen letters, the code None
        below `SURE_FROM`."""
        return [
            (text.given[:2].lower(), 1.0) if _is_code(text.given) else _detect(text.body) for text in texts
        ]


def _is_code(given: str | None) -> TypeGuard[str]:
    return given is not None and _CODE.fullmatch(given) is not None


def detect(body: str) -> tuple[str | None, float | None]:
    """Language and confidence of one message, of which only its author's own words decide."""
    return _detect(clean(body).text)


def _detect(cleaned: str) -> tuple[str | None, float | None]:
    text = plain_words(cleaned[: MOST_CHARACTERS * 4])[:MOST_CHARACTERS]
    if len(_LETTERS.findall(text)) < ENOUGH_LETTERS:
        return None, None
    code, confidence = _identifier().classify(text)
    return (code if confidence >= SURE_FROM else None), round(float(confidence), 4)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(CONSIDERED & set(identifier.labels))
    return identifier
