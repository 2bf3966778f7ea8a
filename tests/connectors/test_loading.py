"""The loader of files that lie elsewhere: what is copied, in which order it is loaded, and what stays."""

import json
from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors import _loading
from connectors._files_config import TablesConfig
from connectors._loading import SourceFile, load
from connectors.base import ReadContext
from core.errors import ConnectorError, SourceDataError, SourceUnavailable
from core.stream import FileGone, FileRead, Item, Progress, Waiting

MESSAGES = "message_id,conversation_id,created_at,author_id,author_role,body_text\nm1,c1,2026-01-05T10:00:00Z,ann,customer,Hello?\n"
TICKETS = "conversation_id,subject,status,created_at\nc1,Parcel,open,2026-01-05T10:00:00Z\n"
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


class Place:
    """Files that lie elsewhere, and what was copied from there."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.files: dict[str, tuple[str, str]] = {}  # name -> etag, text
        self.copied: list[str] = []
        self.failing: dict[str, ConnectorError] = {}
        self.marks: dict[str, Mapping[str, Any]] = {}
        self.heads = False

    def put(self, name: str, text: str, etag: str) -> None:
        self.files[name] = (etag, text)

    def read(self, *, full: bool = False, **settings: Any) -> list[Item]:
        """One run: the items, with what they leave behind as marks for the next."""
        self.copied = []
        context = ReadContext("lab", files=self.marks, full=full, folder=self.scratch)
        items: list[Item] = []
        marks = dict(self.marks)
        try:
            for item in load(
                TablesConfig(**settings), "lab", context, [self._file(name) for name in self.files]
            ):
                items.append(item)
                if isinstance(item, FileRead):
                    rows = 0 if item.source_file.startswith("empty") else 1
                    marks[item.source_file] = {"size": item.size, "modified_at": item.modified_at,
                                               "sha256": item.sha256, "etag": item.etag, "rows": rows}  # fmt: skip
                    Path(item.path).unlink()
                elif isinstance(item, FileGone):
                    del marks[item.source_file]
        finally:
            self.marks = marks
        return items

    def loaded(self, **options: Any) -> list[str]:
        return [item.source_file for item in self.read(**options) if isinstance(item, FileRead)]

    def _file(self, name: str) -> SourceFile:
        etag, text = self.files[name]
        head = (lambda: self._copy(name, "head", text[:400])) if self.heads else None
        return SourceFile(name, lambda: self._copy(name, "whole", text), len(text), MOMENT, etag, head=head)

    def _copy(self, name: str, what: str, text: str) -> Generator[Item, None, Path]:
        yield Waiting(MOMENT, "the place is slow")
        if name in self.failing:
            raise self.failing[name]
        self.copied.append(name if what == "whole" else f"{name} ({what})")
        folder = self.scratch / what
        folder.mkdir(exist_ok=True)
        path = folder / Path(name).name
        path.write_text(text)
        return path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "scratch").mkdir()
    return Place(tmp_path / "scratch")


def test_only_new_and_changed_files_are_copied(place: Place) -> None:
    place.put("a.csv", MESSAGES, "1")
    place.put("b.csv", MESSAGES.replace("m1", "m2"), "1")
    assert place.loaded() == ["a.csv", "b.csv"]
    assert (place.loaded(), place.copied) == ([], [])
    place.put("b.csv", MESSAGES.replace("m1", "m3"), "2")
    assert (place.loaded(), place.copied) == (["b.csv"], ["b.csv"])
    assert place.loaded(full=True) == ["a.csv", "b.csv"]


def test_another_version_of_the_same_content_is_remembered(place: Place) -> None:
    place.put("a.csv", MESSAGES, "1")
    place.loaded()
    place.put("a.csv", MESSAGES, "2")
    assert place.loaded() == ["a.csv"]
    assert (place.loaded(), place.copied) == ([], [])


def test_waiting_is_passed_on(place: Place) -> None:
    place.put("a.csv", MESSAGES, "1")
    assert any(isinstance(item, Waiting) for item in place.read())


def test_what_others_refer_to_is_loaded_first(place: Place) -> None:
    place.put("a.csv", MESSAGES, "1")
    place.put("b.csv", TICKETS, "1")
    assert place.loaded() == ["b.csv", "a.csv"]


def test_a_file_of_another_stream_changes_how_the_kept_ones_are_read(place: Place) -> None:
    place.put("a.csv", MESSAGES, "1")
    place.loaded()
    place.put("b.csv", TICKETS, "1")
    reads = [item for item in place.read() if isinstance(item, FileRead)]
    assert [(r.source_file, r.elsewhere) for r in reads] == [
        ("b.csv", ("messages",)),
        ("a.csv", ("conversations",)),
    ]
    assert (place.loaded(), place.copied) == ([], [])
    del place.files["b.csv"]
    gone_and_read = place.read()
    assert FileGone("b.csv") in gone_and_read
    assert [i.elsewhere for i in gone_and_read if isinstance(i, FileRead)] == [()]


def test_of_large_files_only_the_beginning_is_copied_first(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_loading, "HEAD_BYTES", 100)
    place.heads = True
    place.put(
        "a.csv", MESSAGES + "".join(f"m{n},c1,2026-01-05T10:00:00Z,ann,customer,Hi\n" for n in range(50)), "1"
    )
    assert (place.loaded(), place.copied) == (["a.csv"], ["a.csv (head)", "a.csv"])


def test_copies_beyond_the_budget_are_made_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_loading, "KEEP_BYTES", 200)
    place.put("a.csv", MESSAGES, "1")
    place.put("b.csv", MESSAGES, "1")
    assert (place.loaded(), place.copied) == (["a.csv", "b.csv"], ["a.csv", "b.csv", "b.csv"])


def test_no_copy_is_left_behind(place: Place) -> None:
    place.put("a.csv", MESSAGES, "1")
    place.put(
        "t.json", json.dumps([{"id": 1, "created_at": "2026-01-01", "subject": "x", "status": "open"}]), "1"
    )
    place.put("bad.csv", "x,y\n1,2\n", "1")
    with pytest.raises(ConnectorError, match="no mapping found"):
        place.read()
    assert [p.name for p in place.scratch.rglob("*") if p.is_file()] == []


def test_one_file_that_fails_does_not_stop_the_others(place: Place) -> None:
    place.put("a.csv", MESSAGES, "1")
    place.put("b.csv", MESSAGES, "1")
    place.loaded()
    place.put("a.csv", MESSAGES + "\n", "2")
    place.put("b.csv", MESSAGES + "\n", "2")
    place.failing["a.csv"] = SourceDataError("a.csv is odd.", hint="Look.")
    with pytest.raises(SourceDataError, match=r"a\.csv is odd"):
        place.read()
    assert place.marks["b.csv"]["etag"] == "2"
    assert place.marks["a.csv"]["etag"] == "1", "its rows stay"


def test_a_place_that_does_not_answer_ends_the_reading(place: Place) -> None:
    place.put("a.csv", MESSAGES, "1")
    place.put("b.csv", MESSAGES, "1")
    place.failing["a.csv"] = SourceUnavailable("nobody answers.", hint="Wait.")
    with pytest.raises(SourceUnavailable):
        place.read()


@pytest.mark.parametrize("full", [False, True])
def test_a_file_that_lost_its_rows_keeps_them(place: Place, full: bool) -> None:
    place.put("a.csv", MESSAGES, "1")
    place.put("b.csv", MESSAGES.replace("m1", "m2"), "1")
    place.loaded()
    place.put("a.csv", MESSAGES.splitlines()[0] + "\n", "2")
    with pytest.raises(SourceDataError, match=r"a\.csv has a header but no rows"):
        place.read(full=full)
    assert set(place.marks) == {"a.csv", "b.csv"}


def test_marks_of_an_older_version_are_read_again(place: Place) -> None:
    place.put("a.csv", MESSAGES, "1")
    place.loaded()
    place.marks["a.csv"] = {**place.marks["a.csv"], "sha256": "abc-def"}
    assert place.loaded() == ["a.csv"]


def test_a_table_that_failed_makes_its_file_be_read_again(place: Place) -> None:
    tickets = {"tickets": [{"id": 1, "created_at": "2026-01-01", "subject": "x", "status": "open",
                            "comments": [{"id": 5, "body": "hi", "created_at": "2026-01-01T10:00:00Z"}]}]}  # fmt: skip
    place.put("t.json", json.dumps(tickets), "1")
    assert place.loaded() == ["t.json", "t.json#comments"]
    del place.marks["t.json#comments"]  # the store could not load it
    assert place.loaded() == ["t.json#comments"]
    assert (place.loaded(), place.copied) == ([], [])


def test_a_file_without_rows_is_said(place: Place) -> None:
    place.put("a.csv", MESSAGES, "1")
    place.put("t.json", "[]", "1")
    told = [item.text for item in place.read() if isinstance(item, Progress)]
    assert "t.json left out: it holds no rows" in told
