"""Attributes of customers on the pages: filters, chips, the breakdown, and the address."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from core.home import Home
from jobs.cli import main
from tests.jobs.test_people import files


@pytest.fixture
def customers(home: Home, tmp_path: Path, now: datetime) -> Home:
    files(tmp_path)
    (home.root / "settings.toml").write_text(
        "\n".join(
            f'[[sources]]\nname = "{n}"\nkind = "files"\npath = "{tmp_path / n}"'
            for n in ("desk", "crm", "shop")
        )
    )
    assert main(["refresh", "--home", str(home.root), "--quiet", "--json"]) == 0
    return home


def test_attributes_filter_and_split_the_overview(app, customers, capsys) -> None:
    def new(test) -> str:
        return next(metric for metric in test.metric if metric.label == "New").value

    test = app(customers)
    assert not test.exception and not test.error
    assert new(test) == "60"
    labels = [box.label for box in test.multiselect]
    assert {"Plan", "Region"} <= set(labels)
    test.multiselect(key="region").set_value(["North"]).run()
    north = new(test)
    assert any(button.label == "Region: North" for button in test.button)
    again = app(customers, region="North")
    assert new(again) == north
    from_address = app(customers, region="North", parts="Plan")
    assert not from_address.exception
    assert any("Plan" in frame.value.columns for frame in from_address.dataframe)
    next(button for button in again.button if button.label == "Region: North").click().run()
    assert new(again) == "60" != north


def test_data_and_jobs_says_who_is_recognised(app, customers, capsys) -> None:
    from core.viewer import EVERYTHING
    from store.queries import match_report
    from store.reader import open_reader

    report = match_report(open_reader(customers), EVERYTHING)
    test = app(customers, "pages/operate/data_jobs.py")
    assert not test.exception and not test.error
    told = " ".join(element.value for element in test.markdown)
    assert f"{report.matched} of {report.requesters} requesters are known" in told
    tables = [set(frame.value.columns) for frame in test.dataframe]
    assert any({"List", "Requesters it knows"} <= columns for columns in tables)
    assert any({"Attribute", "Filter"} <= columns for columns in tables)
    assert any({"Requester", "Why"} <= columns for columns in tables)
