"""What follows the brief's sentences: causes with conversations, rising topics in customers' words, the week ahead."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from analytics import brief_sections
from analytics.anomalies.context import Told
from analytics.brief import Brief, brief
from analytics.brief_quotes import LONGEST, shortened
from analytics.brief_sections import AHEAD, CAUSES, RISING, Asked
from analytics.brief_words import Figure, Made, Sentence, faults, joined
from analytics.week_ahead import WEEK, WeekAhead, weeks
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from store.reader import Reader, open_reader
from tests.analytics.conftest import Make, publish
from tests.analytics.test_brief import LAST, a_week, before

THE_WEEK = Period(LAST, LAST + timedelta(days=6))


def told(reader: Reader, settings: Settings, **more: Any) -> Brief:
    return brief(reader, settings=settings, **{"viewer": EVERYTHING, **more})


def section(found: Brief, title: str) -> tuple[Sentence, ...]:
    return next((one.sentences for one in found.sections if one.title == title), ())


def figures(sentence: Sentence) -> dict[str, str]:
    return {piece.what: piece.text for piece in sentence.pieces if isinstance(piece, Figure)}


def test_a_cause_is_named_with_conversations_that_show_it(warehouse: Make, settings: Settings) -> None:
    facts = before(20) + a_week(LAST, 20) + a_week(LAST, 30, product="B", team="Returns")
    reader = warehouse(facts)
    found = told(reader, settings)
    cause = section(found, CAUSES)[0]
    assert cause.metric == "volume" and not found.refused
    assert ("product", "B") in cause.where or ("team", "Returns") in cause.where
    assert cause.text.startswith("Conversations created goes with ")
    assert cause.text.endswith(": 30, about 0 expected.")
    page = parse_qs(urlsplit(cause.address).query)
    assert page["dates"] == ["2026-11-09", "2026-11-15"] and page["of"] == ["volume"]
    planted = {f"c{number}" for number in range(180, 210)}
    assert len(cause.examples) == 3 and {one.conversation_id for one in cause.examples} <= planted
    masked = told(reader, settings, mask=lambda text: "***")
    assert {one.subject for one in section(masked, CAUSES)[0].examples} == {"***"}


def test_a_slice_that_fell_away_shows_those_before(warehouse: Make, settings: Settings) -> None:
    facts = before(20) + before(30, product="B", team="Returns") + a_week(LAST, 20)
    cause = section(told(warehouse(facts), settings), CAUSES)[0]
    told_of = figures(cause)
    assert told_of["slice_n"] == "0" and abs(int(told_of["slice_usual"]) - 30) <= 1
    page = parse_qs(urlsplit(cause.address).query)
    assert page["dates"] == ["2026-10-12", "2026-11-08"] and cause.examples


def spelt(number: int) -> str:
    """A word of its own for each number."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def messages_of(facts: list[dict[str, Any]], topic: str, said: str) -> list[dict[str, Any]]:
    """A customer's first message, and a later one, of each conversation of a topic."""
    rows = []
    for number, row in enumerate(facts):
        if row.get("topic") != topic:
            continue
        for place, text in enumerate(
            (said.format(number=number, word=spelt(number)), "Any news? I am still waiting for that.")
        ):
            at = row["created_local"] + timedelta(hours=place)
            rows.append(
                {
                    "source_id": "desk", "conversation_id": f"c{number}", "message_id": f"m{number}-{place}",
                    "author_role": "customer", "body_text": text, "created_at": at.replace(tzinfo=None),
                }
            )  # fmt: skip
    return rows


def rising(count: int = 14) -> list[dict[str, Any]]:
    return before(40, topic="other") + a_week(LAST, 40, topic="other") + a_week(LAST, count, topic="refunds")


def test_a_rising_topic_is_told_in_two_customers_words_masked(warehouse: Make, settings: Settings) -> None:
    facts = rising()
    said = "As {word} I asked: where is the money of order 7? Call me, Anna Meyer."
    reader = warehouse(facts, messages=messages_of(facts, "refunds", said))
    (one,) = section(told(reader, settings, mask=lambda text: text.replace("Anna Meyer", "[name]")), RISING)
    assert one.text == "Topic refunds: 14 conversations, 26 % of all; in the weeks before 0 %."
    assert parse_qs(urlsplit(one.address).query)["topic"] == ["refunds"]
    first, second = one.quotes
    assert first.conversation_id != second.conversation_id
    for quote in one.quotes:
        word = spelt(int(quote.conversation_id.removeprefix("c")))
        assert quote.text == f"As {word} I asked: where is the money of order 7? Call me, [name]."


def test_what_begins_alike_is_quoted_once_and_a_topic_without_words_is_told(
    warehouse: Make, settings: Settings
) -> None:
    facts = rising()
    reader = warehouse(
        facts, messages=messages_of(facts, "refunds", "Where is my money, it has been a month")
    )
    (one,) = section(told(reader, settings), RISING)
    assert len(one.quotes) == 1
    assert (
        shortened("word " * 60) == ("word " * 32).strip() + "…" and len(shortened("x" * 500)) == LONGEST + 1
    )


@pytest.mark.parametrize(
    "hidden", [{"is_public": False}, {"kind": "note"}, {"kind": "event"}, {"is_deleted": True}]
)
def test_what_was_not_said_in_public_or_is_deleted_is_not_quoted(
    warehouse: Make, settings: Settings, hidden: dict[str, Any]
) -> None:
    facts = rising()
    messages = messages_of(facts, "refunds", "Case {word}: careful with this customer, they shout.")
    messages = [{**one, **(hidden if one["message_id"].endswith("-0") else {})} for one in messages]
    (one,) = section(told(warehouse(facts, messages=messages), settings), RISING)
    assert [quote.text for quote in one.quotes] == ["Any news? I am still waiting for that."]


def test_what_differs_by_a_number_begins_alike(warehouse: Make, settings: Settings) -> None:
    facts = rising()
    said = "Hello number {number}, my parcel is late."
    (one,) = section(told(warehouse(facts, messages=messages_of(facts, "refunds", said)), settings), RISING)
    assert len(one.quotes) == 1


def test_a_viewer_is_quoted_their_own_rows_only(warehouse: Make, settings: Settings) -> None:
    facts = rising() + [{**row, "team": "Returns"} for row in rising(30)]
    reader = warehouse(
        facts, messages=messages_of(facts, "refunds", "Case {word}: where is the money of my order?")
    )
    ours = Viewer("bea", teams=("Billing",), role="lead")
    (one,) = section(told(reader, settings, viewer=ours), RISING)
    assert one.n == 14 and len(one.quotes) == 2
    returns = {f"c{number}" for number, row in enumerate(facts) if row["team"] == "Returns"}
    assert not returns & {quote.conversation_id for quote in one.quotes}


def test_the_week_ahead_and_whether_the_last_forecast_held(warehouse: Make, settings: Settings) -> None:
    reader = warehouse(before(70, weeks=20) + a_week(LAST, 140))
    found = told(reader, settings)
    last, coming = section(found, AHEAD)
    assert last.text == (
        f"The forecast from before did not hold: 140 conversations came, {figures(last)['week_low']} to "
        f"{figures(last)['week_high']} were expected."
    )
    assert int(figures(last)["week_low"]) <= 70 <= int(figures(last)["week_high"]) < 140
    assert coming.text.startswith("From 16 to 22 Nov 2026 about ") and coming.kind == "coming"
    low, value, high = (int(figures(coming)[f"week_{name}"]) for name in ("low", "value", "high"))
    assert low <= value <= high and coming.address.startswith("volume?")
    earlier = section(told(reader, settings, week=LAST - timedelta(days=1)), AHEAD)
    assert [one.kind for one in earlier] == ["told"], "what came after an earlier week is known"
    assert "before held: 70 conversations came" in earlier[0].text


@pytest.mark.parametrize(
    ("low", "high", "came", "is_news"),
    [(30, 50, 43, True), (0, 83, 43, False), (0, 83, 90, True), (20, 60, 43, True), (19, 60, 43, False)],
)
def test_that_a_band_held_which_nothing_can_miss_is_no_news(
    low: int, high: int, came: int, is_news: bool
) -> None:
    assert WeekAhead(THE_WEEK, 40, low, high, came, 12).is_news is is_news


def test_a_week_is_forecast_from_the_days_before_it_alone(
    tmp_path: Path, settings: Settings, now: datetime
) -> None:
    found = []
    for name, count in (("a", 70), ("b", 400)):
        reader = publish(Home(tmp_path / name), before(70, weeks=20) + a_week(LAST, count))
        told_of = weeks(reader, Filters(), THE_WEEK, settings=settings, viewer=EVERYTHING)["told"]
        found.append((told_of.value, told_of.low, told_of.high))
        assert told_of.came == count and told_of.period.days == WEEK
    assert found[0] == found[1]


def test_one_extreme_day_does_not_widen_the_bands_of_the_weeks_after_it(
    warehouse: Make, settings: Settings
) -> None:
    outage = a_week(LAST - timedelta(weeks=3), 1) * 60
    reader = warehouse(before(70, weeks=20) + outage + a_week(LAST, 70))
    coming = weeks(reader, Filters(), THE_WEEK, settings=settings, viewer=EVERYTHING)["coming"]
    assert coming.tests == 12 and 60 <= coming.low <= 70 <= coming.high <= 80


def test_ten_days_of_data_have_nothing_to_add(warehouse: Make, settings: Settings) -> None:
    days = [date(2026, 11, 6) + timedelta(days=at) for at in range(10)]
    facts = [
        {"created_local": datetime(day.year, day.month, day.day, 9 + at), "topic": "refunds", "product": "A"}
        for day in days
        for at in range(8)
    ]
    found = told(warehouse(facts), settings)
    assert found.week == THE_WEEK and found.sections == ()
    assert [one.kind for one in found.sentences] == ["history"]


def made_of(reader: Reader, settings: Settings) -> tuple[list[Sentence], Made]:
    """The sentences of all sections, and what they are made from."""
    asked = Asked(reader, Filters(), settings, EVERYTHING)
    found = told(reader, settings)
    span = Period(LAST - timedelta(weeks=8), THE_WEEK.end)
    made = Made(THE_WEEK, {"volume": asked.computed("volume", span)})
    of_volume = [one for one in found.sentences if one.metric == "volume"]
    made = brief_sections.added(asked, made, of_volume, with_coming=True)
    return [one for _, written in brief_sections.sections(asked, made) for one in written], made


def test_every_figure_of_a_section_is_read_again(warehouse: Make, settings: Settings) -> None:
    facts = before(60, weeks=12, topic="other") + a_week(LAST, 60, topic="other")
    facts += a_week(LAST, 50, topic="refunds", product="B")
    said, made = made_of(warehouse(facts), settings)
    assert {one.kind for one in said} >= {"cause", "rising", "told", "coming"}
    for one in said:
        assert faults(one, made) == []
        for place, piece in enumerate(one.pieces):
            if isinstance(piece, Figure):
                pieces = list(one.pieces)
                pieces[place] = replace(piece, text="77777")
                assert faults(replace(one, pieces=tuple(pieces), text=joined(pieces)), made)


def test_in_the_week_of_the_outage_the_conversations_shown_are_of_the_slice(
    sample_home: Any, now: datetime
) -> None:
    from core.effective import effective_settings
    from core.settings import load_settings

    settings = effective_settings(sample_home, load_settings(sample_home))
    reader = open_reader(sample_home)
    found = told(reader, settings, week=date(2026, 8, 26))
    causes = section(found, CAUSES)
    assert causes and not found.refused
    for cause in causes:
        assert len(cause.examples) == 3
        for one in cause.examples:
            sql = "SELECT * FROM {conversation_facts} WHERE source_id = ? AND conversation_id = ?"
            (row,) = reader.query(sql, [one.source, one.conversation_id], viewer=EVERYTHING).to_pylist()
            assert all(row[dimension] == value for dimension, value in cause.where)


def test_a_week_knows_of_what_had_been_noted_when_it_began(warehouse: Make, settings: Settings) -> None:
    """Every third week twice as many came with a campaign. The next was noted ahead, or after it had begun."""
    first = LAST - timedelta(weeks=20)
    mondays = [first + timedelta(weeks=at) for at in range(21)]
    held = mondays[2::3]
    facts = [fact for day in mondays for fact in a_week(day, 140 if day in held else 70)]
    reader = warehouse(facts)
    past = [Told(day, day + timedelta(days=6), "sale", "campaign") for day in held if day < LAST]
    coming = LAST + timedelta(weeks=1)

    def said(*events: Told) -> tuple[int, int]:
        found = weeks(reader, Filters(), THE_WEEK, settings=settings, viewer=EVERYTHING, events=events)
        return found["told"].value, found["coming"].value

    plain = said(*past)
    ahead = Told(coming, coming + timedelta(days=6), "sale", "campaign", noted=LAST)
    late = replace(ahead, start=LAST, end=THE_WEEK.end, noted=LAST)
    assert said(*past, ahead)[1] > 1.3 * plain[1]
    assert said(*past, late)[0] == plain[0]
