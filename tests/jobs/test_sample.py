"""The generator keeps its promises: what truth.json says is what a plain reader counts in the CSV files."""

from __future__ import annotations

import csv
import json
import re
import statistics
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.errors import ConfigError
from core.settings import load_settings
from jobs.cli import main
from jobs.sample import SampleReport, generate

END = date(2026, 11, 15)
LONDON = ZoneInfo("Europe/London")
SHIPPED = Path(__file__).resolve().parents[2] / "data" / "sample"
LANGUAGES = ("en", "de", "es", "fr")

TWO_FACTOR = (
    "two-factor", "login code", "zwei-faktor", "anmeldecode", "dos factores", "código de acceso",
    "verificación en dos", "deux facteurs", "code de connexion", "double authentification",
)  # fmt: skip

Rows = list[dict[str, str]]


@cache
def instant(text: str) -> datetime:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text), text
    return datetime.fromisoformat(text)


@cache
def local_day(text: str) -> date:
    return instant(text).astimezone(LONDON).date()


class Sample:
    """A generated folder, read back with the csv module alone."""

    def __init__(self, folder: Path, report: SampleReport) -> None:
        self.folder, self.report = folder, report
        self.truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())
        for path in sorted((folder / "data").glob("*.csv")):
            with path.open(newline="", encoding="utf-8") as file:
                setattr(self, path.stem, list(csv.DictReader(file)))
        self.by_id = {row["conversation_id"]: row for row in self.conversations}
        self.thread: dict[str, Rows] = defaultdict(list)
        for row in self.messages:
            self.thread[row["conversation_id"]].append(row)
        self.history: dict[str, Rows] = defaultdict(list)
        for row in self.conversation_events:
            self.history[row["conversation_id"]].append(row)

    conversations: Rows
    messages: Rows
    conversation_events: Rows
    csat: Rows
    conversation_tags: Rows
    people: Rows
    teams: Rows
    team_members: Rows
    organizations: Rows

    @cached_property
    def counted(self) -> Rows:
        """The everyday population, by the flags in the file."""
        flags = ("is_spam", "is_test", "is_outbound", "is_automatic")
        return [
            row
            for row in self.conversations
            if all(row[flag] == "false" for flag in flags)
            and not row["merged_into"]
            and row["status"] != "deleted"
        ]

    def cell(self, truth: dict[str, Any]) -> Rows:
        return [
            row
            for row in self.counted
            if row["product"] == truth["product"]
            and row["channel"] == truth["channel"]
            and local_day(row["created_at"]) == date.fromisoformat(truth["date"])
        ]

    def says(self, conversation_id: str, *words: str) -> bool:
        text = " ".join(row["body_text"].lower() for row in self.thread[conversation_id])
        return any(word in text for word in words)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample") / "out"
    return Sample(folder, generate(folder, conversations=2000, seed=7, end=END))


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Large enough for medians and shares to show."""
    folder = tmp_path_factory.mktemp("big") / "out"
    return Sample(folder, generate(folder, conversations=8_000, seed=7, end=END))


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


def test_small_shares_do_not_belong_to_the_everyday_population(sample: Sample) -> None:
    counted = len(sample.counted)
    assert counted == sample.truth["counted_conversations"]
    assert 0.90 < counted / len(sample.conversations) < 0.99
    for flag in ("is_spam", "is_test", "is_outbound", "is_automatic"):
        assert any(row[flag] == "true" for row in sample.conversations), flag
    assert any(row["merged_into"] for row in sample.conversations)


@pytest.mark.parametrize("size", [600, 2000])
def test_the_bad_day_stands_out(tmp_path: Path, size: int) -> None:
    made = Sample(tmp_path / "s", generate(tmp_path / "s", conversations=size, seed=7, end=END))
    truth = made.truth["bad_day"]
    assert (truth["date"], truth["product"], truth["channel"]) == ("2026-10-31", "Parcel Tracker", "chat")
    cell = made.cell(truth)
    assert len(cell) == truth["conversations_in_cell"] >= (12 if size == 600 else 25)
    assert truth["negative_conversations_in_cell"] >= 0.9 * len(cell)
    per_day = Counter(local_day(row["created_at"]) for row in made.counted)
    assert per_day[date(2026, 10, 31)] == truth["conversations_on_day"]
    usual = statistics.median(per_day[END - timedelta(days=n)] for n in range(60))
    assert truth["conversations_on_day"] >= 2 * usual
    words = ("parcel", "deliver", "courier", "driver", "depot", made.truth["bad_day"]["topic"])
    assert sum(made.says(row["conversation_id"], *words) for row in cell) >= 0.9 * len(cell)


def test_the_bad_day_reads_negative_to_a_word_list(sample: Sample) -> None:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()

    def mood(row: dict[str, str]) -> float:
        said = [
            m["body_text"] for m in sample.thread[row["conversation_id"]] if m["author_role"] == "customer"
        ]
        return statistics.mean(analyser.polarity_scores(text)["compound"] for text in said)

    cell = sample.cell(sample.truth["bad_day"])
    negative = sum(mood(row) <= -0.05 for row in cell)
    assert negative >= 0.9 * sample.truth["bad_day"]["negative_conversations_in_cell"]


def test_the_outage_is_a_spike_of_one_day(sample: Sample) -> None:
    truth = sample.truth["outage"]
    assert (truth["product"], truth["channel"]) == ("Cloud Backup", "web")
    cell = sample.cell(truth)
    assert len(cell) == truth["conversations_in_cell"]
    per_day = Counter(
        local_day(row["created_at"])
        for row in sample.counted
        if (row["product"], row["channel"]) == ("Cloud Backup", "web")
    )
    others = [count for day, count in per_day.items() if day != date.fromisoformat(truth["date"])]
    assert len(cell) >= 5 * max(others)


def test_the_rising_topic_rises(big: Sample) -> None:
    truth = big.truth["rising_topic"]
    rows = big.counted

    def share(part: dict[str, Any]) -> float:
        begin, end = date.fromisoformat(part["from"]), date.fromisoformat(part["to"])
        inside = [row for row in rows if begin <= local_day(row["created_at"]) <= end]
        assert len(inside) == part["of"]
        found = sum(big.says(row["conversation_id"], *TWO_FACTOR) for row in inside)
        assert found >= 0.85 * part["conversations"]
        return part["conversations"] / part["of"]

    before, *steps = [share(part) for part in (truth["before"], *truth["by_30_days"])]
    assert before < steps[0] < steps[1] < steps[2] < steps[3]
    assert steps[3] > 3 * before


def first_answer_s(big: Sample, row: dict[str, str]) -> int | None:
    for message in big.thread[row["conversation_id"]]:
        if message["author_role"] == "agent" and message["is_public"] == "true":
            return int((instant(message["created_at"]) - instant(row["created_at"])).total_seconds())
    return None


def test_billing_answers_later_from_the_day_of_the_step(big: Sample) -> None:
    truth = big.truth["first_reply_step"]
    begin = date.fromisoformat(truth["from"])
    assert begin == END - timedelta(days=59)
    late: dict[bool, list[int]] = {True: [], False: []}
    for row in big.counted:
        seconds = first_answer_s(big, row)
        if row["team_id"] == "T-2" and seconds is not None:
            late[local_day(row["created_at"]) >= begin].append(seconds)
    assert statistics.median(late[True]) == pytest.approx(truth["median_first_reply_s_after"], rel=0.02)
    assert statistics.median(late[False]) == pytest.approx(truth["median_first_reply_s_before"], rel=0.02)
    assert statistics.median(late[True]) > 2 * statistics.median(late[False])
    assert truth["median_office_s_after"] / truth["median_office_s_before"] == pytest.approx(2.5, rel=0.35)
    assert truth["other_teams_median_after"] < 1.4 * truth["other_teams_median_before"]


def test_christmas_day_is_nearly_silent(big: Sample) -> None:
    truth = big.truth["holiday"]
    per_day = Counter(local_day(row["created_at"]) for row in big.counted)
    assert truth["date"] == "2025-12-25"
    assert per_day[date(2025, 12, 25)] == truth["conversations_on_day"]
    before = [per_day[date(2025, 12, 25) - timedelta(weeks=n)] for n in (3, 2, 1)]
    assert before == truth["same_weekday_before"]
    assert truth["conversations_on_day"] <= 0.15 * statistics.mean(before)


def test_the_new_topic_is_new(sample: Sample) -> None:
    truth = sample.truth["new_topic"]
    begin = date.fromisoformat(truth["from"])
    assert begin == END - timedelta(days=29)
    words = ("gift card", "geschenkkarte", "tarjeta regalo", "carte cadeau")
    days = [
        local_day(row["created_at"]) for row in sample.counted if sample.says(row["conversation_id"], *words)
    ]
    assert len(days) == truth["conversations"] >= 8
    assert min(days) == date.fromisoformat(truth["first_day_seen"]) >= begin
    assert truth["conversations_before"] == 0


def test_sentences_vary_and_slots_are_filled(sample: Sample) -> None:
    opening = [
        thread[0]["body_text"] for thread in sample.thread.values() if thread[0]["author_role"] == "customer"
    ]
    assert len(set(opening)) / len(opening) > 0.8
    texts = [row["body_text"] for row in sample.messages]
    texts += [row["subject"] for row in sample.conversations] + [row["comment"] for row in sample.csat]
    assert not [text for text in texts if "{" in text or "}" in text or "  " in text]
    assert all(row["body_text"].strip() for row in sample.messages)
    assert Counter(len(t) for t in sample.thread.values()).keys() >= {2, 4, 7, 11}


def test_there_is_something_to_mask_and_something_to_look_up(sample: Sample) -> None:
    everything = " ".join(row["body_text"] for row in sample.messages)
    for pattern in (
        r"[a-z]+\.[a-z]+\d+@(example\.(com|org|net)|mail\.example)",
        r"\b07700 900\d{3}\b",
        r"\bGB33BUKB20201555555555\b",
        r"\b4111 1111 1111 1111\b",
        r"\bE-4042\b",
        r"\bINV-\d{5}\b",
        r"\bPT-\d{6}\b",
    ):
        assert re.search(pattern, everything), pattern


def test_ratings_follow_mood_and_speed(big: Sample) -> None:
    answered = [row for row in big.csat if row["score"]]
    assert 0.2 < len(answered) / len(big.conversations) < 0.4
    quick, slow = [], []
    for row in answered:
        assert float(row["score"]) == (int(row["native_score"]) - 1) / 4
        conversation = big.by_id[row["conversation_id"]]
        seconds = first_answer_s(big, conversation)
        if seconds is not None and conversation["channel"] == "email":
            (quick if seconds < 7200 else slow).append(float(row["score"]))
    assert statistics.mean(quick) > statistics.mean(slow) + 0.03


def test_half_of_the_surveys_are_answered(big: Sample) -> None:
    solved = [row for row in big.counted if row["status"] in ("solved", "closed")]
    silent = [row for row in big.csat if not row["score"]]
    assert len(big.csat) / len(solved) == pytest.approx(2 / 3, abs=0.03)
    assert len(silent) / len(big.csat) == pytest.approx(0.5, abs=0.04)
    assert {(r["native_score"], r["comment"], r["rated_at"]) for r in silent} == {("offered", "", "")}
    assert {row["conversation_id"] for row in big.csat} <= {row["conversation_id"] for row in solved}
    for row in big.csat:
        assert instant(row["offered_at"]) >= instant(big.by_id[row["conversation_id"]]["created_at"])
        assert not row["rated_at"] or row["rated_at"] >= row["offered_at"]


def test_work_follows_the_week_and_the_day(big: Sample) -> None:
    weekdays = Counter(local_day(row["created_at"]).weekday() for row in big.counted)
    assert weekdays[0] > weekdays[4] > 1.5 * weekdays[6]
    hours = Counter(
        instant(row["created_at"]).astimezone(LONDON).hour for row in big.counted if row["channel"] == "email"
    )
    assert hours[10] > 10 * hours[3]
    calls = {instant(r["created_at"]).astimezone(LONDON).hour for r in big.counted if r["channel"] == "voice"}
    assert min(calls) == 9 and max(calls) == 17


def test_every_language_has_every_kind_of_phrase() -> None:
    from jobs.sample import text
    from jobs.sample.world import MOODS, TOPIC_NAMES

    phrases = text.Phrases.load()
    english = phrases.count[:, 0] > 0
    assert english.any()
    for position, code in enumerate(LANGUAGES):
        missing = english & ~(phrases.count[:, position] > 0)
        found = [
            (text.FRAGMENTS[f], TOPIC_NAMES[t], MOODS[m]) for f, t, m in zip(*missing.nonzero(), strict=True)
        ]
        assert not found, (code, found[:5])


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
