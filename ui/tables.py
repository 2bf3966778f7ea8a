"""Tables: rows as people read them, sorted by what the column means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ui import sheet


def frame(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Rows as a data frame; no rows give an empty one."""
    import pandas as pd

    return pd.DataFrame(list(rows))


def escaped(text: str) -> str:
    """Text of others inside our markdown: its marks and addresses are shown, not obeyed."""
    joined = (
        text.replace("\n", " ")
        .replace("@", "@\u2060")
        .replace("://", ":\u2060//")
        .replace("www.", "www\u2060.")
    )
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]<>#+-!|~$:" else letter for letter in joined)


def plain(rows: Sequence[Mapping[str, Any]], *, alt: str, empty: str = "No rows.", **options: Any) -> None:
    """Rows without an index; a sentence where there are none."""
    if not rows:
        if empty:
            st.caption(empty)
        return
    sheet.table(rows, alt)
    st.dataframe(frame(rows), hide_index=True, alt=alt, **options)
