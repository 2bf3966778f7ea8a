"""Personal data and secrets become placeholders before any text leaves the machine.

[email] [phone] [card] [iban] [secret] [name]. Masking twice changes nothing. Every pattern is bounded, so
that time grows with the length of the text and no faster.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from core.viewer import EVERYTHING
from enrich.names import mask_names

if TYPE_CHECKING:
    from store.reader import Reader
    from store.writer import Writer

_MOST_PASSES = 6
_KEYS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"sk-[A-Za-z0-9_-]{16,}|[sprw]k_(?:live|test)_[A-Za-z0-9]{10,}|gh[pousr]_[A-Za-z0-9]{20,}"
    r"|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[0-9A-Za-z_-]{30,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"
    r")"
)
_BEARER = re.compile(r"\b([Bb]earer|[Bb]asic)[ ]{1,3}(?!\[secret\])([A-Za-z0-9._~+/-]{12,}={0,2})")
_AFTER_LABEL = re.compile(
    r"\b(pass(?:word|wort|wd|phrase|code)?|pwd|kennwort|contraseña|mot de passe|pin|puk|secret|token|"
    r"(?:api|access|secret|private)[ _-]?key|client[ _-]?secret)"
    r"(\s{0,3}(?:is|ist|es|est)?\s{0,3}[:=]\s{0,3}[\"']?)"
    r"(?!\[(?:secret|email|phone|card|iban|name)\])([^\s\"',;]{3,})",
    re.IGNORECASE,
)
_LONG = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{32,}={0,2}")
_HEX = re.compile(r"(?<![A-Za-z0-9])[0-9a-fA-F]{32,}(?![A-Za-z0-9])")
_AT_DOMAIN = re.compile(r"@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LOCAL_PART = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-'")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?")
# Lengths by country, SWIFT IBAN registry.
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB NI PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU", 31: "MT SC",
        32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
_CARD = re.compile(
    r"(?<![\w])(?:[2-6]\d{3}(?:[ .\u00a0-]?\d{4}){3}(?:[ -]?\d{1,3})?"
    r"|3\d{3}[ .\u00a0-]?\d{6}[ .\u00a0-]?\d{4,5}|[2-6]\d{12,18})(?!\d)"
)
_PHONE_INTERNATIONAL = re.compile(r"(?<![\w+])(?:\+|00(?=[1-9]))(?:[ ./()-]{0,3}\d){8,15}(?!\d)")
_PHONE_LABELLED = re.compile(
    r"\b((?:tele?(?:phone|fono|fon)?|phone|mobile|mobil|handy|cell|call|ring|text me|"
    r"whatsapp|fax|móvil|portable)"
    r"(?: ?(?:number|nummer|no|nr|me|us|at|on|is|under|ist|es|est|número|numéro))*[ .:#=]{1,3})"
    r"(\(?\d(?:[ ./()-]{0,2}\d){6,14})(?!\d)",
    re.IGNORECASE,
)
_PHONE_LOCAL = re.compile(
    r"(?<![\w#./:+-])(?:"
    r"\(\d{2,5}\)[ -]?\d{3,4}[ -]?\d{3,5}"  # (020) 7946 0958, (555) 123-4567
    r"|[2-9]\d{2}[-. ]\d{3}[-. ]\d{4}"  # 555-123-4567
    r"|0\d(?:[ .-]\d{2}){4}"  # 01 23 45 67 89
    r"|0\d{2,5}[ /-]\d{3,4}[ -]?\d{2,5}(?:[ -]\d{2,4})?"  # 020 7946 0958, 07700 900123, 030/1234567
    r"|0[1-9]\d{8,9}"  # 07700900123
    r"|[679]\d{2}[ .]\d{3}[ .]\d{3}"  # 612 345 678
    r")(?![\w/:]|[.-]\d)"
)
# Numbers that say themselves that they are something else.
_OTHER_NUMBER = re.compile(
    r"(?:order|ticket|invoice|reference|ref|case|tracking|serial|article|item|sku|part|error|code|id|build|version"
    r"|bestell\w{0,10}|rechnung\w{0,10}|auftrag\w{0,10}|fehler\w{0,10}|pedido|factura|commande|facture)"
    r"[ .:#]{0,3}(?:number|no|nr|num|id|nummer|número|numéro)?[ .:#=]{0,3}$",
    re.IGNORECASE,
)


def mask(text: str, names: frozenset[str] = frozenset()) -> str:
    """`text` with personal data and secrets replaced. `names` are people known to the store."""
    # What stood beside a placeholder may be recognised only now: two numbers without a space between.
    for _ in range(_MOST_PASSES):
        before, text = text, _mask_once(text, names)
        if text == before:
            break
    return text


def _mask_once(text: str, names: frozenset[str]) -> str:
    text = _mask_secrets(text)
    if "@" in text:
        text = _mask_emails(text)
    text = _IBAN.sub(_iban, text)
    text = _CARD.sub(_card, text)
    text = _mask_phones(text)
    return mask_names(text, names) if names else text


def known_names(store: Reader | Writer) -> frozenset[str]:
    """Names of the people of the store, authors of messages included."""
    parts = [
        "SELECT name FROM {people}",
        "SELECT handle FROM {people}",
        "SELECT DISTINCT author_name FROM {messages}",
    ]
    sql = (
        "SELECT DISTINCT trim(name) AS name FROM ("
        + " UNION ALL ".join(parts)
        + ") WHERE length(trim(name)) >= 3"
    )
    from store.reader import Reader

    if isinstance(store, Reader):
        rows = store.query(sql, viewer=EVERYTHING)
    else:
        rows = store.query(sql.replace("{", "").replace("}", ""))
    return frozenset(rows["name"].to_pylist())


def _mask_secrets(text: str) -> str:
    text = _KEYS.sub("[secret]", text)
    text = _BEARER.sub(r"\1 [secret]", text)
    text = _HEX.sub("[secret]", text)
    text = _LONG.sub(lambda found: "[secret]" if _is_random(found[0]) else found[0], text)
    return _AFTER_LABEL.sub(r"\1\2[secret]", text)


def _is_random(word: str) -> bool:
    """Whether a long word mixes digits, capitals and small letters as keys do and paths do not."""
    if not (re.search(r"\d", word) and re.search(r"[A-Z]", word) and re.search(r"[a-z]", word)):
        return False
    if len(word) > 4096:
        return True
    bits = -sum(n / len(word) * math.log2(n / len(word)) for n in Counter(word).values())
    return bits >= (4.4 if "/" in word or word.count("-") > 2 else 3.5)


def _mask_emails(text: str) -> str:
    """Found at the @ and widened to the left: searching for the left part first would be quadratic."""
    pieces: list[str] = []
    done = 0
    for found in _AT_DOMAIN.finditer(text):
        start = found.start()
        while start > done and (text[start - 1] in _LOCAL_PART or text[start - 1].isalnum()):
            start -= 1
        if start == found.start():
            continue
        pieces += [text[done:start], "[email]"]
        done = found.end()
    return "".join([*pieces, text[done:]])


def _iban(found: re.Match[str]) -> str:
    compact, ends = "", []
    for at, letter in enumerate(found[0]):
        if letter.isalnum():
            compact += letter.upper()
            ends.append(at + 1)
    length = _IBAN_LENGTHS.get(compact[:2], 0)
    if not length or len(compact) < length:
        return found[0]
    candidate = compact[:length]
    number = "".join(str(int(letter, 36)) for letter in candidate[4:] + candidate[:4])
    return "[iban]" + found[0][ends[length - 1] :] if int(number) % 97 == 1 else found[0]


def _card(found: re.Match[str]) -> str:
    text = found[0]
    digits = [(at, int(letter)) for at, letter in enumerate(text) if letter.isdigit()]
    # A security code may follow the sixteenth digit.
    for length in dict.fromkeys((len(digits), 16)):
        if 13 <= length <= min(19, len(digits)) and _luhn([digit for _, digit in digits[:length]]):
            return "[card]" + text[digits[length - 1][0] + 1 :]
    return text


def _luhn(digits: list[int]) -> bool:
    doubled = (2 * d - 9 * (d > 4) if place % 2 else d for place, d in enumerate(reversed(digits)))
    return len(set(digits)) > 1 and sum(doubled) % 10 == 0


def _mask_phones(text: str) -> str:
    text = _PHONE_INTERNATIONAL.sub("[phone]", text)
    text = _PHONE_LABELLED.sub(r"\1[phone]", text)
    return _PHONE_LOCAL.sub(_local_phone, text)


def _local_phone(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - 40) : found.start()]
    return found[0] if _OTHER_NUMBER.search(before) else "[phone]"
