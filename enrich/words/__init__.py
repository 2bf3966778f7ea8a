"""Word lists: plain text files, lower case, `#` begins a comment."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def word_list(name: str) -> frozenset[str]:
    """The words of `name`.txt in this folder."""
    lines = Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def phrases(name: str) -> frozenset[str]:
    """The phrases of `name`.txt in this folder, one a line."""
    lines = Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(" ".join(line.split()) for line in lines if line.strip() and not line.startswith("#"))


@cache
def valences(name: str) -> dict[str, float]:
    """The entries of `name`.txt, each a number and the words that it belongs to."""
    lines = Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").splitlines()
    entries = (line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    return {words: float(value) for value, words in entries}


@cache
def columns(name: str) -> tuple[list[str], list[list[list[str]]]]:
    """The names of the columns of `name`.txt, and its lines: for each column the entries between commas."""
    lines = Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").splitlines()
    head, *rows = (
        [cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")
    )
    return head, [[[entry.strip() for entry in cell.split(",")] for cell in row] for row in rows]
