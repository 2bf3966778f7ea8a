"""The table of Explore: every total is the metric's own, every cell can be opened, nothing is hidden silently."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from analytics import explore_size
from analytics.audit import behind
from analytics.catalogue import METRICS
from analytics.compute import compute
from analytics.explore import MOST_COLUMNS, Cell, Exploration, Exploring, Place, Sort, explore
from analytics.result import MetricResult, Row, Value
from core.conditions import decode
from core.effective import effective_settings
from core.errors import QuestionError
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings, load_settings
from core.viewer import EVERYTHING
from store.reader import Reader, open_reader
from tests.analytics.kinds import one_of_each

Make = Callable[..., Reader]
SPRING = Filters(Period(date(2026, 3, 4), date(2026, 5, 20)))
NOVEMBER = Filters(Period(date(2026, 11, 1), date(2026, 11, 10)))


class Table:
    """Asks one reader for tables, and for the same numbers one by one."""

    def __init__(self, reader: Reader, settings: Settings) -> None:
        self.reader, self.settings = reader, settings

    def __call__(self, *metrics: str, rows: Any = (), columns: str | None = None, **more: Any) -> Exploration:
        question = Exploring(metrics, tuple(rows), columns, **{"filters": SPRING, **more})
        return explore(self.reader, question, settings=self.settings, viewer=EVERYTHING)

    def plainly(self, found: Exploration, name: str, *by: str) -> MetricResult:
        q = found.question
        return compute(
            self.reader, name, q.filters, settings=self.settings, viewer=EVERYTHING, grain=q.grain, by=by,
            compare=q.compare,
        )  # fmt: skip

    def behind(self, found: Exploration, place: Place) -> int:
        """How many conversations a cell's place lists."""
        within, filters = found.within(place), found.question.filters.over(None)
        for name, values in within.where:
            filters = filters.narrowed(name, *values)
        return len(
            behind(
                self.reader, within.metric, filters.over(within.period), settings=self.settings, viewer=EVERYTHING,
                limit=10_000,
            )
        )  # fmt: skip


@pytest.fixture
def sample(sample_home: Home, now: datetime) -> Table:
    return Table(open_reader(sample_home), effective_settings(sample_home, load_settings(sample_home)))


@pytest.fixture
def table(warehouse: Make, settings: Settings) -> Callable[..., Exploration]:
    def made(facts: list[dict[str, Any]], *metrics: str, **more: Any) -> Exploration:
        return Table(warehouse(facts), settings)(*metrics, **{"filters": NOVEMBER, **more})

    return made


def told(cell: Cell | Row | Value | None) -> tuple[Any, ...] | None:
    """A number to compare: sums are added in another order."""
    if cell is None or cell.value is None:
        return exactly(cell)
    return (pytest.approx(cell.value, rel=1e-9), cell.n, cell.low, cell.high, cell.small)


def exactly(cell: Cell | Row | Value | None) -> tuple[Any, ...] | None:
    return None if cell is None else (cell.value, cell.n, cell.low, cell.high, cell.small)


@pytest.mark.parametrize("name", one_of_each())
def test_every_total_is_the_metric_itself(sample: Table, name: str) -> None:
    found = sample(name, rows=("team", "priority"), columns="channel", grain="month", compare="previous")
    cuts: list[tuple[str, ...]] = [("team", "priority", "channel"), ("team", "priority"), ("channel",), ()]
    total = found.cell(Place(name))
    for by in cuts:
        plain = sample.plainly(found, name, *by)
        assert (exactly(total), exactly(total.previous)) == (told(plain.total), told(plain.previous))
        assert plain.rows or not plain.total.n
        for row in (*plain.groups, *plain.rows):
            values = dict(zip(by, row.group, strict=True))
            key = tuple(values[n] for n in found.question.rows) if "team" in values else None
            cell = found.cell(Place(name, key, values.get("channel"), row.bucket))
            assert (exactly(cell), cell.partial, cell.immature) == (told(row), row.partial, row.immature)
            assert row.bucket is not None or exactly(cell.previous) == told(row.previous)


def test_one_statement_a_metric(sample: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    filters = Filters(Period(date(2026, 3, 4), date(2026, 5, 19)))
    select, ran = Reader.select, list[str]()
    monkeypatch.setattr(
        Reader, "select", lambda self, sql, *more: ran.append(sql) or select(self, sql, *more)
    )
    sample("volume", "first_reply_p90", rows=("team",), columns="channel", grain="week", filters=filters)
    # What a source can tell is asked once of a generation, and is no number of the period.
    of_the_period = [sql for sql in ran if "MAKE_TIMESTAMP(2026," in sql]
    assert len(of_the_period) == 1 + 2, "how large it becomes, then each metric"


def test_a_percentile_by_team_and_channel_per_week_is_what_sql_gives(sample: Table) -> None:
    name = "first_reply_p90"
    found = sample(name, rows=("team",), columns="channel", grain="week")
    sql = """SELECT {keys} quantile_cont(first_reply_s, 0.9) AS value, count(*) AS n FROM {{conversation_facts}}
             WHERE is_counted AND first_reply_s IS NOT NULL AND first_reply_local >= DATE '2026-03-04'
             AND first_reply_local < DATE '2026-05-21' GROUP BY ALL HAVING count(*) > 0"""
    keys = {
        "team": "coalesce(first_reply_team, '(none)')", "channel": "channel",
        "week": "date_trunc('week', first_reply_local)::DATE",
    }  # fmt: skip
    for chosen in ((), ("team",), ("channel",), ("week",), ("team", "week"), ("team", "channel", "week")):
        columns = "".join(f"{keys[key]} AS {key}, " for key in chosen)
        rows = sample.reader.query(sql.format(keys=columns), viewer=EVERYTHING).to_pylist()
        assert len(rows) > 1 or not chosen
        for row in rows:
            place = Place(
                name, (row["team"],) if "team" in row else None, row.get("channel"), row.get("week")
            )
            assert (found.cell(place).value, found.cell(place).n) == (pytest.approx(row["value"]), row["n"])
    sums = sum(found.cell(Place(name, row)).value or 0 for row in found.rows)
    assert found.cell(Place(name)).value != pytest.approx(sums), "a percentile's total is no sum"
    assert found.cell(Place(name)).share is None


@pytest.mark.parametrize(
    ("metric", "grain"),
    [("volume", "week"), ("first_reply_median", "hour"), ("backlog", "month"), ("sla_compliance", "month"),
     ("replies", None), ("volume", "hour")],
)  # fmt: skip
def test_every_cell_lists_what_it_counts(sample: Table, metric: str, grain: Any) -> None:
    days = Period(date(2026, 10, 26), date(2026, 11, 1 if grain == "hour" else 15))
    filters = Filters.of(days, groups=decode("priority!:low"))
    found = sample(metric, rows=("team",), columns="channel", grain=grain, filters=filters)
    places = [place for place, cell in found.cells.items() if cell.n]
    assert len(places) > 8
    for place in places[:: max(1, len(places) // 40)]:
        assert sample.behind(found, place) == found.cell(place).n, place


def test_a_table_without_rows_is_its_totals(sample: Table) -> None:
    found = sample("volume", "first_reply_median")
    assert (found.rows, found.columns, found.buckets) == ((), (), ())
    assert set(found.cells) == {Place("volume"), Place("first_reply_median")}
    assert found.cell(Place("volume")).share == 1
    months = sample("volume", grain="month")
    assert [months.cell(Place("volume", bucket=b)).n for b in months.buckets] == [
        r.n for r in months.results[0].rows
    ]


def test_shares_are_of_everything_and_of_the_bucket(sample: Table) -> None:
    found = sample("volume", "first_reply_median", rows=("channel",), columns="team", grain="month")
    volume = [Place("volume", row) for row in found.rows]
    assert sum(found.cell(place).share or 0 for place in volume) == pytest.approx(1)
    total = found.cell(Place("volume"))
    assert found.cell(volume[0]).share == pytest.approx(found.cell(volume[0]).n / total.n)
    for bucket in found.buckets:
        shares = [found.cell(replace(place, bucket=bucket)).share or 0 for place in volume]
        assert sum(shares) == pytest.approx(1)
    assert all(c.share is None for p, c in found.cells.items() if p.metric == "first_reply_median")


def test_a_bucket_is_compared_with_the_one_before_where_both_are_whole(sample: Table) -> None:
    found = sample("volume", rows=("team",), grain="month", compare="previous")
    march, april, may = found.buckets
    cells = [found.cell(Place("volume", found.rows[0], None, bucket)) for bucket in (march, april, may)]
    assert [cell.partial for cell in cells] == [True, False, True]
    assert [cell.previous for cell in cells] == [None, None, None]
    weeks = sample("volume", rows=("team",), grain="week", compare="previous")
    first, second = (weeks.cell(Place("volume", weeks.rows[0], None, weeks.buckets[at])) for at in (1, 2))
    assert second.previous == Value(first.value, first.n) and not second.partial
    year = sample("volume", rows=("team",), grain="week", compare="year")
    assert year.cell(Place("volume", year.rows[0], None, year.buckets[2])).previous is None
    assert year.cell(Place("volume", year.rows[0])).previous is not None


def test_what_is_not_shown_is_told_where_it_adds_up(sample: Table) -> None:
    names = ("volume", "first_reply_median")
    whole = sample(*names, rows=("product",), columns="channel", grain="month", compare="previous")
    found = sample(*names, rows=("product",), columns="channel", grain="month", compare="previous", top=2)
    assert found.rows == whole.rows[:2] and found.hidden_rows == len(whole.rows) - 2 > 0
    for column in (None, *found.columns):
        for bucket in (None, *found.buckets):
            place = Place("volume", None, column, bucket)
            hidden = [whole.cell(replace(place, row=row)) for row in whole.rows[2:]]
            other = found.others.get(place, Cell(0.0, 0))
            assert (other.value, other.n) == (sum(c.value or 0 for c in hidden), sum(c.n for c in hidden))
            shown = sum(found.cell(replace(place, row=row)).n for row in found.rows)
            assert shown + other.n == found.cell(place).n
    assert not any(place.metric == "first_reply_median" for place in found.others)


def test_tags_overlap_so_there_are_no_others(sample: Table) -> None:
    found = sample("volume", rows=("tag",), top=2)
    assert found.hidden_rows > 2 and not found.others
    assert found.notes == ("A conversation can have several tags: its groups overlap.",)
    assert sum(found.cell(Place("volume", row)).n for row in found.rows) <= 2 * found.cell(Place("volume")).n


def test_rows_are_sorted_by_n_name_or_a_column(sample: Table) -> None:
    found = sample("volume", "csat_share", rows=("product",), columns="channel", grain="month")
    sizes = [found.cell(Place("volume", row)).n for row in found.rows]
    assert sizes == sorted(sizes, reverse=True) and len(sizes) > 3
    column, month = found.columns[1], found.buckets[1]

    def sort(**chosen: Any) -> Exploration:
        return sample(
            "volume", "csat_share", rows=("product",), columns="channel", grain="month", sort=Sort(**chosen)
        )

    by_column = sort(by="volume", column=column)
    values = [by_column.cell(Place("volume", row, column)).value for row in by_column.rows]
    assert values == sorted((v or 0 for v in values), reverse=True)
    by_month = sort(by="volume", column=month.isoformat(), descending=False)
    months = [by_month.cell(Place("volume", row, None, month)).value or 0 for row in by_month.rows]
    assert months == sorted(months)
    shares = sort(by="csat_share", descending=False)
    rated = [shares.cell(Place("csat_share", row)).value for row in shares.rows]
    known = [value for value in rated if value is not None]
    assert known == sorted(known) and rated[: len(known)] == known, "what has no number comes last"
    names = [row[0] for row in sort(by="name", descending=False).rows]
    assert names == sorted(names) and set(names) == {row[0] for row in found.rows}
    assert sort(by="nps", column="never").notes == (
        "Sorted by n: nps is not in the table.",
        "Sorted by the total: there is no column never.",
    ) or sort(by="nps").notes == ("Sorted by n: nps is not in the table.",)
    assert sort(column="never").notes == ("Sorted by the total: there is no column never.",)


def test_days_of_the_week_stay_in_their_order(sample: Table) -> None:
    found = sample("volume", rows=("hour",), columns="weekday", sort=Sort("name", descending=False))
    assert found.columns[:3] == ("Monday", "Tuesday", "Wednesday")
    assert [row[0] for row in found.rows] == sorted(row[0] for row in found.rows)


def test_where_nothing_was_counted(table: Any) -> None:
    facts = [
        {"team": "A", "channel": "email", "created_local": datetime(2026, 11, 2, 9)},
        {"team": "B", "channel": "chat", "created_local": datetime(2026, 11, 3, 9)},
    ]
    found = table(facts, "volume", "csat_share", rows=("team",), columns="channel", grain="day")
    nothing = found.cell(Place("volume", ("A",), "chat"))
    assert (nothing.value, nothing.n, nothing.share) == (0.0, 0, 0.0)
    assert found.cell(Place("csat_share", ("A",), "chat")).value is None
    assert found.cell(Place("volume", ("A",), "email", date(2026, 11, 3))).value == 0.0
    assert found.cell(Place("volume", ("A",), "email", date(2026, 11, 9))).value is None, "not known yet"


def test_columns_are_limited_and_it_is_said(table: Any) -> None:
    facts = [{"agent": f"agent {n:02}"} for n in range(MOST_COLUMNS + 3)] + [{"agent": "agent 26"}]
    found = table(facts, "volume", rows=("channel",), columns="agent")
    assert len(found.columns) == MOST_COLUMNS and found.columns[0] == "agent 26"
    assert found.hidden_columns == 3 and found.notes == ("3 more columns are not shown; totals hold them.",)
    assert found.cell(Place("volume", ("email",))).n == MOST_COLUMNS + 4


def test_own_metrics_that_divide(sample: Table) -> None:
    own = {"name": "bugs_per", "title": "Bugs per conversation", "metric": "volume", "over": "volume",
           "where": {"priority": ["high"]}}  # fmt: skip
    asked = Table(
        sample.reader, sample.settings.model_copy(update={"metrics": Settings(metrics=(own,)).metrics})
    )
    found = asked("bugs_per", rows=("team",), columns="channel", grain="month", compare="previous")
    for by in (("team", "channel"), ("team",), ("channel",), ()):
        for row in (*(plain := asked.plainly(found, "bugs_per", *by)).groups, *plain.rows):
            values = dict(zip(by, row.group, strict=True))
            place = Place(
                "bugs_per", (values["team"],) if "team" in values else None, values.get("channel"), row.bucket
            )
            assert (found.cell(place).value, found.cell(place).n) == (row.value, row.n)
    assert not found.others and found.cell(Place("bugs_per")).share is None


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"metrics": ()}, "one to 6 metrics, not 0"),
        ({"metrics": tuple(METRICS.names()[:7])}, "one to 6 metrics, not 7"),
        ({"metrics": ("volume", "volume")}, "volume is there twice"),
        ({"metrics": ("nix",)}, "no metric called 'nix'"),
        ({"rows": ("team", "channel", "agent")}, "by 2 dimensions at most"),
        ({"rows": ("team",), "columns": "team"}, "team is there twice"),
        ({"rows": ("nix",)}, "no dimension called 'nix'"),
        ({"rows": ("policy",)}, "only targets have"),
        ({"top": 0}, "1 to 500 rows, not 0"),
        ({"grain": "hour", "filters": Filters(Period(date(2020, 1, 1), date(2026, 1, 1)))}, "52,632 hours"),
    ],
)
def test_what_makes_no_table_is_said(sample: Table, asked: dict[str, Any], why: str) -> None:
    with pytest.raises(QuestionError, match=why):
        sample(*asked.pop("metrics", ("volume",)), **asked)


def test_a_table_that_would_be_too_large_is_not_read(sample: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explore_size, "MOST_CELLS", 100)
    with pytest.raises(QuestionError, match="numbers a metric, and 100 can be shown"):
        sample("volume", rows=("requester",), grain="week")
    with pytest.raises(QuestionError, match=r"about [\d,]+ numbers"):
        sample("sla_compliance", rows=("policy",), columns="sla_state", grain="week")
    one = Filters.of(
        SPRING.period, {"channel": ["chat"], "sla_state": ["met"]}, groups=decode("sla_state:met")
    )
    assert sample("sla_targets", rows=("team",), filters=one).rows


def test_days_stay_within_the_period(sample: Table) -> None:
    found = sample("volume", rows=("team",), grain="month")
    days = [found.within(Place("volume", None, None, bucket)).period for bucket in found.buckets]
    assert (days[0].start, days[-1].end) == (date(2026, 3, 4), date(2026, 5, 20))
    assert SPRING.period and sum(one.days for one in days) == SPRING.period.days
    assert all(a.end + timedelta(days=1) == b.start for a, b in pairwise(days))
