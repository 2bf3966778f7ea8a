"""A rule looks with its owner's eyes, also when the owner's access comes from a group."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from alerts.owners import owners_of
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store.workspace import Workspace
from store.workspace.people import REMEMBERED

PROXY = {"by": "proxy", "address": "https://support.example.com", "proxies": ["10.0.0.0/8"]}
ACCESS = [
    {"groups": ["leads"], "role": "manager", "teams": ["Billing"], "may_not": ["agent_names"]},
    {"who": ["vic@example.com"], "role": "viewer"},
]


def test_groups_of_the_last_sign_in_count_for_a_month(
    home: Home, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, settings = Workspace(home), Settings.model_validate({"sign_in": PROXY, "access": ACCESS})
    viewer_of = owners_of(home, workspace)
    assert viewer_of(settings, "bea@example.com") is None
    workspace.remember_groups("bea@example.com", ("staff", "leads"))
    found = viewer_of(settings, "bea@example.com")
    assert found is not None
    assert (found.teams, found.role, found.may("agent_names")) == (("Billing",), "manager", False)
    assert len(found.alias_key) > 30, "pseudonyms in a message cannot be guessed"
    monkeypatch.setenv("SUPPORTLENS_NOW", (now + REMEMBERED + timedelta(seconds=1)).isoformat())
    assert viewer_of(settings, "bea@example.com") is None
    workspace.remember_groups("bea@example.com", ())
    assert viewer_of(settings, "bea@example.com") is None


def test_without_the_right_or_a_sign_in(home: Home, now: datetime) -> None:
    viewer_of = owners_of(home, Workspace(home))
    assert viewer_of(Settings.model_validate({"sign_in": PROXY, "access": ACCESS}), "vic@example.com") is None
    assert viewer_of(Settings(), "everyone") is EVERYTHING
