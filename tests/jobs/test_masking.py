"""Every way out of the machine, with personal data in the store: none of it gets through."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import log as logs
from core.effective import effective_settings
from core.home import Home
from core.masking import Masking
from core.settings import Embeddings, LanguageModel, Settings, Source
from core.viewer import EVERYTHING
from jobs.cli import main
from jobs.refresh import refresh
from rag.ask import ask
from rag.context import RagContext
from store import generations
from store.reader import open_reader
from store.writer import Writer
from tests.fakes.llm_server import Script, llm_server
from tests.llm.test_embed import FakeServer

PRIVATE = (
    "ada@example.org",
    "7946 0958",
    "4111 1111",
    "DE89370400440532013000",
    "203.0.113.77",
    "hunter2",
    "KD-204411",
    "Lovelace",
)
SAID = (
    "The parcel of Ada Lovelace is late, write to ada@example.org or call +44 20 7946 0958. "
    "Card 4111 1111 1111 1111, account DE89370400440532013000, from 203.0.113.77, password: hunter2, number KD-204411. "
    "Where is the parcel?"
)
PATTERNS = ({"name": "customer", "pattern": r"KD-?\d{6}"},)


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever is logged meanwhile, at any level, as a job writes it, holds nothing of it."""
    with caplog.at_level(logging.DEBUG):
        yield
    written = "\n".join(logs._Json().format(record) for record in caplog.records)
    assert '"phase"' in written or "masked" in written or not caplog.records
    assert not [private for private in PRIVATE if private in written]


def workspace(folder: Path, **more: Any) -> Settings:
    folder.mkdir(exist_ok=True)
    rows = ["conversation_id,message_id,author_id,author_name,author_role,body_text,created_at"]
    for n in range(3):
        rows.append(f'c{n},m{n},u1,Ada Lovelace,customer,"{SAID}",2026-10-0{n + 1} 10:00:00')
    (folder / "talk.csv").write_text("\n".join(rows) + "\n")
    masking = Masking(**({"patterns": PATTERNS} | more.pop("masking", {})))
    return Settings(
        sources=(Source(name="desk", kind="files", path=str(folder / "*.csv")),), masking=masking, **more
    )


def everything(home: Home) -> str:
    """Every value of every table but those of people, and the keyword index."""
    reader, texts = open_reader(home), []
    for table in ("conversations", "conversation_parts", "messages", "csat", "message_enrichment", "conversation_facts", "topics",
                  "sync_rejects", "conversation_events", "field_definitions"):  # fmt: skip
        rows = reader.query(f"SELECT * FROM {{{table}}}", viewer=EVERYTHING).to_pylist()
        texts += [
            json.dumps({k: v for k, v in row.items() if k not in ("author_name", "requester")}, default=str)
            for row in rows
        ]
    found = (home.index / "keywords.sqlite").read_bytes().decode("latin-1")
    return "\n".join([*texts, found])


def test_masked_before_storage_nothing_of_it_is_in_the_store(home: Home, tmp_path: Path, caplog: Any) -> None:
    settings = workspace(tmp_path / "in", masking={"before_storage": True})
    assert refresh(home, settings).status == "ok"
    stored = everything(home)
    assert not [private for private in PRIVATE if private in stored]
    assert "write to [email] or call [phone]" in stored and "number [customer]" in stored
    assert "masked before storage" in caplog.text
    again = refresh(home, settings, full=True)
    assert (again.totals.inserted, again.totals.updated, again.published) == (0, 0, False)


def test_without_the_setting_the_store_keeps_it(home: Home, tmp_path: Path) -> None:
    refresh(home, workspace(tmp_path / "in"))
    stored = everything(home)
    assert all(private in stored for private in PRIVATE)


def test_what_arrives_by_batches_is_masked_before_storage_too(home: Home) -> None:
    import pyarrow as pa

    from core.stream import Batch
    from jobs.keeping import Covering

    writer = Writer(home, run_id="r")
    writer.mask_for = Covering(writer, Settings(masking=Masking(before_storage=True)))
    rows = pa.table({
        "conversation_id": ["c"], "subject": ["mail ada@example.org"], "custom_fields": ['{"phone": ["+44 20 7946 0958"], "n": 4}'],
        "raw": ['{"subject": "mail ada@example.org"}'],
    })  # fmt: skip
    writer.apply("s", [Batch("conversations", rows)])
    (row,) = writer.query(
        "SELECT subject, custom_fields::VARCHAR AS fields, raw::VARCHAR AS raw FROM conversations"
    ).to_pylist()
    writer.close()
    assert row["subject"] == "mail [email]"
    assert json.loads(row["fields"]) == {"phone": ["[phone]"], "n": 4}
    assert row["raw"] is None


def test_no_embedding_server_and_no_language_model_sees_it(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMBED_KEY", "sk-test-1234567890abcdef")
    vectors, script = FakeServer(), Script(text="Parcels were late.")
    with llm_server(script) as address:
        settings = workspace(
            tmp_path / "in",
            embeddings=Embeddings(
                provider="openai", model="tiny", base_url=vectors.url, api_key="env:EMBED_KEY"
            ),
            llm=LanguageModel(provider="openai", model="small", base_url=address + "/v1", max_retries=0),
        )
        assert refresh(home, settings).status == "ok"
        context = RagContext(home, effective_settings(home, settings), open_reader(home))
        ask("Where is the parcel of Ada Lovelace, ada@example.org?", context, keep=False)
    vectors.close()
    assert any("parcel" in text for text in vectors.texts)
    assert "parcel" in str(script.requests)
    sent = str(vectors.texts) + str(script.requests)
    assert not [private for private in PRIVATE if private in sent]
    assert "[email]" in str(vectors.texts) and "[email 1]" in str(script.requests)


@pytest.mark.slow
def test_a_command_shows_and_reports_it(
    home: Home, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(home, workspace(tmp_path / "in"))
    capsys.readouterr()
    assert main(["mask", "--home", str(home.root), "--conversation", "c0", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["report"]["email"] == {"masked": 1, "different": 1}
    assert "call [phone 1]" in told["texts"][0] and "parcel of [name 1]" in told["texts"][0]
    assert main(["mask", "--home", str(home.root), "a@b.example A@b.example c@d.example"]) == 0
    assert "email 3 (2 different)" in capsys.readouterr().out
    assert main(["mask", "--home", str(home.root)]) != 0
    assert generations.current(home) is not None


@pytest.mark.parametrize("pattern", ["(", "x*"])
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"regular expression|empty text"):
        Masking(patterns=({"name": "mine", "pattern": pattern},))  # type: ignore[arg-type]
