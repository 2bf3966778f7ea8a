"""What is said to be new or rising: the planted truths, and next to nothing in workspaces in which nothing changes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from core.home import Home
from jobs import cli
from jobs.sample import generate
from tests.conftest import SAMPLE_END

CONVERSATIONS = 2000


@pytest.fixture
def topics(tmp_path: Path, now: Any, capsys: pytest.CaptureFixture[str]) -> Any:
    """The list of topics of a sample, after its first refresh."""

    def run(seed: int, *, planted: bool) -> dict[str, Any]:
        home = Home(tmp_path / f"{seed}-{planted}")
        generate(home.sample, conversations=CONVERSATIONS, seed=seed, end=SAMPLE_END, planted=planted)
        settings = (
            "--settings",
            str(home.sample / "settings.toml"),
            "--home",
            str(home.root),
            "--json",
            "--quiet",
        )
        assert cli.main(["refresh", *settings]) == 0
        capsys.readouterr()
        assert cli.main(["topics", *settings]) == 0
        told = json.loads(capsys.readouterr().out)
        shutil.rmtree(home.root)
        return dict(told)

    return run


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_hardly_anything_is_claimed_where_nothing_changes(topics: Any) -> None:
    told = {seed: topics(seed, planted=False) for seed in range(20)}
    rising = {seed: [one["topic"] for one in of["rising"]["topics"]] for seed, of in told.items()}
    emerging = {seed: [one["label"] for one in of["emerging"]] for seed, of in told.items()}
    print(f"of 20 workspaces, rising is claimed in {rising}, emerging in {emerging}")
    assert all(of["rising"]["tested"] >= 10 for of in told.values())
    assert sum(map(bool, rising.values())) <= 2
    assert sum(map(bool, emerging.values())) <= 2


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [7, 11, 12, 13])
def test_the_planted_topics_are_found(topics: Any, seed: int) -> None:
    told = topics(seed, planted=True)
    assert any("gift" in " ".join([one["label"], *one["terms"]]).lower() for one in told["emerging"])
    assert all(example["subject"] for one in told["emerging"] for example in one["examples"])
    terms = {one["label"]: one["terms"] for one in told["topics"]}
    words = [" ".join([one["topic"], *terms[one["topic"]]]).lower() for one in told["rising"]["topics"]]
    assert any("two-factor" in text or "login code" in text for text in words)
