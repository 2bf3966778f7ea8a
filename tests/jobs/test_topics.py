"""The command that lists topics and takes what people want of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analytics.compute import compute
from analytics.topic_list import topic_list
from core.effective import effective_settings
from core.filters import Filters, Period
from core.home import Home
from core.settings import load_settings
from core.viewer import EVERYTHING, Viewer
from jobs import cli
from store.reader import open_reader
from tests.conftest import SAMPLE_END
from tests.fakes.llm_server import KEY, Script, llm_server
from tests.shared import copy_of

BILLING = Viewer(name="bea", teams=("Billing",), role="viewer")


@pytest.fixture
def command(sample_home: Home, tmp_path: Path, now: Any, capsys: pytest.CaptureFixture[str]) -> Any:
    home = copy_of(sample_home, tmp_path / "copy")

    def run(*words: str) -> tuple[int, Any]:
        code = cli.main(["topics", *words, "--home", str(home.root), "--json", "--quiet"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_every_conversation_is_in_one_topic_as_the_metric_counts_it(sample_home: Home, now: Any) -> None:
    reader = open_reader(sample_home)
    found = topic_list(reader, EVERYTHING, include=())
    whole = Filters(Period(SAMPLE_END.replace(year=SAMPLE_END.year - 3), SAMPLE_END))
    settings = effective_settings(sample_home, load_settings(sample_home))
    result = compute(reader, "volume", whole, settings=settings, viewer=EVERYTHING, by=("topic",))
    assert {topic.label: topic.n for topic in found.topics} == {row.group[0]: row.n for row in result.groups}
    assert sum(topic.n for topic in found.topics) == found.n == result.total.n and found.without == 0
    assert sum(topic.share for topic in found.topics) == pytest.approx(1)
    assert len(found.topics) > 8 and len({topic.topic_id for topic in found.topics}) == len(found.topics)
    assert [topic.n for topic in found.topics] == sorted((topic.n for topic in found.topics), reverse=True)
    for topic in found.topics:
        assert topic.terms and topic.group and topic.fit is not None and 0 < topic.fit <= 1 and topic.examples


def test_a_limited_viewer_is_told_of_their_conversations_only(sample_home: Home, now: Any) -> None:
    reader = open_reader(sample_home)
    found = topic_list(reader, BILLING, include=())
    rows = reader.query(
        "SELECT topic, count(*) AS n FROM {conversation_facts} WHERE is_counted AND team = 'Billing' GROUP BY topic",
        viewer=EVERYTHING,
    ).to_pylist()
    assert {topic.label: topic.n for topic in found.topics} == {row["topic"]: row["n"] for row in rows}
    teams = reader.query(
        "SELECT conversation_id, team FROM {conversation_facts}", viewer=EVERYTHING
    ).to_pylist()
    team = {row["conversation_id"]: row["team"] for row in teams}
    assert {team[example.conversation_id] for topic in found.topics for example in topic.examples} == {
        "Billing"
    }


def test_trends_and_rising_are_of_the_period_and_the_filters(
    command: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = command("--trends", "--from", "2026-10-01", "--to", "2026-10-31", "--filter", "channel=chat")
    assert code == 0 and told["emerging"] == []
    assert (
        told["rising"]["period"] == told["trends"]["period"] == {"start": "2026-10-01", "end": "2026-10-31"}
    )
    first = told["trends"]["topics"][0]
    assert first["volume"]["low"] < first["volume"]["value"] < first["volume"]["high"]
    assert set(first) == {"topic", "volume", "share", "negative", "first_reply_s", "reopened", "csat"}
    assert command()[1]["trends"] is None
    code, told = command("--filter", "channel=nowhere")
    assert code == 1 and "nowhere" in told["error"]["message"]


def test_the_list_and_a_choice_from_its_making_to_its_end(command: Any) -> None:
    code, listed = command()
    assert code == 0 and listed["version"] == 1 and 0 < listed["agreement"] <= 1
    first, second = (topic["topic_id"] for topic in listed["topics"][:2])
    made = [
        command("rename", str(first), "Late parcels", "--owner", "ann"), command("move", str(first), "Delivery"),
        command("pin", str(first)), command("split", str(first), "2"), command("merge", str(second), str(first)),
        command("refit"),
    ]  # fmt: skip
    assert [code for code, _ in made] == [0] * 6
    code, kept = command("choices")
    told = [(one["kind"], one["topic_id"], one["target_id"], one["words"]) for one in kept["choices"]]
    assert told == [
        ("rename", first, None, "Late parcels"), ("move", first, None, "Delivery"), ("pin", first, None, None),
        ("split", first, 2, None), ("merge", second, first, None), ("refit", None, None, None),
    ]  # fmt: skip
    assert kept["choices"][0]["viewer"] == "ann"
    assert command("undo", str(made[0][1]["choice"]))[0] == 0
    assert "rename" not in {one["kind"] for one in command("choices")[1]["choices"]}
    code, told = command("undo", str(made[0][1]["choice"]))
    assert code == 1 and "to take back" in told["error"]["message"]


@pytest.mark.parametrize(("words", "said"), [
    (("rename",), "no topic None"), (("rename", "9999", "A name"), "no topic 9999"), (("rename", "1"), "needs a name"),
    (("move", "1"), "needs a name"), (("merge", "1"), "needs a number"), (("merge", "1", "x"), "needs a number"),
    (("merge", "1", "9999"), "no topic 9999"), (("merge", "1", "1"), "cannot be merged"), (("split", "1"), "needs a number"),
    (("split", "1", "11"), "2 to 10 parts"), (("undo",), "to take back"),
])  # fmt: skip
def test_what_cannot_be_is_said(command: Any, words: tuple[str, ...], said: str) -> None:
    code, told = command(*words)
    assert code == 1 and said in told["error"]["message"]
    assert command("choices")[1]["choices"] == []


def test_an_empty_home_says_so(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["topics", "--home", str(home.root), "--json", "--quiet"]) == 1
    assert "error" in json.loads(capsys.readouterr().out)


def test_a_model_words_names_only_when_told_to_and_all_are_taken_back(
    command: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = command("word", "--yes")
    assert (
        code == 0
        and told["worded"]["because"] == told["estimate"]["because"] == "no language model is configured"
    )
    topics = {one["topic_id"]: one for one in command()[1]["topics"]}
    first, second = list(topics)[:2]
    labels = [
        {"topic": first, "label": f"Trouble with {topics[first]['terms'][0]}"},
        {"topic": second, "label": "No"},
    ]
    script = Script(answer={"labels": labels})
    with llm_server(script) as server:
        (tmp_path / "copy" / "settings.toml").write_text(
            f'[llm]\nprovider = "openai"\nmodel = "small"\nbase_url = "{server}/v1"\napi_key = "{KEY}"\n'
        )
        code, told = command("word")
        assert (
            code == 0 and script.requests == [] and told["worded"] is None and told["estimate"]["calls"] >= 1
        )
        assert cli.main(["topics", "word", "--home", str(tmp_path / "copy"), "--quiet"]) == 0
        assert "tokens sent and at most" in (said := capsys.readouterr().out) and "Add --yes to ask." in said
        code, told = command("word", "--yes", "--owner", "ann")
    assert told["worded"]["labels"] == {str(first): labels[0]["label"]}
    assert told["worded"]["dropped"] == {"not two to four words": 1}
    (kept,) = command("choices")[1]["choices"]
    assert (kept["kind"], kept["words"], kept["model"], kept["viewer"]) == (
        "word",
        labels[0]["label"],
        "openai small",
        "ann",
    )
    assert command("unword")[1] == {"action": "unword", "taken_back": 1}
    assert command("choices")[1]["choices"] == []
