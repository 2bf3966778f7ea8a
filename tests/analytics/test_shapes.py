"""What is put into a written statement makes the statement that Ibis would write for it."""

# ruff: noqa: DTZ001 - facts carry naive wall-clock times of the reporting zone

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from weakref import ref

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from analytics import levels, live, periods, query, segments, shapes, spread, themes, variants
from analytics.catalogue import METRICS
from analytics.periods import Frame
from analytics.question import Question, moment
from analytics.segments import Request
from core.conditions import decode
from core.errors import QuestionError
from core.filters import Filters, Period
from core.home import PROJECT, Home
from core.viewer import EVERYTHING, Viewer
from store import generations, statements
from store.reader import Reader, compiled
from tests.analytics.conftest import publish
from tests.analytics.kinds import one_of_each

NOW = datetime(2026, 11, 16, 9, 3, 7, 125)
LATER = datetime(2026, 11, 29, 23, 59, 59, 999_999)
OPEN = Period(date(2026, 11, 14), date(2026, 11, 30))
YEAR, SUMMER, SOME_DAYS = (
    Period(date(2025, 11, 15), date(2026, 11, 15)),
    Period(date(2026, 5, 4), date(2026, 11, 15)),  # apart from what it is compared with, as the days are
    Period(date(2026, 11, 10), date(2026, 11, 12)),
)
# Two of a shape each: what differs is where a day, a week or a year begins, how long it is, and the values.
ALIKE = [
    (
        (periods.frame(YEAR, NOW, None), Filters.of(None, {"channel": ["chat"], "agent": ["Ada", "(none)"]})),
        (periods.frame(SOME_DAYS, NOW, None), Filters.of(None, {"channel": ["e'mail"], "agent": ["(none)", "Zoë 🙂 \\"]})),
    ),
    (
        (periods.frame(SUMMER, NOW, "year"), Filters(groups=decode("priority!:low,(none);team:A|agent:b"))),
        (periods.frame(SOME_DAYS, NOW, "year"), Filters(groups=decode("priority!:a''b,(none);team:O'Neil|agent:c"))),
    ),
    (
        (periods.frame(OPEN, NOW, "previous"), Filters.of(None, {"tag": ["vip", "x"]}, hours="business")),
        (periods.frame(OPEN, LATER, "previous"), Filters.of(None, {"tag": ["bug", "zz"]}, hours="business")),
    ),
]  # fmt: skip
folder = statements.folder  # before the tests let all homes share one
CUTS: list[tuple[Any, tuple[str, ...]]] = [
    ("day", ("channel",)),
    ("week", ("team", "priority")),
    (None, ("tag",)),
]


@pytest.fixture(autouse=True)
def _own_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "folder", folder)


def asked(name: str, frame: Frame, filters: Filters, grain: Any = None, by: tuple[str, ...] = ()) -> Question:
    metric = METRICS.get(name)
    per = "active_customers" if metric.kind == "rate" else None
    known = frame.until if frame.in_progress else NOW
    return Question(metric, filters, frame, grain, by, per=per, known=known, lacking=("silent's",))


def written(build: Callable[..., Any], reader: Reader, one: Any, viewer: Viewer = EVERYTHING) -> str:
    """What Ibis writes for this question itself."""
    return compiled(build(partial(reader.table, viewer=viewer), one))


def shapes_so_far() -> int:
    return shapes._template.cache_info().misses


def holds(reader: Reader, name: str, cut: tuple[Any, tuple[str, ...]], pair: Any) -> None:
    grain, by = cut
    first, second = (asked(name, frame, filters, grain, by) for frame, filters in pair)
    shapes.sql_of(query.build, reader, first, EVERYTHING)
    before = shapes_so_far()
    assert shapes.sql_of(query.build, reader, second, EVERYTHING) == written(query.build, reader, second)
    is_listed = levels.reads_every_bucket(second)
    assert shapes_so_far() == before or is_listed
    shape = shapes._shape(second, shapes._values(second))
    found = shapes._template(query.build, shape, shapes._Tables(reader, EVERYTHING))
    assert (found is None) == is_listed


@pytest.mark.parametrize(("at", "name"), list(enumerate(one_of_each())))
def test_every_metric_filled_in_is_what_ibis_writes(big: Reader, at: int, name: str) -> None:
    holds(big, name, CUTS[at % 2], ALIKE[at % 3])


@pytest.mark.slow
@pytest.mark.parametrize("name", METRICS.names())
def test_every_metric_in_every_way_filled_in_is_what_ibis_writes(big: Reader, name: str) -> None:
    for cut in CUTS:
        for pair in ALIKE:
            holds(big, name, cut, pair)
            holds(big, name, cut, pair[::-1])


@pytest.mark.parametrize(("build", "name"), [
    (spread.build, "first_reply_median"), (spread.build, "backlog_age_median"), (themes.build, "csat_share"),
    (variants.build, "one_touch_rate"), (query.build, "backlog"),
])  # fmt: skip
def test_every_builder_filled_in_is_what_ibis_writes(big: Reader, build: Any, name: str) -> None:
    for pair in ALIKE:
        for frame, filters in pair:
            one = asked(name, frame, filters, by=("team",))
            assert shapes.sql_of(build, big, one, EVERYTHING) == written(build, big, one)


@pytest.mark.parametrize("seconds", [None, 0.0, 5.0, 1801.5, 1e-05, 123456789.125, 1e16])
def test_segments_filled_in_are_what_ibis_writes(big: Reader, seconds: float | None) -> None:
    for frame, filters in ALIKE[2]:
        question = asked("first_reply_median", frame, filters)
        one = Request(question, (("product",), ("product", "channel")), seconds, weekday=3)
        assert shapes.sql_of(segments.build, big, one, EVERYTHING) == written(segments.build, big, one)


def test_what_is_open_filled_in_is_what_ibis_writes(big: Reader) -> None:
    for pair in ALIKE:
        for _, filters in pair:
            one = live._Wanted(filters, ("spam",), (("team", ("Team", ("it's", "x"))),))
            assert shapes.sql_of(live._open, big, one, EVERYTHING) == written(live._open, big, one)


moments = some.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1))
texts = some.text(some.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=12)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(moments, min_size=5, max_size=5), some.sets(texts, min_size=1, max_size=3), some.booleans())
def test_any_moments_and_texts(big: Reader, at: list[datetime], names: set[str], compares: bool) -> None:
    earlier, early_end, start, until, known = sorted(at)
    frame = Frame(start, until, False, *((earlier, early_end) if compares else ()))
    one = Question(
        METRICS.get("volume"), Filters.of(None, {"team": sorted(names)}), frame, "day", known=known
    )
    sql = shapes.sql_of(query.build, big, one, EVERYTHING)
    assert sql == written(query.build, big, one)
    big.select(sql)


def test_a_text_of_stand_ins_is_a_text(big: Reader) -> None:
    """Somebody filters by what looks like a stand-in, or like an end of the statement."""
    names = (f"{shapes.MARK}0{shapes.MARK}", f"'{shapes.MARK}1{shapes.MARK}'", "'; DROP TABLE x; --")
    one = asked("volume", ALIKE[0][0][0], Filters.of(None, {"team": names}))
    rows, sql = query.run(big, one, EVERYTHING)
    assert sql == written(query.build, big, one)
    assert [row["n"] for row in rows if row["part"] == "total"] in ([], [0])


def test_what_is_worked_out_from_a_moment_has_no_places(big: Reader) -> None:
    """A day's beginning, an hour later, a date: another value would give another thing, so it is written anew."""

    def of(work_out: Callable[[datetime], Any]) -> Callable[..., Any]:
        def build(tables: Any, one: Question) -> Any:
            table = tables("conversation_facts")
            return table.filter(table.created_local >= work_out(one.frame.start)).count().as_table()

        return build

    def places(build: Any) -> Any:
        one = asked("volume", ALIKE[0][0][0], Filters())
        assert shapes.sql_of(build, big, one, EVERYTHING) == written(build, big, one)
        return shapes._template(
            build, shapes._shape(one, shapes._values(one)), shapes._Tables(big, EVERYTHING)
        )

    for work_out in (
        lambda at: moment(at.replace(hour=0, minute=0)),
        lambda at: moment(at + timedelta(hours=1)),
        lambda at: at.date(),
        lambda at: at.isoformat(),
    ):
        assert places(of(work_out)) is None
    assert places(of(lambda at: moment(at - timedelta(microseconds=1)))) is not None


def test_viewers_have_statements_of_their_own(big: Reader) -> None:
    bea = Viewer(name="bea", teams=("Billing",), role="viewer")
    one = asked("volume", *ALIKE[0][0])
    assert shapes.sql_of(query.build, big, one, bea) == written(query.build, big, one, bea)
    assert shapes.sql_of(query.build, big, one, bea) != shapes.sql_of(query.build, big, one, EVERYTHING)


def _published(home: Home, rows: list[dict[str, Any]]) -> Reader:
    """A reader that nobody else holds."""
    publish(home, rows)
    return Reader(home, generations.current(home))


def test_a_statement_outlives_its_generation_and_does_not_hold_it(home: Home, now: datetime) -> None:
    first, second = (_published(home, rows) for rows in ([{}], [{}, {}]))
    one = asked("volume", *ALIKE[0][0])
    told = shapes.sql_of(query.build, first, one, EVERYTHING)
    before = shapes_so_far()
    assert shapes.sql_of(query.build, second, one, EVERYTHING) == told and shapes_so_far() == before
    gone = ref(first)
    del first
    gc.collect()
    assert gone() is None


@pytest.fixture
def another_process(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Forget what this process has written; gives the metrics that are written from then on."""
    write = shapes._written

    def start() -> list[str]:
        shapes._template.cache_clear()
        names: list[str] = []

        def noted(build: Any, shape: Question, tables: Any) -> Any:
            names.append(shape.metric.name)
            return write(build, shape, tables)

        monkeypatch.setattr(shapes, "_written", noted)
        return names

    return start


def kept(home: Home) -> list[Path]:
    return [file for file in (home.cache / "statements").rglob("*") if file.is_file()]


def test_another_process_finds_what_was_written(home: Home, now: datetime, another_process: Any) -> None:
    reader = _published(home, [{}])
    one, listed = (
        asked("volume", *ALIKE[0][0], grain="day"),
        asked("backlog_age_median", *ALIKE[0][0], grain="day"),
    )
    assert another_process() == []
    told = [shapes.sql_of(query.build, reader, question, EVERYTHING) for question in (one, listed)]
    names = another_process()
    other = asked("volume", *ALIKE[0][1], grain="day")
    assert [shapes.sql_of(query.build, reader, question, EVERYTHING) for question in (one, listed)] == told
    assert shapes.sql_of(query.build, reader, other, EVERYTHING) == written(query.build, reader, other)
    assert names == [] and len(kept(home)) == 2


SAYS_KEYS = """
from tests.analytics.test_shapes import *
one = asked("volume", *ALIKE[2][0], by=("team",))
tables = type("T", (), {"viewer": Viewer(rights=frozenset({"export", "share", "correct", "alerts"})), "layout": "x"})
print(shapes._key(query.build, shapes._shape(one, shapes._values(one)), tables))
"""


def test_every_process_looks_under_the_same_key() -> None:
    told = [
        subprocess.run(
            [sys.executable, "-c", SAYS_KEYS], cwd=PROJECT, env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True, timeout=120,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert told[0] == told[1] and len(told[0].strip()) == 64


@pytest.mark.parametrize("damage", ["", "{", "[1, 2]", "one letter", "\udc00"])
def test_what_is_damaged_is_written_anew(
    home: Home, now: datetime, another_process: Any, damage: str
) -> None:
    reader, one = _published(home, [{}]), asked("volume", *ALIKE[0][0])
    another_process()
    told = shapes.sql_of(query.build, reader, one, EVERYTHING)
    (file,) = kept(home)
    whole = file.read_text()
    damaged = whole.replace("SELECT", "SELECt", 1) if damage == "one letter" else damage
    assert damaged != whole
    file.write_bytes(damaged.encode(errors="surrogatepass"))
    names = another_process()
    assert shapes.sql_of(query.build, reader, one, EVERYTHING) == told and names == ["volume"]
    names = another_process()
    assert shapes.sql_of(query.build, reader, one, EVERYTHING) == told and names == []


def test_what_is_of_this_process_is_not_kept(home: Home, now: datetime, another_process: Any) -> None:
    reader, one = _published(home, [{}]), asked("volume", *ALIKE[0][0])
    another_process()
    mine = replace(one, metric=replace(one.metric, measure=lambda facts: facts.full_resolution_s))
    shapes.sql_of(query.build, reader, mine, EVERYTHING)
    assert kept(home) == []


def test_the_key_of_pseudonyms_is_in_no_text_that_is_kept(
    home: Home, now: datetime, another_process: Any
) -> None:
    reader, one = _published(home, [{}]), asked("volume", *ALIKE[0][0], by=("agent",))
    another_process()
    for name, key in (("cem", "the-secret-key"), ("dee", "o'zzq")):
        hidden = Viewer(name=name, role=name, rights=frozenset({"export"}), alias_key=key)
        assert shapes.sql_of(query.build, reader, one, hidden) == written(query.build, reader, one, hidden)
    (file,) = kept(home)
    assert "secret-key" not in file.read_text() and "zzq" not in file.read_text()


def test_texts_of_another_edition_go_and_a_disk_that_is_full_is_no_error(
    home: Home, now: datetime, another_process: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, one = _published(home, [{}]), asked("volume", *ALIKE[0][0])
    for edition in ("old", "new"):
        another_process()
        monkeypatch.setattr(shapes, "edition", lambda edition=edition: edition)
        shapes.sql_of(query.build, reader, one, EVERYTHING)
    assert [file.parent.name for file in kept(home)] == ["new"]
    monkeypatch.setattr(Path, "write_text", _no_room)
    another_process()
    other = asked("volume", *ALIKE[0][0], grain="day")
    assert shapes.sql_of(query.build, reader, other, EVERYTHING) == written(query.build, reader, other)
    assert len(kept(home)) == 1


def _no_room(*_: Any, **__: Any) -> None:
    raise OSError(28, "No space left on device")


def test_what_is_wrong_is_said_each_time(big: Reader) -> None:
    for _ in range(2):
        with pytest.raises(QuestionError, match="weekday"):
            shapes.sql_of(query.build, big, asked("backlog", *ALIKE[0][0], by=("weekday",)), EVERYTHING)
