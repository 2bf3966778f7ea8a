"""Files are searched for a person in every way in which a name can be written."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from jobs.erasing_files import holds
from store.marks import Marks


def test_files_are_searched_in_every_way_they_are_written(tmp_path: Path) -> None:
    marks = Marks(("Zoë O'Hara", "zoe@x.example", "+49 30 1234567"))
    for name, data in {
        "json": json.dumps({"a": "Zoë O'Hara"}).encode(), "html": b"Zo\xc3\xab O&#x27;Hara", "query": b"a=zoe%40x.example",
        "gz": gzip.compress(b"x" * 3_000_000 + b"ZOE@X.EXAMPLE"), "wide": "zoe@x.example".encode("utf-16"),
        "groups": b"call 030/123 45 67", "lines": "from Zoë\n  O'Hara".encode(), "blank": b"a=Zo%C3%AB%20O%27Hara",
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
        assert holds(tmp_path / name, marks), name
    (tmp_path / "other").write_bytes(b"zoe at x.example")
    assert not holds(tmp_path / "other", marks)
