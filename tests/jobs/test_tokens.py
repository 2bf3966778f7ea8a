"""The command that makes tokens for machines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.home import Home
from jobs import cli
from store.workspace import Workspace


def test_a_token_is_made_listed_and_revoked(home: Home, now: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def command(*words: str, code: int = 0) -> Any:
        assert cli.main(["tokens", *words, "--home", str(home.root), "--json", "--quiet"]) == code
        return json.loads(capsys.readouterr().out)

    made = command("make", "prometheus", "--days", "30")["secret"]
    assert Workspace(home).token_opens(made, "metrics")
    (listed,) = command()["tokens"]
    assert (listed["name"], listed["scopes"], listed["revoked_at"]) == ("prometheus", ["metrics"], None)
    assert made not in json.dumps(listed)
    assert command("revoke", str(listed["id"])) == {"action": "revoke", "revoked": listed["id"]}
    assert not Workspace(home).token_opens(made, "metrics")
    assert "still opens" in command("revoke", str(listed["id"]), code=1)["error"]["message"]
    for number in ("99", "9" * 30, "9" * 5_000, "first"):
        told = command("revoke", number, code=1)["error"]
        assert told["message"] == f"there is no token {number} that still opens something."
    assert "needs the token's name" in command("make", code=1)["error"]["message"]
    assert [entry.detail for entry in Workspace(home).audit_log()] == [
        {"token": listed["id"], "done": "revoked"}, {"token": "prometheus", "done": "made", "days": 30},
    ]  # fmt: skip
