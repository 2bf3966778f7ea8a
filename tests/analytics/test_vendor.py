"""Zendesk's metric sets beside ours: on generated accounts, on tickets made for one cause each, and on wrong facts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics.vendor import VendorMatch, match, only, vendor_values
from analytics.vendor_rules import CAUSES, METRICS
from core.errors import QuestionError
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings, load_settings
from core.viewer import EVERYTHING, Viewer
from jobs.cli import main
from store.generations import Generation, current
from store.reader import Reader
from tests.analytics.vendor_accounts import BEGUN, Planted, abroad
from tests.connectors.zendesk_lab import TODAY
from tests.fakes.zendesk import Zendesk, serving
from tests.fakes.zendesk_sample import fill

SEEDS = {"north": 3, "south": 8}
TICKETS = 200
HOME = """
[workspace]
reporting_zone = "Europe/London"
{sources}
[[calendars]]
name = "abroad hours"
zone = "Asia/Tokyo"
hours = {{ mon-sun = "00:00-24:00" }}
sources = ["abroad"]
"""
SOURCE = """
[[sources]]
name = "{name}"
kind = "zendesk"
base_url = "{url}"
email = "ada@acme.example"
api_token = "token-abcdef"
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Reader, Settings]]:
    """Two generated accounts, the planted one and the one abroad, read by one refresh."""
    home = Home(tmp_path_factory.mktemp("vendor"))
    with ExitStack() as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", TODAY.isoformat())
        sources = ""
        for name in (*SEEDS, "planted", "abroad"):
            zendesk = Zendesk(TODAY)
            zendesk.rules.per_minute = 100_000
            if name in SEEDS:
                fill(zendesk.account, tickets=TICKETS, seed=SEEDS[name])
            elif name == "planted":
                Planted(zendesk.account)
            else:
                abroad(zendesk.account)
            sources += SOURCE.format(name=name, url=running.enter_context(serving(zendesk)).url)
        home.settings_file.write_text(HOME.format(sources=sources))
        assert main(["refresh", "--home", str(home.root), "--quiet"]) == 0
        reader = Reader(home, current(home))
        yield reader, load_settings(home)
        reader.close()


def causes_of(matches: tuple[VendorMatch, ...], source: str) -> dict[str, set[tuple[str, str]]]:
    """Conversation to (metric, cause)."""
    found: dict[str, set[tuple[str, str]]] = {}
    for one in matches:
        for cause in one.causes if one.source == source else ():
            for difference in cause.conversations:
                found.setdefault(difference.conversation_id, set()).add((one.metric, cause.cause))
    return found


@pytest.fixture(scope="module")
def matches(desk: tuple[Reader, Settings]) -> tuple[VendorMatch, ...]:
    reader, settings = desk
    return match(reader, settings=settings, viewer=EVERYTHING, limit=1000)


@pytest.mark.parametrize("source", SEEDS)
def test_generated_accounts_are_explained(matches: tuple[VendorMatch, ...], source: str) -> None:
    found = [one for one in matches if one.source == source]
    assert [one.metric for one in found] == [metric.name for metric in METRICS]
    for one in found:
        assert one.n == one.equal + sum(cause.n for cause in one.causes)
        assert one.n >= 20 and one.equal / one.n > 0.6
        assert one.unexplained / one.n < 0.01, causes_of((one,), source)


def test_several_hundred_tickets_show_the_usual_causes(matches: tuple[VendorMatch, ...]) -> None:
    told = {c.cause for one in matches if one.source in SEEDS for c in one.causes}
    usual = {"bot_reply", "acknowledgement", "restated", "former_agent", "outbound", "merged", "schedule_change",
             "thanks_reopen", "still_open"}  # fmt: skip
    assert told >= usual


def test_a_ticket_of_each_cause(matches: tuple[VendorMatch, ...]) -> None:
    """All that differs of each planted ticket."""
    found = causes_of(matches, "planted")
    reply = {"reply_time.calendar", "reply_time.business"}
    everything = {metric.name for metric in METRICS}
    waits = {"requester_wait_time.calendar", "requester_wait_time.business"}
    nothing = {name for name in everything if name.startswith("agent_wait")}

    def each(metrics: set[str], cause: str) -> set[tuple[str, str]]:
        return {(metric, cause) for metric in metrics}

    assert "1" not in found
    assert found["2"] == each(reply | {"replies"}, "bot_reply")
    assert found["3"] == each(reply | {"replies"}, "acknowledgement")
    assert found["4"] == each(reply | {"replies"}, "restated")
    assert found["5"] == each(reply | {"replies"}, "former_agent")
    assert found["6"] == each(everything - nothing, "outbound")
    assert found["7"] == {("replies", "chat_session")}
    ends = (
        "first_resolution_time",
        "full_resolution_time",
        "requester_wait_time",
    )  # all of pending was in one schedule
    assert found["8"] == each({f"{name}.business" for name in ends}, "schedule_change")
    assert found["9"] == {("reopens", "thanks_reopen")}
    open_now = {
        name for name in everything if name.startswith(("full_resolution", "requester", "agent_wait"))
    }
    assert found["10"] == each(open_now, "still_open")
    assert found["11"] == each(everything - nothing - reply, "merged")
    assert found["12"] == each(waits, "rounding")
    # Its solve is on its row; what needs messages or the order of statuses is missing.
    assert found["13"] == each({*reply, *waits, "replies"}, "no_history")
    assert found["14"] == {("replies", "restated")}
    assert found["15"] == each(reply, "unexplained")
    assert found["16"] == {*each(reply, "acknowledgement"), ("replies", "former_agent")}
    assert found["17"] == each(reply | {"replies"}, "restated")
    assert set(found) == {*map(str, range(2, 18)), *map(str, range(500, 520))}


def test_hours_of_another_calendar(matches: tuple[VendorMatch, ...]) -> None:
    """Three hours in Tokyo's, none in the office's: the vendor has no reply within its hours."""
    found = causes_of(matches, "abroad")["1"]
    assert found == {
        (f"{name}.business", "other_hours")
        for name in ("reply_time", "first_resolution_time", "full_resolution_time", "requester_wait_time")
    }


def test_examples_tell_both_values(matches: tuple[VendorMatch, ...]) -> None:
    (one,) = [m for m in matches if (m.source, m.metric) == ("planted", "reply_time.calendar")]
    told = {d.conversation_id: (d.theirs, d.ours) for cause in one.causes for d in cause.conversations}
    assert {number: told[number] for number in ("2", "3", "4", "5", "6", "15")} == {
        "2": (2, 50), "3": (0, 45), "4": (20, 40), "5": (10, None), "6": (15, None), "15": (999, 30),
    }  # fmt: skip
    (solved,) = [m for m in matches if (m.source, m.metric) == ("planted", "solved_at")]
    (merged,) = only((solved,), "merged")[0].causes
    assert merged.conversations[0].theirs == BEGUN + timedelta(minutes=95)
    assert (merged.n, merged.exact, merged.conversations[0].subject) == (1, 1, "Ticket 11")


@pytest.mark.parametrize(
    ("broken", "metrics"),
    [
        (
            "first_reply_s = first_reply_s + 3600, first_reply_business_s = first_reply_business_s + 3600",
            "reply_time",
        ),
        (
            "first_resolution_s = full_resolution_s * 2 + 60, first_resolution_business_s = 0",
            "first_resolution_time",
        ),
        ("requester_wait_s = agent_wait_s", "requester_wait_time.calendar"),
        ("requester_wait_business_s = requester_wait_s", "requester_wait_time.business"),
        ("agent_replies = agent_replies + 1", "replies"),
        ("reopens = reopens + 1", "reopens"),
        ("team_stations = 7", "group_stations"),
        ("last_solved_at = first_reply_at", "solved_at"),
    ],
)
def test_a_wrong_formula_is_not_explained(
    desk: tuple[Reader, Settings], tmp_path: Path, broken: str, metrics: str
) -> None:
    reader, settings = desk
    copy = tmp_path / "wrong.duckdb"
    shutil.copy(reader.generation.path, copy)
    with duckdb.connect(str(copy)) as con:
        con.execute(f"UPDATE conversation_facts SET {broken}")
    wrong = Reader(Home(tmp_path), Generation(1, copy, TODAY))
    found = match(wrong, settings=settings, viewer=EVERYTHING, metric=metrics)
    wrong.close()
    for one in (m for m in found if m.source in SEEDS):
        assert one.unexplained / one.n > 0.3, (one.metric, one.equal, one.causes)


def test_only_what_was_asked_for(desk: tuple[Reader, Settings]) -> None:
    reader, settings = desk
    found = match(
        reader, settings=settings, viewer=EVERYTHING, source="planted", metric="reply_time", limit=2
    )
    assert [(one.source, one.metric) for one in found] == [
        ("planted", "reply_time.calendar"), ("planted", "reply_time.business")
    ]  # fmt: skip
    (few,) = only(found[:1], "acknowledgement")
    assert [(c.cause, len(c.conversations)) for c in few.causes] == [("acknowledgement", 2)]
    assert few.causes[0].n == 2 + 20 and only(found, "spam") == ()
    assert match(reader, settings=settings, viewer=Viewer("nobody", sources=("none",), teams=None)) == ()
    with pytest.raises(QuestionError, match="no vendor has"):
        match(reader, settings=settings, viewer=EVERYTHING, metric="happiness")
    with pytest.raises(QuestionError, match="no cause"):
        only(found, "weather")


def test_every_cause_has_words_and_is_found_somewhere(matches: tuple[VendorMatch, ...]) -> None:
    """Spam, tests, automatic conversations and copies are decided by other rules; Zendesk tickets here have none."""
    told = {cause.cause for one in matches for cause in one.causes}
    assert {cause.name for cause in CAUSES} - told == {"spam", "test", "automatic", "duplicate"}
    assert all(cause.words.endswith(".") for cause in CAUSES)


@pytest.mark.parametrize("hours", ["calendar", "business"])
def test_the_vendors_number_beside_ours(desk: tuple[Reader, Settings], hours: Any) -> None:
    """The median over the same conversations, worked out from both sides' rows."""
    reader, settings = desk
    period = Period(date(2026, 7, 1), date(2026, 11, 16))
    for name in ("first_reply_median", "resolution_p90", "resolution_mean"):
        found = vendor_values(reader, name, Filters.of(period, {"source": ["north"]}, hours=hours),
                              settings=settings, viewer=EVERYTHING)  # fmt: skip
        assert found is not None and found.metric.endswith(hours)
        fact, path = (
            ("first_reply", "reply_time") if "reply" in name else ("full_resolution", "full_resolution_time")
        )
        column = f"{fact}_s" if hours == "calendar" else f"{fact}_business_s"
        rows = reader.query(
            f"SELECT f.{column} AS ours, (c.vendor_metrics->'{path}_in_minutes'->>'{hours}')::INTEGER AS theirs "
            "FROM {conversation_facts} f JOIN {conversations} c USING (source_id, conversation_id) "
            "WHERE source_id = 'north' AND is_counted AND ours IS NOT NULL AND theirs IS NOT NULL",
            viewer=EVERYTHING,
        ).to_pylist()
        assert found.n == len(rows) > 100
        assert found.ours == pytest.approx(statistic(name, [row["ours"] for row in rows]))
        assert found.value == pytest.approx(statistic(name, [row["theirs"] * 60 for row in rows]))
        assert found.equal == sum(row["ours"] // 60 == row["theirs"] for row in rows)
        assert found.n == found.equal + sum(cause.n for cause in found.causes)
        assert "unexplained" not in {cause.cause for cause in found.causes}
    assert found.sources == ("north",)


def statistic(name: str, values: list[int]) -> float:
    """The median, the 90th percentile between its neighbours, or the mean."""
    values = sorted(values)
    if name.endswith("mean"):
        return sum(values) / len(values)
    place = (len(values) - 1) * (0.9 if name.endswith("p90") else 0.5)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def test_what_no_vendor_measures(desk: tuple[Reader, Settings]) -> None:
    reader, settings = desk
    asked: dict[str, Any] = {"settings": settings, "viewer": EVERYTHING}
    assert vendor_values(reader, "volume", Filters.of(), **asked) is None
    empty = Filters.of(Period(date(2020, 1, 1), date(2020, 1, 2)))
    assert vendor_values(reader, "first_reply_median", empty, **asked) is None


def test_the_command(desk: tuple[Reader, Settings], capsys: pytest.CaptureFixture[str]) -> None:
    reader, _ = desk
    home = ["--home", str(reader.generation.path.parents[2])]
    assert main(["match", *home, "--source", "planted", "--metric", "reply_time", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["metric"], one["unit"]) for one in told] == [
        ("reply_time.calendar", "minutes"), ("reply_time.business", "minutes")
    ]  # fmt: skip
    causes = {cause["cause"]: cause for cause in told[0]["causes"]}
    assert (causes["acknowledgement"]["n"], causes["acknowledgement"]["exact"]) == (22, 22)
    assert len(causes["acknowledgement"]["conversations"]) == 20
    assert main(["match", *home, "--source", "planted", "--cause", "unexplained", "--limit", "5"]) == 0
    shown = capsys.readouterr().out
    assert "15  999 min there, 30 min here  Ticket 15" in shown and "Merged" not in shown
    assert main(["match", *home, "--metric", "solved_at"]) == 0
    assert "2026-11-02 10:35:00 UTC there, left out here  Ticket 11" in capsys.readouterr().out
    for wrong in (["--source", "nobody"], ["--metric", "happiness"], ["--cause", "weather"]):
        assert main(["match", *home, *wrong]) == 1
        assert "error: " in capsys.readouterr().err


def test_a_workspace_without_a_vendors_metrics(
    sample_home: Home, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["match", "--home", str(sample_home.root)]) == 0
    assert capsys.readouterr().out == "no source brings metrics of its vendor\n"
