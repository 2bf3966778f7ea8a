"""A name that stands only in a column of one's own tickets is looked for in texts of others as well."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from core.home import Home
from core.viewer import EVERYTHING
from store.person_fields import names_in, numbers_in
from store.reader import open_reader
from store.workspace import Workspace
from tests.jobs.erasable import NO_LEDGER, command

BROKEN = "Zora  Quillfeather of Blue Harbour Trading"  # two blanks, as where a line was broken
NAME, EMAIL, PHONE = "Zora Quillfeather", "zora.quillfeather@example.net", "+44 7700 900456"
OF_ANOTHER = "Was it 2026-11-01 or later that order 44120987 of the Kettle Of Harbours came?"
TICKETS = f"""ticket id,requester email,requester name,requester phone,account name,display name,cancellation date,\
bestellnummer,subject,description,created at
1,{EMAIL},{NAME},{PHONE},Blue Harbour Trading,Kettle Of Harbours,2026-11-01,\
44120987,Kettle,My kettle hums at night and nobody answers me.,2026-11-01 10:00:00
2,ann@example.org,Ann Other,+44 7700 900111,Red Harbour Trading,Parcel Of Hills,2026-10-07,\
44120988,Parcel,I got the parcel of {NAME} ({PHONE}).,2026-11-02 10:00:00
3,bob@example.org,Bob Other,+44 7700 900222,Red Harbour Trading,Parcel Of Dales,2026-10-08,\
44120989,Invoice,"The bill names {BROKEN}. Ask 0044 (0)7700-900456 for Quillfeather, Zora.",2026-11-03 10:00:00
4,cy@example.org,Cy Other,+44 7700 900333,Red Harbour Trading,Parcel Of Moors,,\
44120990,Hours,{OF_ANOTHER},2026-11-04 10:00:00
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


def said(home: Home) -> list[str]:
    rows = open_reader(home).query("SELECT body_text FROM {messages} WHERE NOT is_deleted", viewer=EVERYTHING)
    return [row["body_text"] for row in rows.to_pylist()]


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
    kept.save_question("What was cancelled on 2026-11-01?", {"citations": []}, viewer="bob")
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


def test_days_order_numbers_and_titles_of_others_stay(home: Home) -> None:
    command(home, "erase", EMAIL, "--yes", "--by", "ann")
    assert OF_ANOTHER in said(home)
    assert "I got the parcel of [erased] ([erased])." in said(home)
    assert "The bill names [erased] of Blue Harbour Trading. Ask [erased] for [erased]." in said(home)
    asked = Workspace(home).recent_questions(9, viewer="bob")
    assert [one.question for one in asked] == ["What was cancelled on 2026-11-01?"]


def test_what_is_handed_out_names_the_workspace_too(home: Home, tmp_path: Path) -> None:
    command(home, "requester", EMAIL, "--out", str(tmp_path / "out.zip"))
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        told = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert f"{NAME} watch" in told and f"What does {NAME} want?" in told
    assert "What was cancelled" not in told, "somebody else's question about a day"


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


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"Name": "Kettle hums at night", "Display name": "Blue Harbour Trading"}, []),
        ({"Requester name": "Ada Byron", "Name": "Kettle hums"}, ["Ada Byron"]),
        ({"Requester": "Ada Byron", "Kundenname": "Ada Byron"}, ["Ada Byron"] * 2),
        ({"Full name": "Ada Byron", "From name": "Ada Byron"}, ["Ada Byron"] * 2),
        ({"First name": "Ada", "Last name": "Byron"}, ["Ada Byron"]),
    ],
)
def test_a_conversation_has_to_say_whose_name_it_is(fields: dict[str, str], names: list[str]) -> None:
    assert list(names_in(fields, whose=True)) == names


REAL = "+44 7700 900456"


@pytest.mark.parametrize(
    "key",
    [
        "phone", "Phone 2", "phoneNumber", "PHONENUMBER", "home_phone", "workphone", "MobilePhone", "mobile", "Tel.",
        "tel no", "telno", "Telefon", "Telefonnummer", "teléfono", "téléphone", "telefoonnummer", "cell", "cellphone",
        "cell number", "fax", "faxnumber", "WhatsApp", "whats app number", "alternativephone", "telegram",
    ],
)  # fmt: skip
def test_numbers_of_a_person_s_own_row(key: str) -> None:
    assert list(numbers_in({key: REAL})) == [REAL]
    assert list(numbers_in({"nested": [{key: REAL}]})) == [REAL]
    for not_to_call in ("2026-11-01", "01.11.2026 10:00", "2026-11-01T10:00:00Z", "123456"):
        assert list(numbers_in({key: not_to_call})) == []


@pytest.mark.parametrize(
    "key", ["cancellation date", "cancelled_at", "hotel", "Bestellnummer", "Titel", "telemetry", "mobile app version"]
)  # fmt: skip
@pytest.mark.parametrize("whose", [True, False])
def test_what_only_looks_like_the_name_of_a_number(key: str, whose: bool) -> None:
    assert list(numbers_in({key: "12345678"}, whose=whose)) == []


@pytest.mark.parametrize(
    ("key", "value", "is_one"),
    [
        ("requester phone", REAL, True),
        ("Customer telephone number", "(020) 7946-0958 ext. 12", True),
        ("contactMobile", "0049 170 1234567", True),
        ("Mobile phone", REAL, True),
        ("Work phone", REAL, True),
        ("phone", REAL, False),
        ("Customer phone model", "12345678", False),
        ("Customer mobile device", "SM-G9910001234", False),
        ("customer mobile", "SM-G9910001234", False),
        ("requester phone", "2026-11-01", False),
    ],
)
def test_a_conversation_has_to_say_whose_number_it_is(key: str, value: str, is_one: bool) -> None:
    assert list(numbers_in({key: value}, whose=True)) == [value] * is_one
