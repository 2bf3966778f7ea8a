"""Log lines carry fields, go to stderr, and never a secret."""

import json
import logging

import pytest

from core import log
from tests.conftest import _logging_as_before


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


def test_a_line_for_people_names_its_refresh_by_the_end_of_the_id(capsys) -> None:
    log.set_up()
    token = log.run_id.set("20261116T090000-1f2a3c")
    logging.getLogger("jobs.test").info("phase", extra={"phase": "read"})
    log.run_id.reset(token)
    assert capsys.readouterr().err.endswith("phase phase=read run=1f2a3c\n")


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


def test_what_one_test_hides_the_next_may_say() -> None:
    log.hide("hidden before")
    with _logging_as_before():
        log.hide("wrong")
        assert log.blot("wrong") == "***"
    assert log.blot("a wrong delimiter, hidden before") == "a wrong delimiter, ***"


ODD = 'pä"ss\\1'  # what JSON, a repr and an address each write in their own way


def written(capsys: pytest.CaptureFixture[str], *, as_json: bool, message: str, **extra: object) -> str:
    log.set_up(as_json=as_json)
    logger = logging.getLogger("jobs.test")
    try:
        raise KeyError(ODD)
    except KeyError:
        logger.exception(message, ODD, extra=extra)
    err = capsys.readouterr().err
    assert isinstance(err, str)
    return err


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("message", ["no to %s", "no to %r"])
def test_a_secret_of_any_letters_is_in_no_line(capsys, as_json: bool, message: str) -> None:
    log.hide(ODD)
    fields = {"dsn": ODD, "at": {ODD: [ODD, {"deep": (f"x{ODD}y",)}]}, "error": ValueError(ODD)}
    fields["body"] = json.dumps({"password": ODD})
    shown = written(capsys, as_json=as_json, message=message, **fields)
    for spelling in (
        ODD,
        json.dumps(ODD)[1:-1],
        json.dumps(ODD, ensure_ascii=False)[1:-1],
        "ss\\",
        "p\\u00e4",
    ):
        assert spelling not in shown, shown
    assert "***" in shown
    if as_json:
        (row,) = (json.loads(line) for line in shown.splitlines())
        assert (row["event"].removesuffix("'"), row["dsn"]) == (
            message.replace("%s", "***").replace("%r", "'***"),
            "***",
        )
        assert row["at"] == {"***": ["***", {"deep": ["x***y"]}]}


def test_a_secret_in_an_address_is_blotted_as_it_is_written_there() -> None:
    log.hide(ODD)
    assert log.blot("https://x.example/?key=p%C3%A4%22ss%5C1&n=1") == "https://x.example/?key=***&n=1"


def test_a_line_stays_json_whatever_is_secret(capsys) -> None:
    log.hide("123456")
    log.hide("true")
    log.set_up(as_json=True)
    logging.getLogger("jobs.test").info(
        "read", extra={"rows": 123456, "all": True, "part": 1.5, "none": None}
    )
    row = json.loads(capsys.readouterr().err)
    assert (row["rows"], row["all"], row["part"], row["none"]) == ("***", True, 1.5, None)
