"""What pages show can be taken out: every table of numbers and every chart says what it is about."""

from __future__ import annotations

from typing import Any

import pytest

from core.settings import Settings
from store.reader import open_reader
from ui import export

SPEED, SATISFACTION, TOPICS, LIVE = (
    "pages/understand/speed.py",
    "pages/understand/satisfaction.py",
    "pages/understand/topics.py",
    "pages/watch/live.py",
)


@pytest.mark.parametrize(
    ("page", "key", "number"),
    [
        ("", "parts_rows_table", "New (count)"),
        (SPEED, "sla_rows_table", "Targets met (share)"),
        (SATISFACTION, "ratings_5", None),
        (TOPICS, "drivers", "Ratio"),
        (LIVE, "live_load", None),
    ],
)
def test_a_file_says_what_it_is_about_and_holds_numbers_in_full(
    app: Any, sample_home: Any, monkeypatch: pytest.MonkeyPatch, page: str, key: str, number: str | None
) -> None:
    made = {}
    monkeypatch.setattr(export, "menu", lambda chart, *, key: made.update({key: chart}))
    asked = (
        {"period": "1y"} if key == "drivers" else {"period": "90d", "channel": "email"}
    )  # few go clearly together
    test = app(sample_home, *([page] if page else []), **asked)
    assert not test.exception
    assert key in made, sorted(made)
    head = export.head(made[key], open_reader(sample_home), Settings())
    assert asked.get("channel", "none") in head["Filters"]
    assert {"Zone", "Generation", "Published"} <= set(head)
    assert made[key].results or head["Definition"]
    rows = export.rows(made[key])
    assert rows
    if number:
        assert any(isinstance(row[number], int | float) for row in rows), rows[0]
