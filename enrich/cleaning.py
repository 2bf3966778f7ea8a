"""A message without what its author did not say: quoted mail, code, addresses, handles."""

from __future__ import annotations

import re

_CODE_BLOCK = re.compile(r"```.*?(?:```|\Z)|`[^`\n]{1,200}`", re.DOTALL)
_URL = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_HANDLE = re.compile(r"(?<![\w.])[@#]\w{1,50}")
# Lines that mail programs put above or before the words of somebody else.
_QUOTED = re.compile(r"^[ \t]{0,3}>.*$", re.MULTILINE)
_HEADER = re.compile(
    r"^[ \t]*(?:On .{4,150} wrote:|Am .{4,150} schrieb.{0,80}:|El .{4,150} escribió:|Le .{4,150} a écrit\s?:"
    r"|-{2,}[ ]?(?:Original Message|Ursprüngliche Nachricht|Mensaje original|Message d'origine)[ ]?-{2,})"
    r"[ \t]*$",
    re.MULTILINE,
)
_PLACEHOLDER = re.compile(r"\[(?:email|phone|card|iban|secret|name)\]")
_SPACE = re.compile(r"\s+")


def own_words(body: str) -> str:
    """The author's own words on one line, without quotes, code, links, mail addresses and handles."""
    text = body.replace("\x00", " ")
    header = _HEADER.search(text) if ":" in text or "--" in text else None
    if header and header.start() > 0:
        text = text[: header.start()]
    if ">" in text:
        text = _QUOTED.sub(" ", text)
    if "`" in text:
        text = _CODE_BLOCK.sub(" ", text)
    if "/" in text or "www." in text:
        text = _URL.sub(" ", text)
    if "@" in text or "#" in text:
        text = _HANDLE.sub(" ", _EMAIL.sub(" ", text))
    if "[" in text:
        text = _PLACEHOLDER.sub(" ", text)
    return _SPACE.sub(" ", text).strip()
