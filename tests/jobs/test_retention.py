"""Conversations are kept for so many days: the bounds, what is left of them, and that they do not come back."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.home import Home
from core.settings import load_settings
from core.viewer import EVERYTHING
from jobs import retention
from store.connection import connect
from store.health import sources_health
from store.horizon import kept_since
from store.reader import open_reader
from store.workspace import Workspace
from tests.conftest import NOW
from tests.jobs.erasable import NO_LEDGER, command, talks
from tests.shared import made_once, seldom

# In New York the 6th of November begins at 05:00 UTC; it is the first day of ten before the 16th.
SETTINGS = """
[workspace]
reporting_zone = "America/New_York"
keep_generations = 1

[[sources]]
name = "desk"
kind = "files"
path = "{folder}/desk"
{rule}

[[sources]]
name = "shop"
kind = "files"
path = "{folder}/shop"
"""
GONE = "the marmalade kettle whistled in the wrong key and nobody came"
CONVERSATIONS = """conversation_id,subject,status,requester_id,created_at
OLD,Marmalade kettle,closed,c1,2026-11-01T10:00:00Z
EDGE,Parcel,closed,c2,2026-11-02T10:00:00Z
AGAIN,Invoice,open,c3,2026-10-01T10:00:00Z
RATED,Refund,closed,c4,2026-10-05T10:00:00Z
"""
MESSAGES = f"""message_id,conversation_id,author_id,author_role,body_text,created_at
m1,OLD,c1,customer,"Hello, {GONE}.",2026-11-01T10:00:00Z
m2,OLD,a1,agent,We are looking into it,2026-11-06T04:59:59Z
m3,EDGE,c2,customer,My parcel is lost,2026-11-02T10:00:00Z
m4,EDGE,a1,agent,It was found again,2026-11-06T05:00:00Z
m5,AGAIN,c3,customer,Please send the invoice,2026-10-01T10:00:00Z
m6,AGAIN,c3,customer,It has not come yet,2026-11-10T10:00:00Z
m7,RATED,c4,customer,I want my money back,2026-10-05T10:00:00Z
"""
RATINGS = """csat_id,conversation_id,person_id,score,comment,rated_at
r1,RATED,c4,1.0,fine,2026-11-08T10:00:00Z
"""
SHOP = """message_id,conversation_id,author_id,author_role,body_text,created_at
s1,S1,c9,customer,An old letter to the shop,2026-01-01T10:00:00Z
s2,S1,b1,agent,And its answer,2026-01-01T11:00:00Z
"""
KEPT = [("desk", "AGAIN"), ("desk", "EDGE"), ("desk", "RATED"), ("shop", "S1")]


def write(root: Path, *, rule: str, messages: str = MESSAGES) -> None:
    for name, tables in (
        ("desk", {"conversations": CONVERSATIONS, "messages": messages, "csat": RATINGS}),
        ("shop", {"messages": SHOP}),
    ):
        (root / name).mkdir(exist_ok=True)
        for table, text in tables.items():
            (root / name / f"{table}.csv").write_text(text)
    (root / "home").mkdir(exist_ok=True)
    (root / "home" / "settings.toml").write_text(SETTINGS.format(folder=root, rule=rule))


def make(root: Path) -> None:
    """A generation from before there was a rule, and what people made of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
        patch.setattr("core.settings.PROJECT", root)
        patch.setattr("analytics.ledger.record", NO_LEDGER)
        write(root, rule="")
        home = Home(root / "home")
        command(home, "refresh")
        quote = {"citations": [{"n": 1, "source_id": "desk", "conversation_id": "OLD", "quote": GONE}]}
        Workspace(home).save_question("Which kettles whistle?", quote, viewer="ann")
        Workspace(home).save_question("Which parcels were lost?", {"citations": []}, viewer="ann")


@pytest.fixture(scope="session")
def _made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(request, tmp_path_factory, "retention", make)


@pytest.fixture
def home(_made: Path, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home of its own with a rule of ten days for one of its sources."""
    monkeypatch.setattr("analytics.ledger.record", NO_LEDGER)
    shutil.copytree(_made, tmp_path / "copy")
    write(tmp_path / "copy", rule="keep_days = 10")
    return Home(tmp_path / "copy" / "home")


def traces(home: Home) -> list[str]:
    """Files of the home in whose bytes, or cells, words of the removed conversation stand."""
    found = [
        path.name
        for path in home.root.rglob("*")
        if path.is_file() and b"marmalad" in path.read_bytes().lower()
    ]
    for path in home.warehouse.glob("*.duckdb"):
        with connect(path, home, read_only=True) as con:
            for (table,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                said = f"""SELECT count(*) FROM "{table}" t WHERE contains(lower(t::VARCHAR), 'marmalad')"""
                found += [f"{path.name} {table}"] * bool((con.execute(said).fetchone() or (0,))[0])
    return sorted(found)


def volume(home: Home) -> dict[str, float]:
    rows = command(home, "metric", "replies", "--from", "2026-11-06", "--to", "2026-11-15", "--grain", "day")
    return {row["bucket"]: row["value"] for row in rows["rows"]}


def test_a_dry_run_counts_and_changes_nothing(home: Home) -> None:
    before = talks(home)
    told = command(home, "retention", "--dry-run")
    assert told == {"dry_run": True, "sources": [
        {"source": "desk", "kept_since": "2026-11-06 05:00:00+00:00", "conversations": 1, "messages": 2}
    ], "held": None}  # fmt: skip
    assert talks(home) == before and ("desk", "OLD") in before


def test_nothing_of_what_is_too_old_is_left_and_the_rest_is_as_it_was(home: Home) -> None:
    assert {"work.duckdb", "gen-000001.duckdb", "keywords.sqlite", "workspace.sqlite"} <= {
        name.split(" ")[0] for name in traces(home)
    }
    before = volume(home)
    report = command(home, "refresh")
    assert report["removed"] == {"desk": 1}
    assert "1 conversations older than keep_days were removed" in report["message"]
    assert talks(home) == KEPT
    assert traces(home) == []
    assert volume(home) == before, "days that are kept count as before"
    assert [one.question for one in Workspace(home).recent_questions(9, viewer="ann")] == [
        "Which parcels were lost?"
    ]
    assert [(one.action, one.detail) for one in Workspace(home).audit_log(9) if one.action == "removed"] == [
        ("removed", {"desk": 1})
    ]
    again = command(home, "refresh")
    assert (again["removed"], again["published"]) == ({}, False)


def later(patch: pytest.MonkeyPatch, **by: float) -> None:
    patch.setenv("SUPPORTLENS_NOW", (NOW + timedelta(**by)).isoformat())


def test_a_clock_that_was_set_far_ahead_removes_nothing_until_somebody_confirms_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = talks(home)
    later(monkeypatch, days=1200)
    for _ in range(2):  # the refresh of before is none that knows the time
        report = command(home, "refresh", code=3)
        assert (report["status"], report["removed"], report["error"]["code"]) == (
            "partial",
            {},
            "retention_held",
        )
    told = command(home, "retention", code=1)["error"]
    assert "the clock says 2030-02-28, which is 1,200 days after" in told["message"]
    assert "jobs retention --yes" in told["hint"]
    assert command(home, "retention", "--dry-run")["held"].startswith("nothing is removed by its age")
    assert talks(home) == before
    assert command(home, "erase", "desk/c3", "--yes", "--by", "ann")["certificates"], (
        "an erasure does not wait"
    )
    assert talks(home) == [one for one in before if one != ("desk", "AGAIN")]
    assert command(home, "retention", "--yes")["removed"] == {"desk": 3}
    assert talks(home) == [("shop", "S1")]
    assert command(home, "refresh")["status"] == "ok", "from now on it is known"


def test_the_machine_s_own_clock_is_believed_while_refreshes_go_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on between two looks at it, unlike that of the tests."""
    ticks = iter(range(10_000_000))
    monkeypatch.setattr("core.clock.now", lambda: NOW + timedelta(milliseconds=next(ticks)))
    assert command(home, "refresh")["removed"] == {"desk": 1}


def test_with_the_clock_right_again_the_rule_goes_on(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch, days=1200)
    command(home, "refresh", code=3)
    later(monkeypatch, hours=1)
    assert command(home, "refresh")["removed"] == {"desk": 1}
    assert talks(home) == KEPT


@pytest.mark.slow
def test_a_source_that_went_silent_obeys_its_rule_where_refreshes_go_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed = []
    for days in (0, 10, 20, 30):
        later(monkeypatch, days=days)
        removed.append(command(home, "refresh")["removed"].get("desk", 0))
    assert sum(removed) == 4 and removed[0] == 1


@pytest.mark.slow
def test_after_a_long_pause_what_the_source_brings_tells_the_time(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    later(monkeypatch, days=100)
    fresh = "m9,EDGE,c2,customer,It is lost again,2027-02-23T10:00:00Z\n"
    write(home.root.parent, rule="keep_days = 10", messages=MESSAGES + fresh)
    assert command(home, "refresh")["removed"] == {"desk": 3}


def test_days_before_the_rule_are_said_to_be_incomplete(home: Home) -> None:
    command(home, "retention")
    reader = open_reader(home)
    assert kept_since(reader, viewer=EVERYTHING) == {"desk": datetime(2026, 11, 6, 5, tzinfo=UTC)}
    told = command(home, "metric", "volume", "--from", "2026-11-01", "--to", "2026-11-15")
    assert any("the history of desk is loaded back to 6 Nov 2026 only" in note for note in told["notes"]), (
        told
    )
    health = sources_health(home, load_settings(home), reader=reader, viewer=EVERYTHING)
    assert (
        health["desk"].reason
        == "everything was read; conversations without activity since 6 Nov 2026 were removed"
    )
    assert health["shop"].reason == "everything was read"


@pytest.mark.slow
def test_a_source_that_still_sends_it_does_not_bring_it_back(home: Home) -> None:
    command(home, "refresh")
    write(
        home.root.parent,
        rule="keep_days = 10",
        messages=MESSAGES.replace("It was found", "It was soon found"),
    )
    report = command(home, "refresh")
    assert report["published"] and report["removed"] == {}
    assert (talks(home), traces(home)) == (KEPT, [])
    assert command(home, "refresh", "--full")["removed"] == {}
    assert (talks(home), traces(home)) == (KEPT, [])


@pytest.mark.slow
def test_something_new_in_it_brings_it_back_whole(home: Home) -> None:
    command(home, "refresh")
    late = "m9,OLD,c1,customer,It still whistles,2026-11-15T10:00:00Z\n"
    write(home.root.parent, rule="keep_days = 10", messages=MESSAGES + late)
    command(home, "refresh")
    assert ("desk", "OLD") in talks(home)
    rows = open_reader(home).query(
        "SELECT message_id FROM {messages} WHERE conversation_id = 'OLD' AND NOT is_deleted ORDER BY 1",
        viewer=EVERYTHING,
    )
    assert rows["message_id"].to_pylist() == ["m1", "m2", "m9"]


@pytest.mark.slow
def test_without_the_rule_a_full_reading_brings_back_what_the_source_still_has(home: Home) -> None:
    command(home, "refresh")
    write(home.root.parent, rule="keep_days = 0")
    command(home, "refresh", "--full")
    assert ("desk", "OLD") in talks(home)


@pytest.mark.parametrize(
    "where",
    seldom(["retention.remove", "erase.rewrite", "erased.forget", "erased.shred"], often=("erase.rewrite",)),
)
def test_a_refresh_that_was_broken_off_is_finished_by_the_next(home: Home, where: str, monkeypatch) -> None:
    with monkeypatch.context() as patch:

        def stop(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(f"jobs.retention.{where}", stop)
        command(home, "refresh", code=1)
    assert retention.noted(home) == [("desk", "OLD")]
    assert command(home, "refresh")["status"] == "ok"
    assert retention.noted(home) == []
    assert (talks(home), traces(home)) == (KEPT, [])


def test_what_came_to_life_while_it_was_broken_off_is_not_forgotten(home: Home, monkeypatch) -> None:
    note = home.warehouse / "retention.json"
    note.write_text(json.dumps({"conversations": [["desk", "EDGE"]]}))
    Workspace(home).label([("desk", "EDGE")], "parcels", viewer="ann")
    command(home, "refresh")
    assert not note.exists()
    assert Workspace(home).labels_of("desk", "EDGE")


def test_rules_by_source_and_for_all(now: datetime, home: Home) -> None:
    settings = home.settings_file
    settings.write_text(settings.read_text() + "\n[retention]\nkeep_days = 30\n")
    found = retention.kept_since(load_settings(home))
    assert found == {
        "desk": datetime(2026, 11, 6, 5, tzinfo=UTC),
        "shop": datetime(2026, 10, 17, 4, tzinfo=UTC),  # summer time
    }


def test_the_rule_for_all_holds_for_a_source_that_left_the_settings(home: Home) -> None:
    text = home.settings_file.read_text()
    before, _, after = text.partition('[[sources]]\nname = "desk"')
    shop = after[after.index("[[sources]]") :]
    home.settings_file.write_text(f"{before}{shop}keep_days = 0\n\n[retention]\nkeep_days = 10\n")
    told = command(home, "retention", "--dry-run")["sources"]
    assert [(one["source"], one["conversations"], one["messages"]) for one in told] == [("desk", 1, 2)]
    assert command(home, "retention")["removed"] == {"desk": 1}
    assert (talks(home), traces(home)) == (KEPT, [])


@pytest.mark.slow
def test_what_is_forgotten_is_not_told_as_too_old(home: Home) -> None:
    text = home.settings_file.read_text().replace("keep_days = 10", "")
    home.settings_file.write_text(
        text.replace('name = "desk"', 'name = "other"') + "\n[retention]\nkeep_days = 10\n"
    )
    assert "desk" not in command(home, "refresh", "--forget", "desk")["removed"]
    assert not [source for source, _ in talks(home) if source == "desk"]
