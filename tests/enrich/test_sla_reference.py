"""The SQL against the rules in plain Python, on conversations made by chance; and that nothing else changes it."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from core.home import Home
from tests.enrich.sla_reference import Rule, Story, expected
from tests.enrich.sla_world import SlaWorld, Talk, told
from tests.enrich.test_sla import CASES
from tests.enrich.world import START

NOW_MIN = 30 * 1440
NOW = START + timedelta(minutes=NOW_MIN)
MINUTES = st.integers(1, 4000)
LEVELS = st.sampled_from(["urgent", "normal", "low", None])
STATUS = st.sampled_from(["open", "pending", "hold", "solved", "closed"])


@st.composite
def stories(draw: st.DrawFn) -> Story:
    spoken = draw(st.lists(MINUTES, unique=True, max_size=6).map(sorted))
    role = st.sampled_from(["customer", "customer", "agent", "agent", "bot"])
    first = [(0, "customer", False)] if draw(st.booleans()) else []
    messages = [(at, draw(role), draw(st.integers(0, 4)) == 0) for at in spoken]
    changed = draw(st.lists(MINUTES, unique=True, min_size=1, max_size=5).map(sorted))
    levels = draw(st.lists(MINUTES, unique=True, max_size=3).map(sorted))
    return Story(
        [*first, *messages],
        [(at, draw(STATUS)) for at in changed],
        [(0, draw(LEVELS)), *((at, draw(LEVELS)) for at in levels)],
    )


@st.composite
def rules(draw: st.DrawFn) -> list[Rule]:
    made = []
    for metric in ("first_reply", "next_reply", "resolution"):
        for level in draw(st.lists(LEVELS, unique=True, min_size=1, max_size=3)):
            pause = tuple(draw(st.sets(st.sampled_from(["pending", "hold"]))))
            always = ("solved", "closed") if metric == "resolution" else ()
            made.append(
                Rule(metric, draw(st.integers(1, 1500)), level, draw(st.booleans()), (*pause, *always))
            )
    return made


def goal(rule: Rule) -> dict[str, Any]:
    pause = [status for status in rule.pause if status in ("pending", "hold")]
    return {
        "metric": rule.metric, "target": f"{rule.minutes}m", "priority": rule.priority, "pause_in": pause,
        "calendar": "office" if rule.in_hours else None,
    }  # fmt: skip


def talk(story: Story) -> Talk:
    """The story as rows."""
    messages = [(at, role, "thank you!" if thanks else "") for at, role, thanks in story.messages]
    levels = [level for _, level in story.priorities]
    changes = [
        *((at, "status", None, status) for at, status in story.statuses),
        *((at, "priority", levels[n], level) for n, (at, level) in enumerate(story.priorities[1:])),
    ]
    return Talk(messages, changes, {"priority": levels[0] if len(levels) == 1 else levels[-1]})


def made_by_chance() -> list[tuple[list[Story], list[Rule]]]:
    """Twelve sets of targets, with fifteen stories each."""
    found: list[tuple[list[Story], list[Rule]]] = []

    @seed(20260302)
    @settings(
        max_examples=12,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(stories(), min_size=15, max_size=15), rules())
    def keep(told_stories: list[Story], made: list[Rule]) -> None:
        found.append((told_stories, made))

    keep()
    return found


def test_sql_and_reference_agree(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every set in a source of its own, so that one enrichment does for all."""
    monkeypatch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
    sets = {f"set {number}": one for number, one in enumerate(made_by_chance())}
    assert len(sets) == 12
    world = SlaWorld(home)
    world.with_goals(
        *({**goal(rule), "sources": [name]} for name, (_, made) in sets.items() for rule in made)
    )
    for name, (told_stories, _) in sets.items():
        world.agents(name)
        for number, story in enumerate(told_stories):
            world.talk(name, talk(story), f"c{number}")
    world.enrich()
    for name, (told_stories, made) in sets.items():
        for number, story in enumerate(told_stories):
            found = [told(row, NOW) for row in world.instances(name, f"c{number}")]
            assert found == expected(story, made, NOW_MIN), f"{story}\n{made}"
    world.writer.close()


def filled(home: Home) -> SlaWorld:
    world = SlaWorld(home)
    for name, (_, conversation, _) in CASES.items():
        world.agents(name)
        world.talk(name, conversation)
    world.with_goals(
        *({**target, "sources": [name]} for name, (targets, _, _) in CASES.items() for target in targets)
    )
    return world


def test_some_at_a_time_is_all_at_once(home: Home, now: object) -> None:
    world = filled(home)
    world.enrich()
    whole = world.table("sla_instances")
    assert len(whole) > 50
    world.dirty("c", "two turns")
    world.dirty("c", "lost and found")
    world.enrich()
    assert world.table("sla_instances") == whole


def test_changed_targets_reach_every_conversation(home: Home, now: object) -> None:
    world = filled(home)
    world.enrich()
    before = world.settings
    world.with_goals({"metric": "first_reply", "target": "3h"})
    world.enrich()
    assert {row["policy"] for row in world.table("sla_instances")} == {"first reply 3h"}
    world.with_goals()
    world.enrich()
    assert world.table("sla_instances") == []
    world.settings = before
    world.enrich()
    assert [told(row, NOW)[1:5] for row in world.instances("a minute late")] == [(0, 60, 61, 60)]


def test_the_machine_s_zone_makes_no_difference(
    tmp_path: Path, now: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for zone in ("America/New_York", "Australia/Lord_Howe"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        (tmp_path / zone).mkdir(parents=True)
        world = filled(Home(tmp_path / zone))
        world.enrich()
        found.append(world.table("sla_instances"))
    monkeypatch.undo()
    time.tzset()
    assert found[0] == found[1]
    assert len(found[0]) > 50
