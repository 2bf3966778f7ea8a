"""Whether the text of a setting is one reading query. The database decides again: this only says it early."""

from __future__ import annotations

import re
from itertools import pairwise

_TOKENS = re.compile(
    r"""(?P<text>'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
      |(?P<run>/\*M?!)
      |(?P<note>--[^\n]*|/\*.*?\*/)
      |(?P<stop>;)
      |(?P<word>[A-Za-z_][\w$]*)""",
    re.VERBOSE | re.DOTALL,
)
_BEGINNINGS = ("select", "with", "table", "values")
_WRITING = ("outfile", "dumpfile")


def is_query(text: str) -> bool:
    """Whether a setting is a query and not the name of a table."""
    return len(text.split()) > 1 or text.lstrip().startswith("(")


def one_query(text: str) -> str:
    """The query without its closing semicolon. Raises ValueError that says what is not allowed."""
    query = text.strip().rstrip(";").rstrip()
    words: list[str] = []
    for found in _TOKENS.finditer(query):
        if found["stop"]:
            raise ValueError("only one statement is allowed: it holds a semicolon")
        if found["run"]:
            raise ValueError("comments that the server runs (/*! … */) are not allowed")
        if found["word"]:
            words.append(found["word"].lower())
    if not words or words[0] not in _BEGINNINGS:
        raise ValueError("it must be one query that begins with select or with")
    if any(before == "into" and word in _WRITING for before, word in pairwise(words)):
        raise ValueError("INTO OUTFILE and INTO DUMPFILE write files on the server and are not allowed")
    return query
