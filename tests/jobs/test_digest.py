"""Digests as they arrive: a real mail server, two readers who may see different things, and weather."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from core.home import Home
from core.settings import load_settings
from core.viewer import EVERYTHING
from jobs import letters
from jobs.alerting import round_of_alerts
from jobs.cli import main
from store.reader import open_reader
from store.workspace import Workspace
from tests.alerts.conftest import at
from tests.alerts.servers import Mailbox, mail_server, webhook
from tests.shared import copy_of

ACCESS = """
[sign_in]
by = "proxy"
address = "https://support.example"
proxies = ["10.0.0.0/8"]

[[access]]
who = ["ada@shop.example"]
role = "admin"

[[access]]
who = ["bea@shop.example"]
role = "viewer"
teams = ["Billing"]
"""
EVERY_DAY = {"what": "view", "channel": "post", "every": "day", "at": "09:30", "zone": "UTC"}


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as found:
        yield found


@pytest.fixture
def home(sample_home: Home, tmp_path: Path, now: datetime, box: Mailbox) -> Home:
    """A copy of the sample, with a channel of mail and two readers."""
    own = copy_of(sample_home, tmp_path / "copy")
    own.settings_file.write_text(
        f'[notifications]\nbase_url = "https://support.example"\n[[channels]]\nname = "post"\nurl = "{box.url}"\n{ACCESS}'
    )
    return own


@pytest.fixture
def workspace(home: Home) -> Workspace:
    found = Workspace(home)
    found.save_view(
        "Team", owner="ada@shop.example", page="team", query="period=90d&channel=email&channel=chat"
    )
    return found


def keep(workspace: Workspace, **more: Any) -> int:
    view = ("ada@shop.example", more.pop("view", "Team"))
    return workspace.add_digest(
        "Team numbers", {**EVERY_DAY, **more}, owner="ada@shop.example",
        view=None if more.get("what") == "brief" else view,
    )  # fmt: skip


def rounds(home: Home) -> Any:
    return round_of_alerts(home, load_settings(home)).deliveries


def parts(mail: Message) -> dict[str, Any]:
    """Its text, its HTML, and what is enclosed by name."""
    found: dict[str, Any] = {}
    for part in mail.walk():
        if name := part.get_filename():
            found[name] = part
        elif part.get_content_type() in ("text/plain", "text/html"):
            found[part.get_content_type()] = part.get_content()
    return found


def names_of_agents(home: Home) -> set[str]:
    rows = open_reader(home).query(
        "SELECT DISTINCT name FROM {people} WHERE kind = 'agent' AND name IS NOT NULL",
        [],
        viewer=EVERYTHING,
    )
    return {row["name"] for row in rows.to_pylist()}


def test_each_reader_gets_what_they_may_see(
    home: Home, workspace: Workspace, box: Mailbox, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(workspace.audit_log())
    keep(workspace, to=["ada@shop.example", "bea@shop.example", "eve@shop.example"])
    at(monkeypatch, now + timedelta(hours=1))
    done = rounds(home)
    assert (done.sent, done.later) == (2, 0)
    mails = {str(mail["To"]): parts(mail) for mail in box.mails}
    assert set(mails) == {"ada@shop.example", "bea@shop.example"}
    agents = names_of_agents(home)
    whole, cut = mails["ada@shop.example"], mails["bea@shop.example"]
    assert sum(name in whole["text/html"] for name in agents) >= 3
    assert not [name for name in agents if name in str(cut)], "names of agents are kept from a viewer"
    assert "Technical" in whole["text/html"] and "Technical" not in cut["text/html"]
    assert any(name.endswith(".html") for name in whole) and not any(name.endswith(".html") for name in cut)
    for found in (whole, cut):
        assert "channel is chat or email" in found["text/html"]
        assert "https://support.example/team?period=90d&amp;channel=email" in found["text/html"]
    refused = next(one for one in workspace.deliveries() if one.message["data"]["to"] == "eve@shop.example")
    assert refused.status == "dropped" and "has no access" in str(refused.problem)
    noted = [(entry.viewer, entry.detail["to"]) for entry in workspace.audit_log() if entry.action == "sent"]
    assert sorted(noted) == [
        ("ada@shop.example", "ada@shop.example"),
        ("ada@shop.example", "bea@shop.example"),
    ]
    actions = [entry.action for entry in workspace.audit_log()]
    assert actions.count("sent") == len(actions) - before, "nobody signed in or looked"
    assert rounds(home).sent == 0 and len(box.mails) == 2


@pytest.mark.slow
def test_charts_stand_in_the_mail_and_the_page_is_attached(
    home: Home, workspace: Workspace, box: Mailbox, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.save_view("Home", owner="ada@shop.example", page="", query="period=30d")
    keep(workspace, view="Home", to=["ada@shop.example"])
    at(monkeypatch, now + timedelta(hours=1))
    rounds(home)
    (mail,) = box.mails
    found = parts(mail)
    shown = re.findall(r'src="cid:([^"]+)"', found["text/html"])
    assert len(shown) >= 2
    for name in shown:
        assert found[name]["Content-ID"] == f"<{name}>" and found[name].get_content_type() == "image/png"
        assert found[name].get_payload(decode=True).startswith(b"\x89PNG\r\n")
    (page,) = [part for name, part in found.items() if name.endswith(".html")]
    assert page.get_content_disposition() == "attachment"
    assert b"default-src 'none'" in page.get_payload(decode=True)
    assert "Data until" in found["text/html"] and "1 of 1 sources fresh" in found["text/html"]
    assert "The last bucket or the period is not over" in found["text/html"]
    assert mail["Subject"] == "Team numbers"
    created = open_reader(home).query(
        "SELECT count(*) AS n FROM {conversation_facts} WHERE is_counted AND created_local >= '2026-10-17'", [],
        viewer=EVERYTHING,
    )  # fmt: skip
    assert f"<strong>{created.to_pylist()[0]['n']}</strong>" in found["text/html"]


@pytest.mark.slow
def test_a_right_that_is_taken_away_before_it_is_sent(
    home: Home, workspace: Workspace, box: Mailbox, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(workspace, to=["bea@shop.example"])
    at(monkeypatch, now + timedelta(hours=1))
    box.answer = "451 come again"
    assert rounds(home).later == 1
    home.settings_file.write_text(home.settings_file.read_text().replace("bea@", "nobody@"))
    box.answer = "250 OK"
    at(monkeypatch, now + timedelta(hours=2))
    assert rounds(home).sent == 0 and box.mails == []
    (one,) = workspace.deliveries()
    assert one.status == "dropped" and "no access" in str(one.problem)


@pytest.mark.slow
def test_a_mail_server_that_refuses_is_tried_again(
    home: Home, workspace: Workspace, box: Mailbox, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(workspace, what="brief", to=["ada@shop.example"])
    box.answer = "451 come again"
    for minutes in (31, 40, 60):
        at(monkeypatch, now + timedelta(minutes=minutes))
        assert rounds(home).sent == 0
    (one,) = workspace.deliveries()
    assert one.status == "waiting" and one.attempts == 3 and "451" in str(one.problem)
    box.answer = "250 OK"
    at(monkeypatch, now + timedelta(hours=6))
    assert rounds(home).sent == 1 and len(box.mails) == 1


def test_the_brief_by_mail_and_by_a_webhook_says_the_same(
    home: Home, workspace: Workspace, box: Mailbox, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook() as hook:
        channel = f'[[channels]]\nname = "hook"\nkind = "webhook"\nurl = "{hook.url}"\nsecret = "s3cret"\n'
        home.settings_file.write_text(channel + home.settings_file.read_text())
        keep(workspace, what="brief")
        workspace.add_digest(
            "Brief", {**EVERY_DAY, "what": "brief", "channel": "hook"}, owner="ada@shop.example"
        )
        at(monkeypatch, now + timedelta(hours=1))
        assert rounds(home).sent == 2
        (call,) = hook.calls
    told = json.loads(call[1])
    (mail,) = box.mails
    words = parts(mail)["text/html"]
    assert told["title"] == "Brief" and told["data"]["week"] == "2026-11-09 to 2026-11-15"
    assert told["lines"] and all(text.split(" (")[0] in words for text in told["lines"].values())
    assert 'href="https://support.example/' in words and "Week of 9 to 15 Nov 2026" in words


@pytest.mark.slow
def test_the_brief_quotes_customers_as_each_reader_may_read_them(
    home: Home, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the Monday after the outage: what it goes with, what rises, and in the words that are not masked for all."""
    more = '[[access]]\nwho = ["cat@shop.example"]\nrole = "viewer"\n[[masking.patterns]]\nname = "article"\n'
    home.settings_file.write_text(home.settings_file.read_text() + more + "pattern = '\\b[Tt]he\\b'\n")
    kept = workspace.digest(keep(workspace, what="brief", to=["ada@shop.example", "cat@shop.example"]))
    assert kept is not None
    at(monkeypatch, datetime(2026, 8, 31, 9, tzinfo=UTC))
    whole, masked = (
        letters.write(home, load_settings(home), None, workspace, kept, to=f"{name}@shop.example")
        for name in ("ada", "cat")
    )
    for title in ("What it goes with", "Topics that rise", "The week ahead"):
        assert title in whole.html and title in masked.html
    said, hidden = (
        [text for _, text in one.message.lines if text.startswith("“")] for one in (whole, masked)
    )
    assert len(said) == len(hidden) == 2 and any(re.search(r"\b[Tt]he\b", quote) for quote in said)
    assert not re.search(r"\b[Tt]he\b", " ".join(hidden))
    assert len({name for name, _ in whole.message.lines}) == len(whole.message.lines)
    shown = re.findall(
        r'href="https://support.example/conversations\?conversation=sample%2F(SL-\d+)"', whole.html
    )
    assert len(shown) >= 5, "two quotes and three examples at least open their conversations"


def test_a_page_that_cannot_be_drawn_waits(
    home: Home, workspace: Workspace, box: Mailbox, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.save_view("Gone", owner="ada@shop.example", page="poems", query="")
    keep(workspace, view="Gone", to=["ada@shop.example"])
    at(monkeypatch, now + timedelta(hours=1))
    assert rounds(home).later == 1 and box.mails == []
    (one,) = workspace.deliveries()
    assert one.status == "waiting" and "no page called 'poems'" in str(one.problem)


def test_the_command(
    home: Home, workspace: Workspace, box: Mailbox, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> tuple[int, dict[str, Any]]:
        code = main(["digest", *words, "--home", str(home.root), "--json", "--quiet"])
        return code, json.loads(capfd.readouterr().out)

    said = json.dumps({"channel": "post", "to": ["ada@shop.example"], "at": "08:00"})
    mine = ("--owner", "ada@shop.example")
    assert run("add", "Mondays", "--digest", said, *mine)[0] == 0
    assert run("add", "Mondays", "--digest", said, *mine)[0] == 1
    assert run("add", "Other", "--view", "Nowhere", "--digest", said, *mine)[0] == 1
    code, told = run("list")
    assert code == 0 and [one["name"] for one in told["digests"]] == ["Mondays"]
    assert told["digests"][0]["when"] == "every Monday at 08:00 (UTC)"
    code, told = run("now", "Mondays", "--to", "ada@shop.example")
    assert (
        code == 0 and told["status"] == "sent" and [str(m["To"]) for m in box.mails] == ["ada@shop.example"]
    )
    code, told = run("write", "Mondays", "--to", "ada@shop.example", "--out", str(tmp_path / "out"))
    assert code == 0 and "Week of 9 to 15 Nov 2026" in (tmp_path / "out" / "letter.html").read_text()
    code, told = run()
    assert code == 0 and [one["status"] for one in told["digests"]] == ["not due"]
    assert run("delete", "Mondays")[0] == 0 and workspace.digests() == []
    ids = [workspace.add_digest(name, {"what": "brief", "channel": "post"}, owner=owner)
           for owner, name in (("eve", "3"), ("ada", "Same"), ("bea", "Same"))]  # fmt: skip
    workspace.change_digest(ids[0], str(ids[2]), {"what": "brief", "channel": "post"}, owner="eve")
    assert run("delete", "Same")[0] == 1, "two are called so"
    assert run("delete", str(ids[2]))[0] == 0
    assert [(kept.owner, kept.name) for kept in workspace.digests()] == [
        ("eve", str(ids[2])),
        ("ada", "Same"),
    ]


def test_a_digest_needs_an_owner_who_may_send_it_and_can_get_another(
    home: Home, workspace: Workspace, capfd: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> tuple[int, dict[str, Any]]:
        code = main(["digest", *words, "--home", str(home.root), "--json", "--quiet"])
        return code, json.loads(capfd.readouterr().out)

    said = json.dumps({"channel": "post", "to": ["ada@shop.example"], "at": "08:00"})
    for nobody in ((), ("--owner", "bea@shop.example")):  # no access, and no right to share
        code, told = run("add", "Mondays", "--digest", said, *nobody)
        assert code == 1 and "right to share as --owner" in told["error"]["hint"]
    assert workspace.digests() == []
    brief = {"what": "brief", "channel": "post", "to": ["ada@shop.example"]}
    workspace.add_digest("Mondays", brief, owner="everyone")
    workspace.add_digest("Hers", brief | {"what": "view"}, owner="eve", view=("eve", "Secret"))
    assert run("change", "Mondays", "--owner", "bea@shop.example")[0] == 1
    code, told = run("change", "Mondays", "--owner", "Ada@Shop.example")
    assert (told["done"], told["owner"]) == (True, "ada@shop.example"), "as she is called when she signs in"
    code, told = run("change", "Hers", "--owner", "ada@shop.example")
    assert code == 1 and "no view called 'Secret'" in told["error"]["message"]
    workspace.save_view("Queue", owner="everyone", page="overview", query="channel=chat")
    workspace.add_digest("Early", brief | {"what": "view"}, owner="everyone", view=("everyone", "Queue"))
    assert run("change", "Early", "--owner", "ada@shop.example")[0] == 0
    taken = workspace.view("ada@shop.example", "Queue", viewer="ada@shop.example")
    assert taken and (taken.query, taken.shared) == ("channel=chat", False)
    assert workspace.digests()[-1].view == ("ada@shop.example", "Queue")
    workspace.add_digest("Late", brief | {"what": "view"}, owner="everyone", view=("everyone", "Queue"))
    code, told = run("change", "Late", "--owner", "ada@shop.example")
    assert code == 1 and "has a view called 'Queue' already" in told["error"]["message"]
    assert [(kept.owner, kept.name) for kept in workspace.digests()][:2] == [
        ("ada@shop.example", "Mondays"),
        ("eve", "Hers"),
    ]
    assert run("now", "Mondays", "--to", "ada@shop.example")[1]["status"] == "sent"


@pytest.mark.slow
def test_a_page_is_a_file_where_people_sign_in(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    assert main(["report", "--home", str(home.root), "--quiet", "--json", "--out", str(out)]) == 0
    assert "<h1>Overview" in out.read_text()
