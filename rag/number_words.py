"""Numbers in words, from zero to ninety-nine: in what people ask and in what is answered."""

from __future__ import annotations

import re
from typing import Final

NUMBER_WORDS: Final = {word: n for n, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen".split())} | {word: 10 * n for n, word in enumerate(
    "twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}  # fmt: skip
_ONES = "|".join(word for word, n in NUMBER_WORDS.items() if 0 < n < 10)
TENS: Final = rf"(?:{'|'.join(word for word, n in NUMBER_WORDS.items() if n >= 20)})(?:[- ](?:{_ONES}))?"  # twenty to ninety-nine
COUNTS: Final = (  # one to ninety-nine: "sixteen" comes before "six"
    rf"(?:{TENS}|{'|'.join(sorted((word for word, n in NUMBER_WORDS.items() if 0 < n < 20), key=len, reverse=True))})"
)


def counted(words: str) -> int:
    """The number that digits or words tell: "twelve", "ninety-nine", "7"."""
    if words.isdigit():
        return int(words)
    return sum(NUMBER_WORDS[word] for word in re.findall("[a-z]+", words.lower()))
