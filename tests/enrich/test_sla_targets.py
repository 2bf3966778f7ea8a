"""Targets of the settings: presets, filters, precedence, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from core.errors import ConfigError
from core.home import Home
from core.settings import Settings, load_settings
from tests.enrich.sla_world import ASKED, NOW, Goal, SlaWorld, Talk, names, together, told, world

__all__ = ["world"]


@pytest.fixture(scope="module")
def cases(_own_machine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlaWorld]:
    with together(tmp_path_factory.mktemp("cases"), ask_filters) as made:
        yield made


# --- settings ---


def test_a_preset_is_four_targets(world: SlaWorld) -> None:
    world.with_goals({"metric": "first_reply", "preset": "4/8/24/72h"})
    for level in ("urgent", "high", "normal", "low", "none"):
        world.talk("s", Talk(ASKED, columns={"priority": level}), level)
    world.enrich()
    found = {
        level: [row["target_s"] // 3600 for row in world.instances("s", level)]
        for level in ("urgent", "high", "normal", "low", "none")
    }
    assert found == {"urgent": [4], "high": [8], "normal": [24], "low": [72], "none": []}


def test_the_special_goes_before_the_general(world: SlaWorld) -> None:
    world.with_goals(
        {"metric": "first_reply", "target": "9h"},
        {"metric": "first_reply", "target": "8h"},
        {"metric": "first_reply", "target": "3h", "priority": "high"},
        {"metric": "first_reply", "target": "1h", "filter": {"channel": ["chat"]}},
    )
    world.talk("s", Talk(ASKED, columns={"priority": "low"}), "plain")
    world.talk("s", Talk(ASKED, columns={"priority": "high"}), "high")
    world.talk("s", Talk(ASKED, columns={"priority": "high", "channel": "chat"}), "chat")
    world.enrich()
    assert [names(world, key) for key in ("plain", "high", "chat")] == [
        ["first reply 9h"], ["high first reply 3h"], ["first reply 1h"]
    ]  # fmt: skip


FILTERS: list[tuple[dict[str, list[str]], bool]] = [
    ({"channel": ["EMAIL"]}, True),
    ({"channel": ["chat", "web"]}, False),
    ({"type": ["incident"]}, True),
    ({"brand": ["acme"], "type": ["incident"]}, True),
    ({"brand": ["acme"], "type": ["question"]}, False),
    ({"tag": ["VIP", "gold"]}, True),
    ({"tag": ["gold"]}, False),
    ({"organization": ["Northwind"]}, True),
    ({"organization": ["o1"]}, True),
    ({"team": ["Billing"]}, True),
    ({"team": ["t1"]}, True),
    ({"team": ["Sales"]}, False),
    ({"product": ["app"]}, False),
    ({"custom:plan": ["Gold"]}, True),
    ({"custom:plan": ["silver"]}, False),
    ({"custom:areas": ["b"]}, True),
    ({"custom:areas": ["c"]}, False),
    ({'custom:a/b~"c': ["x'y"]}, True),
    ({"custom:none": ["x"]}, False),
]


def ask_filters(world: SlaWorld) -> list[Goal]:
    """One conversation a filter, all alike, and the target of its source."""
    columns = {
        "type": "incident", "brand": "Acme", "team_id": "t1", "organization_id": "o1",
        "custom_fields": json.dumps({"plan": "gold", "areas": ["A", "b"], 'a/b~"c': "x'y"}),
    }  # fmt: skip
    goals = []
    for number, (where, _) in enumerate(FILTERS):
        source = f"filter {number}"
        world.rows("teams", {"source_id": source, "team_id": "t1", "name": "Billing"})
        world.rows("organizations", {"source_id": source, "organization_id": "o1", "name": "Northwind"})
        world.rows("conversation_tags", {"source_id": source, "conversation_id": "c", "tag": "vip"})
        world.talk(source, Talk(ASKED, columns=columns))
        goals.append({"metric": "first_reply", "target": "1h", "filter": where, "sources": [source]})
    return goals


@pytest.mark.parametrize("number", range(len(FILTERS)), ids=[json.dumps(where) for where, _ in FILTERS])
def test_filters_of_the_settings(cases: SlaWorld, number: int) -> None:
    where, fits = FILTERS[number]
    assert bool(cases.instances(f"filter {number}")) is fits, where


def test_a_target_follows_the_team(world: SlaWorld) -> None:
    world.with_goals(
        {"metric": "first_reply", "target": "1h", "filter": {"team": ["t1"]}},
        {"metric": "first_reply", "target": "2h", "filter": {"team": ["t2"]}},
    )
    world.talk("s", Talk(ASKED, [(30, "team", "t1", "t2")]))
    world.enrich()
    (row,) = world.instances("s")
    assert (row["policy"], told(row, NOW)[1:]) == ("first reply 2h", (0, 120, 90, None, "met"))


def test_text_in_settings_is_text(world: SlaWorld) -> None:
    hostile = "x'); DROP TABLE sla_instances; -- :policy :zone :fits"
    world.with_goals(
        {
            "metric": "first_reply",
            "target": "1h",
            "filter": {"channel": [hostile], f"custom:{hostile}": [hostile]},
        },
        {"metric": "first_reply", "target": "2h", "priority": hostile},
        {"metric": "first_reply", "target": "3h"},
    )
    columns = {"channel": hostile, "custom_fields": json.dumps({hostile: hostile}), "priority": hostile}
    world.talk("s", Talk(ASKED, columns=columns))
    world.enrich()
    assert names(world) == ["first reply 1h"]


# --- settings that cannot be ---


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('filter = { colour = ["red"] }', "'colour' is nothing a target can be for"),
        ('filter = { "custom:" = ["red"] }', "'custom:' is nothing a target can be for"),
        ("filter = { channel = [] }", "names no value"),
        ('pause_in = ["asleep"]', "asleep is no status"),
        ('calendar = "nights"', "there is no calendar nights"),
        ('target = "99999d"', "at most fifty years"),
    ],
)
def test_wrong_settings_are_refused(home: Home, lines: str, words: str) -> None:
    target = "" if "target" in lines else 'target = "1h"\n'
    home.settings_file.write_text(f'[[sla]]\nmetric = "first_reply"\n{target}{lines}\n')
    with pytest.raises(ConfigError, match=words):
        load_settings(home)


def test_a_schedule_of_a_source_can_be_named() -> None:
    settings = Settings(sla=[{"metric": "first_reply", "target": "1h", "calendar": "desk/5"}])
    assert settings.sla[0].calendar == "desk/5"
