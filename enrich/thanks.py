"""Is a text nothing but thanks? Decides whether a reopened conversation counts as reopened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from enrich.base import MessageEnricher, Text

MOST_WORDS = 14

_THANKS = (
    r"thanks|thank you|thank u|thankyou|thx|tysm|ty|cheers|much appreciated|appreciate it|appreciated|"
    r"danke|dankeschön|vielen dank|besten dank|gracias|muchas gracias|merci|grazie|obrigado|obrigada|bedankt|"
    r"that worked|it works|works now|perfect|awesome|great help"
)
# Words with which people ask for more, report a problem or take the thanks back.
_MORE = (
    r"but|however|still|again|not|cannot|can|could|would|please|pls|also|another|how|what|why|when|where|need|"
    r"error|problem|issue|wrong|unless|except|nothing|no|never|[a-z]+n't|dont|doesnt|didnt|isnt|cant|"
    r"aber|noch|nicht|kein|keine|bitte|wie|warum|wann|leider|fehler|können|"
    r"pero|todavía|aún|sin embargo|por favor|cómo|cuándo|necesito|puede|"
    r"mais|encore|pas|toujours|comment|quand|pourquoi|pouvez|erreur"
)
_WORD, _END = r"(?<![^\W\d_])(?:", r")(?![^\W\d_])"
_IS_THANKS, _IS_MORE = re.compile(_WORD + _THANKS + _END), re.compile(_WORD + _MORE + _END)


class Thanks(MessageEnricher):
    """One column: whether the text thanks, asks nothing, is short, and brings no new matter."""

    name = "thanks"
    version = 2
    builds_on = ("cleaning",)
    columns: ClassVar[tuple[str, ...]] = ("is_thanks",)

    def enrich(self, texts: Sequence[Text]) -> list[tuple[bool | None]]:
        """True or False a text, None for an empty one."""
        return [(is_thanks(text.body) if text.body.strip() else None,) for text in texts]


def is_thanks(body: str) -> bool:
    """Whether a text is nothing but thanks."""
    if "?" in body or "¿" in body or len(body.split(None, MOST_WORDS)) > MOST_WORDS:
        return False
    text = body.lower()
    return bool(_IS_THANKS.search(text)) and not _IS_MORE.search(text)
