"""What a text names: orders, invoices, versions, error codes, dates, addresses, telephones and products, by rules.

Each finder has a validator, so that a year is no order number and 31 February no date. What is personal data, the
finders of masking know: it is found by them and by nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from enrich.entity_dates import dates
from enrich.redaction import Redaction

KINDS = {
    "product": "Product", "order": "Order number", "invoice": "Invoice number", "reference": "Reference", "version": "Version",
    "code": "Error code", "date": "Date", "url": "Address", "email": "E-mail", "phone": "Telephone",
}  # fmt: skip
MOST_CHARACTERS = 20_000  # of a text
_PERSONAL = ("email", "phone")
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'\u201c\u201d\u00ab\u00bb]{3,2000}", re.IGNORECASE)
_URL_ENDS = ".,;:!?)]}"
_NUMBER_WORD = r"(?:[ -]?(?:number|no|nr|num|id|nummer|número|numero|numéro|n°|nº))?\.?"
_VALUE = r"([A-Z]{0,5}[-_/ ]?\d[\dA-Z]*(?:[-_/]\d[\dA-Z]*){0,3})(?![\w-])(?![.,/]\d)"
_ORDER = re.compile(
    rf"\b(?:order|purchase|bestell\w{{0,9}}|auftrag\w{{0,9}}|commande|pedido|ordine|encomenda){_NUMBER_WORD}[ :#=]{{1,4}}{_VALUE}",
    re.IGNORECASE,
)
_INVOICE = re.compile(
    rf"\b(?:invoice|receipt|rechnung\w{{0,9}}|facture|factura|fattura|fatura|factuur){_NUMBER_WORD}[ :#=]{{1,4}}{_VALUE}",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"(?<![\w./:-])([A-Z]{2,5}-?\d{5,12}|[A-Z]{2,5}-\d{4,6}-\d{2,8})(?![\w-])")
_VERSION = re.compile(
    r"\b(?:v|ver\.?|version|versión|versione|versão|versie|firmware|build|release|ios|android|windows|macos|app)[ :#]{0,2}"
    r"(\d{1,4}(?:\.\d{1,5}){1,3}(?:-?(?:alpha|beta|rc)\d{0,3})?)(?!\w|\.\d)",
    re.IGNORECASE,
)
_CODE_LABELLED = re.compile(
    r"\b(?i:error|err|fehler|erreur|errore|erro|fout|code|código|codice|status|exception)(?i:[ -]?(?:code|nummer|number|no))?"
    r"[ :#=]{1,3}[\"'\u201c]?([A-Z]{0,8}[-_]?(?:0x)?[0-9A-F]{2,8}|[A-Z0-9]{2,8}(?:[-_][A-Z0-9]{2,8}){1,3})(?![\w-])"
)
_CODE_BY_FORM = re.compile(
    r"(?<![\w./:-])(0x[0-9A-Fa-f]{4,8}|HTTP [1-5]\d\d|[A-Z]{1,5}-(?:0x[0-9A-Fa-f]{1,6}|\d{2,4})|\d[A-Z]{2,3}-\d{2,4})(?![\w-])"
)
# Forms of codes that are something else: standards, sizes, names of devices and places.
_NO_CODE = re.compile(
    r"(?:UTF|ISO|SHA|MD|USB|GPT|A|B|T|COVID|PS|RFC|UTC|GMT|MP|EN|DIN|IP|RJ|WPA|HDMI)-\d{1,4}$"
)
_FEWEST_DIGITS, _MOST_DIGITS, _YEARS = 4, 20, re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that a text names: its kind (a key of KINDS) and its value, dates in ISO 8601 where they are certain."""

    kind: str
    value: str


def entities(text: str, products: Sequence[str] = ()) -> list[Entity]:
    """What a text names, each once, in the order of KINDS. `products` are the known ones, as the warehouse has them."""
    text = text[:MOST_CHARACTERS]
    found = [Entity("url", value) for value, _, _ in _urls(text)]
    text = _without(text, [(first, last) for _, first, last in _urls(text)])
    personal: list[Entity] = []

    def put(kind: str, original: str) -> str:
        if kind in _PERSONAL:
            personal.append(Entity(kind, original.strip()))
        return f"[{kind}]"

    text = Redaction().mask(text, put)
    found += personal
    for kind, finder in (("date", dates), ("invoice", _invoices), ("order", _orders), ("version", _versions), ("code", _codes),
                         ("reference", _references)):  # fmt: skip
        spans = list(finder(text))
        found += [Entity(kind, value) for _, _, value in spans]
        text = _without(text, [(first, last) for first, last, _ in spans])
    found += [Entity("product", name) for name in _named(text, tuple(products))]
    order = list(KINDS)
    return sorted(dict.fromkeys(found), key=lambda one: order.index(one.kind))


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with these places blank, so that nothing in them is found a second time."""
    for first, last in spans:
        text = text[:first] + " " * (last - first) + text[last:]
    return text


def _urls(text: str) -> Iterator[tuple[str, int, int]]:
    for found in _URL.finditer(text):
        value = found[0].rstrip(_URL_ENDS)
        try:
            host = urlsplit(value if "://" in value else f"https://{value}").hostname or ""
        except ValueError:
            continue
        if "." in host.strip("."):
            yield value, found.start(), found.start() + len(value)


def _orders(text: str) -> Iterator[tuple[int, int, str]]:
    return _numbers(_ORDER, text)


def _invoices(text: str) -> Iterator[tuple[int, int, str]]:
    return _numbers(_INVOICE, text)


def _references(text: str) -> Iterator[tuple[int, int, str]]:
    return _numbers(_REFERENCE, text)


def _numbers(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int, str]]:
    """Numbers of things: of four digits or more, and no year."""
    for found in pattern.finditer(text):
        digits = sum(letter.isdigit() for letter in found[1])
        if _FEWEST_DIGITS <= digits <= _MOST_DIGITS and not _YEARS.fullmatch(found[1]):
            yield *found.span(1), found[1].strip()


def _versions(text: str) -> Iterator[tuple[int, int, str]]:
    for found in _VERSION.finditer(text):
        yield *found.span(1), found[1]


def _codes(text: str) -> Iterator[tuple[int, int, str]]:
    """Codes of errors: with a digit or joined capitals after a word for it, or of a form that only codes have."""
    spans: list[tuple[int, int]] = []
    for pattern in (_CODE_BY_FORM, _CODE_LABELLED):
        for found in pattern.finditer(text):
            first, last = found.span(1)
            is_new = all(last <= start or first >= end for start, end in spans)
            if (
                is_new
                and not _NO_CODE.match(found[1])
                and not _YEARS.fullmatch(found[1])
                and _tells(found[1])
            ):
                spans.append((first, last))
                yield first, last, found[1]


def _tells(code: str) -> bool:
    return any(letter.isdigit() for letter in code) or "_" in code


def _named(text: str, products: tuple[str, ...]) -> list[str]:
    """Known products that are named as whole words, whatever their capitals."""
    low = text.lower()
    return [name for name, pattern in _patterns(products) if name.lower() in low and pattern.search(text)]


@lru_cache(maxsize=8)
def _patterns(products: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    names = (name for name in products if len(name) > 1)
    return tuple((name, re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)) for name in names)
