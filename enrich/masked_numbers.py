"""Cards, bank accounts, telephones and network addresses in a text: by form, check digits and what stands before."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address

from enrich.placeholders import Put

_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \u00a0-]?[A-Za-z0-9]{4}){2,7}(?:[ \u00a0-]?[A-Za-z0-9]{1,3})?"
)
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
    r"(?<![\w])(?:[2-6]\d{3}(?:[ .\u00a0\u2011-]?\d{4}){3}(?:[ -]?\d{1,3})?"
    r"|3\d{3}[ .\u00a0-]?\d{6}[ .\u00a0-]?\d{4,5}|[2-6]\d{12,18})(?!\d)"
)
# Who issues numbers that begin so, and how long they are (ISO/IEC 7812, the networks' own pages).
_ISSUERS = (
    (re.compile(r"4"), (13, 16, 19)), (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    (re.compile(r"3[47]"), (15,)), (re.compile(r"3(?:0[0-5]|095|[689])"), (14, 16, 19)),
    (re.compile(r"35(?:2[89]|[3-8])"), (16, 17, 18, 19)), (re.compile(r"220[0-4]"), (16, 17, 18, 19)),
    (re.compile(r"50|5[6-9]|6"), (13, 14, 15, 16, 17, 18, 19)),
)  # fmt: skip
_SIGN = r"[ \u00a0./()\u2010\u2011\u2013-]"
_PHONE_INTERNATIONAL = re.compile(rf"(?<![\w+])(?:\+|00(?=[1-9]))(?:{_SIGN}{{0,3}}\d){{8,15}}(?!\d)")
_PHONE_LABELLED = re.compile(
    r"\b((?:tele?(?:phone|fono|fon)?|phone|mobile|mobil|handy|cell|call|ring|text me|tél|téléphone|rufnummer|telefoonnummer|"
    r"whatsapp|fax|móvil|portable|cellulare|telemóvel|celular)"
    r"(?: ?(?:number|nummer|no|nr|me|us|at|on|is|under|ist|es|est|número|numéro))*[ .:#=]{1,3})"
    rf"(\(?\d(?:{_SIGN}{{0,2}}\d){{6,14}})(?!\d)",
    re.IGNORECASE,
)
_PHONE_LOCAL = re.compile(
    r"(?<![\w#./:+-])(?:"
    r"\(\d{2,5}\)[ \u00a0-]?\d{3,4}[ \u00a0-]?\d{3,5}"  # (020) 7946 0958, (555) 123-4567
    r"|[2-9]\d{2}[-. \u2011]\d{3}[-. \u2011]\d{4}"  # 555-123-4567
    r"|0\d(?:[ .\u00a0-]\d{2}){4}"  # 01 23 45 67 89
    r"|0\d{2,5}[ \u00a0/-]\d{3,4}[ -]?\d{2,5}(?:[ -]\d{2,4})?"  # 020 7946 0958, 07700 900123, 030/1234567
    r"|0[1-9]\d{8,9}"  # 07700900123
    r"|[679]\d{2}[ .]\d{3}[ .]\d{3}"  # 612 345 678
    r")(?![\w/:]|[.,-]\d|\s?(?:[€$£%]|(?:eur|usd|gbp|chf|euros?|dollars?|bytes?|km|kg|[kmg]b|points?|punkte|lines?|zeilen)\b))",
    re.IGNORECASE,
)
# Numbers that say themselves that they are something else.
_OTHER_NUMBER = re.compile(
    r"(?:order|ticket|invoice|reference|ref|case|tracking|shipment|parcel|serial|article|item|sku|part|error|code|id|build|version"
    r"|awb|waybill|isbn|issn|ean|gtin|upc|imei|vin|vat|asin|batch|lot|model|customer|client|account|contract|policy|member|booking|receipt"
    r"|bestell\w{0,10}|rechnung\w{0,10}|auftrag\w{0,10}|fehler\w{0,10}|kunden\w{0,10}|vertrags\w{0,10}|sendung\w{0,10}|artikel\w{0,10}"
    r"|serien\w{0,10}|steuer\w{0,10}|konto\w{0,10}|chargen\w{0,10}|vorgang\w{0,10}|pedido|factura|cliente|commande|facture|client|colis"
    r"|ordine|fattura|spedizione|encomenda|fatura|envío|seguimiento|suivi|dossier|expediente|pratica)"
    r"[ .:#]{0,3}(?:number|no|nr|num|id|nummer|número|numero|numéro|n°|nº)?[ .:#=]{0,3}$",
    re.IGNORECASE,
)
_NO_CARD = re.compile(
    r"(?:imei|ean|gtin|upc|isbn|serial|tracking|sendungs\w{0,8}|shipment)[ .:#]{0,3}(?:number|no|nr|nummer)?[ .:#=]{0,3}$",
    re.I,
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"(?<![\w.:-])(?:{_OCTET}\.){{3}}{_OCTET}(?![\w]|\.\d|-\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_VERSION = re.compile(
    r"(?:\b(?:v|ver(?:sion|sión|são|sione)?|release|build|firmware|update|upgrade|driver|sdk|app|chapter|section|kapitel|abschnitt|"
    r"clause|article|chrome|firefox|safari|edge|windows|ios|android)|§)\W{0,3}(?:\d[\w.]*\W{1,3}(?:to|auf|and|und)\W{1,3})?$",
    re.IGNORECASE,
)
_NETWORK = re.compile(
    r"(?:\bip(?:v4)?|host|address|adresse|server|gateway|dns|ping|from|von|client|login|proxy|router)\W{0,3}(?:is|to|ist)?\W{0,3}$",
    re.I,
)
_GOES_ON = re.compile(r"\d[ -]$")
FEWEST_DIGITS = 2  # different ones in a telephone number
_LEAST_OCTET = 32  # four small numbers are a version or a section before they are an address
_LEAST_GROUPS = 3
# What a text needs at least before it is worth a look, which most texts are not.
_NO_DIGIT = re.compile(r"\D+")
_RUN = re.compile(rf"\d(?:{_SIGN}{{0,3}}\d){{6}}")
_LEAST_DIGITS, _PHONE_DIGITS, _LEAST_OCTETS, _COLONS = 10, 7, 4, 7


def mask_numbers(text: str, put: Put) -> str:
    """Numbers of people; those that say that they are something else stay."""
    digits = len(_NO_DIGIT.sub("", text))
    if digits >= _LEAST_DIGITS:
        text = _IBAN.sub(lambda found: _iban(found, put), text)
        text = _CARD.sub(lambda found: _card(found, put), text) if _RUN.search(text) else text
    if digits >= _LEAST_OCTETS and text.count(".") >= _LEAST_GROUPS:
        text = _IPV4.sub(lambda found: put("ip", found[0]) if _is_ipv4(found) else found[0], text)
    if "::" in text or text.count(":") >= _COLONS:
        text = _IPV6.sub(lambda found: put("ip", found[0]) if _is_ipv6(found[0]) else found[0], text)
    return _phones(text, put) if digits >= _PHONE_DIGITS and _RUN.search(text) else text


def _phones(text: str, put: Put) -> str:
    text = _PHONE_INTERNATIONAL.sub(
        lambda found: found[0] if found[0][0] != "+" and _is_part(found) else _phone(found, put), text
    )
    text = _PHONE_LABELLED.sub(lambda found: found[1] + put("phone", found[2]), text)
    return _PHONE_LOCAL.sub(lambda found: found[0] if _is_part(found) else _phone(found, put), text)


def _before(found: re.Match[str]) -> str:
    return found.string[max(0, found.start() - 40) : found.start()]


def _iban(found: re.Match[str], put: Put) -> str:
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
    cut = ends[length - 1]
    return put("iban", candidate) + found[0][cut:] if int(number) % 97 == 1 else found[0]


def _card(found: re.Match[str], put: Put) -> str:
    text = found[0]
    digits = [(at, int(letter)) for at, letter in enumerate(text) if letter.isdigit()]
    if text.isdigit() and _NO_CARD.search(_before(found)):
        return text
    # A security code may follow the sixteenth digit.
    for length in dict.fromkeys((len(digits), 16)):
        number = [digit for _, digit in digits[:length]]
        if len(number) == length and _is_issued(number) and _luhn(number):
            cut = digits[length - 1][0] + 1
            return put("card", text[:cut]) + text[cut:]
    return text


def _is_issued(digits: list[int]) -> bool:
    begin = "".join(map(str, digits[:4]))
    return any(pattern.match(begin) and len(digits) in lengths for pattern, lengths in _ISSUERS)


def _luhn(digits: list[int]) -> bool:
    doubled = (2 * d - 9 * (d > 4) if place % 2 else d for place, d in enumerate(reversed(digits)))
    return len(set(digits)) > 1 and sum(doubled) % 10 == 0


def _phone(found: re.Match[str], put: Put) -> str:
    says_so = found[0].startswith("+")
    return found[0] if not says_so and _OTHER_NUMBER.search(_before(found)) else put("phone", found[0])


def _is_part(found: re.Match[str]) -> bool:
    """Whether it goes on a longer number, or is no number of anything: 0000 0000."""
    return _GOES_ON.search(_before(found)) is not None or len(set(found[0]) - set(" -./()")) <= FEWEST_DIGITS


def _is_ipv4(found: re.Match[str]) -> bool:
    octets = [int(part) for part in found[0].split(".")]
    if octets[0] in (0, 127) or octets[:2] == [255, 255]:
        return False  # this machine, any machine, a netmask
    before = _before(found)
    if _VERSION.search(before):
        return False
    return octets[0] == 10 or max(octets) >= _LEAST_OCTET or _NETWORK.search(before) is not None


def _is_ipv6(text: str) -> bool:
    groups = [group for group in text.split(":") if group]
    if len(groups) < _LEAST_GROUPS and not text.lower().startswith(("fe80:", "2001:", "2a", "fd", "fc")):
        return False
    try:
        found = ip_address(text)
    except ValueError:
        return False
    return isinstance(found, IPv6Address) and not found.is_loopback and any(char.isdigit() for char in text)
