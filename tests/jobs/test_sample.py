"""The generator keeps its promises: what truth.json says is what a plain reader counts in the CSV files."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigError
from core.settings import load_settings
from jobs.cli import main
from jobs.sample import generate
from tests.jobs.sample_files import END, Sample, instant, local_day

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "sample"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_same_arguments_give_the_same_bytes_in_slices_of_any_size(tmp_path: Path) -> None:
    for name, size in (("a", 50_000), ("b", 77)):
        generate(tmp_path / name, conversations=400, seed=3, end=END, slice_size=size)
    first, second = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert len(first) == 11
    assert first == second


def test_another_seed_gives_other_conversations(tmp_path: Path) -> None:
    for seed in (3, 4):
        generate(tmp_path / str(seed), conversations=100, seed=seed, end=END)
    one, two = contents(tmp_path / "3"), contents(tmp_path / "4")
    assert one["data/messages.csv"] != two["data/messages.csv"]
    assert one["data/conversations.csv"] != two["data/conversations.csv"]


def test_nothing_is_planted_where_that_is_not_wanted(tmp_path: Path) -> None:
    made = Sample(tmp_path / "s", generate(tmp_path / "s", conversations=600, seed=7, end=END, planted=False))
    assert not {"bad_day", "outage", "rising_topic", "first_reply_step", "new_topic"} & set(made.truth)
    ids = [row["conversation_id"] for row in made.conversations]
    assert len(ids) == 600 and not any(made.says(id, "gift card", "two-factor", "HTTP 503") for id in ids)
    per_day = Counter(local_day(row["created_at"]) for row in made.conversations)
    assert per_day[date(2026, 10, 31)] <= 4


@pytest.mark.parametrize("size", [1, 25, 600])
def test_the_size_is_the_size_asked_for(tmp_path: Path, size: int) -> None:
    report = generate(tmp_path / "s", conversations=size, seed=1, end=END)
    made = Sample(tmp_path / "s", report)
    assert len(made.conversations) == size == report.rows["conversations"]
    assert len(made.messages) == report.messages == report.rows["messages"]


@pytest.mark.parametrize("size", [0, -5, 10_000_000])
def test_impossible_sizes_are_refused(tmp_path: Path, size: int) -> None:
    with pytest.raises(ConfigError, match="between 1 and"):
        generate(tmp_path / "s", conversations=size, end=END)


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("five years of work")
    (tmp_path / "data").mkdir()
    with pytest.raises(ConfigError, match="other files"):
        generate(tmp_path, conversations=10, end=END)
    assert (tmp_path / "data").is_dir()


def test_an_older_sample_is_replaced(tmp_path: Path) -> None:
    generate(tmp_path / "s", conversations=50, seed=1, end=END)
    (tmp_path / "s" / "data" / "stale.csv").write_text("x\n")
    generate(tmp_path / "s", conversations=60, seed=1, end=END)
    assert not (tmp_path / "s" / "data" / "stale.csv").exists()


def test_it_ends_yesterday_unless_told_otherwise(tmp_path: Path, now: datetime) -> None:
    report = generate(tmp_path / "s", conversations=30)
    assert report.end == now.date() - timedelta(days=1) == END


def test_it_covers_more_than_400_days_and_nothing_lies_beyond_the_end(sample: Sample) -> None:
    days = [local_day(row["created_at"]) for row in sample.conversations]
    assert (max(days) - min(days)).days >= 400
    columns = {
        "conversations": ("created_at", "updated_at", "closed_at"),
        "messages": ("created_at",),
        "conversation_events": ("occurred_at",),
        "csat": ("offered_at", "rated_at"),
        "conversation_tags": ("valid_from",),
    }
    seen = 0
    for stream, names in columns.items():
        for row in getattr(sample, stream):
            for name in names:
                if row[name]:
                    seen += 1
                    assert local_day(row[name]) <= END, (stream, row)
    assert seen > 30_000


def test_every_reference_leads_somewhere(sample: Sample) -> None:
    people = {row["person_id"] for row in sample.people}
    teams = {row["team_id"] for row in sample.teams}
    organizations = {row["organization_id"] for row in sample.organizations}
    for stream in ("messages", "conversation_events", "csat", "conversation_tags"):
        assert {row["conversation_id"] for row in getattr(sample, stream)} <= set(sample.by_id), stream
    assert {row["conversation_id"] for row in sample.messages} == set(sample.by_id)
    for row in sample.conversations:
        assert row["requester_id"] in people
        assert row["team_id"] in teams
        assert not row["assignee_id"] or row["assignee_id"] in people
        assert not row["organization_id"] or row["organization_id"] in organizations
        assert not row["merged_into"] or row["merged_into"] in sample.by_id
    assert {row["author_id"] for row in sample.messages} - {""} <= people
    assert {row["person_id"] for row in sample.team_members} <= people


def test_ids_are_unique(sample: Sample) -> None:
    for stream, key in (
        ("conversations", "conversation_id"),
        ("messages", "message_id"),
        ("conversation_events", "event_id"),
        ("csat", "csat_id"),
        ("people", "person_id"),
        ("organizations", "organization_id"),
    ):
        ids = [row[key] for row in getattr(sample, stream)]
        assert len(ids) == len(set(ids)) > 0, stream
    pairs = [(row["conversation_id"], row["tag"]) for row in sample.conversation_tags]
    assert len(pairs) == len(set(pairs))


def test_the_first_message_opens_the_conversation_and_the_rest_follow(sample: Sample) -> None:
    for conversation_id, thread in sample.thread.items():
        row, times = sample.by_id[conversation_id], [instant(m["created_at"]) for m in thread]
        assert times == sorted(times), conversation_id
        assert times[0] == instant(row["created_at"])
        assert times[-1] <= instant(row["updated_at"])
        assert 1 <= len(thread) <= 14


def test_the_history_ends_in_the_state_of_the_conversation(sample: Sample) -> None:
    column = {"status": "status", "team": "team_id", "assignee": "assignee_id", "priority": "priority"}
    for conversation_id, events in sample.history.items():
        row, state = sample.by_id[conversation_id], {"status": "", "team": "", "assignee": ""}
        assert [e["occurred_at"] for e in events] == sorted(e["occurred_at"] for e in events)
        assert events[0]["field"] == "status" and events[0]["new_value"] == "new"
        assert instant(events[0]["occurred_at"]) == instant(row["created_at"])
        for event in events:
            if event["field"] in state:
                assert event["old_value"] == state[event["field"]], event
            state[event["field"]] = event["new_value"]
        for field, value in state.items():
            assert row[column[field]] == value, (conversation_id, field)
        assert bool(row["closed_at"]) == (row["status"] == "closed")
    assert len(sample.history) == len(sample.conversations)


def test_there_are_reopens_holds_handovers_notes_bots_and_ties(sample: Sample) -> None:
    changes = Counter((e["field"], e["old_value"], e["new_value"]) for e in sample.conversation_events)
    assert changes["status", "solved", "open"] > 50
    assert changes["status", "open", "hold"] > 20
    assert sum(n for (field, old, _), n in changes.items() if field == "assignee" and old) > 50
    assert sum(n for (field, old, _), n in changes.items() if field == "team" and old) > 300
    assert sum(row["kind"] == "note" and row["is_public"] == "false" for row in sample.messages) > 50
    assert sum(row["author_role"] == "bot" for row in sample.messages) > 500
    ties = sum(
        a["created_at"] == b["created_at"] for thread in sample.thread.values() for a, b in pairwise(thread)
    )
    assert ties > 20
    unsolved = [r for r in sample.conversations if r["status"] in ("new", "open", "pending", "hold")]
    assert any(local_day(row["created_at"]) > END - timedelta(days=3) for row in unsolved)


def test_some_chats_begin_with_a_bot_that_asks_and_a_person_who_takes_over(big: Sample) -> None:
    chats = [row["conversation_id"] for row in big.conversations if row["channel"] == "chat"]
    asked, taken_over = [], 0
    for conversation_id in chats:
        roles = [message["author_role"] for message in big.thread[conversation_id]]
        asking = [
            m for m in big.thread[conversation_id] if m["author_role"] == "bot" and "?" in m["body_text"]
        ]
        if asking:
            assert [m["is_public"] for m in asking] == ["true"]
            asked.append(asking[0]["body_text"])
            taken_over += "agent" in roles[roles.index("bot") :]
    assert 0.05 < len(asked) / len(chats) < 0.11
    assert taken_over > 0.9 * len(asked)
    assert max(Counter(asked).values()) < 3, "the same words again and again are an acknowledgement"


def test_its_settings_are_valid(sample: Sample, home: Any) -> None:
    settings = load_settings(home, sample.folder / "settings.toml")
    assert settings.workspace.name == "Supportlens sample"
    assert settings.workspace.reporting_zone == "Europe/London"
    assert [source.name for source in settings.sources] == ["sample"]
    assert Path(settings.sources[0].options()["path"]).is_dir()
    assert len({calendar.name for calendar in settings.calendars}) == 1 < len(settings.calendars)
    assert settings.calendars[1].valid_from == date.fromisoformat(sample.truth["hours_change"])
    assert {target.priority for target in settings.sla} == {"urgent", "high", "normal", "low"}


def test_the_shipped_sample_is_what_the_generator_makes(tmp_path: Path) -> None:
    generate(tmp_path / "again", conversations=300, seed=7, end=END, zipped=True)
    shipped, again = contents(SHIPPED), contents(tmp_path / "again")
    shipped.pop("README.md")
    assert len(again) == 11
    assert shipped == again
    assert sum(map(len, shipped.values())) < 400_000


def test_the_command_prints_one_json_document(
    tmp_path: Path, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "home"
    assert main(["sample", "--home", str(root), "--conversations", "40", "--seed", "5", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["conversations"] == 40 and report["end"] == "2026-11-15"
    assert Path(report["folder"]) == root / "sample"
    assert (root / "sample" / "data" / "messages.csv").is_file()


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["sample", "--out", str(tmp_path / "s"), "--conversations", "0", "--json"])
    assert code == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "bad_config"


def test_instants_are_whole_utc_seconds() -> None:
    import numpy as np

    from jobs.sample.tables import instants

    moments = [datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]
    texts = instants(np.array([int(m.timestamp()) for m in moments])).to_pylist()
    assert texts == ["2026-02-28T23:59:59Z", "2026-10-25T00:30:00Z"]
