"""What every metric of the catalogue must say about itself."""

from __future__ import annotations

import pytest

from analytics import catalogue
from analytics.catalogue import METRICS
from core.errors import QuestionError


@pytest.mark.parametrize("name", METRICS.names())
def test_a_metric_explains_itself(name: str) -> None:
    metric = catalogue.find(name)
    assert metric.name == name and metric.words and metric.counted_on
    assert metric.description.endswith(".") and metric.population_text.endswith(".")
    assert metric.null_when and (metric.missing or metric.kind in ("count", "level"))
    assert (metric.kind == "quantile") == (metric.quantile is not None)
    assert metric.source and (metric.kind == "ratio") == bool(metric.per)


def test_an_unknown_metric_names_the_known_ones() -> None:
    with pytest.raises(QuestionError, match=r"'speed'.*volume"):
        catalogue.find("speed")
