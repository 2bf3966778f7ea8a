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
    assert len(METRICS.names()) >= 60
    for metric in METRICS.all():
        section = text.split(f"\n### {metric.family or metric.name}\n")[1].split("\n### ")[0]
        for told in (f"`{metric.name}`", metric.description, metric.population_text, metric.counted_on,
                     metric.null_when, metric.source, metric.missing, metric.attribution.moment):  # fmt: skip
            assert told in section, metric.name
        assert ("--hours business" in section) == (metric.business is not None)
        for variant in metric.variants:
            assert f"Variant `{variant.name}`: {variant.description}" in section
        for dimension in metric.attribution.columns:
            assert (
                f"{dimension} as of" in section
                or f"{dimension}, " in section
                or f"{dimension} and" in section
            )
