"""Texts and names as they are written in SQL. Values are bound; these stand where nothing can be."""

from __future__ import annotations


def literal(text: str) -> str:
    """A text in quotes."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name in quotes."""
    return '"' + name.replace('"', '""') + '"'
