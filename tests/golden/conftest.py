"""The golden workspace: every story as files, refreshed once by the command that people use, and as rows."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.home import Home
from core.viewer import EVERYTHING
from store.reader import Reader, open_reader
from tests.conftest import NOW, _logging_as_before
from tests.golden.story import Story, load
from tests.golden.workspace import Rows, write_files
from tests.shared import made_once

ORDER = {
    "conversation_facts": "1, 2", "open_spans": "source_id, conversation_id, span_no",
    "replies": "source_id, conversation_id, reply_no", "solves": "source_id, conversation_id, solve_no",
    "sla_instances": "source_id, conversation_id, sla_metric, instance_no",
}  # fmt: skip
Read = Callable[[str], list[dict[str, Any]]]


@dataclass(frozen=True)
class Computed:
    """What was computed from the stories, by table and conversation."""

    rows: dict[str, dict[tuple[str, str], list[dict[str, Any]]]]

    @classmethod
    def of(cls, read: Read) -> Computed:
        """All tables, in the order of their rows."""
        made: dict[str, dict[tuple[str, str], list[dict[str, Any]]]] = {}
        for table, order in ORDER.items():
            by_key = made.setdefault(table, {})
            for row in read(f"SELECT * FROM {{{table}}} ORDER BY {order}"):
                by_key.setdefault((row["source_id"], row["conversation_id"]), []).append(row)
        return cls(made)

    def of_story(self, table: str, story: Story) -> list[dict[str, Any]]:
        """A story's rows of one computed table."""
        return self.rows[table].get((story.source, story.id), [])


@pytest.fixture(scope="session")
def golden_home(
    _own_machine: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Home:
    """The stories, written as files and refreshed. The clock stands at 2026-11-16 09:00 UTC."""
    return Home(made_once(request, tmp_path_factory, "golden", _refresh_stories))


def _refresh_stories(root: Path) -> None:
    from jobs.cli import main

    home = Home(root)
    write_files(home, load().values())
    with pytest.MonkeyPatch.context() as patch, _logging_as_before(), redirect_stdout(io.StringIO()) as out:
        patch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
        patch.setenv("SUPPORTLENS_HOME", str(home.root))
        patch.setattr("core.settings.PROJECT", home.root)
        code = main(["refresh", "--home", str(home.root), "--json", "--quiet"])
    told = json.loads(out.getvalue())
    # The row without a creation date is set aside, and its conversation is made of its messages.
    assert (code, told["status"], told["totals"]["rejected"]) == (0, "ok", 1), told["error"]


@pytest.fixture(scope="session")
def golden_reader(golden_home: Home) -> Reader:
    """What was published."""
    return open_reader(golden_home)


@pytest.fixture(scope="session")
def by_files(golden_reader: Reader) -> Computed:
    """What a refresh made of the files."""
    return Computed.of(lambda sql: golden_reader.query(sql, viewer=EVERYTHING).to_pylist())


@pytest.fixture(scope="session")
def by_rows(_own_machine: None, tmp_path_factory: pytest.TempPathFactory) -> Computed:
    """What was made of the same stories as rows of a source that tells the order of everything."""
    store = Rows(Home(tmp_path_factory.mktemp("golden_rows")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
        store.add(load().values())
        store.enrich()
    made = Computed.of(lambda sql: store.writer.query(sql.replace("{", "").replace("}", "")).to_pylist())
    store.writer.close()
    return made
