"""What files are taken for: forms, streams, presets, roles, words of vendors."""

from pathlib import Path

import duckdb
import pytest

from connectors._dates import find_formats, order_of
from connectors._describe import describe_table, scale
from connectors._files_config import FilesConfig, Reading
from connectors._formats import local_table
from connectors._mapping import plain
from connectors._presets import PRESETS
from connectors._streams import INSTANTS, READ_ORDER, REQUIRED, STREAM_COLUMNS
from connectors._synonyms import CONVERSATION, FILE_WORDS, MESSAGE, STREAMS
from connectors._values import CHANNEL, KIND, PRIORITY, ROLE, STATUS
from connectors.base import configured
from core.errors import ConfigError, SchemaError
from core.settings import Source
from core.stream import KEYS

SCHEMA = Path(__file__).resolve().parents[2] / "store" / "schema.sql"
# Written by the store itself, never by a file.
OWN = {"source_id", "source_file", "source_version", "content_hash", "is_deleted", "deleted_at", "first_seen_run",
       "last_seen_run", "raw", "is_derived"}  # fmt: skip


def taken(tmp_path: Path, text: str, name: str = "export.csv", **reading: object) -> dict[str, str]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    found = describe_table(local_table(path, name), Reading(**reading), "s")  # type: ignore[arg-type]
    return {"form": found.read.form, "stream": found.stream, **found.proposal.columns}


def test_streams_match_the_schema() -> None:
    con = duckdb.connect()
    con.execute(SCHEMA.read_text(encoding="utf-8"))
    for stream, columns in STREAM_COLUMNS.items():
        rows = con.execute(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = ?", [stream]
        ).fetchall()
        table = {row[0] for row in rows}
        assert set(columns) - {"is_derived"} == table - OWN, stream
    assert set(STREAM_COLUMNS) == set(KEYS) == set(READ_ORDER) == set(REQUIRED)
    assert "created_at" in INSTANTS


def test_synonyms_are_written_as_they_are_compared() -> None:
    for words in [*CONVERSATION.values(), *MESSAGE.values(), *(w for s in STREAMS.values() for w in s.values()),
                  *FILE_WORDS.values()]:  # fmt: skip
        for word in words.split("|"):
            assert word == plain(word)


def test_our_own_words_mean_themselves() -> None:
    for words in (STATUS, PRIORITY, CHANNEL, ROLE):
        assert all(words.get(ours, ours) == ours for ours in words.values())


@pytest.mark.parametrize(
    ("header", "rows", "expected"),
    [
        ("Ticket,Gesendet,Absender,Nachricht", "1,2026-01-02 10:00,Anna,Wo ist mein Paket?\n1,2026-01-02 11:00,Ben,Heute",
         {"form": "messages", "conversation_id": "Ticket", "created_at": "Gesendet", "author_id": "Absender",
          "body_text": "Nachricht"}),
        ("Numéro de ticket,Objet,Statut,Créé le", "1,Colis,ouvert,2026-01-02 10:00\n2,Carte,résolu,2026-01-03 10:00",
         {"form": "tickets", "conversation_id": "Numéro de ticket", "subject": "Objet", "status": "Statut",
          "created_at": "Créé le"}),
        ("thread_id,speaker,utterance,when it was", "a,x,hello out there my friend of old,2026-01-02 10:00\n"
         "a,y,hello to you as well my dear friend,2026-01-02 10:01",
         {"form": "messages", "body_text": "utterance", "created_at": "when it was"}),
        ("tweet_id,author_id,inbound,created_at,text,in_response_to_tweet_id,conversation_id",
         "1,115712,True,Tue Oct 31 22:10:47 2017,help,,7\n2,sprint,False,Tue Oct 31 22:11:45 2017,hi,1,7",
         {"form": "messages", "message_id": "tweet_id", "author_role": "inbound", "in_reply_to": "in_response_to_tweet_id"}),
        ("Number,Short description,Priority,State,Opened,Assignment group",
         "INC1,VPN down,1 - Critical,In Progress,2026-01-02 10:00:00,Network",
         {"form": "tickets", "conversation_id": "Number", "subject": "Short description", "status": "State",
          "created_at": "Opened", "team_id": "Assignment group"}),
    ],
)  # fmt: skip
def test_proposals(tmp_path: Path, header: str, rows: str, expected: dict[str, str]) -> None:
    found = taken(tmp_path, f"{header}\n{rows}\n")
    assert {k: found.get(k) for k in expected} == expected


@pytest.mark.parametrize(
    ("name", "header", "row", "stream"),
    [
        ("ratings.csv", "ticket_id,rating,submitted_at", "1,5,2026-01-01", "csat"),
        ("tags.csv", "ticket_id,tag", "1,vip", "conversation_tags"),
        ("agents.csv", "id,name,email", "1,Ann,a@example.org", "people"),
        ("groups.csv", "id,name", "1,Billing", "teams"),
        ("companies.csv", "id,name", "1,Acme", "organizations"),
        ("team_members.csv", "team_id,agent_id", "1,2", "team_members"),
        ("status_history.csv", "ticket_id,changed_at,old_value,new_value", "1,2026-01-01,open,solved",
         "conversation_events"),
        ("sla_policies.csv", "policy_id,metric,priority,target_seconds", "1,first_reply,high,3600", "sla_policies"),
        ("schedules.csv", "schedule_id,name,iana_tz,intervals", '1,office,UTC,"[[0,1]]"', "schedules"),
    ],
)  # fmt: skip
def test_streams_by_name_and_columns(tmp_path: Path, name: str, header: str, row: str, stream: str) -> None:
    assert taken(tmp_path, f"{header}\n{row}\n", name)["stream"] == stream


EXPORTS = {
    "zendesk": (
        "Summation column,Id,Requester,Requester id,Assignee,Group,Subject,Tags,Status,Priority,Via,Ticket type,"
        "Created at,Updated at,Organization,Solved at",
        '1,35,Ann,77,Ben,Billing,Refund,"a b",Solved,High,Mail,Problem,2026-01-02 10:00,2026-01-03 10:00,Acme,'
        "2026-01-03 10:00",
    ),
    "freshdesk": (
        "Ticket ID,Subject,Status,Priority,Source,Type,Agent,Group,Created time,Due by Time,Resolved time,Closed time,"
        "Last update time,Tags,Product,Full name,Email",
        "9,Refund,5,4,2,Question,Ben,Billing,2026-01-02 10:00:00,,2026-01-03 10:00:00,,2026-01-03 10:00:00,x,App,Ann,"
        "ann@example.org",
    ),
    "intercom": (
        "Conversation ID,Conversation started at,Conversation state,Channel,Teammate currently assigned,"
        "Team currently assigned,Conversation tags,User email",
        "77,2026-01-02 10:00:00,closed,Chat,Ben,Billing,vip,ann@example.org",
    ),
}


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_presets(tmp_path: Path, preset: str) -> None:
    header, row = EXPORTS[preset]
    found = taken(tmp_path, f"{header}\n{row}\n", preset=preset)
    assert found["form"] == "tickets"
    assert {
        "conversation_id",
        "created_at",
        "status",
        "channel",
        "assignee_id",
        "team_id",
        "tags",
        "requester_id",
    } <= (found.keys())
    with pytest.raises(SchemaError, match=f"does not look like a {preset} export"):
        taken(tmp_path, "a,b\n1,2\n", preset=preset)


def test_settings_beat_the_proposal(tmp_path: Path) -> None:
    text = "id,ticket_id,created_at,text,remark\n1,7,2026-01-01 10:00,hello,other words here\n"
    assert taken(tmp_path, text, "messages.csv", columns={"body_text": "remark"})["body_text"] == "remark"


def test_what_is_kept_and_said(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Ticket ID;Subject;Created;Colour\n1;Lost;13.02.2026 10:00;red\n")
    found = describe_table(local_table(path, "t.csv"), Reading(timezone="Europe/Berlin"), "s")
    said = "; ".join(found.notes)
    assert found.read.columns["custom:Colour"].column == "Colour"
    for words in ("one ticket a row", "delimiter: semicolon", "encoding: utf-8", "read as Europe/Berlin",
                  "kept as custom fields: Colour", "day first"):  # fmt: skip
        assert words in said


def test_scales_of_ratings() -> None:
    assert scale(["1", "5", "4"])["4"] == "0.75"
    assert scale(["good", "bad"])["good"] == "1"
    assert scale(["10", "7", "0"])["7"] == "0.7"
    assert "0.5" not in scale(["0.5", "1"])


def test_order_of_days_and_months() -> None:
    assert order_of(["03/04/2026", "25/04/2026"]) == ("day", "25/04/2026")
    assert order_of(["03/04/2026", "04/25/2026"]) == ("month", "04/25/2026")
    assert order_of(["03/04/2026"])[0] == "either"
    assert order_of(["25/04/2026", "04/25/2026"])[0] == "both"
    assert order_of(["04/04/2026"]) == (None, None)
    assert order_of(["2026-04-03"]) == (None, None)
    assert find_formats(["hello", "world"]) is None


def test_settings_are_checked() -> None:
    assert FilesConfig(path="x").tag_separator == ","
    for wrong in (
        {"timezone": "Mars"},
        {"encoding": "klingon"},
        {"stream": "songs"},
        {"preset": "none"},
        {"colour": 1},
    ):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            configured(Source(name="s", kind="files", path="x", **wrong))


def test_days_with_numbers_are_denominators(tmp_path: Path) -> None:
    text = "date,active_customers,orders\n2026-11-01,1000,20\n2026-11-02,1001,\n"
    path = tmp_path / "daily.csv"
    path.write_text(text, encoding="utf-8")
    found = describe_table(local_table(path, "daily.csv"), Reading(), "s").read
    assert (found.form, found.stream) == ("rows", "denominators")
    assert {c: read.column for c, read in found.columns.items()} == {
        "day": "date", "custom:active_customers": "active_customers", "custom:orders": "orders",
    }  # fmt: skip
    long = taken(tmp_path, "day,name,value\n2026-11-01,orders,3\n", "denominators.csv")
    assert (long["stream"], long["name"], long["value"]) == ("denominators", "name", "value")
    # Words beside the day are something else, whatever the file is called.
    with pytest.raises(SchemaError, match="conversation_id"):
        taken(tmp_path, "date,text\n2026-11-01,hello there\n")


def test_customers_without_ids_are_named_by_their_address(tmp_path: Path) -> None:
    found = taken(tmp_path, "email,plan,region\na@x.org,gold,North\n", "customers.csv")
    assert (found["stream"], found["email"]) == ("people", "email")
    found = taken(tmp_path, "domain,plan\nacme.com,gold\n", "accounts.csv")
    assert (found["stream"], found["domains"]) == ("organizations", "domain")
    assert taken(tmp_path, "email,plan\na@x.org,gold\n", stream="people")["stream"] == "people"
    with pytest.raises(SchemaError, match="no column for"):
        taken(tmp_path, "email,plan\na@x.org,gold\n")


@pytest.mark.parametrize("kind", ["note", "internal note", "internal_note", "private-note", "internal"])
def test_a_note_is_known_in_every_spelling(kind: str) -> None:
    assert KIND[kind] == "note"
