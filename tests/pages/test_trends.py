"""The card *Trends* of a page: the whole in words, a row a part, each leading to its conversations."""

from __future__ import annotations

from typing import Any

from core.home import Home
from tests.pages.conftest import texts


def test_the_trends_of_the_volume(app: Any, sample_home: Home) -> None:
    test = app(sample_home, "pages/understand/volume.py", volume_trends_by="product")
    assert not test.exception and not test.error
    assert "Now about" in texts(test) and "parts changed" in texts(test)
    rows = next(one.value for one in test.dataframe if "What is said" in one.value)
    assert rows["Part"].iloc[0] == "All" and len(rows) > 2
    assert rows["n"].iloc[1:].sum() == rows["n"].iloc[0]
