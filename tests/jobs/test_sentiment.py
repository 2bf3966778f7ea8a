"""The command that shows the model card of sentiment and takes whose scores people want."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analytics.compute import compute
from analytics.moods import BEGINS, card, mood_report, noted
from core.filters import Filters
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer
from jobs import cli
from store.reader import open_reader
from store.workspace import Workspace
from tests.fakes.llm_server import KEY, Script, llm_server
from tests.shared import copy_of

BILLING = Viewer(name="bea", teams=("Billing",), role="viewer")


def command(capsys: pytest.CaptureFixture[str], home: Home, *words: str) -> Any:
    code = cli.main(["sentiment", *words, "--home", str(home.root), "--json", "--quiet"])
    assert code == 0
    return json.loads(capsys.readouterr().out)


def test_what_nobody_scores_is_counted_and_never_neutral(
    sample_home: Home, now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    told = command(capsys, sample_home)
    assert told["label"] == "lexicon, uncorrected" and told["card"]["in_use"] is False
    languages = {one["language"]: one for one in told["languages"]}
    assert languages["en"]["by"] == "lexicon" and languages["en"]["scored"] == languages["en"]["n"] > 100
    assert languages["de"]["by"] == "" and languages["de"]["scored"] == 0 < languages["de"]["n"]
    reader = open_reader(sample_home)
    rows = reader.query(
        "SELECT count(*) AS n, count(sentiment) AS scored FROM {conversation_facts} WHERE is_counted",
        viewer=EVERYTHING,
    ).to_pylist()
    assert (told["n"], told["scored"]) == (rows[0]["n"], rows[0]["scored"])


def test_a_limited_viewer_is_told_of_their_conversations(sample_home: Home, now: Any) -> None:
    reader = open_reader(sample_home)
    whole, part = (mood_report(reader, viewer, include=()) for viewer in (EVERYTHING, BILLING))
    assert 0 < part.n < whole.n and part.label == whole.label


def test_every_number_about_moods_says_who_scored(sample_home: Home, now: Any) -> None:
    reader = open_reader(sample_home)
    for name, says in (("net_sentiment", True), ("sentiment_negative_share", True), ("volume", False)):
        result = compute(reader, name, Filters(), settings=Settings(), viewer=EVERYTHING)
        assert (f"{BEGINS}lexicon, uncorrected." in result.notes) is says
        assert noted(result.notes) == ("lexicon, uncorrected" if says else "")
    assert card(reader).total == 0


@pytest.mark.parametrize("dimension", ["sentiment", "mood_start", "mood_end"])
def test_every_number_split_by_mood_says_who_scored(sample_home: Home, now: Any, dimension: str) -> None:
    reader = open_reader(sample_home)
    by = (dimension, "channel")
    split = compute(reader, "volume", Filters(), settings=Settings(), viewer=EVERYTHING, by=by)
    assert noted(split.notes) == "lexicon, uncorrected"


def test_choices_are_kept_until_somebody_chooses_otherwise(
    sample_home: Home, tmp_path: Path, now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    home = copy_of(sample_home, tmp_path / "copy")
    kept = Workspace(home)
    assert kept.moods_wanted() == ("model", 0)
    command(capsys, home, "lexicon", "--owner", "ann")
    wish = command(capsys, home, "train")["choice"]
    assert kept.moods_wanted() == ("lexicon", wish)
    command(capsys, home, "model")
    assert kept.moods_wanted() == ("model", wish)
    assert [one.kind for one in kept.mood_choices()] == ["model", "train", "lexicon"]
    assert kept.mood_choices()[-1].viewer == "ann"


def test_the_card_is_printed_for_people(
    sample_home: Home, now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["sentiment", "--home", str(sample_home.root), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert "Moods by lexicon, uncorrected" in said and "not judged: no corrections" in said


def test_a_model_labels_only_when_told_to_and_all_is_taken_back(
    sample_home: Home, tmp_path: Path, now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    home = copy_of(sample_home, tmp_path / "copy")
    told = command(capsys, home, "label", "--n", "20", "--yes")
    assert told["estimate"]["because"] == told["labelled"]["because"] == "no language model is configured"
    script = Script(answer={"moods": [{"number": n, "mood": "neutral"} for n in range(1, 10)]})
    with llm_server(script) as server:
        (home.root / "settings.toml").write_text(
            f'[llm]\nprovider = "openai"\nmodel = "small"\nbase_url = "{server}/v1"\napi_key = "{KEY}"\n'
        )
        told = command(capsys, home, "label")
        assert told["labelled"] is None and told["estimate"]["conversations"] == 300 and script.requests == []
        assert cli.main(["sentiment", "label", "--n", "20", "--home", str(home.root), "--quiet"]) == 0
        assert (
            "20 conversations (0 of them" in (said := capsys.readouterr().out) and "Add --yes to ask." in said
        )
        told = command(capsys, home, "label", "--n", "20", "--yes", "--owner", "ann")
    assert told["labelled"]["labels"] == {"neutral": 18} and told["labelled"]["dropped"] == {
        "without an answer": 2
    }
    assert {one.viewer for one in Workspace(home).mood_labels_in_force()} == {"ann"}
    assert command(capsys, home, "unlabel") == {"action": "unlabel", "taken_back": 18}
    assert Workspace(home).mood_labels_in_force() == []
