"""Secrets of the home: kept for their owner alone, found by reference, never in a log line."""

import logging
import multiprocessing
import stat
import tomllib
from pathlib import Path

import pytest
from pydantic import SecretStr

from core import log, secrets
from core.errors import ConfigError
from core.home import Home
from core.settings import load_settings, secret_value
from core.written import one_writer, replace_file, sources_toml

HARD = 'p"a\'ss\\w\nö[x]\x7f = """ #'


def test_what_is_saved_is_found_by_its_reference(home):
    secrets.save(home, {"db.dsn": HARD, "desk.token": "abcd-1234"})
    load_settings(home)
    assert secret_value(SecretStr("secret:db.dsn")) == HARD
    assert stat.S_IMODE(home.secrets_file.stat().st_mode) == 0o600
    secrets.save(home, {"db.dsn": None})
    assert secrets.read(home) == {"desk.token": "abcd-1234"}
    assert [p.name for p in home.root.iterdir() if p.name.startswith(".secrets")] == []


def test_a_secret_that_is_not_there_is_named_and_its_file_too(home):
    load_settings(home)
    with pytest.raises(ConfigError, match=r"desk\.token, which is not in .*secrets\.toml"):
        secret_value("secret:desk.token")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o620])
def test_a_file_that_others_may_read_is_refused(home, mode):
    secrets.save(home, {"a.b": "long enough"})
    home.secrets_file.chmod(mode)
    with pytest.raises(ConfigError, match="may be read by other users") as told:
        secrets.read(home)
    assert "chmod 600" in told.value.hint
    with pytest.raises(ConfigError):
        secrets.save(home, {"c.d": "another"})


def test_tables_written_by_hand_are_understood(home):
    home.secrets_file.write_text('[tickets_db]\ndsn = "postgres://u:pw@h/d"\n')
    home.secrets_file.chmod(0o600)
    assert secrets.read(home) == {"tickets_db.dsn": "postgres://u:pw@h/d"}


@pytest.mark.parametrize("name", ["", "a b", "a=1\n[x]", "../x", 'a"b', "ä"])
def test_names_are_plain(home, name):
    with pytest.raises(ConfigError, match="no name for a secret"):
        secrets.save(home, {name: "v"})


def test_log_lines_hold_neither_the_secret_nor_the_password_inside_it(home, capsys):
    secrets.save(home, {"a.b": "host=h user=u password=sesame-9 dbname=d", "c.d": "mysql://u:p%40ss99@h/d"})
    log.set_up(as_json=True)
    logging.getLogger("jobs").warning("cannot connect with password sesame-9, p%40ss99, p@ss99")
    told = capsys.readouterr().err
    assert "cannot connect" in told
    assert not any(word in told for word in ("sesame-9", "p%40ss99", "p@ss99"))


def _save(root: str, number: int) -> None:
    for round_ in range(5):
        with one_writer(Home(Path(root))):
            secrets.save(Home(Path(root)), {f"s{number}.k{round_}": f"value {number}"})


def test_of_two_saves_at_once_none_is_lost(home):
    context = multiprocessing.get_context("fork")
    programs = [context.Process(target=_save, args=(str(home.root), n)) for n in range(4)]
    for program in programs:
        program.start()
    for program in programs:
        program.join(60)
    assert len(secrets.read(home)) == 20


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"), one_writer(Home(tmp_path / "file" / "home")):
        raise AssertionError("the lock was given")
    with pytest.raises(ConfigError, match="cannot be written"):
        replace_file(Path("/sys/supportlens.toml"), "x")


def test_values_cannot_become_keys_or_tables():
    nasty = '"\n[[sources]]\nname = "evil"\nkind = "files'
    table = {"name": "a", "kind": "files", "path": nasty, nasty: {nasty: [nasty, 1, True, 2.5]}}
    assert tomllib.loads(sources_toml([table], "x"))["sources"] == [table]
    with pytest.raises(ConfigError, match="cannot be written down"):
        sources_toml([{"name": "a", "lone": "\ud800"}], "x")
    with pytest.raises(ConfigError, match="cannot be written down"):
        sources_toml([{"name": "a", "nothing": [None]}], "x")


def test_sources_of_the_home_follow_those_of_the_settings(home):
    home.settings_file.write_text('[[sources]]\nname = "a"\nkind = "files"\npath = "x.csv"\n')
    home.sources_file.write_text('[[sources]]\nname = "b"\nkind = "files"\npath = "in/y.csv"\n')
    home.uploads.mkdir()
    (home.uploads / "sources.toml").write_text(
        '[[sources]]\nname = "c"\nkind = "files"\npath = "uploads/c"\n'
    )
    found = {s.name: s.options()["path"] for s in load_settings(home).sources}
    assert found == {
        n: str(home.root / p) for n, p in (("a", "x.csv"), ("b", "in/y.csv"), ("c", "uploads/c"))
    }
