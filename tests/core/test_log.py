"""Log lines carry fields, go to stderr, and never a secret."""

import json
import logging

import pytest

from core import log


@pytest.fixture(autouse=True)
def _no_secrets_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_secrets", set())


def test_a_hidden_secret_and_a_url_password_are_blotted() -> None:
    log.hide("hunter2-hunter2")
    shown = log.blot("key hunter2-hunter2 at postgres://anna:pa:ss@db/support")
    assert "hunter2" not in shown
    assert shown == "key *** at postgres://anna:***@db/support"


def test_very_short_texts_are_not_secrets() -> None:
    log.hide("a")
    assert log.blot("a plain sentence") == "a plain sentence"


@pytest.mark.parametrize("as_json", [False, True])
def test_lines_go_to_stderr_with_their_fields_and_without_secrets(capsys, as_json: bool) -> None:
    log.hide("hunter2-hunter2")
    log.set_up(as_json=as_json)
    log.run_id.set("r1")
    logging.getLogger("jobs.test").info("source read", extra={"rows": 3, "dsn": "mysql://u:pw@h/d"})
    try:
        raise RuntimeError("refused hunter2-hunter2")
    except RuntimeError:
        logging.getLogger("jobs.test").exception("failed")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "hunter2" not in shown.err
    assert ":pw@" not in shown.err
    first = shown.err.splitlines()[0]
    if as_json:
        row = json.loads(first)
        assert (row["event"], row["rows"], row["run"], row["level"]) == ("source read", 3, "r1", "info")
    else:
        assert "source read rows=3" in first


def test_other_peoples_chatter_stays_out(capsys) -> None:
    log.set_up()
    logging.getLogger("chromadb").info("hello")
    logging.getLogger("store.writer").info("ours")
    err = capsys.readouterr().err
    assert "hello" not in err
    assert "ours" in err


def test_a_secret_that_is_part_of_another_leaves_no_rest() -> None:
    log.hide("opensesame")
    log.hide("opensesame-and-more")
    assert log.blot("the word is opensesame-and-more.") == "the word is ***."
