import os
import time

import pytest

from core.errors import SourceDataError
from ui import upload


@pytest.fixture
def letters(tmp_path):
    file = tmp_path / "letters.csv"
    file.write_text(
        "Ticket ID;Betreff;Erstellt;Autor;Nachricht\n"
        "1;Hallo;03.11.2026 10:00;anna;Guten Tag\n"
        "1;Hallo;03.11.2026 11:00;ben;Danke\n"
        "2;Rechnung;04.11.2026 12:00;carla;Wo ist meine Rechnung?\n"
    )
    return file


def test_the_preview_has_a_mapping_and_rows_and_changes_nothing(home, letters):
    found = upload.run(home, [str(letters), "--file-name", "letters.csv", "--preview"])
    mapped = {column["canonical"]: column["column"] for column in found["file"]["columns"]}
    assert mapped["conversation_id"] == "Ticket ID" and mapped["body_text"] == "Nachricht"
    assert [row["body_text"] for row in found["preview"]["messages"]][:2] == ["Guten Tag", "Danke"]
    assert {header["name"] for header in found["file"]["header"]} >= {"Autor", "Betreff"}
    assert not found["stored"] and not home.uploads.exists()


def test_a_file_that_cannot_be_read_is_one_sentence(home, tmp_path):
    with pytest.raises(SourceDataError) as failed:
        upload.run(home, [str(tmp_path / "nothing.csv"), "--preview"])
    assert "nothing.csv" in failed.value.message


def test_what_nobody_loaded_for_a_day_goes_when_the_next_file_is_sent(home, monkeypatch):
    monkeypatch.setattr("ui.resources.home", lambda: home)
    old = upload._keep("old", "a.csv", memoryview(b"a"))
    young = upload._keep("young", "a.csv", memoryview(b"a"))
    for path, hours in ((old, 25), (young, 23)):
        moment = time.time() - hours * 3600
        os.utime(path, (moment, moment))
    new = upload._keep("new", "a.csv", memoryview(b"a"))
    assert sorted(home.pending.iterdir()) == sorted([young, new])
    assert upload._keep("old", "a.csv", memoryview(b"a")).read_bytes() == b"a", "a page that is still open"
