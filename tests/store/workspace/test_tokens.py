"""Tokens for machines: a hash is kept, scopes and days hold, a revoked one opens nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core import clock
from core.errors import InputError
from store.workspace import Workspace
from store.workspace.tables import TOKENS


def test_a_token_opens_its_scope_until_its_day_and_is_not_kept(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = workspace.make_token("prometheus", scopes=["metrics"], days=2, owner="ann")
    assert workspace.token_opens(made, "metrics") and not workspace.token_opens(made, "everything")
    assert not workspace.token_opens(made[:-1], "metrics") and not workspace.token_opens("", "metrics")
    with workspace._engine.connect() as con:
        assert made not in str(con.execute(select(TOKENS)).all())
    (known,) = workspace.tokens()
    assert known.used_at is not None and known.expires_at - known.created_at == timedelta(days=2)
    monkeypatch.setenv("SUPPORTLENS_NOW", (clock.now() + timedelta(days=2)).isoformat())
    assert not workspace.token_opens(made, "metrics")


def test_two_tokens_are_valid_while_one_takes_over_and_a_revoked_one_is_not(workspace: Workspace) -> None:
    old, new = (
        workspace.make_token(name, scopes=["metrics"], days=1, owner="ann") for name in ("old", "new")
    )
    assert old != new and workspace.token_opens(old, "metrics") and workspace.token_opens(new, "metrics")
    first = workspace.tokens()[-1]
    assert first.name == "old" and workspace.revoke_token(first.id) and not workspace.revoke_token(first.id)
    assert not workspace.token_opens(old, "metrics") and workspace.token_opens(new, "metrics")


@pytest.mark.parametrize(
    ("scopes", "days", "name"),
    [([], 1, "a"), (["all"], 1, "a"), (["metrics"], 0, "a"), (["metrics"], 367, "a"), (["metrics"], 1, " ")],
)
def test_what_a_token_cannot_be_is_refused(
    workspace: Workspace, scopes: list[str], days: int, name: str
) -> None:
    with pytest.raises(InputError):
        workspace.make_token(name, scopes=scopes, days=days, owner="ann")
    assert workspace.tokens() == []
