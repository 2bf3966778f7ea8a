"""A server of X, what a reader of it has kept, and posts on it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.base import ReadContext, configured
from core.settings import Source
from core.stream import Batch, Checkpoint, Item
from tests.connectors.world import CANARY
from tests.fakes.twitter import serving
from tests.fakes.twitter_account import X, post, snowflake

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
SEARCH, MENTIONS, LOOKUP = "/2/tweets/search/recent", "/2/users/99/mentions", "/2/tweets"


class Account:
    """A server and what a reader of it has kept: rows by key, cursors."""

    def __init__(self, x: X, address: str) -> None:
        self.x, self.address = x, address
        self.state: dict[str, Any] = {}
        self.rows: dict[str, dict[Any, dict[str, Any]]] = {}
        self.items: list[Item] = []

    def source(self, **options: Any) -> Source:
        told = {"kind": "twitter", "bearer_token": CANARY, "handles": ["@acme"], "base_url": self.address}
        return Source(name="x", **(told | options))

    def read(self, *, stop_after: int | None = None, **options: Any) -> list[Item]:
        """Read and keep; `stop_after` drops everything from so many checkpoints on, as a crash does."""
        context = ReadContext("x", state=json.loads(json.dumps(self.state)), pace=0.0)
        self.items, held, points = [], [], 0
        for item in configured(self.source(**options)).read(context):
            self.items.append(item)
            if isinstance(item, Batch):
                held.append(item)
            elif isinstance(item, Checkpoint):
                self.keep(held)
                held = []
                self.state[item.stream] = json.loads(json.dumps(dict(item.cursor)))
                points += 1
                if points == stop_after:
                    break
        return self.items

    def keep(self, batches: list[Batch]) -> None:
        for batch in batches:
            known = self.rows.setdefault(batch.stream, {})
            for row in batch.rows.to_pylist():
                key = tuple(row[name] for name in ("conversation_id", "tag")) if "tag" in row else None
                key = key or row.get(f"{batch.stream[:-1]}_id") or row.get("person_id")
                old = known.get(key)
                if old is None or row["source_version"] >= old["source_version"]:
                    known[key] = {**(old or {}), "is_deleted": True} if row["is_deleted"] else row

    def texts(self) -> dict[str, str]:
        return {k: r["body_text"] for k, r in self.rows["messages"].items() if not r["is_deleted"]}

    def asked(self, path: str) -> list[str]:
        return [line for line in self.x.log if line.partition("?")[0] == f"GET {path}"]


@contextmanager
def followed() -> Iterator[Account]:
    """A running server with the brand and four customers."""
    x = X(NOW)
    x.add_user("99", "acme")
    for n in range(1, 5):
        x.add_user(str(n), f"person{n}")
    with serving(x) as address:
        yield Account(x, address)


def at(minutes: float) -> datetime:
    """So many minutes before now."""
    return NOW - timedelta(minutes=minutes)


def ask(x: X, minutes: float, text: str = "@acme help", author: str = "1", **more: Any) -> str:
    """A customer's post; gives its id."""
    native = more.pop("native", None) or snowflake(at(minutes), len(x.tweets))
    x.add(post(native, author, text, at(minutes), **more))
    return native


def reply(x: X, root: str, minutes: float, author: str = "99", text: str = "@person1 looking") -> str:
    return ask(x, minutes, text, author, root=root)
