"""Tables: rows as people read them, sorted by what the column means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st


def frame(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Rows as a data frame; no rows give an empty one."""
    import pandas as pd

    return pd.DataFrame(list(rows))


def plain(rows: Sequence[Mapping[str, Any]], *, alt: str, empty: str = "No rows.", **options: Any) -> None:
    """Rows without an index; a sentence where there are none."""
    if not rows:
        st.caption(empty)
        return
    st.dataframe(frame(rows), hide_index=True, alt=alt, **options)
