"""The X connector against the contract of all connectors."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from core.home import Home
from tests.connectors.contract import HttpConnectorContract
from tests.connectors.world import CANARY, Fault, HttpLab, Lab, Message, World, message
from tests.fakes import twitter_account as fakes
from tests.fakes.twitter import serving

BRAND = "99"


class TwitterLab(HttpLab):
    """A server whose posts have ids made of their times, and whose search reaches back far enough."""

    many = 30_000  # of X's last seven days; the rest never comes at once

    def __init__(self, x: fakes.X, address: str) -> None:
        self.x, self.address = x, address
        self.ids: dict[str, str] = {}
        self.roots: dict[str, str] = {}

    def options(self) -> dict[str, Any]:
        return {
            "kind": "twitter", "bearer_token": CANARY, "handles": ["acme"], "base_url": self.address,
            "follow_days": 3650, "refresh_days": 3650, "refresh_every_h": 0, "timeout_s": 10,
        }  # fmt: skip

    def hold(self, messages: Sequence[Message]) -> None:
        self.x.remove(*list(self.x.tweets))
        self.x.add(*(self._post(row) for row in messages))

    def plan(self, *faults: Fault) -> None:
        self.x.faults += [
            fakes.Fault(f.status, f.headers, f.body, cut=f.kind == "truncated", drop=f.kind == "reset")
            for f in faults
        ]

    def requests(self) -> list[str]:
        return list(self.x.log)

    def _post(self, row: Message) -> dict[str, Any]:
        native = self.ids.setdefault(row["message_id"], _made_id(row))
        root = self.roots.setdefault(row["conversation_id"], native)
        tweet = {
            "id": native, "conversation_id": root, "text": row["body_text"], "lang": "en",
            "created_at": row["created_at"], "entities": {"mentions": [{"username": "acme"}]},
        }  # fmt: skip
        if row.get("author_role"):  # whoever writes as the brand is an agent, everybody else a customer
            tweet["author_id"] = BRAND if row["author_role"] == "agent" else row["author_id"]
        return tweet


def _made_id(row: Message) -> str:
    number = int(row["message_id"].removeprefix("m"))
    try:
        return fakes.snowflake(datetime.fromisoformat(row["created_at"]), number)
    except ValueError:
        return str(number + 1)


class TwitterWorld(World):
    def texts(self) -> dict[str, str | None]:
        assert isinstance(self.lab, TwitterLab)
        names = {native: name for name, native in self.lab.ids.items()}
        return {names[native]: text for native, text in super().texts().items()}


class TestTwitter(HttpConnectorContract):
    gaps: ClassVar[Mapping[str, str]] = {
        "a row that appears weeks too late": "the id of a post is its time, and X gives it",
        "the same key twice": "the ids of posts are unique",
        "a null key": "X gives every post its id",
    }

    @pytest.fixture
    def lab(self, now: datetime) -> Iterator[Lab]:
        rules = fakes.Rules(window_days=3650, per_window=1_000_000, mentions_most=1_000_000)
        x = fakes.X(now.astimezone(UTC), rules)
        x.add_user(BRAND, "acme")
        for n in range(5):
            x.add_user(f"p{n}", f"person{n}")
        with serving(x) as address:
            yield TwitterLab(x, address)

    @pytest.fixture
    def world(self, lab: Lab, home: Home, now: datetime) -> World:
        return TwitterWorld(lab, home)

    @pytest.mark.point(8)
    def test_a_page_that_does_not_move_on(self, world: World) -> None:
        world.lab.hold([message(n) for n in range(9)])
        users = json.dumps({"data": [{"id": BRAND, "name": "Acme", "username": "acme"}]})
        page = json.dumps({"meta": {"result_count": 0, "next_token": "same"}})
        world.lab.plan(Fault(status=200, body=users.encode()), *[Fault(status=200, body=page.encode())] * 9)
        report = world.sync()
        assert [error.code for error in report.errors] == ["no_progress"]
        assert len(world.lab.requests()) == 3
