"""What every metric of the catalogue must say about itself."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from analytics import base, catalogue
from analytics.base import Metric, Scope
from analytics.catalogue import METRICS
from core.errors import QuestionError
from core.home import Home
from core.viewer import EVERYTHING
from store.reader import Reader, open_reader

LONG_AGO = datetime(2000, 1, 1)  # noqa: DTZ001 - a wall-clock time of the reporting zone
# Phrases that two metrics share on purpose: who asks with them means the first.
SHARED = {"reopens": ("reopen_rate", "reopens"), "replies": ("first_reply_median", "replies")}


@pytest.fixture(scope="module")
def reader(sample_home: Home) -> Reader:
    return open_reader(sample_home)


@pytest.mark.parametrize("name", METRICS.names())
def test_a_metric_explains_itself(name: str) -> None:
    metric = catalogue.find(name)
    assert metric.name == name and metric.words and metric.counted_on and metric.attribution.moment
    assert metric.description.endswith(".") and metric.population_text.endswith(".")
    assert metric.null_when and metric.source and "http" not in metric.source
    assert metric.missing or metric.null_when.startswith("never")
    assert (metric.unit == "seconds") == (metric.family is not None)
    assert (metric.quantile is not None) == metric.name.endswith(("_median", "_p90"))
    if metric.kind == "ratio":
        assert metric.per
    for variant in metric.variants:
        assert variant.description.endswith(".") and variant.source


@pytest.mark.parametrize("name", METRICS.names())
def test_what_a_metric_names_exists(name: str, reader: Reader) -> None:
    metric = catalogue.find(name)
    tables = partial(reader.table, viewer=EVERYTHING)
    table = tables(metric.table)
    if metric.extend:
        table = metric.extend(table, Scope(tables, LONG_AGO, LONG_AGO))
    named = {metric.bucket, *metric.attribution.columns.values(), *metric.per}
    assert named <= set(table.columns)
    for measure in (metric.measure, metric.business, *(variant.measure for variant in metric.variants)):
        if measure:
            assert measure(table).type().is_numeric() or measure(table).type().is_timestamp()
    known = reader.query("SELECT DISTINCT capability FROM {capabilities}", viewer=EVERYTHING)
    assert set(metric.needs) <= {*known["capability"].to_pylist(), "denominators"}


def test_no_metric_takes_the_words_of_another() -> None:
    taken: dict[str, set[str]] = defaultdict(set)
    for metric in METRICS.all():
        for phrase in metric.words:
            taken[phrase].add(metric.family or metric.name)
    clashes = {phrase: names for phrase, names in taken.items() if len(names) > 1}
    assert clashes == {}
    for phrase, (first, other) in SHARED.items():
        assert catalogue.find(first) and catalogue.find(other) and first < other, phrase


def test_the_kinds_left_out_are_admitted_by_few() -> None:
    admitting = {metric.name: metric.admits for metric in METRICS.all() if metric.admits}
    assert admitting == {"outbound": ("outbound",), "sla_targets": ("merged", "deleted", "spam")}


def test_times_come_in_three() -> None:
    families: dict[str, list[Metric]] = defaultdict(list)
    for metric in METRICS.all():
        if metric.family:
            families[metric.family].append(metric)
    assert len(families) >= 11
    for family, members in families.items():
        assert {m.name for m in members} == {f"{family}_median", f"{family}_p90", f"{family}_mean"}
        assert {m.in_picker for m in members if m.name.endswith("_mean")} == {False}


def test_a_file_holds_one_metric_or_one_family() -> None:
    files = {path.stem for path in Path(base.__file__).parent.glob("metrics/[!_]*.py")}
    assert files == {metric.family or metric.name for metric in METRICS.all()}


def test_an_unknown_metric_names_the_known_ones() -> None:
    with pytest.raises(QuestionError, match=r"'speed'.*volume"):
        catalogue.find("speed")
