"""Keys, tokens and passwords in a text. Every pattern is bounded."""

from __future__ import annotations

import math
import re
from collections import Counter

from enrich.placeholders import PLACEHOLDER, Put

_PLACED = rf"(?!{PLACEHOLDER.pattern})"
_KEYS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"sk-[A-Za-z0-9_-]{16,}|(?:[sprw]k|whsec)_(?:live_|test_)?[A-Za-z0-9]{10,}|gh[pousr]_[A-Za-z0-9]{20,}"
    r"|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|xox[abeprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|AIza[0-9A-Za-z_-]{30,}|ya29\.[0-9A-Za-z_-]{20,}"
    r"|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|hf_[A-Za-z0-9]{20,}|dop_v1_[a-f0-9]{30,}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{20,}"
    r"|SG\.[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{15,}|sq0(?:atp|csp)-[A-Za-z0-9_-]{20,}|EAA[A-Za-z0-9]{40,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"
    r")"
)
_PEM = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)", re.DOTALL
)
_IN_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9])([a-zA-Z][a-zA-Z0-9+.-]{1,15}://[^\s:/@\[\]]{0,100}):"
    + _PLACED
    + r"([^\s@/]{1,200})(?=@)"
)
_BEARER = re.compile(r"\b([Bb]earer|[Bb]asic)[ ]{1,3}" + _PLACED + r"([A-Za-z0-9._~+/-]{12,}={0,2})")
_WORD_FOR_IT = r"pass(?:word|wort|wd|phrase|code)?|pwd|kennwort|contraseña|mot de passe|senha|palavra-passe|wachtwoord|hasło"
_KEY = r"secret|token|(?:api|access|secret|private|auth|account|signing)[ _-]?(?:key|token|secret)|client[ _-]?secret"
_AFTER_LABEL = re.compile(
    rf"(?<![A-Za-z0-9])((?:[a-z]{{1,20}}_)?(?:{_WORD_FOR_IT}|{_KEY}))"
    r"(\s{0,3}(?:is|ist|es|est|lautet)?\s{0,3}[:=]\s{0,3}[\"']?)" + _PLACED + r"([^\s\"',;]{3,})",
    re.IGNORECASE,
)
_PIN = re.compile(
    r"\b(pin|puk|tan|otp|cvv|cvc|cvc2|cvv2)((?:[ -]?code)?\s{0,3}(?:is|ist|es|est)?\s{0,3}[:=]?\s{0,3})(\d{3,8})(?![\w.-]?\d)",
    re.IGNORECASE,
)
_TOLD = re.compile(
    rf"\b((?:{_WORD_FOR_IT})\s(?:is|was|ist|war|lautet|es|era|est|é|è)\s{{1,3}}[\"'“„»]?)"
    + _PLACED
    + r"(?=[^\s]{0,60}[\d!#$%&*_])([^\s\"'“”„«»,;]{5,100})",
    re.IGNORECASE,
)
_SLOT = re.compile(r"[{$%<…*]|x+$|\w*password$", re.IGNORECASE)  # where a password is put, or told of
_LONG = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{32,}={0,2}")
_HEX = re.compile(r"(?<![A-Za-z0-9])[0-9a-fA-F]{32,}(?![A-Za-z0-9])")
# What says of a hexadecimal number that it names a version or a content, which is no secret.
_FINGERPRINT = re.compile(
    r"(?:commit\w*|revision|rev|sha-?(?:1|256|512)?|md5|checksum|pr[üu]fsumme|somme de contrôle|hash|digest|etag|git|merge[ds]?|"
    r"cherry-pick\w*|bisect\w*|build|blob|tree|image|fingerprint|head|tag|branch|since|introduced (?:in|by)|fixed (?:in|by)|"
    r"reverted?(?: in| by)?)(?:\W{1,3}(?:is|id|to|of|at|in|sum))?\W{0,4}$",
    re.IGNORECASE,
)


_SHORTEST_KEY, _SHORTEST_RANDOM = 14, 32
_PASSWORD_WORDS = ("pass", "pwd", "kennwort", "contraseña", "senha", "wachtwoord", "hasło")
_KEY_WORDS = ("secret", "token", "key")
_PIN_WORDS = ("pin", "puk", "tan", "otp", "cv")


def mask_secrets(text: str, put: Put) -> str:
    """Keys by their form, by what stands before them, or by how random they look."""
    longest = max(map(len, text.split()), default=0)
    if longest >= _SHORTEST_KEY:
        text = _by_form(text, put, longest)
    if "earer " in text or "asic " in text:
        text = _BEARER.sub(lambda found: f"{found[1]} {put('secret', found[2])}", text)
    low = text.lower()
    is_password = any(word in low for word in _PASSWORD_WORDS) or "mot de" in low
    if (":" in text or "=" in text) and (is_password or any(word in low for word in _KEY_WORDS)):
        text = _AFTER_LABEL.sub(lambda found: _labelled(found, put), text)
    if is_password:
        text = _TOLD.sub(lambda found: found[1] + put("secret", found[2]), text)
    if any(word in low for word in _PIN_WORDS):
        text = _PIN.sub(lambda found: found[1] + found[2] + put("secret", found[3]), text)
    return text


def formed_like_secrets(text: str) -> list[str]:
    """Whole keys, private keys and passwords in addresses, which their form alone tells; no guesses."""
    keys = [found[0] for pattern in (_PEM, _KEYS) for found in pattern.finditer(text)]
    return keys + [found[2] for found in _IN_ADDRESS.finditer(text) if not _SLOT.match(found[2])]


def _by_form(text: str, put: Put, longest: int) -> str:
    if "-----BEGIN" in text:
        text = _PEM.sub(lambda found: put("secret", found[0]), text)
    text = _KEYS.sub(lambda found: put("secret", found[0]), text)
    if "://" in text:
        text = _IN_ADDRESS.sub(lambda found: f"{found[1]}:{put('secret', found[2])}", text)
    if longest >= _SHORTEST_RANDOM:
        text = _HEX.sub(lambda found: found[0] if _is_fingerprint(found) else put("secret", found[0]), text)
        text = _LONG.sub(lambda found: put("secret", found[0]) if _is_random(found[0]) else found[0], text)
    return text


def _labelled(found: re.Match[str], put: Put) -> str:
    label, between, value = found[1], found[2], found[3]
    is_password = re.search(_WORD_FOR_IT, label, re.IGNORECASE) is not None
    # "secret: yes" and "token: none" are answers.
    if not is_password and len(value) < 12 and not any(char.isdigit() for char in value):
        return found[0]
    return label + between + put("secret", value)


def _is_fingerprint(found: re.Match[str]) -> bool:
    before = found.string[max(0, found.start() - 40) : found.start()]
    return (
        before.endswith(("/commit/", "/tree/", "@sha256:", "sha256:"))
        or _FINGERPRINT.search(before) is not None
    )


def _is_random(word: str) -> bool:
    """Whether a long word mixes digits, capitals and small letters as keys do and paths do not."""
    if not (re.search(r"\d", word) and re.search(r"[A-Z]", word) and re.search(r"[a-z]", word)):
        return False
    if len(word) > 4096:
        return True
    bits = -sum(n / len(word) * math.log2(n / len(word)) for n in Counter(word).values())
    return bits >= (4.4 if "/" in word or word.count("-") > 2 else 3.5)
