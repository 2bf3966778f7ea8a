"""The X connector against the contract of all connectors."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from tests.connectors.contract import CANARY, ConnectorContract, Lab, Message
from tests.fakes.twitter import Rules, X, serving

BRAND = "brand"


class TwitterLab(Lab):
    """A server that holds posts with the contract's own ids; its search reaches back far enough."""

    def __init__(self, x: X, address: str) -> None:
        self.x, self.address = x, address

    def options(self) -> dict[str, Any]:
        return {
            "kind": "twitter", "bearer_token": CANARY, "handles": ["acme"], "base_url": self.address,
            "follow_days": 3650, "refresh_days": 3650, "refresh_every_h": 0, "retry_wait_s": 0.02,
            "throttle_wait_s": 0.05, "timeout_s": 5,
        }  # fmt: skip

    def hold(self, messages: Sequence[Message]) -> None:
        self.x.remove(*list(self.x.tweets))
        self.x.add(*(self._post(row) for row in messages))

    def _post(self, row: Message) -> dict[str, Any]:
        tweet = {
            "id": row["message_id"], "conversation_id": row["conversation_id"], "text": row["body_text"],
            "created_at": row["created_at"], "entities": {"mentions": [{"username": "acme"}]},
        }  # fmt: skip
        if row.get("author_role"):  # whoever writes as the brand is an agent, everybody else a customer
            tweet["author_id"] = BRAND if row["author_role"] == "agent" else row["author_id"]
        return tweet


class TestTwitter(ConnectorContract):
    gaps: ClassVar[Mapping[str, str]] = {
        "the same key twice": "the ids of posts are unique",
        "a null key": "X gives every post its id",
    }

    @pytest.fixture
    def lab(self, now: datetime) -> Iterator[Lab]:
        x = X(now.astimezone(UTC), Rules(window_days=3650, per_window=100_000, mentions_most=100_000))
        x.add_user(BRAND, "acme")
        for n in range(5):
            x.add_user(f"p{n}", f"person{n}")
        with serving(x) as address:
            yield TwitterLab(x, address)
