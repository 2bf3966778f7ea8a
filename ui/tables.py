"""Tables: rows as people read them, sorted by what the column means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ui import sheet

# What begins a mark within a line: of a colon, where a name follows it.
_MARK = re.compile(r"[\\`*_{}\[\]<>|~$]|:(?=\w)|^[#+-]")
_CODE = re.compile(r"((?<!`)`[^`\n]+`(?!`))")


def frame(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Rows as a data frame; no rows give an empty one."""
    import pandas as pd

    return pd.DataFrame(list(rows))


def escaped(text: str) -> str:
    """Text of others inside our markdown: its marks and addresses are shown, not obeyed."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]<>#+-!|~$:" else letter for letter in _unlinked(text))


def told(text: str) -> str:
    """A sentence of ours that may quote others inside our markdown: what it marks as code stays that, no more is obeyed."""
    # Backticks of others are escaped like all else unless they make a span, in which nothing is obeyed either.
    parts = _CODE.split(text)
    return "".join(
        part if place % 2 else _MARK.sub(r"\\\g<0>", _unlinked(part)) for place, part in enumerate(parts)
    )


def _unlinked(text: str) -> str:
    """The text in one line, without what is taken for an address."""
    return (
        text.replace("\n", " ")
        .replace("@", "@\u2060")
        .replace("://", ":\u2060//")
        .replace("www.", "www\u2060.")
    )


def plain(rows: Sequence[Mapping[str, Any]], *, alt: str, empty: str = "No rows.", **options: Any) -> None:
    """Rows without an index; a sentence where there are none."""
    if not rows:
        if empty:
            st.caption(empty)
        return
    sheet.table(rows, alt)
    st.dataframe(frame(rows), hide_index=True, alt=alt, **options)
