"""Each metric against SQL written apart from it, and against numbers worked out by hand."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from analytics.result import MetricResult
from core.errors import QuestionError
from core.filters import Period
from core.settings import Settings, Workspace
from core.viewer import EVERYTHING, Viewer
from store.reader import Reader

Ask = Callable[..., MetricResult]
Make = Callable[..., Reader]
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
AUGUST_ON = Period(date(2026, 8, 31), date(2026, 9, 30))
IN_OCTOBER = "is_counted AND {0} >= TIMESTAMP '2026-10-01' AND {0} < TIMESTAMP '2026-11-01'"
IN_SEPTEMBER = "is_counted AND {0} >= TIMESTAMP '2026-08-31' AND {0} < TIMESTAMP '2026-10-01'"

# metric -> column of its day, value, n; written from the definitions, not from the code
PLAIN = {
    "volume": ("created_local", "count(*)", "count(*)"),
    "solved": ("last_solved_local", "count(*) FILTER (is_solved)", "count(*) FILTER (is_solved)"),
    "first_reply_median": ("first_reply_local", "quantile_cont(first_reply_s, 0.5)", "count(first_reply_s)"),
    "first_reply_p90": ("first_reply_local", "quantile_cont(first_reply_s, 0.9)", "count(first_reply_s)"),
    "resolution_median": (
        "last_solved_local",
        "median(full_resolution_s) FILTER (is_solved)",
        "count(full_resolution_s) FILTER (is_solved)",
    ),
    "resolution_p90": (
        "last_solved_local",
        "quantile_cont(full_resolution_s, 0.9) FILTER (is_solved)",
        "count(full_resolution_s) FILTER (is_solved)",
    ),
    "csat_share": (
        "csat_local",
        "count(*) FILTER (csat_score IN (0.75, 1)) / count(csat_score)",
        "count(csat_score)",
    ),
    "sentiment_negative_share": (
        "created_local",
        "count(*) FILTER (sentiment = 'negative') / count(sentiment)",
        "count(sentiment)",
    ),
    "sentiment_neutral_share": (
        "created_local",
        "count(*) FILTER (sentiment = 'neutral') / count(sentiment)",
        "count(sentiment)",
    ),
    "sentiment_positive_share": (
        "created_local",
        "count(*) FILTER (sentiment = 'positive') / count(sentiment)",
        "count(sentiment)",
    ),
}
BACK = """SELECT avg(hit::INTEGER) AS value, count(*) AS n FROM (
  SELECT f.reopens > 0 AND count(s.opened_local) > 0 AS hit
  FROM {{conversation_facts}} f LEFT JOIN {{open_spans}} s
    ON s.conversation_id = f.conversation_id AND s.opened_local > f.first_solved_local
    AND s.opened_local <= f.first_solved_local + INTERVAL 7 DAY
  WHERE {0} AND f.reopens IS NOT NULL GROUP BY f.conversation_id, f.reopens)"""


def one(reader: Reader, sql: str) -> tuple[Any, ...]:
    return tuple(reader.query(sql, viewer=EVERYTHING).to_pylist()[0].values())


@pytest.mark.parametrize("name", PLAIN)
def test_a_metric_equals_plain_sql_in_both_periods(big: Reader, ask: Ask, name: str) -> None:
    column, value, n = PLAIN[name]
    result = ask(big, name, OCTOBER, compare="previous")
    sql = f"SELECT {value} AS value, {n} AS n FROM {{conversation_facts}} WHERE "
    now, before = one(big, sql + IN_OCTOBER.format(column)), one(big, sql + IN_SEPTEMBER.format(column))
    assert result.previous is not None
    assert (result.total.value, result.total.n) == (pytest.approx(now[0], abs=1e-12), now[1])
    assert (result.previous.value, result.previous.n) == (pytest.approx(before[0], abs=1e-12), before[1])
    assert now[1] > 20 and before[1] > 20
    assert result.previous_period == AUGUST_ON


def test_the_reopen_rate_equals_plain_sql(big: Reader, ask: Ask) -> None:
    result = ask(big, "reopen_rate", OCTOBER, compare="previous")
    now = one(big, BACK.format(IN_OCTOBER.replace("is_counted", "f.is_counted").format("first_solved_local")))
    assert (result.total.value, result.total.n) == (pytest.approx(float(now[0])), now[1])
    assert 0 < now[0] < 1


def test_buckets_and_groups_add_up_to_the_total(big: Reader, ask: Ask) -> None:
    result = ask(big, "volume", OCTOBER, grain="week", by=("channel", "product"))
    assert sum(row.value or 0 for row in result.rows) == result.total.value
    assert sum(row.value or 0 for row in result.groups) == result.total.value
    sql = """SELECT date_trunc('week', created_local) AS week, coalesce(channel, '(none)') AS a, product AS b,
      count(*) AS n FROM {conversation_facts} WHERE """ + IN_OCTOBER.format("created_local")
    rows = big.query(sql + " GROUP BY ALL", viewer=EVERYTHING).to_pylist()
    expected = {(row["week"].date(), (row["a"], row["b"])): row["n"] for row in rows}
    assert {(row.bucket, row.group): row.n for row in result.rows if row.n} == expected
    assert len(result.rows) == 5 * 4 * 3  # every week has every group, seen in it or not


def test_a_comparison_does_not_touch_the_buckets(big: Reader, ask: Ask) -> None:
    # The first week of October begins in September, which belongs to the period before.
    compared = ask(big, "volume", OCTOBER, grain="week", by=("channel",), compare="previous")
    alone = ask(big, "volume", OCTOBER, grain="week", by=("channel",))
    assert compared.rows == alone.rows and compared.rows[0].bucket == date(2026, 9, 28)


@pytest.mark.parametrize("grain", ["hour", "day", "week", "month", "quarter", "year"])
def test_every_grain_covers_the_period_without_holes(big: Reader, ask: Ask, grain: str) -> None:
    result = ask(big, "sentiment_negative_share", OCTOBER, grain=grain)
    assert sum(row.n for row in result.rows) == result.total.n
    hits = sum(round((row.value or 0) * row.n) for row in result.rows)
    assert result.total.value == pytest.approx(hits / result.total.n)
    starts = [row.bucket for row in result.rows]
    assert starts == sorted(set(starts)) and len(starts) == {"hour": 744, "day": 31, "week": 5}.get(grain, 1)


def test_weeks_begin_on_monday_and_a_cut_week_is_marked(big: Reader, ask: Ask) -> None:
    rows = ask(big, "volume", OCTOBER, grain="week").rows
    assert [row.bucket for row in rows][:2] == [date(2026, 9, 28), date(2026, 10, 5)]
    assert [row.partial for row in rows] == [True, False, False, False, True]


def test_an_empty_bucket_is_zero_for_a_count_and_missing_for_the_rest(warehouse: Make, ask: Ask) -> None:
    reader = warehouse([{"created_local": datetime(2026, 11, 2, 9), "sentiment": "negative"}])
    period = Period(date(2026, 11, 1), date(2026, 11, 3))
    assert [row.value for row in ask(reader, "volume", period, grain="day").rows] == [0, 1]
    assert [row.value for row in ask(reader, "sentiment_negative_share", period, grain="day").rows] == [
        None,
        1,
    ]


def test_percentiles_interpolate(warehouse: Make, ask: Ask) -> None:
    replies = [60, 120, 240, 1000]
    reader = warehouse(
        [{"first_reply_s": s, "first_reply_local": datetime(2026, 11, 2, 12)} for s in replies]
    )
    period = Period(date(2026, 11, 1), date(2026, 11, 5))
    assert ask(reader, "first_reply_median", period).total.value == 180
    assert ask(reader, "first_reply_p90", period).total.value == pytest.approx(240 + 0.7 * 760)
    assert ask(reader, "first_reply_median", period).total.small


def test_nobody_rated_is_no_number(warehouse: Make, ask: Ask) -> None:
    result = ask(warehouse([{}, {}]), "csat_share", Period(date(2026, 11, 1), date(2026, 11, 5)))
    assert (result.total.value, result.total.n) == (None, 0)
    assert [(item.kind, item.reason, item.n) for item in result.excluded] == [
        ("not available", "not rated", 2)
    ]


def test_what_is_not_counted_is_named(warehouse: Make, ask: Ask) -> None:
    day = datetime(2026, 11, 2, 12)
    rows: list[dict[str, Any]] = [{"excluded_because": "spam"}] * 2 + [{"excluded_because": "merged"}]
    rows += [{"first_reply_s": 5, "first_reply_local": day}, {}, {}]
    result = ask(warehouse(rows), "first_reply_median", Period(date(2026, 11, 1), date(2026, 11, 5)))
    assert {(item.kind, item.reason, item.n) for item in result.excluded} == {
        ("not counted", "spam", 2),
        ("not counted", "merged", 1),
        ("not available", "no reply by an agent yet", 2),
    }
    assert result.total.n == 1


def test_a_sentiment_that_is_missing_is_not_a_neutral_one(warehouse: Make, ask: Ask) -> None:
    reader = warehouse([{"sentiment": s} for s in ("negative", "negative", "positive", "neutral", None)])
    result = ask(reader, "sentiment_negative_share", Period(date(2026, 11, 1), date(2026, 11, 5)))
    assert (result.total.value, result.total.n, result.total.small) == (0.5, 4, True)
    assert result.excluded[0].reason == "no customer words to judge"


def test_a_viewer_sees_only_their_part(big: Reader, ask: Ask) -> None:
    whole = ask(big, "volume", OCTOBER)
    part = ask(big, "volume", OCTOBER, viewer=Viewer("lead", teams=("Billing",)))
    nothing = ask(big, "volume", OCTOBER, viewer=Viewer("guest", sources=()))
    billing = one(big, f"""SELECT count(*) FROM {{conversation_facts}} WHERE team = 'Billing'
                           AND {IN_OCTOBER.format("created_local")}""")  # fmt: skip
    assert part.total.value == billing[0] < (whole.total.value or 0)
    assert nothing.total.value == 0
    backlog = ask(big, "backlog", OCTOBER, viewer=Viewer("lead", teams=("Billing",)))
    assert 0 < (backlog.total.value or 0) < (ask(big, "backlog", OCTOBER).total.value or 0)


def test_an_open_period_is_compared_by_elapsed_time(warehouse: Make, ask: Ask) -> None:
    days = [datetime(2026, 10, day, 12) for day in range(1, 32)] + [
        datetime(2026, 11, d, 12) for d in range(1, 16)
    ]
    reader = warehouse([{"created_local": day} for day in days for _ in range(2 if day.month == 11 else 1)])
    result = ask(reader, "volume", Period(date(2026, 11, 1), date(2026, 11, 30)), compare="previous")
    assert result.in_progress and result.total.value == 30
    # 15 days have passed: 2 to 16 October, not the whole of the 30 days before.
    assert result.previous_period == Period(date(2026, 10, 2), date(2026, 10, 16))
    assert result.previous is not None and result.previous.value == 15
    assert result.change is not None and (result.change.absolute, result.change.relative) == (15, 1)
    closed = ask(reader, "volume", Period(date(2026, 11, 1), date(2026, 11, 15)), compare="previous")
    assert not closed.in_progress and closed.notes == ()


def test_today_is_compared_with_the_same_hours(
    warehouse: Make, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = [datetime(2026, 11, day, hour) for day in (15, 16) for hour in range(24)]
    reader = warehouse([{"created_local": hour} for hour in hours])
    result = ask(
        reader, "volume", Period(date(2026, 11, 16), date(2026, 11, 16)), compare="previous", grain="hour"
    )
    assert result.previous is not None
    assert (result.total.value, result.previous.value) == (9, 9)  # published and asked at 09:00
    assert len(result.rows) == 9 and result.in_progress
    day = ask(reader, "volume", Period(date(2026, 11, 15), date(2026, 11, 16)), grain="day")
    assert [row.partial for row in day.rows] == [False, True]


def test_a_year_ago_keeps_the_weekday(big: Reader, ask: Ask) -> None:
    result = ask(big, "volume", Period(date(2026, 11, 2), date(2026, 11, 8)), compare="year")
    assert result.previous_period == Period(date(2025, 11, 3), date(2025, 11, 9))


def test_the_default_period_ends_where_the_data_ends(warehouse: Make, ask: Ask) -> None:
    late = ask(warehouse([{"created_local": datetime(2026, 11, 15, 8)}]), "volume", None)
    assert late.period == Period(date(2026, 10, 17), date(2026, 11, 15)) and late.notes == ()


def test_old_data_moves_the_default_period_and_says_so(warehouse: Make, ask: Ask) -> None:
    old = ask(warehouse([{"created_local": datetime(2026, 3, 5, 8)}]), "volume", None)
    assert old.period == Period(date(2026, 2, 4), date(2026, 3, 5)) and old.total.value == 1
    assert any("ends on 2026-03-05" in note for note in old.notes)


def test_a_future_date_does_not_move_the_default_period(warehouse: Make, ask: Ask) -> None:
    reader = warehouse([{"created_local": datetime(2026, 11, 15)}, {"created_local": datetime(2099, 1, 1)}])
    assert ask(reader, "volume", None).period.end == date(2026, 11, 15)


def test_a_period_in_the_future_has_no_data(big: Reader, ask: Ask) -> None:
    result = ask(big, "volume", Period(date(2027, 1, 1), date(2027, 1, 2)), compare="previous", grain="day")
    assert result.rows == () and result.previous is None and "no data" in result.notes[0]


def test_the_zone_of_the_workspace_decides_which_day_is_today(
    warehouse: Make, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 25 October 2026: the clocks go back in London, so the hour from 01:00 comes twice.
    rows = [datetime(2026, 10, 25, 1, 30), datetime(2026, 10, 25, 1, 30), datetime(2026, 10, 25, 23, 59)]
    reader = warehouse([{"created_local": row} for row in rows])
    london = Settings(workspace=Workspace(reporting_zone="Europe/London"))
    day = Period(date(2026, 10, 25), date(2026, 10, 25))
    by_hour = ask(reader, "volume", day, grain="hour", settings=london)
    assert by_hour.total.value == 3 and len(by_hour.rows) == 24
    assert [row.value for row in by_hour.rows][1] == 2
    assert by_hour.zone == "Europe/London"
    monkeypatch.setenv("SUPPORTLENS_NOW", "2026-11-16T23:30:00+00:00")
    tokyo = Settings(workspace=Workspace(reporting_zone="Asia/Tokyo"))
    fresh = warehouse([{"created_local": datetime(2026, 11, 16, 12)}])
    assert ask(fresh, "volume", None, settings=tokyo).period.end == date(2026, 11, 16)  # it is the 17th there


def test_a_conversation_is_judged_seven_days_after_its_solve(warehouse: Make, ask: Ask) -> None:
    def solved(day: int, reopens: int | None, back: datetime | None = None) -> dict[str, Any]:
        at = datetime(2026, 11, day, 12)
        return {"created_local": at - timedelta(days=1), "first_solved_local": at, "last_solved_local": at,
                "reopens": reopens, "first_reopened_local": back}  # fmt: skip

    facts = [solved(2, 1, datetime(2026, 11, 5)), solved(3, 1, datetime(2026, 11, 10, 12, 0, 1))]
    facts += [solved(4, 0), solved(5, None), solved(12, 1), {"created_local": datetime(2026, 11, 15)}]
    period = Period(date(2026, 11, 1), date(2026, 11, 15))
    result = ask(warehouse(facts), "reopen_rate", period, compare="previous", grain="day")
    assert (result.total.value, result.total.n) == (pytest.approx(1 / 3), 3)
    assert result.in_progress and result.previous_period == Period(date(2026, 10, 17), date(2026, 10, 24))
    assert "source cannot tell" in result.excluded[0].reason
    young = [row.bucket for row in result.rows if row.immature]
    assert len(result.rows) == 15 and young == [date(2026, 11, day) for day in range(9, 16)]
    assert all(row.value is None and row.partial for row in result.rows if row.immature)


def test_a_source_that_cannot_tell_is_not_a_zero(warehouse: Make, ask: Ask) -> None:
    solved = {"last_solved_local": datetime(2026, 11, 3), "is_solved": True}
    cannot = {"source_id": "files", "capability": "status_history", "available": False, "reason": "no status"}
    can = {"source_id": "desk", "capability": "status_history", "available": True, "reason": "exact"}
    facts: list[dict[str, Any]] = [solved, {"source_id": "files"}, {"source_id": "files"}]
    facts.append({"created_local": datetime(2026, 11, 12), "excluded_because": None})
    reader = warehouse(facts, capabilities=[cannot, can])
    period = Period(date(2026, 11, 1), date(2026, 11, 10))
    both = ask(reader, "solved", period)
    assert both.total.value == 1 and both.notes == ("files is not included: no status.",)
    assert ("not available", "files: no status", 2) in {(e.kind, e.reason, e.n) for e in both.excluded}
    alone = ask(reader, "solved", period, where={"source": ["files"]}, grain="day", by=("channel",))
    assert alone.total.value is None and alone.total.n == 0
    assert ask(reader, "backlog", period, where={"source": ["files"]}).total.value is None
    assert ask(reader, "volume", period, where={"source": ["files"]}).total.value == 2


def test_dates_on_the_rows_are_enough_for_resolution(warehouse: Make, ask: Ask) -> None:
    cannot = {"source_id": "desk", "capability": "status_history", "available": False, "reason": "no status"}
    row = {"last_solved_local": datetime(2026, 11, 9), "full_resolution_s": 50}
    result = ask(
        warehouse([row], capabilities=[cannot]),
        "resolution_median",
        Period(date(2026, 11, 1), date(2026, 11, 9)),
    )
    assert (result.total.value, result.notes) == (50, ())


def test_unknown_names_are_refused_with_the_known_ones(big: Reader, ask: Ask) -> None:
    with pytest.raises(QuestionError, match=r"no metric.*first_reply_median"):
        ask(big, "speed", OCTOBER)
    with pytest.raises(QuestionError, match=r"no dimension.*channel"):
        ask(big, "volume", OCTOBER, by=("colour",))
    with pytest.raises(QuestionError, match="no dimension"):
        ask(big, "volume", OCTOBER, where={"colour": ["red"]})


def test_the_answer_says_where_it_comes_from(big: Reader, ask: Ask, now: datetime) -> None:
    result = ask(big, "csat_share", OCTOBER, compare="previous")
    assert (result.generation, result.published_at, result.zone) == (big.number, now, "UTC")
    assert "conversation_facts" in result.sql and result.as_of == datetime(2026, 11, 16)
    total = result.total
    assert total.low is not None and total.value is not None and total.high is not None
    assert 0 < total.low < total.value < total.high < 1
    assert result.change is not None and result.change.good is (result.change.absolute > 0)
