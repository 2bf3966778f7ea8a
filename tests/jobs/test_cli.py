"""The command line's own words: an error is one JSON document, and no secret is in it."""

from __future__ import annotations

import json

import pytest

from core import log
from core.errors import AuthError
from core.home import Home
from jobs import cli
from jobs.report import Problem

SECRET = 'pä"ss\\1'


@pytest.fixture(autouse=True)
def _hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_secrets", set())
    log.hide(SECRET)


def told() -> AuthError:
    return AuthError(f"the login {SECRET} was refused.", source="desk", hint=f"Is {SECRET!r} right?")


def test_an_error_names_no_secret_on_either_stream(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise told()

    monkeypatch.setattr("jobs.commands.runs.run", refuse)
    assert cli.main(["runs", "--home", str(home.root), "--json"]) == 1
    shown = capsys.readouterr()
    error = json.loads(shown.out)["error"]
    assert error["message"] == "the login *** was refused." and error["source"] == "desk"
    assert error["hint"] == "Is '***' right?"
    assert "ss\\" not in shown.err and "the login *** was refused." in shown.err


def test_a_problem_of_a_refresh_names_no_secret() -> None:
    assert Problem.of(told()).message == "the login *** was refused."
    assert Problem.of(ValueError(SECRET)).message == "ValueError: ***"
