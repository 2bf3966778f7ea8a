"""Columns that a source's description maps as `custom:…`: those with few values are filters and splits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.home import Home
from core.settings import load_settings
from core.viewer import EVERYTHING, Viewer
from jobs.refresh import refresh
from store.own_fields import known_fields, own_fields
from store.reader import open_reader
from tests.pages.conftest import texts
from ui import resources

App = Callable[..., AppTest]
N = 60
MANY = [f"f{n:02}" for n in range(14)]
PAGE = "pages/understand/volume.py"


@pytest.fixture
def desk(home: Home, now: Any) -> Home:
    """60 tickets: 40 gold, 20 silver, a remark of its own each, fourteen more fields, and who answers for them."""
    head = ["id", "subject", "created_at", "team", "Plan", "Remark", "Ref", "Owner", *MANY]
    rows = [",".join(head)]
    for n in range(N):
        plan = "silver" if n % 3 == 0 else "gold"
        cells = [f"t{n}", f"Parcel {n}", f"2026-11-{1 + n % 14:02}T09:00:00Z", "Two" if n < 6 else "One", plan,
                 f"nothing like number {n}", f"X{n}", f"o{n % 2}@example.org", *[f"v{n % 2}"] * len(MANY)]  # fmt: skip
        rows.append(",".join(cells))
    (home.root / "tickets.csv").write_text("\n".join(rows), encoding="utf-8")
    mapped = {"plan": "Plan", "remark": "Remark", "ref": "Ref", "owner": "Owner"} | {
        name: name for name in MANY
    }
    columns = "\n".join(f'"custom:{key}" = "{title}"' for key, title in mapped.items())
    home.settings_file.write_text(
        f'[[sources]]\nname = "desk"\nkind = "files"\npath = "tickets.csv"\n[sources.columns]\n{columns}\n',
        encoding="utf-8",
    )
    assert refresh(home, load_settings(home)).status == "ok"
    resources.catch_up()
    return home


def test_few_values_are_offered_the_most_frequent_first_and_free_text_is_not(desk: Home) -> None:
    reader = open_reader(desk)
    found = {field.key: field for field in own_fields(reader, viewer=EVERYTHING)}
    assert found["plan"].values == (("gold", 40), ("silver", 20)) and found["plan"].title == "Plan"
    assert set(found) == {"plan", "owner", *MANY}
    assert {"remark", "ref"} < set(known_fields(reader, viewer=EVERYTHING))


def test_a_viewer_is_offered_what_is_in_their_rows(desk: Home) -> None:
    reader = open_reader(desk)
    two = Viewer("vic", teams=("Two",))
    found = {field.key: field.values for field in own_fields(reader, viewer=two)}
    assert found["plan"] == (("gold", 4), ("silver", 2))
    blind = Viewer("vic", rights=frozenset(), alias_key="k")
    assert "owner" not in {field.key for field in own_fields(reader, viewer=blind)}


def new(test: AppTest) -> str:
    return str(next(card.value for card in test.metric if card.label.startswith("New")))


def test_a_mapped_field_is_a_filter_and_a_split(app: App, desk: Home) -> None:
    test = app(desk, "", period="all", **{"custom:plan": "gold"})
    assert not test.exception and not test.error
    assert new(test) == "40"
    assert test.multiselect(key="custom:plan").options == ["gold", "silver"]
    explore = app(desk, "pages/understand/explore.py", period="all", rows="Plan")
    assert not explore.exception
    assert "gold" in str(explore.dataframe[0].value.to_dict())


@pytest.mark.slow
def test_a_field_of_free_text_can_be_filtered_by_in_the_address(app: App, desk: Home) -> None:
    test = app(desk, "", period="all", **{"custom:ref": "X7"})
    assert not test.exception and new(test) == "1"
    assert "custom:remark" not in {box.key for box in test.multiselect}


def test_a_field_that_nobody_sends_is_said(app: App, desk: Home) -> None:
    test = app(desk, "", period="all", **{"custom:plan_b": "gold"})
    assert not test.exception and new(test) == "60"
    assert "No source sends the field **plan\\_b**" in texts(test)


def test_what_does_not_fit_is_asked_for_by_name(app: App, desk: Home) -> None:
    test = app(desk, "", period="all")
    keys = {box.key for box in test.multiselect}
    further = test.multiselect(key="filters_further")
    assert "custom:plan" not in keys and "Plan" in further.options
    further.set_value(["custom:plan"]).run()
    assert not test.exception
    test.multiselect(key="custom:plan").set_value(["silver"]).run()
    assert not test.exception and new(test) == "20"
    assert "silver" in test.query_params["custom:plan"]
