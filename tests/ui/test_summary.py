from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from analytics.result import Change, MetricResult, Value
from core.filters import Filters, Period
from ui import cards, summary

NOW = Period(date(2026, 10, 17), date(2026, 11, 15))


def result(name, unit, now, n_now, before=None, n_before=0, *, better="lower"):
    change = None
    if before is not None:
        change = Change(
            now - before, (now - before) / before if before else None,
            None if better == "neutral" else (now < before) == (better == "lower"),
        )  # fmt: skip
    previous = Value(before, n_before) if before is not None else None
    moment = datetime(2026, 11, 16, tzinfo=UTC)
    return MetricResult(
        name=name, title=name, unit=unit, better=better, description="", filters=Filters(NOW), period=NOW,
        previous_period=NOW.previous() if before is not None else None, grain=None, by=(), total=Value(now, n_now),
        previous=previous, change=change, rows=(), groups=(), excluded=(), notes=(), in_progress=False,
        as_of=moment, zone="UTC", generation=1, published_at=moment, sql="",
    )  # fmt: skip


def volume(now=500, before=480):
    return result("volume", "count", now, now, before, before, better="neutral")


def test_steady():
    found = summary.summarise({"volume": volume()})
    assert (found.verdict, found.tone) == ("About as before", "steady")
    assert found.sentence == "500 conversations, +4 % on the 30 days before."


@pytest.mark.parametrize(
    ("earlier", "told"),
    [
        (Period(date(2025, 10, 18), date(2025, 11, 16)), "18 Oct to 16 Nov 2025"),
        (Period(date(2025, 12, 20), date(2026, 1, 18)), "20 Dec 2025 to 18 Jan 2026"),
        (Period(date(2025, 11, 16), date(2025, 11, 16)), "16 Nov 2025"),
    ],
)
def test_another_year_is_named_by_its_days(earlier, told):
    found = summary.summarise({"volume": replace(volume(), previous_period=earlier)})
    assert found.sentence == f"500 conversations, +4 % on {told}."


def test_a_card_says_which_days_it_is_compared_with():
    assert "Compared with 17 Sep to 16 Oct 2026." in cards._help(volume())
    assert "Compared" not in cards._help(result("volume", "count", 5, 5))


@pytest.mark.parametrize(
    ("now", "before", "verdict", "sentence"),
    [
        (208, 151, "Busier than before", "208 conversations, +38 % on the 30 days before; the rest is about as before."),
        (151, 208, "Quieter than before", "151 conversations, -27 % on the 30 days before; the rest is about as before."),
        (22, 18, "About as before", "22 conversations, +22 % on the 30 days before, which may be chance."),
        (9, 3, "About as before", "9 conversations, +200 % on the 30 days before, which may be chance."),
    ],
)  # fmt: skip
def test_the_verdict_agrees_with_the_number_beside_it(now, before, verdict, sentence):
    # Two square roots of the sum: 38 against a change of 57; 13 against one of 4.
    found = summary.summarise({"volume": volume(now, before)})
    assert (found.verdict, found.sentence, found.tone) == (verdict, sentence, "steady")


def test_a_number_that_is_neither_better_nor_worse_is_told_too():
    replies = result("replies", "count", 386, 200, 316, 150, better="neutral")
    found = summary.summarise({"volume": volume(208, 151), "replies": replies})
    assert found.verdict == "Busier than before"
    assert found.sentence == "more replies (386, was 316). 208 conversations, +38 % on the 30 days before."
    assert summary.summarise({"volume": volume(), "replies": replies}).verdict == "Changed"


def test_slower_replies_need_attention():
    slow = result("first_reply_median", "seconds", 4800, 400, 3600, 380)
    found = summary.summarise({"volume": volume(), "first_reply_median": slow})
    assert (found.verdict, found.tone) == ("Needs attention", "bad")
    assert found.sentence.startswith("slower first replies (1 h 20 m, was 1 h 00 m)")


def test_a_small_change_of_a_time_is_not_worth_a_word():
    same = result("first_reply_median", "seconds", 3700, 400, 3600, 380)
    assert summary.summarise({"volume": volume(), "first_reply_median": same}).tone == "steady"


@pytest.mark.parametrize(("n", "tone"), [(25, "steady"), (400, "bad")])
def test_a_share_must_differ_by_more_than_chance(n, tone):
    # 44 % against 36 %: z = 0.58 at n = 25, z = 2.31 at n = 400.
    mood = result("sentiment_negative_share", "share", 0.44, n, 0.36, n)
    assert summary.summarise({"volume": volume(), "sentiment_negative_share": mood}).tone == tone


@pytest.mark.parametrize(("now", "before", "tone"), [(24, 18, "steady"), (67, 27, "bad")])
def test_a_backlog_must_grow_by_more_than_its_scatter(now, before, tone):
    # Two square roots of the sum: 13 against a growth of 6, 19 against one of 40.
    backlog = result("backlog", "count", now, now, before, before)
    assert summary.summarise({"volume": volume(), "backlog": backlog}).tone == tone


def test_better_and_worse_together():
    slow = result("first_reply_median", "seconds", 4800, 400, 3600, 380)
    fast = result("resolution_median", "seconds", 3600, 400, 7200, 380)
    found = summary.summarise({"volume": volume(), "first_reply_median": slow, "resolution_median": fast})
    assert found.verdict == "Mixed" and ", but faster resolutions" in found.sentence


def test_an_empty_period_says_so():
    assert "no conversations" in summary.summarise({"volume": volume(0, 10)}).sentence
