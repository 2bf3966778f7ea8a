"""Bad files through a whole refresh: a clear sentence, a row in the run log, and the published data as it was."""

from pathlib import Path

import pytest

from core.home import Home
from core.settings import Settings, load_settings
from jobs.refresh import Steps, refresh
from jobs.sources import upload
from store import generations
from store.runs import RunLog

GOOD = "conversation_id,created_at,author,text\nc1,2026-01-01 10:00:00,ann,help me\n"
NOTHING = Steps(
    enrich=lambda writer, settings, progress: None,
    chunks=lambda writer, settings: None,
    index=lambda home, settings, reader, progress: None,
)
BAD: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, "no file or folder"),
    "empty": (b"", "is empty"),
    "binary": (b"\x7fELF" + bytes(500), "a program"),
    "no mapping": (b"alpha,beta\n1,2\n", "no mapping found"),
    "one column": (GOOD.replace(",", "^").encode(), "wrong delimiter"),
    "ambiguous": (b"conversation_id,created_at,author,text\nc1,01/02/2026,ann,help\n", "day_first"),
    "damaged gzip": (b"\x1f\x8b\x08\x00broken", "gzip"),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(GOOD)
    return path


def settings_for(home: Home, file: Path) -> Settings:
    home.settings_file.write_text(f'[[sources]]\nname = "mine"\nkind = "files"\npath = "{file}"\n')
    return load_settings(home)


@pytest.mark.parametrize("case", sorted(BAD))
def test_published_data_stays_as_it_was(home: Home, now: object, file: Path, case: str) -> None:
    settings = settings_for(home, file)
    assert refresh(home, settings, steps=NOTHING).status == "ok"
    before = generations.current(home)
    content, words = BAD[case]
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    report = refresh(home, settings, steps=NOTHING)
    assert report.status == "failed"
    problem = report.sources[0].error
    assert problem is not None
    assert words in f"{problem.message} {problem.hint}"
    assert "rows of people" not in problem.message
    assert generations.current(home) == before
    logged = RunLog(home).recent(1)[0]
    assert logged.status == "failed"
    assert problem.message in str(logged)


def test_an_uploaded_file_is_loaded_by_the_next_refresh(home: Home, now: object, file: Path) -> None:
    upload(home, load_settings(home), file, name="mine")
    report = refresh(home, load_settings(home), steps=NOTHING)
    assert [(s.name, s.rows_read) for s in report.sources] == [("mine", 1)]
    assert refresh(home, load_settings(home), steps=NOTHING).totals.inserted == 0
