"""The Monday brief: what is told, what is not, and that every number holds."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from analytics.brief import MOST, Brief, brief, checked
from analytics.brief_words import Figure, Made, Name, Sentence, address, faults, joined, unusual
from analytics.compute import compute
from core import numbers
from core.errors import QuestionError
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from store import generations
from store.reader import Reader, open_reader
from store.writer import Writer

Make = Callable[..., Reader]
LAST = date(2026, 11, 9)  # the Monday of the last closed week: the clock stands on 16 November
WEEK = Period(LAST, LAST + timedelta(days=6))


def a_week(monday: date, count: int, **more: Any) -> list[dict[str, Any]]:
    """So many conversations over the seven days of a week, answered and solved within hours."""
    rows = []
    for number in range(count):
        at = datetime.combine(monday, datetime.min.time()) + timedelta(
            days=number % 7, hours=9, minutes=number % 60
        )
        rows.append(
            {
                "created_local": at, "first_reply_local": at + timedelta(hours=1), "first_reply_s": 3600,
                "last_solved_local": at + timedelta(hours=5), "full_resolution_s": 18_000, "team": "Billing",
                "product": "A", "channel": "email", "sentiment": "neutral", **more,
            }
        )  # fmt: skip
    return rows


def before(count: int, weeks: int = 8, **more: Any) -> list[dict[str, Any]]:
    return [
        row for back in range(1, weeks + 1) for row in a_week(LAST - timedelta(weeks=back), count, **more)
    ]


def told(reader: Reader, settings: Settings, **more: Any) -> Brief:
    return brief(reader, settings=settings, **{"viewer": EVERYTHING, **more})


def by_metric(found: Brief, kind: str = "unusual") -> dict[tuple[str, str], Sentence]:
    return {(s.metric, dict(s.where).get("topic", "")): s for s in found.sentences if s.kind == kind}


def test_a_usual_week_says_so(warehouse: Make, settings: Settings) -> None:
    found = told(warehouse(before(20) + a_week(LAST, 21)), settings)
    assert (found.week, found.title, found.refused) == (WEEK, "Week of 9 to 15 Nov 2026", ())
    (only,) = found.sentences
    assert only.kind == "usual" and only.text.startswith("Nothing unusual: all of the 5 numbers")
    assert only.address == "overview?period=custom&dates=2026-11-09&dates=2026-11-15&grain=week"


def test_what_moved_and_why(warehouse: Make, settings: Settings) -> None:
    facts = (
        before(20) + a_week(LAST, 20) + a_week(LAST, 30, product="B", team="Returns", sentiment="negative")
    )
    found = by_metric(told(warehouse(facts), settings))
    volume = found["volume", ""]
    assert (volume.value, volume.n, volume.low, volume.high, volume.good) == (50, 50, 7, 33, None)
    assert volume.text == (
        "Conversations created: 50, above its usual 7 to 33; against the week before +30, product B alone +30."
    )
    assert found["sentiment_negative_share", ""].good is False and found["solved", ""].good is True
    assert "60 % (n = 50)" in found["sentiment_negative_share", ""].text
    assert not {"agent"} & {
        piece.text for one in found.values() for piece in one.pieces if isinstance(piece, Name)
    }


def test_the_address_is_what_the_pages_read(warehouse: Make, settings: Settings) -> None:
    facts = before(20, channel="chat") + a_week(LAST, 60, channel="chat")
    filters = Filters.of(None, {"channel": ["chat"]}, hours="business", include=["spam"])
    sentence = by_metric(told(warehouse(facts), settings, filters=filters))["volume", ""]
    page = urlsplit(sentence.address)
    assert page.path == "conversations"
    assert parse_qs(page.query) == {
        "channel": ["chat"], "include": ["spam"], "hours": ["business"], "period": ["custom"],
        "dates": ["2026-11-09", "2026-11-15"], "of": ["volume"],
    }  # fmt: skip
    assert address("live", Filters()) == "live"


def test_the_farthest_comes_first_and_equals_keep_their_order(warehouse: Make, settings: Settings) -> None:
    late = {"first_reply_s": 40_000, "full_resolution_s": 180_000}
    found = told(warehouse(before(20) + a_week(LAST, 45, **late)), settings)
    assert [s.metric for s in found.sentences] == [
        "first_reply_median",
        "resolution_median",
        "volume",
        "solved",
    ]


def test_a_topic_is_told_by_its_name(warehouse: Make, settings: Settings) -> None:
    name = "<b>*refunds* 2</b>"
    facts = before(40, topic="other") + a_week(LAST, 26, topic="other") + a_week(LAST, 14, topic=name)
    found = by_metric(told(warehouse(facts), settings))
    sentence = found["volume", name]
    assert sentence.text.startswith(f"Conversations created, topic {name}: 14, above its usual 0 to 3")
    assert Name(name) in sentence.pieces, "whoever shows it knows which words are the data's"
    assert parse_qs(urlsplit(sentence.address).query)["topic"] == [name]


def test_too_little_history(warehouse: Make, settings: Settings) -> None:
    found = told(warehouse(before(20, weeks=3) + a_week(LAST, 90)), settings)
    (only,) = found.sentences
    assert only.kind == "history" and "closed weeks before this one: 3, and it takes four" in only.text


def test_too_few_conversations(warehouse: Make, settings: Settings) -> None:
    found = told(warehouse(before(2) + a_week(LAST, 3)), settings)
    assert [s.text for s in found.sentences] == ["There are too few conversations to say what is usual."]


def test_a_week_that_the_data_begins_in_is_no_history(warehouse: Make, settings: Settings) -> None:
    cut = [row for row in before(20, weeks=4) if row["created_local"].date() != LAST - timedelta(weeks=4)]
    (only,) = told(warehouse(cut + a_week(LAST, 90)), settings).sentences
    assert "before this one: 3" in only.text


def test_open_weeks_and_weeks_without_data_are_refused(warehouse: Make, settings: Settings) -> None:
    today = [{"created_local": datetime(2026, 11, 16, 8)}] * 80
    reader = warehouse(before(20) + a_week(LAST, 20) + today)
    assert told(reader, settings).week == WEEK, "the eighty of today belong to a week that is still open"
    assert [s.kind for s in told(reader, settings).sentences] == ["usual"]
    for day in (date(2026, 11, 16), date(2027, 1, 1), date(2026, 1, 1)):
        with pytest.raises(QuestionError, match="not a closed week"):
            told(reader, settings, week=day)
    assert told(reader, settings, week=date(2026, 11, 5)).week == Period(date(2026, 11, 2), date(2026, 11, 8))


def test_nothing_in_the_warehouse(home: Home, settings: Settings, now: datetime) -> None:
    writer = Writer(home, run_id="test")
    writer.close()
    generations.publish(home, writer.path, keep=3)
    found = told(open_reader(home), settings)
    assert (found.week, found.sentences, found.title) == (None, (), "No week is closed yet")


def test_no_week_is_closed_yet(warehouse: Make, settings: Settings) -> None:
    assert told(warehouse([{"created_local": datetime(2026, 11, 16, 8)}] * 80), settings).week is None


def test_the_last_day_of_the_hour_that_comes_twice(warehouse: Make, now: datetime) -> None:
    """The clock of London goes back on Sunday 25 October: that week has 169 hours and ends at its own midnight."""
    settings = Settings(workspace={"reporting_zone": "Europe/London"})
    sunday = [
        {"created_local": datetime(2026, 10, 25, hour, 30)} for hour in (1, 1, 1, 23, 23) for _ in range(10)
    ]
    reader = warehouse(before(20, weeks=10) + sunday + a_week(LAST, 20))
    week = told(reader, settings, week=date(2026, 10, 25))
    assert week.title == "Week of 19 to 25 Oct 2026"
    assert by_metric(week)["volume", ""].value == 70
    after = told(reader, settings, week=date(2026, 10, 26))
    assert ("volume", "") not in by_metric(after) and after.title == "Week of 26 Oct to 1 Nov 2026"


def test_a_missed_target_is_told(warehouse: Make) -> None:
    settings = Settings(
        targets=[{"metric": "first_reply_median", "value": "30m"}, {"metric": "volume", "value": 5}]
    )
    usual = told(warehouse(before(20) + a_week(LAST, 20)), settings)
    assert [s.kind for s in usual.sentences] == ["usual", "target"]
    assert (
        usual.sentences[1].text == "First reply time, median: 1 h 00 m, its target of 30 m 00 s was missed."
    )
    worse = told(warehouse(before(20) + a_week(LAST, 20, first_reply_s=9000)), settings)
    assert [s.kind for s in worse.sentences] == ["unusual"]
    assert worse.sentences[0].text.count("; its target of 30 m 00 s was missed") == 1


def risky(team: str, count: int) -> list[dict[str, Any]]:
    due = datetime(2026, 11, 16, 20, tzinfo=UTC)
    row = {
        "last_solved_local": None,
        "open_due_at": due,
        "open_due_local": due.replace(tzinfo=None),
        "team": team,
    }
    return a_week(LAST, count, **row)


def test_what_runs_out_is_told_last_and_of_the_last_week_only(warehouse: Make, settings: Settings) -> None:
    reader = warehouse(before(20) + a_week(LAST, 8) + risky("Billing", 5) + risky("Returns", 3))
    last = told(reader, settings).sentences[-1]
    assert (
        last.text
        == "Ahead: 8 of 8 open conversations have a target due within a day, most in team Billing (5)."
    )
    assert (last.address, last.value, last.n) == ("live", 8, 8)
    earlier = told(reader, settings, week=LAST - timedelta(days=1))
    assert "ahead" not in {s.kind for s in earlier.sentences}
    gone = told(reader, settings, at=datetime(2026, 11, 16, 21, tzinfo=UTC))
    assert "ahead" not in {s.kind for s in gone.sentences}, "what is overdue does not lie ahead"


def test_at_most_eight(warehouse: Make) -> None:
    late = {
        "first_reply_s": 40_000, "full_resolution_s": 180_000, "sentiment": "negative", "csat_score": 0.0,
        "csat_kind": "2",
    }  # fmt: skip
    facts = before(20, csat_score=1.0, csat_kind="2") + risky("Billing", 4)
    for row in facts:
        row["csat_local"] = row["created_local"]
    for topic in ("a", "b", "c"):
        facts += [
            {**row, "csat_local": row["created_local"]} for row in a_week(LAST, 30, topic=topic, **late)
        ]
    names = ("sentiment_neutral_share", "csat_score")
    settings = Settings(targets=[{"metric": name, "value": 0.9} for name in names])
    found = told(warehouse(facts), settings)
    assert len(found.sentences) == MOST == 8 and found.sentences[-1].kind == "ahead" and not found.refused
    assert len({s.text for s in found.sentences}) == 8 and found.sentences[0].kind == "unusual"


def test_a_viewer_is_told_of_their_own_rows_only(warehouse: Make, settings: Settings) -> None:
    facts = (
        before(20)
        + a_week(LAST, 21)
        + before(15, team="Returns")
        + a_week(LAST, 60, team="Returns", product="B")
    )
    reader = warehouse(facts)
    ours, theirs = (Viewer(name, teams=(name,), role="lead") for name in ("Billing", "Returns"))
    assert [s.kind for s in told(reader, settings, viewer=ours).sentences] == ["usual"]
    volume = by_metric(told(reader, settings, viewer=theirs))["volume", ""]
    rows = reader.query(
        """SELECT count(*) AS n FROM {conversation_facts} WHERE is_counted AND team = 'Returns'
           AND created_local >= DATE '2026-11-09' AND created_local < DATE '2026-11-16'""",
        viewer=EVERYTHING,
    ).to_pylist()
    assert volume.value == rows[0]["n"] == 60
    assert told(reader, settings, viewer=Viewer("guest", teams=())).sentences[0].kind == "history"


def _made(reader: Reader, settings: Settings) -> tuple[Sentence, Made]:
    span = Filters.of(Period(LAST - timedelta(weeks=8), WEEK.end))
    result = compute(reader, "volume", span, settings=settings, viewer=EVERYTHING, grain="week")
    made = Made(WEEK, {"volume": result})
    found = made.judged(("volume", ""))
    assert found is not None
    pieces = (*unusual(result, ("volume", ""), found), ".")
    return Sentence("unusual", joined(pieces), pieces, "volume", WEEK, "conversations"), made


def test_a_broken_sentence_is_refused(warehouse: Make, settings: Settings) -> None:
    whole, made = _made(warehouse(before(20) + a_week(LAST, 50)), settings)
    assert checked([whole], made) == ([whole], [])
    figures = [place for place, piece in enumerate(whole.pieces) if isinstance(piece, Figure)]
    assert len(figures) == 3
    for place in figures:
        pieces = list(whole.pieces)
        pieces[place] = replace(pieces[place], text="51")  # type: ignore[type-var]
        broken = replace(whole, pieces=tuple(pieces), text=joined(pieces))
        kept, refused = checked([broken, whole], made)
        assert kept == [whole] and len(refused) == 1 and "says 51" in refused[0]
    assert faults(replace(whole, text=whole.text.replace("50", "55")), made)
    smuggled = (*whole.pieces, " That is 12 more.")
    assert faults(replace(whole, pieces=smuggled, text=joined(smuggled)), made) == [
        "a number that nothing was computed for: That is 12 more."
    ]
    stranger = (Figure("50", "value", ("solved", "")),)
    assert faults(replace(whole, pieces=stranger, text="50"), made)


@pytest.fixture
def sample(sample_home: Any, now: datetime) -> tuple[Reader, Settings, dict[str, Any]]:
    from core.effective import effective_settings
    from core.settings import load_settings

    truth = json.loads((sample_home.sample / "truth.json").read_text())
    return open_reader(sample_home), effective_settings(sample_home, load_settings(sample_home)), truth


def test_what_is_planted_in_the_sample_is_told_in_its_week(sample: Any) -> None:
    reader, settings, truth = sample
    for name in ("bad_day", "outage"):
        planted = truth[name]
        found = told(reader, settings, week=date.fromisoformat(planted["date"]))
        volume = by_metric(found)["volume", ""]
        assert volume.value >= planted["conversations_in_cell"] and not found.refused
        causes = {piece.text for s in found.sentences for piece in s.pieces if isinstance(piece, Name)}
        assert {planted["product"], planted["channel"]} & causes


VALUES = {
    "volume": ("created_local", "1", None),
    "solved": ("last_solved_local", "1", "is_solved"),
    "first_reply_median": ("first_reply_local", "first_reply_s", "first_reply_s IS NOT NULL"),
    "resolution_median": (
        "last_solved_local",
        "full_resolution_s",
        "is_solved AND full_resolution_s IS NOT NULL",
    ),
    "sentiment_negative_share": ("created_local", "(sentiment = 'negative')::INT", "sentiment IS NOT NULL"),
}


def by_hand(reader: Reader, metric: str, topic: str, week: Period) -> tuple[float, int]:
    """A metric of a week by plain SQL."""
    bucket, value, where = VALUES[metric]
    rows = reader.query(
        f"""SELECT {value} AS value FROM {{conversation_facts}} WHERE is_counted AND {where or "true"}
            AND {bucket} >= ? AND {bucket} < ? AND (? = '' OR topic = ?)""",
        [week.start, week.until, topic, topic],
        viewer=EVERYTHING,
    )["value"].to_pylist()
    values = [float(one) for one in rows]
    whole = metric in ("volume", "solved")
    number = (
        len(values) if whole else median(values) if metric.endswith("median") else sum(values) / len(values)
    )
    return number, len(values)


def test_every_number_equals_plain_sql(sample: Any) -> None:
    reader, settings, truth = sample
    days = [date.fromisoformat(truth[name]["date"]) for name in ("bad_day", "outage")]
    seen = set()
    for day in (*days, date(2026, 10, 25), date(2026, 10, 12), LAST):
        found = told(reader, settings, week=day)
        for (metric, topic), sentence in by_metric(found).items():
            if metric not in VALUES:
                continue
            seen.add(metric)
            value, n = by_hand(reader, metric, topic, sentence.period)
            assert (sentence.value, sentence.n) == (pytest.approx(value), n)
            earlier = [sentence.period]
            for _ in range(8):
                earlier.append(earlier[-1].previous())
            values = [number for number, m in (by_hand(reader, metric, topic, w) for w in earlier[1:])
                      if m >= 5 or metric in ("volume", "solved")]  # fmt: skip
            middle = median(values)
            spread = 3 * 1.4826 * median(abs(one - middle) for one in values)
            assert sentence.low is not None and sentence.high is not None
            if metric.endswith("median"):
                assert sentence.high == pytest.approx(middle + max(spread, middle / 10))
            unit = (
                "seconds"
                if metric.endswith("median")
                else "count"
                if metric in ("volume", "solved")
                else "share"
            )
            for number in (value, sentence.low, sentence.high):
                assert numbers.value(number, unit, n) in sentence.text
    assert {"volume", "solved", "first_reply_median", "resolution_median"} <= seen
