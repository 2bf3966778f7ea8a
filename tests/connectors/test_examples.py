"""The example settings: valid, and on the real files every row is accounted for. Those are not in the repository."""

import csv
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.base import configured
from core.home import Home
from core.settings import Source
from tests.connectors.world import Given, World

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"


def example(name: str, file: Path) -> Given:
    """The source of an example, pointed to a file."""
    settings = tomllib.loads((ROOT / "docs" / "examples" / name).read_text(encoding="utf-8"))
    source = settings["sources"][0] | {"path": str(file)}
    return Given(**{key: value for key, value in source.items() if key != "name"})


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def world(request: pytest.FixtureRequest, home: Home) -> Iterator[World]:
    name, file = request.param
    if not (DATA / file).is_file():
        pytest.skip(f"needs {file}, which is not part of the repository")
    yield World(example(name, DATA / file), home)


@pytest.mark.parametrize(
    "example", sorted(p.name for p in (ROOT / "docs" / "examples").glob("*.settings.toml"))
)
def test_every_example_is_valid(example: str) -> None:
    settings = tomllib.loads((ROOT / "docs" / "examples" / example).read_text(encoding="utf-8"))
    assert settings["sources"]
    for source in settings["sources"]:
        configured(Source.model_validate(source))


@pytest.mark.parametrize("world", [("ubuntu_irc.settings.toml", "ubuntu_irc/messages.csv")], indirect=True)
def test_ubuntu_irc(world: World) -> None:
    report = world.sync()
    rows = rows_of(DATA / "ubuntu_irc" / "messages.csv")
    assert (report.rows_read, report.rejected) == (len(rows), 0) == (33_558, 0)
    assert world.rows("SELECT count(*), count(DISTINCT message_id) FROM messages") == [(len(rows), len(rows))]
    conversations = {row["conversation_id"] for row in rows}
    assert world.rows("SELECT count(*) FROM conversations") == [(len(conversations),)] == [(5_028,)]
    assert world.rows("SELECT DISTINCT time_precision, channel FROM conversations") == [("min", "chat")]
    openers = {}
    for row in sorted(rows, key=lambda row: int(row["message_index"])):  # not as the file has them
        openers.setdefault(row["conversation_id"], row["author"])
    bots = {"ubotu", "ubottu"}
    expected = Counter(
        "bot" if r["author"].lower() in bots
        else "customer" if r["author"] == openers[r["conversation_id"]] else "agent"
        for r in rows
    )  # fmt: skip
    assert dict(world.rows("SELECT author_role, count(*) FROM messages GROUP BY 1")) == dict(expected)
    assert world.rows("SELECT count(*) FROM sync_rejects") == [(0,)]
    again = world.sync(full=True)
    assert (again.inserted, again.updated, again.deleted) == (0, 0, 0)


@pytest.mark.parametrize("world", [("seamonkey.settings.toml", "gitbugs/seamonkey.csv")], indirect=True)
def test_seamonkey(world: World) -> None:
    report = world.sync()
    rows = rows_of(DATA / "gitbugs" / "seamonkey.csv")
    assert (report.rows_read, report.rejected) == (len(rows), 0) == (1_076, 0)
    assert world.rows("SELECT count(*) FROM conversations") == [(1_076,)]
    described = sum(1 for row in rows if row["Description"])
    assert world.rows("SELECT count(*) FROM messages") == [(described,)] == [(1_074,)]
    solved = sum(1 for row in rows if row["Status"] in ("RESOLVED", "VERIFIED"))
    assert world.rows("SELECT count(last_solved_at) FROM conversations") == [(solved,)] == [(509,)]
    assert world.rows("SELECT count(*) FROM conversation_events WHERE new_value IN ('solved', 'closed')") == [
        (solved,)
    ]
    assert dict(world.rows("SELECT native_status, count(*) FROM conversations GROUP BY 1")) == dict(
        Counter(row["Status"] for row in rows)
    )
    assert world.rows("SELECT count(*) FROM sync_rejects") == [(0,)]
