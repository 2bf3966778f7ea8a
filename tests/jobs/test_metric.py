"""`jobs metric`: one JSON document, a table for people, and errors that say what to do."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.home import Home
from core.viewer import EVERYTHING
from jobs.cli import main
from store.reader import open_reader
from tests.shared import copy_of

JULY = ["--from", "2026-07-01", "--to", "2026-07-31"]


def run(capsys: pytest.CaptureFixture[str], home: Home, *arguments: str) -> tuple[int, str, str]:
    code = main(["metric", "--home", str(home.root), "--quiet", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], sample_home: Home, now: datetime) -> Any:
    def asked(*arguments: str) -> dict[str, Any]:
        code, out, _ = run(capsys, sample_home, *arguments, "--json")
        assert code == 0
        return dict(json.loads(out))

    return asked


def test_json_equals_plain_sql(ask: Any, sample_home: Home) -> None:
    answer = ask("volume", *JULY, "--by", "channel", "--grain", "week", "--compare", "previous")
    rows = open_reader(sample_home).query(
        """SELECT channel, count(*) AS n FROM {conversation_facts} WHERE is_counted
           AND created_local >= DATE '2026-07-01' AND created_local < DATE '2026-08-01' GROUP BY channel""",
        viewer=EVERYTHING,
    )
    expected = {(row["channel"],): row["n"] for row in rows.to_pylist()}
    assert {tuple(row["group"]): row["value"] for row in answer["groups"]} == expected
    assert answer["total"]["value"] == sum(expected.values()) > 10
    assert answer["previous_period"] == {"start": "2026-05-31", "end": "2026-06-30"}
    assert answer["rows"][0]["bucket"] == "2026-06-29" and answer["rows"][0]["partial"]
    assert answer["zone"] == "Europe/London" and answer["audit"] is None


def test_values_of_one_dimension_are_alternatives(ask: Any) -> None:
    email, chat = (
        ask("volume", *JULY, "--filter", f"channel={c}")["total"]["value"] for c in ("email", "chat")
    )
    both = ask("volume", *JULY, "--filter", "channel=email", "--filter", "channel=chat")["total"]["value"]
    assert both == email + chat > max(email, chat)


def test_conditions_joined_by_or(ask: Any, sample_home: Home) -> None:
    line = "team:Billing;priority!:low|channel:chat"
    answer = ask("volume", *JULY, "--any", line, "--filter", "language=en")
    rows = open_reader(sample_home).query(
        """SELECT count(*) AS n FROM {conversation_facts} WHERE is_counted AND language = 'en'
           AND created_local >= DATE '2026-07-01' AND created_local < DATE '2026-08-01'
           AND (created_team = 'Billing' AND created_priority IS DISTINCT FROM 'low' OR channel = 'chat')""",
        viewer=EVERYTHING,
    )
    assert answer["total"]["value"] == rows["n"][0].as_py() > 5
    assert answer["filters"]["groups"][1][0] == {
        "dimension": "priority", "values": ["low"], "is_not": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("team", "cannot be read"),
        ("team:Biling", "no conversation has the team"),
        ("te am:x", "no dimension called"),
    ],
)
def test_conditions_that_make_no_sense(
    capsys: pytest.CaptureFixture[str], sample_home: Home, now: datetime, line: str, why: str
) -> None:
    code, out, err = run(capsys, sample_home, "volume", "--any", line)
    assert code != 0 and not out and why in err


def test_the_audit_opens_the_number(ask: Any, sample_home: Home) -> None:
    answer = ask("first_reply_median", *JULY, "--audit")
    assert answer["sql"] and answer["excluded"] and answer["description"]
    found = answer["audit"]["conversations"]
    assert len(found) == 10 and answer["audit"]["counted_on"] == "the first reply"
    ids = ", ".join(f"'{one['conversation_id']}'" for one in found)
    rows = open_reader(sample_home).query(
        f"SELECT first_reply_s FROM {{conversation_facts}} WHERE conversation_id IN ({ids})",
        viewer=EVERYTHING,
    )
    assert sorted(rows["first_reply_s"].to_pylist()) == sorted(one["value"] for one in found)


def test_people_get_a_table(capsys: pytest.CaptureFixture[str], sample_home: Home, now: datetime) -> None:
    code, out, _ = run(
        capsys, sample_home, "first_reply_median", "--by", "team", "--compare", "previous", "--audit"
    )
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("First reply time, median, 2026-10-17 to 2026-11-15: ") and "(n = " in lines[0]
    assert lines[1].startswith("2026-09-17 to 2026-10-16: ") and "change" in lines[1]
    header = next(line for line in lines if line.startswith("team"))
    assert header.split() == ["team", "first", "reply", "time,", "median", "n", "before", "change"]
    assert "not counted: " in out and "generation 1" in out and "SELECT" in out


def test_shares_carry_their_interval(
    capsys: pytest.CaptureFixture[str], sample_home: Home, now: datetime
) -> None:
    _, out, _ = run(capsys, sample_home, "csat_share", "--from", "2026-01-01", "--grain", "quarter")
    assert "n = " in out.splitlines()[0] and "%" in out.splitlines()[0]
    assert "2026-01-01  " in out and "2026-10-01 (part)" in out


def test_the_list_names_every_metric(capsys: pytest.CaptureFixture[str], home: Home) -> None:
    code, out, _ = run(capsys, home, "list")
    assert code == 0 and {"volume", "backlog", "csat_share"} <= {line.split()[0] for line in out.splitlines()}
    listed = json.loads(run(capsys, home, "list", "--json")[1])
    assert {"name", "title", "unit", "better", "description", "words"} == set(listed[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["speed"], "no metric called 'speed'"),
        (["volume", "--by", "colour"], "no dimension called 'colour'"),
        (["volume", "--filter", "channel"], "'channel' is not a filter"),
        (["volume", "--filter", "channel=pigeon"], "no conversation has the channel 'pigeon'"),
        (["volume", "--from", "2026-11-02", "--to", "2026-11-01"], "before it starts"),
    ],
)
def test_mistakes_are_explained(
    capsys: pytest.CaptureFixture[str], sample_home: Home, now: datetime, arguments: list[str], message: str
) -> None:
    code, out, err = run(capsys, sample_home, *arguments, "--json")
    error = json.loads(out)["error"]
    assert code == 1 and error["code"] == "question" and message in error["message"] and error["hint"]
    assert message in err


def test_a_day_must_be_a_day(capsys: pytest.CaptureFixture[str], home: Home) -> None:
    with pytest.raises(SystemExit):
        run(capsys, home, "volume", "--from", "31/10/2026")
    assert "is not a day such as 2026-10-31" in capsys.readouterr().err


def test_before_the_first_refresh(capsys: pytest.CaptureFixture[str], home: Home) -> None:
    code, out, _ = run(capsys, home, "volume", "--json")
    assert code == 1 and json.loads(out)["error"]["code"] == "nothing_published"


TARGETS = """
[[targets]]
metric = "first_reply_median"
value = "2h"
[[targets]]
metric = "first_reply_median"
value = "30m"
where = {team = ["Billing"]}
"""


def test_targets_are_told_with_how_often_they_were_reached(
    ask: Any, capsys: pytest.CaptureFixture[str], sample_home: Home, tmp_path: Path
) -> None:
    file = tmp_path / "targets.toml"
    file.write_text(TARGETS)
    asked = ["first_reply_median", "--from", "2026-08-03", "--to", "2026-11-15", "--grain", "week"]
    answer = ask(*asked, "--settings", str(file))
    (line,) = answer["targets"]
    values = [row["value"] for row in answer["rows"] if row["value"] is not None]
    assert {point["value"] for point in line["points"]} == {7200.0} and line["judged"] == len(values) == 15
    assert line["reached"] == sum(value <= 7200 for value in values)
    _, out, _ = run(capsys, sample_home, *asked, "--settings", str(file))
    share = round(100 * line["reached"] / 15)
    assert f"Target 2 h 00 m: reached in {line['reached']} of 15 weeks ({share} %)" in out
    teams = ask("first_reply_median", *JULY, "--by", "team", "--settings", str(file))
    assert [line["group"] for line in teams["targets"]] == [["Billing"]]


def test_a_target_without_sense_is_refused(
    capsys: pytest.CaptureFixture[str], sample_home: Home, now: datetime, tmp_path: Path
) -> None:
    file = tmp_path / "targets.toml"
    file.write_text(TARGETS.replace("first_reply_median", "speed", 1))
    code, _, err = run(capsys, sample_home, "volume", "--settings", str(file))
    assert code == 1 and "[[targets]]: there is no metric called 'speed'" in err
    assert main(["doctor", "--home", str(sample_home.root), "--settings", str(file), "--json"]) == 1
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["settings"]["state"] == "broken" and "'speed'" in checks["settings"]["message"]


def test_working_hours_and_further_kinds_are_asked_for(ask: Any) -> None:
    plain, more = ask("volume", *JULY), ask("volume", *JULY, "--include", "spam", "--include", "outbound")
    left_out = {one["reason"]: one["n"] for one in plain["excluded"]}
    assert more["included"] == ["outbound", "spam"]
    assert more["total"]["value"] - plain["total"]["value"] == sum(
        left_out.get(kind, 0) for kind in ("spam", "outbound")
    )
    working = ask("first_reply_median", *JULY, "--hours", "business")
    assert working["hours"] == "business" and working["filters"]["hours"] == "business"


def test_a_distribution_holds_every_conversation(
    ask: Any, capsys: pytest.CaptureFixture[str], sample_home: Home
) -> None:
    answer = ask("first_reply_median", *JULY, "--distribution")
    assert (
        sum(one["n"] for one in answer["distribution"]) == answer["statistics"]["n"] == answer["total"]["n"]
    )
    assert answer["statistics"]["median"] == answer["total"]["value"]
    code, out, _ = run(capsys, sample_home, "first_reply_median", *JULY, "--distribution")
    assert code == 0 and "#" in out and f"n {answer['total']['n']:,}, mean" in out


def test_the_impact_of_themes(ask: Any, capsys: pytest.CaptureFixture[str], sample_home: Home) -> None:
    whole = ["--from", "2026-01-01", "--to", "2026-12-31"]
    answer = ask("first_reply_mean", *whole, "--impact", "channel")
    for one in answer["themes"]:
        assert one["impact"] == pytest.approx(answer["value"] - one["without"]) and one["n"] >= 20
    code, out, _ = run(capsys, sample_home, "first_reply_mean", *whole, "--impact", "channel")
    assert code == 0 and answer["themes"][0]["value_of"] in out
    code, _, err = run(capsys, sample_home, "volume", "--impact", "topic")
    assert code != 0 and "no mean of values" in err


def test_what_each_source_can_tell(capsys: pytest.CaptureFixture[str], sample_home: Home) -> None:
    code, out, _ = run(capsys, sample_home, "coverage", "--json")
    rows = json.loads(out)
    assert code == 0 and {"source", "metric", "state", "why", "share"} <= set(rows[0])
    code, text, _ = run(capsys, sample_home, "coverage")
    assert code == 0 and len(text.splitlines()) == len(rows) > 10


def test_the_audit_is_told_in_text(capsys: pytest.CaptureFixture[str], sample_home: Home) -> None:
    code, out, _ = run(capsys, sample_home, "one_touch_rate", *JULY, "--audit")
    assert code == 0
    for words in (
        "Includes: ",
        "Definition: ",
        "As of the last solve: ",
        "Variant lt2: ",
        " created",
        "SELECT",
    ):
        assert words in out, words


OWN = """
[[metrics]]
name = "billing_volume"
title = "Invoice pressure"
metric = "volume"
where = {team = ["Billing"]}
"""


def test_metrics_of_the_settings_are_metrics(
    ask: Any, capsys: pytest.CaptureFixture[str], sample_home: Home, tmp_path: Path
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN)
    mine = ask(
        "billing_volume", "--from", "2026-01-01", "--by", "channel", "--audit", "--settings", str(file)
    )
    theirs = ask("volume", "--from", "2026-01-01", "--by", "channel", "--filter", "team=Billing")
    assert mine["total"] == theirs["total"] and mine["groups"] == theirs["groups"] and mine["total"]["n"] > 5
    assert mine["title"] == "Invoice pressure" and len(mine["audit"]["conversations"]) > 0
    listed = json.loads(run(capsys, sample_home, "list", "--json", "--settings", str(file))[1])
    assert "billing_volume" in {item["name"] for item in listed}
    own = tmp_path / "own"  # a question is kept in its home
    copy_of(sample_home, own)
    code = main(["ask", "How high was the invoice pressure in July 2026?", "--home", str(own),
                 "--settings", str(file), "--json", "--quiet"])  # fmt: skip
    answer = json.loads(capsys.readouterr().out)
    assert code == 0 and answer["plan"]["metrics"] == ["billing_volume"]
    file.write_text(OWN.replace("volume", "speed"))
    code, _, err = run(capsys, sample_home, "backlog", "--settings", str(file))
    assert code == 1 and "[[metrics]] billing_speed: there is no metric 'speed'" in err


def test_as_of_a_day(ask: Any, capsys: pytest.CaptureFixture[str], sample_home: Home) -> None:
    answer = ask("volume", *JULY, "--as-of", "2026-11-16", "--by", "team")
    now = ask("volume", *JULY, "--by", "team")
    assert answer["total"]["then"]["value"] == answer["total"]["now"]["value"] == now["total"]["value"] > 10
    assert {row["group"][0]: row["then"]["n"] for row in answer["rows"]} == {
        row["group"][0]: row["n"] for row in now["groups"]
    }
    assert now["restated"] is None
    for name in (
        "csat_share",
        "first_reply_median",
        "one_touch_rate",
        "reopen_rate",
        "resolution_median",
        "solved",
    ):
        kept = ask(name, *JULY, "--as-of", "2026-11-16")["total"]
        assert (
            kept["then"]["value"] == pytest.approx(kept["now"]["value"])
            and kept["then"]["n"] == kept["now"]["n"]
        )
    _, out, _ = run(capsys, sample_home, "volume", *JULY, "--as-of", "2026-11-16", "--by", "team")
    assert "as it is now" in out and f"None of the {len(now['groups'])} rows changed" in out
    code, _, err = run(capsys, sample_home, "volume", *JULY, "--as-of", "2026-11-15")
    assert code == 1 and "was not kept" in err
