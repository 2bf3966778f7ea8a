"""Whatever shape a result has: its texts and customers are masked on the way to a page, its numbers and ids are not."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from analytics.live import OpenList, OpenRow
from analytics.social import Post
from core.viewer import EVERYTHING, RIGHTS, Viewer
from enrich.redaction import Redaction, conversation_mask
from rag.answer import Claim
from ui import masking, resources

MAIL = "ada@example.org"
ROW = OpenRow("desk", "t-20251234567", f"From {MAIL}", "Ada Lovelace", "Billing", "Ana", "high", "email", "open", 5.0, None,
              None, ("waits",))  # fmt: skip
POST = Post(
    "x", "1", "2", datetime(2026, 1, 1, tzinfo=UTC), "ada", "customer", f"mail {MAIL}", 0.1, 1, 2, 3, 4, 5, 6
)


@pytest.fixture
def seen_by(monkeypatch: pytest.MonkeyPatch):
    def look(viewer: Viewer) -> None:
        names = frozenset({"Ada Lovelace"})
        monkeypatch.setattr(resources, "viewer", lambda: viewer)
        monkeypatch.setattr(
            resources,
            "rag_context",
            lambda: SimpleNamespace(conversation_mask=conversation_mask(Redaction(names))),
        )

    return look


def test_texts_of_every_shape_are_masked_for_want_of_the_right(seen_by):
    seen_by(Viewer("vic", rights=RIGHTS - {"unmasked"}))
    found = masking.shown(OpenList((ROW,), 1)).rows[0]
    assert found.subject == "From [email 1]"
    assert (found.conversation_id, found.requester, found.age_s) == ("t-20251234567", "Ada Lovelace", 5.0)
    assert masking.shown((POST,))[0].text == "mail [email 1]"
    assert masking.shown([{"body_text": MAIL, "n": 3}]) == [{"body_text": "[email 1]", "n": 3}]
    claim = Claim.model_construct(text=f"Ada Lovelace wrote {MAIL}", quotes=(MAIL,))
    shown = masking.shown(claim)
    assert (shown.text, shown.quotes) == ("[name 1] wrote [email 1]", ("[email 1]",))


def test_who_may_see_it_gets_it_as_it_is(seen_by):
    seen_by(EVERYTHING)
    assert masking.shown(ROW) is ROW
