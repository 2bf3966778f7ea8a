"""What cannot be noted is not done where people sign in; elsewhere a log that cannot be written stops nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import StoreError
from core.viewer import EVERYTHING
from store.workspace import Workspace
from ui import resources, trail


@pytest.fixture
def log_that_fails(monkeypatch: pytest.MonkeyPatch, home):
    def refuse(self, *args, **kwargs):
        raise StoreError("the workspace folder may only be read.")

    def begin(*, is_guarded: bool) -> None:
        viewer = replace(EVERYTHING, name="ada@example.com")
        monkeypatch.setattr(Workspace, "audit", refuse)
        monkeypatch.setattr(resources, "home", lambda: home)
        monkeypatch.setattr(resources, "is_guarded", lambda: is_guarded)
        monkeypatch.setattr(resources, "viewer", lambda: viewer)
        monkeypatch.setattr(resources, "returning", lambda: lambda: viewer)

    return begin


def test_where_nobody_signs_in_a_log_that_fails_stops_nobody(log_that_fails):
    log_that_fails(is_guarded=False)
    trail.note("asked", question="Why?")
    assert trail.handed_out(lambda: b"rows", "chart")() == b"rows"


def test_where_people_sign_in_what_cannot_be_noted_is_not_done(log_that_fails):
    log_that_fails(is_guarded=True)
    done = []
    with pytest.raises(StoreError):
        trail.note("asked", question="Why?")
    with pytest.raises(StoreError):
        trail.handed_out(lambda: done.append(1) or b"rows", "chart")()
    assert done == []
