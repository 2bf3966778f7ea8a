from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from core.filters import Filters
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from jobs.refresh import refresh
from jobs.report import RefreshReport
from store.corrected import found_by_machine
from store.reader import open_reader
from store.workspace import Workspace

MESSAGES = """conversation_id,author_role,body_text,created_at
1,customer,I am very happy with this thank you it is wonderful,2026-11-02T09:00:00Z
2,customer,This is awful and I am angry because nobody answers,2026-11-02T10:00:00Z
3,customer,This is terrible and I am very disappointed with you,2026-11-03T10:00:00Z
4,customer,I love this new version it is great and wonderful,2026-11-03T11:00:00Z
"""


@pytest.fixture
def settings(home: Home, now: datetime) -> Settings:
    folder = home.root / "desk"
    folder.mkdir()
    (folder / "messages.csv").write_text(MESSAGES, encoding="utf-8")
    return Settings(sources=({"name": "desk", "kind": "files", "path": str(folder)},))


def negative(home: Home, settings: Settings) -> dict[str, Any]:
    """Negative conversations as the metric counts them, and how many the filter by sentiment finds."""
    from analytics.compute import compute

    reader = open_reader(home)
    share = compute(reader, "sentiment_negative_share", Filters(), settings=settings, viewer=EVERYTHING)
    listed = compute(
        reader, "volume", Filters.of(where={"sentiment": ["negative"]}), settings=settings, viewer=EVERYTHING
    )
    return {"share": share.total.value, "n": share.total.n, "listed": listed.total.value}


def corrected(home: Home, *sources: str) -> tuple[int, ...]:
    """Corrections of moods that the model card counts for who may see these sources alone."""
    from analytics.moods import mood_report

    report = mood_report(open_reader(home), Viewer("bea", sources), include=())
    assert report.is_part and report.card.whole is None and not report.card.languages
    return report.card.corrections


@pytest.mark.slow
def test_numbers_agree_with_corrections_after_the_next_refresh(home: Home, settings: Settings) -> None:
    def run(**more: Any) -> RefreshReport:
        told = refresh(home, settings, **more)
        assert told.status == "ok", told.error
        return told

    assert run().generation == 1
    assert negative(home, settings) == {"share": 0.5, "n": 4, "listed": 2}
    workspace = Workspace(home)
    workspace.correct([("desk", "2")], "sentiment", "neutral", viewer="ann")
    assert negative(home, settings)["share"] == 0.5  # nothing changes under a page that is being read
    assert (run().published, negative(home, settings)) == (True, {"share": 0.25, "n": 4, "listed": 1})
    assert corrected(home, "desk") == (0, 1, 0) and corrected(home) == (0, 0, 0)
    machine = found_by_machine(open_reader(home), "desk", "2", viewer=EVERYTHING)
    assert machine == {"sentiment": "negative"}
    assert found_by_machine(open_reader(home), "desk", "1", viewer=EVERYTHING) == {}
    assert not run().published
    run(full=True)
    assert negative(home, settings)["share"] == 0.25
    (correction,) = workspace.corrections_of("desk", "2")
    workspace.undo_correction(correction.id, viewer="bob")
    assert (run().published, negative(home, settings)["share"]) == (True, 0.5)
