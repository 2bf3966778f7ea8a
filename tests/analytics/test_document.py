"""docs/metrics.md says what the catalogue says."""

from __future__ import annotations

from pathlib import Path

from analytics import document
from analytics.catalogue import METRICS


def test_the_page_is_fresh() -> None:
    assert document.PAGE.read_text(encoding="utf-8") == document.page(), "run `python -m analytics.document`"


def test_every_metric_is_on_it(tmp_path: Path) -> None:
    document.write(tmp_path / "metrics.md")
    text = (tmp_path / "metrics.md").read_text(encoding="utf-8")
    assert len(METRICS.names()) >= 10
    for metric in METRICS.all():
        assert f"### {metric.name}" in text and metric.description in text
