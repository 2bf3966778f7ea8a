"""The ledger: what closed days were told to be, what they are now, and what happened in between."""

# ruff: noqa: DTZ001 - local times are naive

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

import pytest

from analytics import ledger
from analytics.ledger import as_of, record, restated, told
from analytics.result import AsOf
from core.errors import QuestionError
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from store import generations
from store.reader import Reader, open_reader
from store.writer import Writer
from tests.analytics.conftest import completed, table_of

OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
HOUR = 3600


class Book:
    """A work file whose facts are replaced by hand, the ledger kept, and a generation published, day by day."""

    def __init__(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home, self._patch = home, monkeypatch
        self.settings = Settings()
        self.writer = Writer(home, run_id="test")

    def day(self, now: str, facts: list[dict[str, Any]], **tables: list[dict[str, Any]]) -> int:
        """Facts as they are on a day; gives how many values were written."""
        self._patch.setenv("SUPPORTLENS_NOW", f"{now}T09:00:00+00:00")
        with self.writer.transaction():
            for name, rows in {
                "conversation_facts": [completed(i, f) for i, f in enumerate(facts)],
                **tables,
            }.items():
                self.writer.execute(f"DELETE FROM {name}")
                if rows:
                    self.writer.insert(name, table_of(rows))
        return record(self.writer, self.settings)

    def publish(self) -> Reader:
        self.writer.execute("CHECKPOINT")
        generations.publish(self.home, self.writer.path, keep=9)
        return open_reader(self.home)

    def ask(self, name: str, at: date, period: Period = OCTOBER, **more: Any) -> AsOf:
        filters = Filters.of(period, more.pop("where", {}))
        return as_of(self.publish(), name, filters, at, settings=self.settings, viewer=EVERYTHING, **more)

    def rows(self) -> list[tuple[Any, ...]]:
        return self.writer.con.execute(
            "SELECT metric, grain, day, dimension, segment, value, n, recorded_at FROM metric_ledger ORDER BY ALL"
        ).fetchall()


@pytest.fixture
def book(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    made = Book(home, monkeypatch)
    yield made
    made.writer.close()


def rated(day: int, score: float, team: str = "Billing", month: int = 10) -> dict[str, Any]:
    at = datetime(2026, month, day, 12)
    return {"created_local": at, "csat_local": at, "csat_score": score, "csat_kind": "2", "team": team,
            "csat_team": team}  # fmt: skip


def replied(day: int, hours: float, team: str = "Billing") -> dict[str, Any]:
    at = datetime(2026, 10, day, 8)
    return {"created_local": at, "first_reply_local": at + timedelta(hours=1), "first_reply_s": int(hours * HOUR),
            "team": team, "first_reply_team": team, "created_team": team}  # fmt: skip


NOVEMBER = {"created_local": datetime(2026, 11, 1, 20)}  # so that the data reaches beyond October


def test_a_share_that_changed_says_from_what(book: Book) -> None:
    first = [rated(5, 1), rated(5, 1), rated(6, 0), rated(7, 1), NOVEMBER]
    assert book.day("2026-11-02", first) > 0
    book.day("2026-11-09", [*first, rated(6, 0)])
    found = book.ask("csat_share", date(2026, 11, 2))
    assert (found.total.then.value, found.total.then.n) == (0.75, 4)
    assert (found.total.now.value, found.total.now.n) == (0.6, 5)
    assert found.changed
    later = book.ask("csat_share", date(2026, 11, 9))
    assert (later.total.then.value, later.total.then.n) == (0.6, 5) and not later.changed
    assert told(later).endswith("as it is now.")


def test_nothing_changed_nothing_written(book: Book) -> None:
    facts = [rated(5, 1), rated(6, 0), NOVEMBER]
    book.day("2026-11-02", facts)
    before = book.rows()
    assert book.day("2026-11-03", facts) == 0 and book.rows() == before


def test_only_closed_days_are_kept(book: Book) -> None:
    today = {"created_local": datetime(2026, 11, 2, 8)}
    book.day("2026-11-02", [rated(5, 1), today])
    assert {row[2] for row in book.rows() if row[0] == "volume"} == {date(2026, 10, 5)}
    book.day("2026-11-03", [rated(5, 1), today])
    assert {row[2] for row in book.rows() if row[0] == "volume"} == {date(2026, 10, 5), date(2026, 11, 2)}


def test_changes_of_one_day_are_one_record(book: Book) -> None:
    first = [rated(5, 1), NOVEMBER]
    book.day("2026-11-02", first)
    kept = book.rows()
    book.day("2026-11-04", [*first, rated(5, 0)])
    more = book.rows()
    book.day("2026-11-04", [*first, rated(5, 0), rated(5, 0)])
    assert len(book.rows()) == len(more) > len(kept)
    book.day("2026-11-04", first)
    assert book.rows() == kept, "it is again what it was told to be"


def test_a_day_that_lost_its_conversations(book: Book) -> None:
    book.day("2026-11-02", [rated(5, 1), rated(6, 1), NOVEMBER])
    book.day("2026-11-05", [rated(6, 1), NOVEMBER])
    found = book.ask(
        "volume", date(2026, 11, 2), grain="day", period=Period(date(2026, 10, 5), date(2026, 10, 6))
    )
    assert [(r.bucket.day, r.then.value, r.now.value) for r in found.rows if r.bucket] == [
        (5, 1, 0),
        (6, 1, 1),
    ]
    assert (found.total.then.value, found.total.now.value) == (2, 1)
    gone = book.ask("volume", date(2026, 11, 5))
    assert gone.total.then.value == gone.total.now.value == 1


def test_teams_and_channels(book: Book) -> None:
    first = [rated(5, 1), rated(5, 0, "Front Line"), rated(6, 1, "Front Line"), NOVEMBER]
    book.day("2026-11-02", first)
    moved = [rated(5, 1), rated(5, 0), rated(6, 1, "Front Line"), NOVEMBER]
    book.day("2026-11-03", moved)
    teams = book.ask("csat_share", date(2026, 11, 2), by=("team",))
    assert {r.group: (r.then.value, r.then.n, r.now.value, r.now.n) for r in teams.rows} == {
        ("Billing",): (1, 1, 0.5, 2), ("Front Line",): (0.5, 2, 1, 1),
    }  # fmt: skip
    one = book.ask("csat_share", date(2026, 11, 2), where={"team": ["Billing"]})
    assert (one.total.then.value, one.total.now.value) == (1, 0.5)
    whole = book.ask("csat_share", date(2026, 11, 2), by=("channel",))
    assert not whole.changed and whole.total.now.n == 3


def test_medians_are_kept_by_day_and_month(book: Book) -> None:
    hours = [1, 2, 9, 4, 5]
    first = [replied(5 + i, h) for i, h in enumerate(hours)]
    book.day("2026-11-02", [*first, NOVEMBER])
    book.day("2026-11-03", [*first, replied(5, 30), NOVEMBER])
    month = book.ask("first_reply_median", date(2026, 11, 2))
    assert (
        month.total.then.value == median(hours) * HOUR
        and month.total.now.value == median([*hours, 30]) * HOUR
    )
    days = book.ask("first_reply_median", date(2026, 11, 2), grain="day")
    fifth = next(row for row in days.rows if row.bucket == date(2026, 10, 5))
    assert (fifth.then.value, fifth.now.value) == (1 * HOUR, 15.5 * HOUR)
    assert days.total.then.value is None, "medians do not add up"
    with pytest.raises(QuestionError, match="cannot be put together"):
        book.ask("first_reply_median", date(2026, 11, 2), Period(date(2026, 10, 5), date(2026, 10, 9)))


def test_a_period_that_was_not_over_is_cut(book: Book) -> None:
    early = {"created_local": datetime(2026, 10, 20, 9)}
    book.day("2026-10-20", [rated(5, 1), rated(18, 0), early])
    book.day("2026-11-05", [rated(5, 1), rated(18, 0), rated(25, 0), early, NOVEMBER])
    found = book.ask("csat_share", date(2026, 10, 20))
    assert found.period.end <= date(2026, 10, 19) and found.notes
    assert (found.total.then.value, found.total.now.value) == (0.5, 0.5) and not found.changed


def test_the_ledger_says_what_it_does_not_hold(book: Book) -> None:
    book.day("2026-11-02", [rated(5, 1), NOVEMBER])
    asks: list[tuple[str, Callable[[], Any]]] = [
        ("was not kept", lambda: book.ask("csat_share", date(2026, 11, 1))),
        ("does not keep backlog", lambda: book.ask("backlog", date(2026, 11, 2))),
        ("totals, teams and channels", lambda: book.ask("csat_share", date(2026, 11, 2), by=("topic",))),
        ("totals, teams and channels", lambda: book.ask("csat_share", date(2026, 11, 2), where={"team": ["a", "b"]})),
        ("keeps days", lambda: book.ask("csat_share", date(2026, 11, 2), grain="hour")),
    ]  # fmt: skip
    for message, ask in asks:
        with pytest.raises(QuestionError, match=message):
            ask()
    limited = Viewer("anna", teams=("Billing",))
    with pytest.raises(QuestionError, match="totals, teams"):
        as_of(
            book.publish(),
            "csat_share",
            Filters(OCTOBER),
            date(2026, 11, 2),
            settings=book.settings,
            viewer=limited,
        )


def test_another_reporting_zone_begins_anew(book: Book) -> None:
    book.day("2026-11-02", [rated(5, 1), NOVEMBER])
    kept = len(book.rows())
    book.settings = Settings(workspace={"reporting_zone": "Asia/Tokyo"})
    assert book.day("2026-11-03", [rated(5, 1), NOVEMBER]) > 0
    assert {row[7].date() for row in book.rows()} == {date(2026, 11, 3)} and len(book.rows()) >= kept


def test_the_causes_that_can_be_counted(book: Book) -> None:
    def stored(first: int, run: str) -> list[dict[str, Any]]:
        return [
            {"source_id": "desk", "conversation_id": f"c{first}", "first_seen_run": run, "deleted_at": None}
        ]

    late = datetime(2026, 11, 4, tzinfo=UTC)
    runs = [{"run_id": "r1", "source_id": "desk", "started_at": datetime(2026, 11, 1, tzinfo=UTC)},
            {"run_id": "r2", "source_id": "desk", "started_at": late}]  # fmt: skip
    first = [rated(5, 1), rated(6, 1), rated(7, 0), NOVEMBER]
    old = [row for i in range(3) for row in stored(i, "r1")]
    book.day("2026-11-02", first, conversations=old, sync_runs=runs[:1])
    gone = {**rated(7, 0), "excluded_because": "deleted"}
    now = [rated(5, 1), rated(6, 0), gone, rated(8, 0), NOVEMBER]
    old[2] = {**old[2], "deleted_at": late}
    ratings = [
        {
            "source_id": "desk",
            "conversation_id": "c1",
            "csat_id": "x",
            "first_seen_run": "r2",
            "is_deleted": False,
        }
    ]
    book.day("2026-11-05", now, conversations=[*old, *stored(3, "r2")], sync_runs=runs, csat=ratings)
    found = book.ask("csat_share", date(2026, 11, 2))
    assert {cause.what: cause.n for cause in found.causes} == {
        "loaded since": 1,
        "deleted since": 1,
        "rated late": 1,
    }
    assert told(found) == (
        "2026-10-01 to 2026-10-31 was n = 3 (n = 3) on 2026-11-02, now n = 3 (n = 3): "
        "1 loaded since, 1 deleted since, 1 rated late."
    )


def test_a_solve_that_was_undone_since(book: Book) -> None:
    def solved(day: int) -> dict[str, Any]:
        at = datetime(2026, 10, day, 9)
        return {
            "created_local": at,
            "last_solved_local": at,
            "first_solved_local": at,
            "full_resolution_s": 60,
        }

    def entry(number: int, reopened: datetime | None) -> dict[str, Any]:
        return {"source_id": "desk", "conversation_id": f"c{number}", "solve_no": 1, "is_counted": True,
                "solved_local": datetime(2026, 10, 5 + number, 9), "reopened_at": reopened}  # fmt: skip

    book.day("2026-11-02", [solved(5), solved(6), NOVEMBER], solves=[entry(0, None), entry(1, None)])
    open_again = {"created_local": datetime(2026, 10, 6, 9)}
    undone = datetime(2026, 11, 4, tzinfo=UTC)
    book.day("2026-11-05", [solved(5), open_again, NOVEMBER], solves=[entry(0, None), entry(1, undone)])
    found = book.ask("solved", date(2026, 11, 2))
    assert (found.total.then.value, found.total.now.value) == (2, 1)
    assert told(found) == "2026-10-01 to 2026-10-31 was 2 on 2026-11-02, now 1: 1 reopened since."


def test_a_closed_period_tells_by_itself_that_it_changed(book: Book, ask: Callable[..., Any]) -> None:
    first = [*(rated(5, 1) for _ in range(9)), rated(6, 0), NOVEMBER]
    book.day("2026-11-02", first)
    result = ask(book.publish(), "csat_share", OCTOBER)
    assert restated(book.publish(), result, settings=book.settings, viewer=EVERYTHING) is None
    book.day("2026-11-08", [*first, rated(6, 0)])
    reader = book.publish()
    found = restated(reader, ask(reader, "csat_share", OCTOBER), settings=book.settings, viewer=EVERYTHING)
    assert found is not None
    assert told(found) == "2026-10-01 to 2026-10-31 was 90 % (n = 10) on 2026-11-02, now 82 % (n = 11)."
    other = ask(reader, "csat_share", OCTOBER, by=("topic",))
    assert restated(reader, other, settings=book.settings, viewer=EVERYTHING) is not None, (
        "the total is the same"
    )


def test_the_main_metrics_are_in_the_catalogue_and_can_be_kept() -> None:
    from analytics.catalogue import find

    kinds = {name: find(name).kind for name in ledger.MAIN}
    assert len(kinds) == len(ledger.MAIN) and set(kinds.values()) <= {"count", "share", "quantile"}
