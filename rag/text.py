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
_LINK = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://|(?<![\w:])//[\w-]+\.|\bwww\.|\bmailto:|<[a-zA-Z/!][^>]*>|!?\[[^\]]*\]\s?\([^)]*\)|"
    r"!?\[[^\]]*\]\[[^\]]*\]|(?:^|\n)\s*\[[^\]]+\]:\s|\bjavascript:|\bdata:\w+/|```",
    re.IGNORECASE,
)
# Addresses without "https": letters and chats make links of them. Only endings that no word has.
_DOMAIN = re.compile(
    r"(?<![@\w.-])(?:[a-z0-9-]{1,63}\.){1,5}(?:com|net|org|info|biz|dev|app|xyz|ru|cn|uk|de|fr|eu|example|test|invalid|"
    r"site|online|click|zip)(?:[:/?#]\S*|(?![\w-]))",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"!?\[[^\]]*\]\s?\([^)]*\)?|<[a-zA-Z/!][^>]*>?|\b[a-z][a-z0-9+.-]{1,20}://\S*|(?<![\w:])//\S+|\bwww\.\S*|"
    r"\b(?:mailto|javascript|data):\S*|!?\[[^\]]*\]\[[^\]]*\]|```",
    re.IGNORECASE,
)
# Ticket text that speaks to a model instead of to support.
_ORDERS = re.compile(
    r"\b(ignore|disregard|forget|override)\b.{0,40}\b(instructions?|prompts?|rules|above|previous)\b|"
    r"\b(ignorier\w*|vergiss|ignora|ignorez|oubliez|olvida)\b.{0,40}\b(anweisung\w*|vorgaben|instruc\w+|consignes)\b|"
    r"\bnew (instructions?|task|system prompt)\b\s*[:.]|\b(developer|jailbreak|dan) mode\b|"
    r"\b(system|developer) (prompt|message|instruction)|\byou are (now )?(an?|the) (ai|assistant|language model|chatbot)\b|"
    r"\bas an ai\b|<\|?(im_start|system|/?data)|\b(assistant|system)\s*:\s|\b(say|answer|respond|reply|report|state|claim)"
    r" (that |with |only )?.{0,30}\b(are|is|was|were) (0|zero|none|\d+ ?%?)\b|\breveal\b.{0,30}\b(prompt|key|secret)|"
    r"\bdo not (mention|cite|tell)\b.{0,30}\b(customer|user|manager|evidence)|\[c:\w+\]|\{m\d+|<<DATA|\bDATA \w*>>",
    re.IGNORECASE | re.DOTALL,
)
# Letters of other alphabets that look like Latin ones, for finding what was hidden behind them.
_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u051b\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406"
    "\u03bf\u03b1\u03b9\u03bd\u03c1\u03c4\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7",
    "aeopcyxijsdhqABEKMHOPCTXIoaivptABEHIKMNOPTX",
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


def bare(text: str) -> str:
    """The words a reader could see in a text: unseen signs gone, signs that look like others as those. For finding only."""
    if text.isascii():
        return text
    seen = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFKC", seen).translate(_ALIKE)


def has_link(text: str) -> bool:
    """Whether it holds a link, an image, HTML or a code fence, however disguised."""
    return bool(_LINK.search(text) or _LINK.search(bare(text)))


def has_markup(text: str) -> bool:
    """Whether it holds a link, an image, HTML, a code fence or a bare address of the web: never quoted."""
    return has_link(text) or bool(_DOMAIN.search(bare(text)))


def neutral(text: str) -> str:
    """A short text such as a subject, without anything that a page, a letter or a chat would make a link or markup of."""
    if not has_markup(text):
        return "".join(char for char in text if not _DIRECTED.match(char))
    for _ in range(4):
        text = _DOMAIN.sub("[link]", _WHOLE.sub("[link]", bare(text)))
        if not has_markup(text.replace("[link]", " ")):
            return text
    return "[link]"


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
    return bool(_ORDERS.search(text) or _ORDERS.search(bare(text)))


def same_words(text: str) -> str:
    """A form in which near-duplicates are equal: lower-case letters only, cut."""
    return re.sub(r"[^a-zà-ÿ]+", " ", text.lower()).strip()[:120]
