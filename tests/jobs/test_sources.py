"""`jobs sources` and `jobs upload`: what a page sees before anything is loaded."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from core.errors import AppError, ConfigError, SourceDataError
from core.home import Home
from core.settings import load_settings
from jobs import sources
from jobs.cli import main

TEXT = (
    "conversation_id,created_at,author,text\nc1,2026-01-01 10:00:00,ann,help me\nc1,2026-01-01 10:01:00,ben,gladly\n"
    "c1,bad date,ben,lost\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "My export.csv"
    path.write_text(TEXT)
    return path


def command(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = main([*words, "--json", "--quiet"])
    return code, json.loads(capsys.readouterr().out)


def test_preview_changes_nothing(home: Home, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = command(capsys, "upload", str(file), "--preview")
    assert code == 0
    assert (found["name"], found["file_name"], found["stored"]) == ("My_export", "My export.csv", False)
    assert not home.uploads.exists()
    columns = {c["canonical"]: c for c in found["file"]["columns"]}
    assert columns["body_text"]["column"] == "text"
    assert columns["conversation_id"]["required"]
    assert 0 < columns["author_id"]["confidence"] <= 1
    assert [h["name"] for h in found["file"]["header"]] == ["conversation_id", "created_at", "author", "text"]
    assert [m["body_text"] for m in found["preview"]["messages"]] == ["help me", "gladly"]
    assert [(r["line"], r["field"]) for r in found["rejects"]] == [(4, "created_at")]
    assert any("delimiter: comma" in note for note in found["file"]["findings"])


def test_upload_becomes_a_source(home: Home, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mapping = '{"roles": {"first_author": "customer"}, "constants": {"product": "App \\"2\\" \\u00e9"}}'
    code, found = command(capsys, "upload", str(file), "--name", "chat", "--mapping", mapping)
    assert (code, found["stored"]) == (0, True)
    assert (home.uploads / "chat" / "My export.csv").read_text() == TEXT
    settings = load_settings(home)
    assert [s.name for s in settings.sources] == ["chat"]
    (one,) = sources.map_source(home, settings, "chat")
    assert {m["author_role"] for m in one.preview["messages"]} == {"customer", "agent"}
    assert one.preview["conversations"][0]["product"] == 'App "2" é'
    code, found = command(capsys, "sources", "list")
    assert found["sources"][0]["name"] == "chat"
    assert "files" in found["kinds"]
    assert command(capsys, "sources", "check")[0] == 0


def test_the_same_name_again_replaces_or_adds(home: Home, file: Path, tmp_path: Path) -> None:
    settings = load_settings(home)
    sources.upload(home, settings, file, name="a")
    sources.upload(home, load_settings(home), file, name="a", mapping={"timezone": "Europe/London"})
    other = tmp_path / "more.csv"
    other.write_text(TEXT)
    sources.upload(home, load_settings(home), other, name="a")
    (source,) = tomllib.loads((home.uploads / "sources.toml").read_text())["sources"]
    assert [(e["path"], e.get("timezone")) for e in source["files"]] == [
        ("My export.csv", "Europe/London"), ("more.csv", None),
    ]  # fmt: skip


def test_a_file_that_cannot_be_mapped(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("alpha,beta\n1,2\n")
    code, found = command(capsys, "upload", str(path))
    assert code == 1
    assert not found["stored"]
    assert "no mapping found" in found["file"]["problem"]["message"]
    assert found["file"]["missing"]
    assert not (home.uploads / "sources.toml").exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", ".hidden.csv", "x.exe", "a\0.exe", ""])
def test_file_names_that_are_refused(name: str) -> None:
    with pytest.raises(SourceDataError):
        sources.safe_file_name(name)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../x.csv", "x.csv"),
        ("C:\\data\\t.csv", "t.csv"),
        ("a[1]*.csv", "a_1__.csv"),
        ("Überblick.csv", "Überblick.csv"),
    ],
)
def test_file_names_that_are_made_safe(name: str, kept: str) -> None:
    assert sources.safe_file_name(name) == kept


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": "../x"}, "no source name"),
        ({"mapping": {"colour": "red"}}, "colour"),
        ({"mapping": {"timezone": "Mars"}}, "IANA"),
        ({"mapping": {"columns": {"body_text": "nowhere"}}}, None),
    ],
)
def test_what_an_upload_refuses(home: Home, file: Path, more: dict[str, Any], words: str | None) -> None:
    settings = load_settings(home)
    if words is None:
        assert not sources.upload(home, settings, file, **more).stored
        return
    with pytest.raises(AppError, match=words):
        sources.upload(home, settings, file, **more)


def test_a_name_of_the_settings_is_taken(home: Home, file: Path) -> None:
    home.settings_file.write_text('[[sources]]\nname = "mine"\nkind = "files"\npath = "x.csv"\n')
    with pytest.raises(ConfigError, match="in the settings already"):
        sources.upload(home, load_settings(home), file, name="mine")


def test_mapping_as_toml_json_or_file(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text('timezone = "UTC"\n')
    assert (
        sources.read_mapping(str(path)) == sources.read_mapping('{"timezone": "UTC"}') == {"timezone": "UTC"}
    )
    with pytest.raises(ConfigError, match="neither JSON nor TOML"):
        sources.read_mapping("{nonsense")


def test_check_of_a_source_that_is_not_there(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.settings_file.write_text('[[sources]]\nname = "mine"\nkind = "files"\npath = "x.csv"\n')
    code, found = command(capsys, "sources", "check")
    assert code == 1
    assert found["sources"]["mine"][0]["status"] == "error"
    assert command(capsys, "sources", "map", "mine")[0] == 1
    assert (
        command(capsys, "sources", "map", "other")[1]["error"]["message"]
        == "there is no source called other."
    )
