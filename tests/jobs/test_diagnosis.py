"""The doctor finds what is broken, says it, and changes nothing."""

import json
import re
import shutil
import tempfile
from pathlib import Path

import pytest

from core.home import Home
from core.stream import KEYS
from jobs import diagnosis
from jobs.cli import main
from jobs.diagnosis import COMPUTED, diagnose
from store import generations
from store.writer import Writer

CONVERSATION = "INSERT INTO conversations BY NAME SELECT 's' AS source_id, ? AS conversation_id"
FACTS = "INSERT INTO conversation_facts BY NAME SELECT 's' AS source_id, ? AS conversation_id"
MESSAGE = "INSERT INTO messages BY NAME SELECT 's' AS source_id, ? AS message_id, ? AS conversation_id"


@pytest.fixture
def publish(home: Home, now):
    """Publish a generation that holds exactly the rows of these statements."""

    def make(*statements: tuple[str, list[str]]) -> None:
        writer = Writer(home, run_id="r")
        with writer.transaction():
            for sql, values in statements:
                writer.execute(sql, values)
        writer.close()
        generations.publish(home, writer.path, keep=3)

    return make


def states(home: Home, settings_file: Path | None = None) -> dict[str, str]:
    return {check.name: check.state for check in diagnose(home, settings_file).checks}


def test_an_empty_home_is_healthy_and_stays_empty(home: Home) -> None:
    found = diagnose(home, None)
    assert found.is_healthy
    assert states(home)["generation"] == "note"
    assert list(home.root.iterdir()) == []


def test_a_home_that_every_account_may_look_into_is_noted_and_one_of_a_group_is_not() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        home = Home(Path(folder))
        for mode, noted in ((0o755, True), (0o750, False), (0o700, False)):
            home.root.chmod(mode)
            found = [check for check in diagnose(home, None).checks if check.name == "home"]
            assert [check.state for check in found] == ["note"] * noted, oct(mode)
        inside = Home(home.root / "closed" / "home")
        inside.root.mkdir(parents=True)
        inside.root.parent.chmod(0o700)
        assert not [check for check in diagnose(inside, None).checks if check.name == "home"]


def test_a_sound_generation_is_healthy(home: Home, publish) -> None:
    publish((CONVERSATION, ["1"]), (FACTS, ["1"]), (MESSAGE, ["a", "1"]))
    found = diagnose(home, None)
    assert found.is_healthy
    assert {state for name, state in states(home).items() if name != "sources"} == {"ok"}
    assert found.facts["rows"]["messages"] == 1
    assert found.facts["generation"] == 1


def test_a_key_that_is_there_twice_is_named_with_its_table(home: Home, publish) -> None:
    publish((CONVERSATION, ["1"]), (CONVERSATION, ["1"]), (FACTS, ["1"]))
    found = diagnose(home, None)
    check = next(check for check in found.checks if check.name == "keys")
    assert (check.state, "conversations (1)" in check.message) == ("broken", True)
    assert not found.is_healthy


def test_messages_without_a_conversation_and_missing_facts_are_broken(home: Home, publish) -> None:
    publish((CONVERSATION, ["1"]), (MESSAGE, ["a", "2"]))
    found = states(home)
    assert (found["belonging"], found["facts"]) == ("broken", "broken")


def test_a_calendar_that_is_not_used_is_noted_with_its_reason(home: Home, publish) -> None:
    calendar = "INSERT INTO calendars (calendar, is_usable, reason) VALUES (?, ?::BOOLEAN, ?)"
    publish((calendar, ["office", "true", None]), (calendar, ["zd/7", "false", "it has no hours"]))
    found = diagnose(home, None)
    check = next(check for check in found.checks if check.name == "calendars")
    assert (check.state, check.message) == ("note", "not used: zd/7: it has no hours.")
    assert found.facts["calendars_not_used"] == {"zd/7": "it has no hours"}
    assert found.is_healthy


def test_old_data_is_noted_not_broken(home: Home, publish, monkeypatch: pytest.MonkeyPatch) -> None:
    publish((CONVERSATION, ["1"]), (FACTS, ["1"]))
    monkeypatch.setenv("SUPPORTLENS_NOW", "2026-11-20T09:00:00Z")
    check = next(check for check in diagnose(home, None).checks if check.name == "generation")
    assert (check.state, "4 days ago" in check.message) == ("note", True)


def test_a_damaged_generation_is_broken_and_the_other_checks_go_on(home: Home, publish) -> None:
    publish((CONVERSATION, ["1"]))
    generations.current(home).path.write_bytes(b"not a database" * 1000)
    found = states(home)
    assert (found["generation"], found["packages"], found["disk"]) == ("broken", "ok", "ok")


def test_a_broken_settings_file_is_reported_with_its_key(home: Home, capsys) -> None:
    home.settings_file.write_text("[workspace]\nnmae = 'x'\n")
    assert main(["doctor", "--json", "--home", str(home.root)]) == 1
    document = json.loads(capsys.readouterr().out)
    check = next(check for check in document["checks"] if check["name"] == "settings")
    assert (document["ok"], check["state"], "workspace.nmae" in check["message"]) == (False, "broken", True)


def test_a_source_of_an_unknown_kind_is_broken(home: Home) -> None:
    home.settings_file.write_text("[[sources]]\nname = 'a'\nkind = 'telepathy'\n")
    assert states(home)["source a"] == "broken"


def test_too_little_disk_is_broken(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(home.root)._replace(free=100_000_000)
    monkeypatch.setattr(diagnosis.shutil, "disk_usage", lambda _: usage)
    assert states(home)["disk"] == "broken"


def test_people_get_a_line_per_check(home: Home, capsys) -> None:
    assert main(["doctor", "--home", str(home.root)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 5
    assert lines[-1] == "nothing is broken"


def test_every_keyed_table_of_the_schema_is_checked() -> None:
    schema = (Path(diagnosis.__file__).parents[1] / "store" / "schema.sql").read_text()
    keyed = {
        table: tuple(key.split(", "))
        for table, key in re.findall(r"^CREATE TABLE (\w+) .*-- key: (.+)$", schema, re.MULTILINE)
    }
    assert len(keyed) > 15
    for table, key in {**KEYS, **COMPUTED}.items():
        assert keyed[table] == ("source_id", *key)
