"""What an alert says leads to the numbers it speaks of."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from alerts.judge import Reading
from alerts.rules import read
from alerts.words import link
from core.settings import Settings

DESK = Settings.model_validate({"notifications": {"base_url": "https://desk.example"}})


def test_the_page_counts_what_the_rule_counts() -> None:
    said = {
        "channel": ["chat"],
        "include": ["outbound", "merged"],
        "hours": "business",
        "any": "team:Billing",
    }
    rule = read("threshold", {"metric": "volume", "level": 5, "filters": said})
    address = link(rule, Reading("", "2026-11-15", 7.0, 7), DESK)
    assert address is not None
    page = parse_qs(urlsplit(address).query)
    assert {name: page[name] for name in said} == {
        "channel": ["chat"], "include": ["merged", "outbound"], "hours": ["business"], "any": ["team:Billing"],
    }  # fmt: skip
