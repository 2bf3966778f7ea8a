"""A requester is erased where a PostgreSQL database holds what people create and a Chroma server the search index."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.home import Home
from store.database import engine_for
from store.workspace import Workspace
from tests.fakes.chroma import chroma_server, close_client, close_clients
from tests.fakes.postgres import ACCOUNT, Postgres, postgres
from tests.jobs.erasable import EMAIL, SECRETS, command, create, talks, traces

__all__ = ["postgres"]

SEARCHED = "parcel lost by courier"


@dataclass
class Elsewhere:
    """A home whose workspace and index lie on servers."""

    home: Home
    database: Postgres
    name: str
    chroma: str
    folder: Path  # of the Chroma server

    def rows(self) -> list[str]:
        """Where any of her words stands in the database."""
        found = []
        with closing(self.database.connect(dbname=self.name)) as con, con.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            for (table,) in cursor.fetchall():
                cursor.execute(f'SELECT lower(t::text) FROM "{table}" t')
                told = " ".join(row for (row,) in cursor.fetchall())
                found += [f"{table}: {word}" for word in SECRETS if word.lower() in told]
        return found

    def indexed(self) -> set[str]:
        """What the server holds of which conversations."""
        import chromadb

        place = urlsplit(self.chroma)
        held: set[str] = set()
        client = chromadb.HttpClient(place.hostname or "", place.port or 0)
        for collection in client.list_collections():
            held |= set(collection.get(include=[])["ids"])
        close_client(client)
        return held

    def bytes_of_chroma(self) -> list[str]:
        files = [path.read_bytes().lower() for path in self.folder.rglob("*") if path.is_file()]
        return [word for word in SECRETS if any(word.lower().encode() in data for data in files)]


@pytest.fixture
def elsewhere(
    postgres: Postgres, her_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Elsewhere]:
    name = f"e{uuid.uuid4().hex[:12]}"
    postgres.run(f"CREATE DATABASE {name}")
    url = f"postgresql+psycopg2://{ACCOUNT}@127.0.0.1:{postgres.port}/{name}"
    her_home.workspace_db.unlink()
    with chroma_server(tmp_path / "chroma") as address:
        monkeypatch.setenv("SUPPORTLENS_DATABASE_URL", url)
        monkeypatch.setenv("CHROMA_URL", address)
        create(her_home)
        command(her_home, "refresh", "--full")
        yield Elsewhere(her_home, postgres, name, address, tmp_path / "chroma")
        engine_for(url, read_only=False).dispose()
    close_clients()


def test_nothing_of_her_is_left_on_either_server(elsewhere: Elsewhere) -> None:
    home, before = elsewhere.home, elsewhere.indexed()
    assert len(before) == len(command(home, "search", SEARCHED, "--k", "50")["results"][0]["hits"]) == 5
    assert (home.index / "chroma").exists()  # of the time before the server
    kinds = {told.split(":")[0] for told in elsewhere.rows()}
    assert {
        "questions",
        "feedback",
        "notes",
        "saved_views",
        "evidence_sets",
        "kept_words",
        "audit_log",
    } <= kinds

    (certificate,) = command(home, "erase", EMAIL, "--yes", "--by", "ann")["certificates"]
    assert elsewhere.rows() == [] and traces(home) == [] and elsewhere.bytes_of_chroma() == []
    assert not home.workspace_db.exists() and not (home.index / "chroma").exists()
    assert talks(home) == [("desk", "T2"), ("letters", "L2")]
    left = elsewhere.indexed()
    assert left < before and len(left) == 2
    told = " ".join(certificate["not_touched"])
    assert "PostgreSQL server" in told and "Chroma server" in told
    assert [one.action for one in Workspace(home).audit_log()] == ["erased", "asked"]
    found = command(home, "search", SEARCHED)["results"][0]["hits"]
    assert found[0]["conversation_id"] == "T2" and {hit["conversation_id"] for hit in found} <= {"T2", "L2"}

    command(home, "refresh", "--full")
    assert (elsewhere.indexed(), elsewhere.rows(), traces(home)) == (left, [], [])
