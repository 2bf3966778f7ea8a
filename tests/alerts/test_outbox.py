"""Word on its way: real servers that refuse, hang up and answer 500 for an hour; sent once, and visible when not."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import socket
import ssl
from datetime import timedelta

import pytest

from alerts import outbox
from alerts.outbox import deliver, pause_s
from alerts.words import Message
from core.errors import ConfigError
from store.workspace import Outgoing, Workspace
from store.workspace.deliveries import LEASE
from tests.alerts.conftest import at
from tests.alerts.servers import mail_server, webhook
from tests.fakes import authority

NASTY = '<script>alert(1)</script> & "Ö" @everyone\r\nBcc: all@shop.example <!channel|x>'
SECRET = "s3cret-of-the-hook"


@pytest.fixture
def told() -> Message:
    lines = (("Conversations created", "143"), ("Team", " ".join(NASTY.split())))
    return Message(
        "busy: Conversations created 143",
        lines,
        "https://desk.example/explore?team=a&b=1",
        {"kind": "threshold"},
    )


@pytest.fixture
def queued(workspace: Workspace, told: Message, now):
    """`queued(channel)`: a delivery in the outbox; its number."""

    def put(channel: str = "ops", message: Message = told, **more) -> int:
        word = Outgoing(channel, message.plain(), more.pop("due_at", now))
        id = workspace.queue_delivery(
            word, key=f"k{len(workspace.deliveries())}", owner="ann", event="opened"
        )
        assert id is not None
        return id

    return put


def hook_channel(hook) -> dict:
    return {"name": "ops", "kind": "webhook", "url": hook.url, "secret": SECRET}


def never_mind() -> float:
    return 0.5  # no jitter


def test_a_webhook_gets_signed_json(workspace, with_channels, queued, now) -> None:
    with webhook() as hook:
        id = queued()
        assert deliver(workspace, with_channels(hook_channel(hook))).sent == 1
    ((headers, body),) = hook.calls
    delivery = workspace.delivery(id)
    stamp = headers["X-Supportlens-Timestamp"]
    expected = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["X-Supportlens-Signature"] == f"sha256={expected}" and int(stamp) == now.timestamp()
    assert headers["X-Supportlens-Delivery"] == delivery.idempotency_id
    said = json.loads(body)
    assert said["title"] == "busy: Conversations created 143" and said["event"] == "opened"
    assert said["lines"]["Team"] == " ".join(NASTY.split())
    assert (delivery.status, delivery.attempts, delivery.problem) == ("sent", 1, None)


def test_500_for_an_hour_and_then_it_arrives_once(workspace, with_channels, queued, now, monkeypatch) -> None:
    with webhook() as hook:
        settings, id, moment = with_channels(hook_channel(hook)), queued(), now
        hook.status = 500
        while moment < now + timedelta(hours=1):
            deliver(workspace, settings, chance=never_mind)
            moment += timedelta(seconds=20)
            at(monkeypatch, moment)
        waiting = workspace.delivery(id)
        assert (
            waiting.status == "waiting"
            and waiting.problem == "the webhook answered 500 Internal Server Error."
        )
        assert (
            len(hook.calls) == waiting.attempts == 7
        )  # at 0, 30 s, 1.5, 3.5, 7.5, 15.5 and 31.5 minutes or soon after
        hook.status = 200
        at(monkeypatch, waiting.due_at)
        for _ in range(3):
            deliver(workspace, settings)
    assert workspace.delivery(id).status == "sent"
    assert len({headers["X-Supportlens-Delivery"] for headers, _ in hook.calls}) == 1
    assert len(hook.calls) == 8


def test_after_a_day_it_is_given_up_and_a_person_may_send_it_again(
    workspace, with_channels, queued, now, monkeypatch
) -> None:
    with webhook() as hook:
        settings, id, rounds = with_channels(hook_channel(hook)), queued(), 0
        hook.status = 503
        while workspace.delivery(id).status == "waiting":
            at(monkeypatch, workspace.delivery(id).due_at)
            deliver(workspace, settings, chance=never_mind)
            rounds += 1
            assert rounds < 60
        gone = workspace.delivery(id)
        assert gone.status == "gave up" and "503" in gone.problem and 25 < gone.attempts < 35
        assert timedelta(hours=22) < gone.finished_at - now <= timedelta(hours=24)
        hook.status = 200
        assert deliver(workspace, settings).sent == 0
        assert not workspace.send_again(id, owner="bob")
        assert workspace.send_again(id, owner="ann")
        assert deliver(workspace, settings).sent == 1


def test_pauses_double_up_to_an_hour_with_jitter() -> None:
    assert [pause_s(n, never_mind) for n in (1, 2, 3, 7, 8, 40)] == [30, 60, 120, 1920, 3600, 3600]
    assert (pause_s(1, lambda: 0.0), pause_s(1, lambda: 0.999)) == (15.0, pytest.approx(45, abs=0.1))


def test_a_channel_that_is_down_keeps_no_other_waiting(
    workspace, with_channels, queued, now, monkeypatch
) -> None:
    with webhook() as down, webhook() as up:
        down.status = 500
        settings = with_channels(hook_channel(down), {**hook_channel(up), "name": "other"})
        ids = [queued() for _ in range(8)]
        queued("other")
        done = deliver(workspace, settings, chance=never_mind)
        assert (done.sent, done.later) == (1, 3) and len(down.calls) == 3
        down.status = 200
        at(monkeypatch, now + timedelta(minutes=5))
        assert deliver(workspace, settings).sent == 8
    assert {workspace.delivery(id).status for id in ids} == {"sent"}


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.mark.parametrize("kind", ["webhook", "mail"])
def test_a_refused_connection_is_tried_again(workspace, with_channels, queued, kind) -> None:
    port = closed_port()
    channel = {"name": "ops", "url": f"mailto://127.0.0.1:{port}/?from=a@shop.example&to=b@shop.example"}
    if kind == "webhook":
        channel = {"name": "ops", "kind": "webhook", "url": f"http://127.0.0.1:{port}/", "secret": SECRET}
    id = queued()
    assert deliver(workspace, with_channels(channel)).later == 1
    assert "refused" in workspace.delivery(id).problem


def test_tls_that_cannot_be_trusted_is_a_failure(workspace, with_channels, queued, tmp_path) -> None:
    made = authority.made(tmp_path / "ca")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    with webhook(context) as hook:
        id = queued()
        deliver(workspace, with_channels(hook_channel(hook)))
        assert hook.calls == []
    assert "certificate was refused" in workspace.delivery(id).problem
    assert "tok3n-of-the-hook" not in workspace.delivery(id).problem


def test_a_redirect_is_not_followed(workspace, with_channels, queued) -> None:
    with webhook() as hook:
        hook.status = 302
        id = queued()
        deliver(workspace, with_channels(hook_channel(hook)))
    assert workspace.delivery(id).problem == "the webhook answered 302 Found."


# -- mail ------------------------------------------------------------------------------------------


def test_mail_is_text_and_html_and_words_of_others_are_escaped(workspace, with_channels, queued) -> None:
    with mail_server() as box:
        id = queued()
        assert deliver(workspace, with_channels({"name": "ops", "url": box.url})).sent == 1
    (mail,) = box.mails
    assert mail["Subject"] == "busy: Conversations created 143" and mail["To"] == "ops@shop.example"
    assert mail["Bcc"] is None
    plain, html = (part.get_content() for part in mail.walk() if not part.is_multipart())
    assert "Conversations created" in plain and "143" in plain
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert 'href="https://desk.example/explore?team=a&amp;b=1"' in html
    assert workspace.delivery(id).status == "sent"


def test_a_title_with_line_breaks_makes_no_headers(workspace, with_channels, queued) -> None:
    from alerts.words import one_line

    with mail_server() as box:
        queued(message=Message(one_line(NASTY), (), None, {}))
        deliver(workspace, with_channels({"name": "ops", "url": box.url}))
    (mail,) = box.mails
    assert mail["Bcc"] is None and mail["Subject"].startswith("<script>")


@pytest.mark.parametrize(
    ("answer", "recipient", "words"),
    [
        ("554 no thanks", "250 OK", "554"),
        ("451 later", "250 OK", "451"),
        ("250 OK", "550 nobody here", "550"),
    ],
)
def test_a_mail_server_that_refuses_is_tried_again(
    workspace, with_channels, queued, answer, recipient, words
) -> None:
    with mail_server() as box:
        box.answer, box.recipient = answer, recipient
        id = queued()
        assert deliver(workspace, with_channels({"name": "ops", "url": box.url})).later == 1
        assert words in workspace.delivery(id).problem and box.mails == []


def test_a_mail_server_that_hangs_up_with_the_message_in_its_hands_is_not_asked_again(
    workspace, with_channels, queued, now, monkeypatch
) -> None:
    with mail_server() as box:
        box.answer = "hang up"
        settings, id = with_channels({"name": "ops", "url": box.url}), queued()
        assert deliver(workspace, settings).unknown == 1
        box.answer = "250 OK"
        at(monkeypatch, now + timedelta(hours=5))
        deliver(workspace, settings)
    assert workspace.delivery(id).status == "unknown" and len(box.mails) == 1


def test_one_channel_is_one_recipient(workspace, with_channels, queued) -> None:
    with mail_server() as box:
        id = queued()
        deliver(workspace, with_channels({"name": "ops", "url": f"{box.url},two@shop.example"}))
    assert "goes to 2 recipients" in workspace.delivery(id).problem and box.mails == []


# -- a process that ends between sending and saying so ---------------------------------------------


@pytest.mark.parametrize(("kind", "status"), [("webhook", "sent"), ("mail", "unknown")])
def test_a_killed_process_leaves_mail_unknown_and_a_webhook_is_sent_again(
    workspace, with_channels, queued, now, monkeypatch, kind, status
) -> None:
    with webhook() as hook, mail_server() as box:
        channel = hook_channel(hook) if kind == "webhook" else {"name": "ops", "url": box.url}
        settings, id = with_channels(channel), queued()
        claimed = workspace.claim_delivery(id, now=now, is_repeatable=kind == "webhook")
        assert deliver(workspace, settings).sent == 0, "it is in somebody's hands"
        at(monkeypatch, now + LEASE + timedelta(seconds=1))
        assert deliver(workspace, settings).lost == 1
        ended = workspace.delivery(id)
        assert ended.status == status and ended.idempotency_id == claimed.idempotency_id
        assert len(box.mails) == 0 and len(hook.calls) == (1 if kind == "webhook" else 0)
        assert not workspace.finish_delivery(claimed, "sent", None, now=now), (
            "its claim does not hold any more"
        )
        if kind == "webhook":
            assert hook.calls[0][0]["X-Supportlens-Delivery"] == claimed.idempotency_id


def test_a_channel_that_is_not_there_is_said_and_waited_for(
    workspace, with_channels, queued, now, monkeypatch
) -> None:
    id = queued("night-shift")
    assert deliver(workspace, with_channels()).later == 1
    assert "no channel called 'night-shift'" in workspace.delivery(id).problem
    with pytest.raises(ConfigError, match="no channel"):
        outbox.test(workspace, with_channels(), "night-shift", owner="ann")


def test_quiet_hours_hold_for_another_attempt_too(workspace, with_channels, queued, now, monkeypatch) -> None:
    quiet = Message("x", (), None, {"quiet": "09:10-11:00", "quiet_zone": "UTC"})
    with webhook() as hook:
        settings, id = with_channels(hook_channel(hook)), queued(message=quiet)
        hook.status = 500
        at(monkeypatch, now + timedelta(minutes=9, seconds=50))
        deliver(workspace, settings, chance=never_mind)
        assert workspace.delivery(id).due_at == now + timedelta(hours=2)
        late = queued(message=quiet)
        at(monkeypatch, now + timedelta(minutes=30))
        deliver(workspace, settings)
        assert len(hook.calls) == 1 and workspace.delivery(late).due_at == now + timedelta(hours=2)
        hook.status = 200
        at(monkeypatch, now + timedelta(hours=2))
        assert deliver(workspace, settings).sent == 2


def test_secrets_are_nowhere(workspace, with_channels, queued, monkeypatch, caplog, home) -> None:
    """An address from a variable: not in the log, the reasons or the database."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(
        "OPS_URL", f"mailto://ann:hunter2-hunter2@127.0.0.1:{closed_port()}/?to=b@shop.example"
    )
    queued()
    deliver(workspace, with_channels({"name": "ops", "url": "env:OPS_URL"}))
    monkeypatch.delenv("OPS_URL")
    missing = queued()
    deliver(workspace, with_channels({"name": "ops", "url": "env:OPS_URL"}))
    assert "OPS_URL, which is not set" in workspace.delivery(missing).problem
    everything = caplog.text + "".join(str(one) for one in workspace.deliveries())
    assert "hunter2" not in everything and "hunter2" not in repr(
        with_channels({"name": "o", "url": "env:OPS_URL"})
    )


def test_chats_get_words_that_call_nobody(told: Message) -> None:
    assert "@everyone" not in told.chat() and "<!channel" not in told.chat()
    assert told.chat().replace("\N{WORD JOINER}", "").count("@everyone") == 1


def test_slack_gets_text_that_is_escaped(workspace, with_channels, queued, monkeypatch) -> None:
    """Slack's address cannot be another one, so what would be posted there is looked at."""
    import requests

    posted = []

    def post(method, url, data=None, **more):
        posted.append((url, data))
        answer = requests.Response()
        answer.status_code, answer._content = 200, b"ok"
        return answer

    monkeypatch.setattr(requests, "request", post)
    channel = {"name": "ops", "url": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/%23ops"}
    queued()
    assert deliver(workspace, with_channels(channel)).sent == 1
    ((url, data),) = posted
    assert url.startswith("https://hooks.slack.com/")
    assert "<script>" not in data and "&lt;" in data and "<!channel" not in data and "@everyone" not in data


def test_a_test_is_sent_now_and_stands_in_the_log(workspace, with_channels) -> None:
    with webhook() as hook:
        settings = with_channels(hook_channel(hook))
        assert outbox.test(workspace, settings, "ops", owner="ann").status == "sent"
        hook.status = 401
        failed = outbox.test(workspace, settings, "ops", owner="ann")
    assert (failed.status, failed.problem) == ("gave up", "the webhook answered 401 Unauthorized.")
    assert [one.event for one in workspace.deliveries("ann")] == ["test", "test"]
