"""What is held of a requester is handed out, to whoever may have it."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path

import pytest

from core.home import Home
from store.erasures import Erasures
from store.workspace import Workspace
from tests.jobs.erasable import EMAIL, LETTERS, MESSAGES, NAME, PHONE, command


@pytest.fixture
def home(her_home: Home) -> Home:
    return her_home


def test_what_is_held_of_her_is_handed_out(home: Home, tmp_path: Path) -> None:
    done = command(home, "requester", EMAIL, "--out", str(tmp_path / "her.zip"), "--by", "ann")
    assert (done["rows"]["conversations"], done["rows"]["messages"], done["rows"]["workspace/labels"]) == (
        3,
        7,
        1,
    )
    assert (tmp_path / "her.zip").stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(tmp_path / "her.zip") as archive:
        held = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    assert {one["body_text"] for one in json.loads(held["messages.json"])} == {
        line["body_text"] for text in (MESSAGES, LETTERS) for line in csv.DictReader(text.splitlines())
        if line["conversation_id"] in ("T1", "T3", "L1") or line.get("message_id") == "m5"
    }  # fmt: skip
    (person,) = [row for row in csv.DictReader(held["people.csv"].splitlines()) if row["person_id"] == "o1"]
    assert (person["name"], person["email"], PHONE in person["custom_fields"]) == (NAME, EMAIL, True)
    assert "Grace" not in "".join(held.values()) and json.loads(held["about.json"])["rows"] == done["rows"]
    entry = Workspace(home).audit_log()[0]
    assert (entry.viewer, entry.action, entry.detail) == (
        "ann", "exported", {"what": "requester", "rows": sum(done["rows"].values())}
    )  # fmt: skip


def test_who_may_hand_out_and_erase(home: Home, tmp_path: Path) -> None:
    home.settings_file.write_text(
        home.settings_file.read_text()
        + """
[sign_in]
by = "proxy"
address = "https://support.example.com"
proxies = ["10.0.0.0/8"]

[[access]]
who = ["lead@x.example"]
role = "manager"

[[access]]
who = ["half@x.example"]
role = "admin"
sources = ["letters"]
"""
    )
    target = str(tmp_path / "her.zip")
    for name in ("nobody@x.example", "half@x.example"):
        told = command(home, "requester", EMAIL, "--out", target, "--by", name, code=1)
        assert "may not do this" in told["error"]["message"]
    assert command(home, "requester", EMAIL, "--out", target, "--by", "LEAD@x.example")["rows"]
    told = command(home, "erase", EMAIL, "--yes", "--by", "lead@x.example", code=1)
    assert "manage" in told["error"]["hint"] and Erasures(home).all() == []
