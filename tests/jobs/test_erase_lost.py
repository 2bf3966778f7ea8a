"""The workspace is lost, and with it what it knew of erasures: certificates keep out who was erased."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from core.home import Home
from jobs import on_record
from store.erasures import Erasures
from tests.jobs import erasable
from tests.jobs.erasable import EMAIL, broken_off, command, talks, traces
from tests.shared import seldom

WITHOUT_HER = [("desk", "T2"), ("letters", "L2")]


@pytest.fixture(scope="module")
def _lost(_her_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """She was erased, and the workspace's file is gone."""
    root = tmp_path_factory.mktemp("lost") / "copy"
    home = erasable.copy(_her_home, root)
    with erasable.made_at_now(root):
        command(home, "erase", EMAIL, "--yes")
    lose_workspace(home)
    return root


@pytest.fixture
def home(_lost: Path, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr("analytics.ledger.record", erasable.NO_LEDGER)
    return erasable.copy(_lost, tmp_path / "copy")


def lose_workspace(home: Home) -> None:
    for path in home.root.glob("workspace.sqlite*"):
        path.unlink()


def erased_checks(home: Home, *, code: int = 0) -> list[dict[str, str]]:
    return [one for one in command(home, "doctor", code=code)["checks"] if one["name"] == "erased"]


def test_a_refresh_keeps_her_out_and_puts_the_erasure_on_record(home: Home) -> None:
    (told,) = erased_checks(home)
    assert told["state"] == "note" and "was lost" in told["message"] and "erasure-0001.json" in told["hint"]
    command(home, "refresh", "--full")
    assert talks(home) == WITHOUT_HER and traces(home) == []
    (kept,) = command(home, "erase")["erasures"]
    assert (kept["erasure"], kept["certificate"]) == (1, certificate(home, 1)) and kept["finished_at"]
    assert erased_checks(home) == []


@pytest.mark.slow
def test_the_next_erasure_leaves_the_certificate_of_the_lost_one(home: Home) -> None:
    before = certificate(home, 1)
    (done,) = command(home, "erase", "desk/g1", "--yes")["certificates"]
    assert done["erasure"] == 2 and certificate(home, 1) == before
    lose_workspace(home)
    command(home, "refresh", "--full")
    assert talks(home) == [("letters", "L2")]
    assert [one["erasure"] for one in command(home, "erase")["erasures"]] == [1, 2]


def test_where_she_was_loaded_again_the_doctor_names_the_cure(home: Home, tmp_path: Path) -> None:
    shutil.move(home.erasures, tmp_path / "erasures")
    command(home, "refresh", "--full")
    assert ("desk", "T1") in talks(home)
    shutil.move(tmp_path / "erasures", home.erasures)
    for _ in range(2):  # a refresh alone keeps out what comes, and does not take out what is there
        (told,) = erased_checks(home, code=1)
        cure = f"python -m jobs erase --again {home.erasures / 'erasure-0001.json'} --yes"
        assert told["state"] == "broken" and cure in told["hint"]
        command(home, "refresh")
    command(home, *cure.split()[3:])
    assert talks(home) == WITHOUT_HER and traces(home) == []
    assert erased_checks(home) == []


def test_a_certificate_that_cannot_be_read_is_named_and_stops_nothing(home: Home) -> None:
    (home.erasures / "erasure-0001.json").write_text("{}")
    command(home, "refresh")
    found = [one for one in command(home, "doctor", code=1)["checks"] if one["name"] == "certificate"]
    assert [one["state"] for one in found] == ["broken"] and "erasure-0001.json" in found[0]["message"]


def certificate(home: Home, number: int) -> object:
    return json.loads((home.erasures / f"erasure-{number:04d}.json").read_text())


def test_a_backup_of_before_is_put_back_with_the_certificates_of_since(
    her_home: Home, tmp_path: Path
) -> None:
    backup = command(her_home, "backup", str(tmp_path))["file"]
    command(her_home, "erase", EMAIL, "--yes")
    told = certificate(her_home, 1)
    done = command(her_home, "restore", backup, "--replace")
    assert done["certificates"] == ["erasure-0001.json"] and certificate(her_home, 1) == told
    assert ("desk", "T1") in talks(her_home)
    command(her_home, "refresh")
    (found,) = erased_checks(her_home, code=1)
    assert found["state"] == "broken" and "erase --again" in found["hint"]


@pytest.mark.parametrize("step", seldom(["_publish", "certificates.write"], often=("_publish",)))
def test_what_was_broken_off_goes_on_after_a_restore(
    her_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    backup = command(her_home, "backup", str(tmp_path))["file"]
    broken_off(her_home, step, monkeypatch)
    done = command(her_home, "restore", backup, "--replace")
    assert ("desk", "T1") in talks(her_home)
    if step == "_publish":
        assert done["erasures"] == [1]
        (kept,) = command(her_home, "erase", "--resume")["certificates"]
        assert kept["rows"]["messages"] == 7
    else:  # all was done but to write the certificate
        assert done["erasures"] == []
        (told,) = erased_checks(her_home, code=1)
        assert "erasure-0001.json" in told["hint"]
        command(her_home, "erase", "--again", str(her_home.erasures / "erasure-0001.json"), "--yes")
    assert talks(her_home) == WITHOUT_HER
    command(her_home, "refresh", "--full")
    assert talks(her_home) == WITHOUT_HER and erased_checks(her_home) == []


def test_what_goes_on_takes_no_number_of_a_certificate(home: Home, tmp_path: Path) -> None:
    before = Home(tmp_path / "before")
    Erasures(before).begin({"people": []}, [("person", "desk", "p9")], viewer="ann")
    assert on_record.go_on(before, home) == [2] and on_record.go_on(before, home) == []
    assert [one.id for one in Erasures(home).all()] == [1, 2]
    assert ("person", "desk", "p9") in Erasures(home).tombstones(2)
