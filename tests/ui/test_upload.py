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
