"""What truth.json says is planted stands out in the files, and everyday life is around it."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs.sample import generate
from tests.jobs.sample_files import END, LANGUAGES, LONDON, TWO_FACTOR, Sample, instant, local_day


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


def test_social_media_comes_back(big: Sample) -> None:
    truth = big.truth["reopen_driver"]
    rates: dict[bool, list[bool]] = {True: [], False: []}
    for row in big.counted:
        states = [e["new_value"] for e in big.history[row["conversation_id"]] if e["field"] == "status"]
        if "solved" in states:
            after = states[states.index("solved") + 1 :]
            rates[row[truth["dimension"]] == truth["value"]].append(
                any(s not in ("solved", "closed") for s in after)
            )
    assert sum(row["channel"] == "social" for row in big.counted) == truth["conversations"]
    social, others = statistics.mean(rates[True]), statistics.mean(rates[False])
    assert sum(rates[True]) >= truth["planted"] * 0.8 and social > 2 * others > 0.1
