"""Tokens and cost of language models, as a monitoring system reads them."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from core.errors import StoreError
from core.home import Home
from store.workspace import ModelUse, Workspace
from ui.server import meters, probes
from ui.server.workspace_meters import WorkspaceMeters

OF_MODELS = "supportlens_model_"


def measured(home: Home, of: str = OF_MODELS) -> dict[tuple[str, ...], float]:
    registry = CollectorRegistry()
    registry.register(WorkspaceMeters(lambda: home))
    text = generate_latest(registry).decode()
    return {
        (
            sample.name.removeprefix(of),
            *(sample.labels[name] for name in ("provider", "model", "direction") if name in sample.labels),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith(of)
    }


def test_tokens_in_and_out_calls_and_cost_are_counters_by_model(home: Home) -> None:
    kept = Workspace(home)
    kept.count_model_use(ModelUse("openai", 'a "large" one', 1, 100, 20, 0.5))
    kept.count_model_use(ModelUse("fake", "free", 2, 7, 3))
    assert measured(home) == {
        ("tokens_total", "openai", 'a "large" one', "in"): 100,
        ("tokens_total", "openai", 'a "large" one', "out"): 20,
        ("tokens_total", "fake", "free", "in"): 7,
        ("tokens_total", "fake", "free", "out"): 3,
        ("calls_total", "openai", 'a "large" one'): 1,
        ("calls_total", "fake", "free"): 2,
        ("cost_dollars_total", "openai", 'a "large" one'): 0.5,  # the other has no price
    }


def test_nothing_was_asked_yet(home: Home) -> None:
    assert measured(home) == {}


def test_where_they_cannot_be_read_they_are_a_part_that_is_counted_and_left_out(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> object:
        raise StoreError("the disk is gone.")

    unread = "supportlens_unread_parts"
    assert measured(home, unread) == {("",): 0}
    monkeypatch.setattr(Workspace, "model_uses", broken)
    assert measured(home) == {} and measured(home, unread) == {("",): 1}


def test_the_server_measures_them(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.ui.server.test_probes import asked

    monkeypatch.setattr(meters, "registry", CollectorRegistry())
    probes.routes()
    Workspace(home).count_model_use(ModelUse("fake", "free", 1, 7, 3))
    assert b'supportlens_model_tokens_total{direction="in"' in bytes(
        probes.measures(asked(), meters.registry).body
    )
