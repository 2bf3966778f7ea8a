"""What is special about a bucket: keys, versions of objects, and readings that meet changes."""

import threading
import time

import pytest

from core.errors import (
    SourceDataError,
)
from core.stream import FileRead, Progress
from tests.connectors.s3_lab import S3Lab, as_csv, lab, moto_url, put, read, world
from tests.connectors.world import World, message

__all__ = ["lab", "moto_url", "world"]


def test_only_new_and_changed_objects_are_read(world: World, lab: S3Lab) -> None:
    put(lab, "exports/a.csv", 1, 2)
    put(lab, "exports/b.csv", 10)
    assert world.sync().files == 2
    lab.gate.log.clear()
    again = world.sync()
    assert (again.files, again.inserted, again.updated, again.deleted) == (0, 0, 0, 0)
    assert lab.gate.paths() == [f"GET /{lab.bucket}"]  # one list of keys, no object
    put(lab, "exports/b.csv", 10, 11)
    put(lab, "exports/c.csv", 20)
    report = world.sync()
    assert report.files == 2
    assert set(world.texts()) == {"m1", "m2", "m10", "m11", "m20"}


def test_an_object_that_is_gone_takes_its_rows_along(world: World, lab: S3Lab) -> None:
    put(lab, "exports/a.csv", 1)
    put(lab, "exports/b.csv", 2)
    world.sync()
    lab.s3.delete_object(Bucket=lab.bucket, Key="exports/a.csv")
    assert world.sync().status == "ok"
    assert set(world.texts()) == {"m2"}


def test_an_empty_list_deletes_nothing(world: World, lab: S3Lab) -> None:
    put(lab, "exports/a.csv", 1)
    world.sync()
    lab.s3.delete_object(Bucket=lab.bucket, Key="exports/a.csv")
    report = world.sync()
    assert report.error is not None
    assert (report.error.code, report.deleted) == ("not_found", 0)
    assert set(world.texts()) == {"m1"}


def test_the_newest_object_is_read_first(lab: S3Lab) -> None:
    for name in ("b", "c", "a"):
        put(lab, f"exports/{name}.csv", ord(name))
        time.sleep(1.05)  # LastModified has whole seconds
    files = [item.source_file for item in read(lab) if isinstance(item, FileRead)]
    assert files == ["a.csv", "c.csv", "b.csv"]


def test_many_keys_come_in_pages(lab: S3Lab) -> None:
    names = [f"exports/{n:02d}.csv" for n in range(23)]
    for name in names:
        put(lab, name, int(name[8:10]))
    items = read(lab, page_keys=5)
    assert len([item for item in items if isinstance(item, FileRead)]) == 23
    assert [item.text for item in items if isinstance(item, Progress)][:2] == [
        "5 keys listed",
        "10 keys listed",
    ]
    assert lab.gate.paths().count(f"GET /{lab.bucket}") == 5


def test_odd_keys(world: World, lab: S3Lab) -> None:
    keys = [
        "exports/with space.csv",
        "exports/Ümläute & 日本.csv",
        "exports/a+b%20c.csv",
        "exports/deep/er/x.csv",
    ]
    for number, key in enumerate(keys):
        put(lab, key, number)
    put(lab, "exports/" + "long" * 60 + ".csv", 50)
    put(lab, "exports/_hidden.csv", 60)
    put(lab, "elsewhere/y.csv", 70)
    lab.s3.put_object(Bucket=lab.bucket, Key="exports/folder/", Body=b"")
    lab.s3.put_object(Bucket=lab.bucket, Key="exports/note.pdf", Body=b"%PDF")
    assert world.sync().status == "ok"
    assert set(world.texts()) == {"m0", "m1", "m2", "m3", "m50"}
    assert ("Ümläute & 日本.csv",) in world.rows("SELECT DISTINCT source_file FROM messages")


def test_pattern_and_entries(lab: S3Lab) -> None:
    put(lab, "exports/2026/messages.csv", 1)
    put(lab, "exports/2026/old.csv", 2)
    put(lab, "exports/readme.txt.csv", 3)
    files = read(lab, pattern="2026/*", files=[{"path": "*old.csv", "skip": True}])
    assert [item.source_file for item in files if isinstance(item, FileRead)] == ["2026/messages.csv"]


def test_text_is_read_where_it_is_named(lab: S3Lab) -> None:
    put(lab, "exports/messages.csv", 1)
    put(lab, "exports/notes.txt", 2)
    items = read(lab)
    assert [item.source_file for item in items if isinstance(item, FileRead)] == ["messages.csv"]
    assert any("notes.txt left out" in item.text for item in items if isinstance(item, Progress))
    for named in ({"pattern": "*.txt"}, {"prefix": "exports/notes.txt"}, {"files": [{"path": "notes.txt"}]}):
        found = [item.source_file for item in read(lab, **named) if isinstance(item, FileRead)]
        assert "notes.txt" in found, named


def test_an_object_put_in_parts(world: World, lab: S3Lab) -> None:
    body = as_csv([message(n, body_text="words " * 900) for n in range(1200)])
    key, s3 = "exports/parts.csv", lab.s3
    upload = s3.create_multipart_upload(Bucket=lab.bucket, Key=key)["UploadId"]
    half = 5 * 2**20
    parts = []
    for number, part in enumerate((body[:half], body[half:]), start=1):
        told = s3.upload_part(Bucket=lab.bucket, Key=key, UploadId=upload, PartNumber=number, Body=part)
        parts.append({"ETag": told["ETag"], "PartNumber": number})
    s3.complete_multipart_upload(
        Bucket=lab.bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}
    )
    assert world.sync().rows_read == 1200
    assert str(world.rows("SELECT etag FROM sync_files")[0][0]).endswith("-2")
    assert world.sync().files == 0


def test_an_object_that_changes_between_list_and_read(world: World, lab: S3Lab) -> None:
    put(lab, "exports/a.csv", 1)
    changed = threading.Event()

    def change(_method: str, path: str) -> None:
        if path.endswith("a.csv") and not changed.is_set():
            changed.set()
            put(lab, "exports/a.csv", 2)

    lab.gate.before = change
    assert world.sync().status == "ok"
    assert set(world.texts()) == {"m2"}
    assert lab.gate.paths().count(f"GET /{lab.bucket}") == 2  # listed again after 412
    world.sync()
    lab.gate.log.clear()
    assert world.sync().files == 0
    assert lab.gate.paths() == [f"GET /{lab.bucket}"]


def test_an_object_that_vanishes_between_list_and_read(world: World, lab: S3Lab) -> None:
    put(lab, "exports/a.csv", 1)
    put(lab, "exports/b.csv", 2)
    lab.gate.before = lambda _method, path: (
        lab.s3.delete_object(Bucket=lab.bucket, Key="exports/a.csv") if path.endswith("a.csv") else None
    )
    report = world.sync()
    assert report.status == "partial"
    assert report.error is not None
    assert "a.csv disappeared" in report.error.message
    assert set(world.texts()) == {"m2"}


def test_a_file_that_is_wrong_is_set_aside_and_the_others_load(world: World, lab: S3Lab) -> None:
    put(lab, "exports/good.csv", 1)
    lab.s3.put_object(Bucket=lab.bucket, Key="exports/bad.csv", Body=b"\x89PNG\r\n\x1a\n\0\0\0\0" * 50)
    report = world.sync()
    assert report.status == "partial"
    assert report.error is not None
    assert "bad.csv" in report.error.message
    assert set(world.texts()) == {"m1"}


def test_an_object_that_is_too_large_is_not_even_asked_for(lab: S3Lab) -> None:
    put(lab, "exports/a.csv", *range(100))
    with pytest.raises(SourceDataError, match="are allowed"):
        read(lab, max_object_mb=0.001)
    assert lab.gate.paths() == [f"GET /{lab.bucket}"]


def test_an_object_that_is_young_waits(world: World, lab: S3Lab) -> None:
    put(lab, "exports/a.csv", 1)
    items = read(lab, settle_s=3600)
    assert not [item for item in items if isinstance(item, FileRead)]
    assert any("still changing" in item.text for item in items if isinstance(item, Progress))


def test_other_formats(world: World, lab: S3Lab) -> None:
    import gzip
    import json

    lab.s3.put_object(Bucket=lab.bucket, Key="exports/a.csv.gz", Body=gzip.compress(as_csv([message(1)])))
    lines = "\n".join(json.dumps(message(n)) for n in (2, 3))
    lab.s3.put_object(Bucket=lab.bucket, Key="exports/b.jsonl", Body=lines.encode())
    report = world.sync()
    assert report.status == "ok", report.errors
    assert set(world.texts()) == {"m1", "m2", "m3"}
