"""The soak keeps the truth, and sees when a warehouse or an alert does not: what it measures is never asserted here."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from bench.soak import figures
from bench.soak.__main__ import main
from bench.soak.alerts import Cause, Heard, judge, slow_readings
from bench.soak.desk import Desk
from bench.soak.folder import Folder, midnight_of
from bench.soak.truth import Compared, Truth, Watcher, compare, held_against
from bench.soak.weather import LEAST_TICKS, Weather
from core.home import Home
from core.settings import Settings, Source
from jobs.refresh import refresh
from tests.fakes.zendesk import Zendesk, serving
from tests.jobs.scripted import plain_steps

FIRST = datetime(2026, 8, 1, tzinfo=UTC)
BUSY = Cause("Busy", "opened", "2026-08-10T00:00:00", "2026-08-20T00:00:00")
OVER = Cause("Busy", "resolved", "2026-08-21T00:00:00", "2026-08-30T00:00:00")


def test_each_way_in_which_rows_can_be_wrong_is_told_from_the_others() -> None:
    truth = {("s", "1"): ("a", "open"), ("s", "2"): ("b", "open"), ("s", "3"): ("c", "open")}
    assert compare(truth, list(truth.items())) == Compared()
    found = [(("s", "1"), ("a", "open"))] * 2 + [(("s", "3"), ("c", "new")), (("s", "4"), ("d", "open"))]
    assert compare(truth, found) == Compared(
        lost=(("s", "2"),), doubled=(("s", "1"),), stale=(("s", "3"),), left=(("s", "4"),)
    )


def test_a_conversation_that_is_taken_out_takes_its_messages_along() -> None:
    truth = Truth()
    truth.conversation("s", "1", "a", "open")
    for source, id, owner in (("s", "m1", "1"), ("s", "m2", "2"), ("t", "m1", "1")):
        truth.message(source, id, owner, "x")
    truth.remove("s", "1")
    assert truth.rows["messages"].keys() == {("s", "m2"), ("t", "m1")}
    assert truth.gone == {"conversations": {("s", "1")}, "messages": {("s", "m1")}}


def test_the_files_hold_what_the_truth_says_however_often_they_change(tmp_path: Path) -> None:
    truth = Truth()
    files = Folder(tmp_path / "export", truth, Random(3))
    for number in range(60):
        files.day(number, midnight_of(FIRST, number), 6)
    held: dict[str, dict[tuple[str, str], tuple[str, str]]] = {}
    for table, columns in (
        ("conversations", ("conversation_id", "subject", "status")),
        ("messages", ("message_id", "conversation_id", "body_text")),
    ):
        held[table] = {}
        for path in (tmp_path / "export").glob(f"{table}_*.csv"):
            with path.open(newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    key, one, two = (row[column] for column in columns)
                    assert held[table].setdefault(("export", key), (one, two)) == (one, two)
    assert held == truth.rows
    assert len(truth.gone["conversations"]) > 5
    assert any(not path.stem.endswith("_0") for path in (tmp_path / "export").iterdir()), "none was renamed"


def test_what_both_sources_hold_is_what_a_refresh_brings(home: Home, tmp_path: Path, now: datetime) -> None:
    with serving(Zendesk(FIRST)) as zendesk:
        truth, dice = Truth(), Random(5)
        desk, files = Desk(zendesk, truth, dice), Folder(tmp_path / "export", truth, dice)
        weather = Weather(files, desk, FIRST, dice, lambda: 0)
        watcher = Watcher(home, truth)
        table = {"kind": "zendesk", "base_url": zendesk.url, "email": "a@b.example", "api_token": desk.key}
        settings = Settings(
            sources=(
                Source(name="export", kind="files", path=str(files.path)),  # type: ignore[call-arg]
                Source(name="desk", **table),  # type: ignore[arg-type]
            )
        )
        weather.prepare(days=14)
        for _ in range(2):
            weather.tick()
            desk.refuse(everybody=False)  # what failed at random is left out here
            desk.advance()
            assert refresh(home, settings, steps=plain_steps()).status == "ok"
            watcher.look()
        assert held_against(home, truth) == Compared()
        assert (watcher.lost, watcher.doubled, len(watcher.looked)) == ([], [], 2)
        assert truth.gone["conversations"]
        _break(truth)
        found = held_against(home, truth)
        assert (len(found.lost), len(found.stale), len(found.left)) == (1, 1, 1)


def _break(truth: Truth) -> None:
    messages = truth.rows["messages"]
    first, second = sorted(messages)[:2]
    del messages[first]
    messages[second] = ("elsewhere", "")
    messages["desk", "never sent"] = ("1", "x")


def test_a_row_that_was_seen_and_is_missing_later_is_lost_unless_it_was_taken_out(
    home: Home, now: datetime
) -> None:
    path = home.root / "chat.csv"
    head = "conversation_id,message_id,author,body_text,created_at\n"
    lines = [f"{n},m{n},ann,where is parcel {n},2026-11-0{n}T10:00:00Z\n" for n in (1, 2, 3)]
    settings = Settings(sources=(Source(name="chat", kind="files", path=str(path)),))  # type: ignore[call-arg]
    truth, seen = Truth(), Watcher(home, Truth())
    told = Watcher(home, truth)
    for kept in (lines, lines[:1]):
        path.write_text(head + "".join(kept))
        refresh(home, settings, steps=plain_steps())
        told.look()
        seen.look()
        for number in ("2", "3"):
            truth.conversation("chat", number, "", "")
            truth.message("chat", f"m{number}", number, "")
            truth.remove("chat", number)
    assert {(table, key) for _, table, key in seen.lost} == {
        ("conversations", ("chat", "2")), ("conversations", ("chat", "3")),
        ("messages", ("chat", "m2")), ("messages", ("chat", "m3")),
    }  # fmt: skip
    assert told.lost == []


def heard(
    delivery: str, event: str = "opened", window: str = "2026-08-12T00:00:00", rule: str = "Busy"
) -> Heard:
    return Heard(delivery, rule, event, window, f"{rule}: {event}")


def test_every_cause_is_heard_once_and_nothing_else_is() -> None:
    calls = [heard("1"), heard("1"), heard("2", "resolved", "2026-08-21T00:00:00")]
    mails = ["Busy: opened", "Busy: resolved"]
    assert judge((BUSY, OVER), calls, mails, {}).wrong == 0
    nothing = judge((BUSY, OVER), [], [], {})
    assert nothing.missing == (BUSY, OVER) and nothing.wrong == 2
    twice = judge((BUSY,), [heard("1"), heard("2")], ["Busy: opened"] * 2, {})
    assert (twice.doubled, twice.wrong) == ((heard("2"),), 1)
    early = judge((BUSY,), [heard("1"), heard("2", window="2026-08-09T00:00:00")], ["Busy: opened"] * 2, {})
    assert [one.delivery for one in early.without_cause] == ["2"]
    other = judge((BUSY,), [heard("1"), heard("2", rule="Never")], ["Busy: opened", "Never: opened"], {})
    assert [one.rule for one in other.without_cause] == ["Never"]


def test_one_message_may_tell_of_a_beginning_and_its_end() -> None:
    body = {
        "delivery": "d", "event": "resolved", "title": "Busy: already over, 20",
        "data": {"from": "2026-08-21T00:00:00", "began": "2026-08-12T00:00:00"},
    }  # fmt: skip
    both = Heard.of(json.dumps(body).encode())
    assert judge((BUSY, OVER), [both], [both.title], {}).wrong == 0
    early = Heard.of(json.dumps({**body, "data": {**body["data"], "began": "2026-08-09T00:00:00"}}).encode())
    assert judge((BUSY, OVER), [early], [early.title], {}).missing == (BUSY,)


def test_a_mail_may_only_be_missing_where_the_program_says_that_it_does_not_know() -> None:
    calls = [heard("1")]
    assert judge((BUSY,), calls, [], {}).mails_missing == ("Busy: opened",)
    assert judge((BUSY,), calls, [], {"Busy: opened": 1}).wrong == 0
    assert judge((BUSY,), calls, ["Busy: opened"] * 2, {}).mails_doubled == ("Busy: opened",)


def test_staleness_that_a_busy_machine_made_is_no_false_alarm() -> None:
    begun = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
    finished = [begun + timedelta(minutes=n) for n in (0, 1, 6, 7)]
    slow = slow_readings(finished, 90)
    assert [(one.event, one.since[11:16], one.until[11:16]) for one in slow] == [
        ("opened", "09:02", "09:06"), ("resolved", "09:06", "09:11"),
    ]  # fmt: skip
    late = heard("1", window="2026-11-16T09:04:00+00:00", rule="Stale")
    early = heard("2", window="2026-11-16T09:01:00+00:00", rule="Stale")
    assert judge((), [late], ["Stale: opened"], {}, slow).wrong == 0
    assert judge((), [early], ["Stale: opened"], {}, slow).without_cause == (early,)


def test_a_webhooks_body_says_rule_event_and_window() -> None:
    body = {
        "delivery": "d",
        "event": "resolved",
        "title": "Busy: over, 4",
        "data": {"from": "2026-08-21T00:00:00"},
    }
    assert Heard.of(json.dumps(body).encode()) == Heard(
        "d", "Busy", "resolved", "2026-08-21T00:00:00", "Busy: over, 4"
    )


class Still:
    """A source in which nothing happens."""

    def __init__(self) -> None:
        self.days: list[int] = []
        self.refused: list[bool] = []

    def day(self, *said: object) -> None:
        self.days.append(int(said[-1]))  # type: ignore[call-overload]

    def stumble(self) -> None: ...

    def advance(self) -> None: ...

    def refuse(self, everybody: bool) -> None:
        self.refused.append(everybody)


def test_busy_times_turn_only_when_somebody_can_have_seen_them_and_say_when_they_were() -> None:
    files, desk, published = Still(), Still(), [1]
    weather = Weather(files, desk, FIRST, Random(1), lambda: published[0])  # type: ignore[arg-type]
    for _ in range(2 * LEAST_TICKS):
        weather.tick()
    assert weather.causes == [], "no generation was published in the meantime"
    for _ in range(60):
        published[0] += 1
        weather.tick()
    weather.end()
    assert [cause.event for cause in weather.causes][:3] == ["opened", "resolved", "opened"]
    for cause, after in zip(weather.causes, weather.causes[1:], strict=False):
        assert cause.since < cause.until < after.since
    for cause in weather.causes:
        begin, end = (
            (datetime.fromisoformat(text) - FIRST.replace(tzinfo=None)).days
            for text in (cause.since, cause.until)
        )
        assert end - begin + 1 >= LEAST_TICKS or cause is weather.causes[-1]
        level = [count > 10 for count in files.days[begin : end + 1]]
        assert set(level) == {cause.event == "opened"}


def test_an_outage_has_a_beginning_and_an_end_to_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Still()
    weather = Weather(Still(), desk, FIRST, Random(1), lambda: 0)  # type: ignore[arg-type]
    monkeypatch.setenv("SUPPORTLENS_NOW", "2026-11-16T09:00:30Z")
    weather.refuse()
    monkeypatch.setenv("SUPPORTLENS_NOW", "2026-11-16T09:03:40Z")
    weather.relent()
    weather.relent()
    assert desk.refused == [True, False]
    assert [(cause.event, cause.since[11:16], cause.until[11:16]) for cause in weather.causes] == [
        ("opened", "09:00", "09:03"), ("resolved", "09:03", "09:06"),
    ]  # fmt: skip


def test_memory_is_flat_when_the_end_is_as_the_middle() -> None:
    assert figures.growth([10, 900, 100, 100, 100, 100]) == 0
    assert figures.growth([1, 1, 100, 100, 100, 120, 120, 120, 120]) == pytest.approx(20)
    assert figures.growth([1.0] * 5) is None
    told = {
        bar.key: row
        for bar, row in zip(figures.BARS, figures.judged({"server_growth": 50.0}, 5), strict=True)
    }
    assert told["server_growth"].verdict == "not measured: judged from 10 minutes on"
    told = {
        bar.key: row
        for bar, row in zip(figures.BARS, figures.judged({"server_growth": 50.0}, 30), strict=True)
    }
    assert told["server_growth"].verdict == "missed"


@pytest.mark.slow
def test_a_short_soak_holds_its_bars(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--minutes", "1.5", "--people", "2"]) == 0, capsys.readouterr().out
    assert "rows_lost" in capsys.readouterr().out


def test_faults_of_ours_are_counted_by_how_their_traces_end(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    assert figures.faults(log) == []
    trace = 'Traceback (most recent call last):\n  File "x.py", line 1\n    y\n{}\n09:00 info    page drawn\n'
    log.write_text("09:00 error   card failed\n" + trace.format("KeyError: 1") * 2 + trace.format("OSError"))
    assert figures.faults(log) == [("KeyError: 1", 2), ("OSError", 1)]
