"""Reads files of mails: `##### name`, the mail, `===== own`, what is left of it; `\\r` stands for itself."""

from __future__ import annotations

from pathlib import Path

from tests.enrich.mails.dressed import Mail


def mails(name: str) -> list[Mail]:
    """The mails of a file of this folder."""
    text = Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8")
    found = []
    for part in text.split("##### ")[1:]:
        title, _, rest = part.partition("\n")
        body, _, own = rest.partition("\n===== own\n")
        found.append(Mail(title, body.replace("\\r", "\r"), own.rstrip("\n")))
    return found
