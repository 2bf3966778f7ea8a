"""A name that stands only in a column of one's own tickets is looked for in texts of others as well."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from core.home import Home
from store.person_fields import names_in
from store.workspace import Workspace
from tests.jobs.erasable import NO_LEDGER, command

BROKEN = "Zora  Quillfeather of Blue Harbour Trading"  # two blanks, as where a line was broken
NAME, EMAIL, PHONE = "Zora Quillfeather", "zora.quillfeather@example.net", "+44 7700 900456"
TICKETS = f"""ticket id,requester email,requester name,requester phone,account name,subject,description,created at
1,{EMAIL},{NAME},{PHONE},Blue Harbour Trading,Kettle,My kettle hums at night and nobody answers me.,2026-11-01 10:00:00
2,ann@example.org,Ann Other,+44 7700 900111,Red Harbour Trading,Parcel,I got the parcel of {NAME} ({PHONE}).,2026-11-02 10:00:00
3,bob@example.org,Bob Other,+44 7700 900222,Red Harbour Trading,Invoice,The bill names {BROKEN}.,2026-11-03 10:00:00
4,cy@example.org,Cy Other,+44 7700 900333,Red Harbour Trading,Hours,When do you open on Sunday?,2026-11-04 10:00:00
"""


def traces(home: Home) -> list[str]:
    files = [path for path in home.root.rglob("*") if path.is_file()]
    assert len(files) > 5
    return [
        f"{path.name}: {word}"
        for path in files
        for word in (b"quillfeather", PHONE.encode())
        if word in path.read_bytes().lower()
    ]


@pytest.fixture
def home(tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr("analytics.ledger.record", NO_LEDGER)
    monkeypatch.setattr("core.settings.PROJECT", tmp_path)
    made = Home(tmp_path / "home")
    made.root.mkdir()
    (tmp_path / "tickets.csv").write_text(TICKETS)
    command(made, "upload", str(tmp_path / "tickets.csv"))
    command(made, "refresh")
    kept = Workspace(made)
    kept.add_alert_rule(f"{NAME} watch", "threshold", {"metric": "volume", "level": 1}, owner="ann")
    kept.save_question(f"What does {NAME} want?", {"citations": []}, viewer="ann")
    return made


def test_nothing_is_left_of_a_name_in_a_column(home: Home) -> None:
    found = {told.split(":")[0] for told in traces(home)}
    assert {"work.duckdb", "keywords.sqlite", "workspace.sqlite", "tickets.csv"} <= found
    command(home, "erase", EMAIL, "--yes", "--by", "ann")
    assert traces(home) == []
    (upload,) = home.uploads.rglob("*.csv")
    assert "Blue Harbour Trading" in upload.read_text(), "a company is not a person"
    command(home, "refresh", "--full")
    assert traces(home) == []


def test_what_is_handed_out_names_the_workspace_too(home: Home, tmp_path: Path) -> None:
    command(home, "requester", EMAIL, "--out", str(tmp_path / "out.zip"))
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        told = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert f"{NAME} watch" in told


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"Requester name": "Ada  Byron"}, ["Ada Byron"]),
        ({"requesterFullName": "Ada Byron"}, ["Ada Byron"]),
        ({"customer_first_name": "Ada", "customer_last_name": "Byron"}, ["Ada Byron"]),
        ({"Name": "Byron, Ada"}, ["Byron, Ada", "Ada Byron"]),
        ({"Requester": "Ada Byron"}, ["Ada Byron"]),
        ({"Requester name": "Ada"}, []),
        ({"Requester": "4711 at gate 3"}, []),
        ({"Agent name": "Bea Agent", "Company name": "Acme Works", "customer plan": "Gold Plus"}, []),
        ({"Contact reason": "Late parcel", "customer company name": "Acme Works"}, []),
    ],
)
def test_which_fields_are_names(fields: dict[str, str], names: list[str]) -> None:
    assert list(names_in(fields)) == names
