"""X (kind `twitter`): posts about a brand as conversations. Reads only, through the X API v2."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from connectors._twitter_client import HOST, Access, Answer, XClient
from connectors._twitter_reader import Reader
from connectors.base import CheckResult, Config, Connector, ReadContext, Stream
from core.errors import AppError, PermissionRefused, SourceNotFound
from core.settings import secret_value
from core.stream import Item

_HANDLE = re.compile(r"^[A-Za-z0-9_]{1,50}$")


class TwitterConfig(Config):
    """A `[[sources]]` table of kind `twitter`."""

    operational: ClassVar[frozenset[str]] = frozenset(
        {
            "bearer_token", "base_url", "page_size", "timeout_s", "query_chars", "refresh_days",
            "refresh_every_h", "follow_days", "follow_max",
        }
    )  # fmt: skip

    bearer_token: SecretStr = Field(description='The app\'s bearer token: "env:NAME" or "secret:NAME".')
    handles: tuple[str, ...] = Field(min_length=1, max_length=50, description="The brand's own handles.")
    agents: tuple[str, ...] = Field(
        (), max_length=50, description="Handles of people who answer under their own name."
    )
    query: str | None = Field(
        None,
        description="Recent search, in X's words; what mentions the handles and their replies when empty.",
    )
    mentions: bool = Field(True, description="Also read the mentions of the handles: the last 800 of each.")
    thread_posts: int = Field(
        300, ge=0, description="Posts read of one conversation at most; 0 leaves threads out."
    )
    start_at: date | None = Field(None, description="Nothing older than this day is read.")
    follow_days: float = Field(
        7, gt=0, description="A conversation is remembered so long after its last post."
    )
    follow_max: int = Field(
        300, ge=1, description="Threads read in one refresh at most, of new and of open conversations each."
    )
    refresh_days: float = Field(3, ge=0, description="Posts this young are looked up again; 0 for none.")
    refresh_every_h: float = Field(6, ge=0, description="Hours between two such looks.")
    overlap_s: float = Field(
        60, ge=0, description="Posts appear late: each reading starts this much earlier."
    )
    page_size: int = Field(100, ge=10, le=100, description="Posts asked for at once.")
    query_chars: int = Field(512, ge=64, description="The longest query that the plan allows.")
    base_url: str = Field(HOST, description="Where the API is.")
    timeout_s: float = Field(30, gt=0, description="Seconds before a request is given up.")

    @field_validator("handles", "agents")
    @classmethod
    def _plain_handles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        bare = tuple(name.strip().removeprefix("@") for name in value)
        wrong = [name for name in bare if not _HANDLE.match(name)]
        if wrong:
            raise ValueError(f"{', '.join(map(repr, wrong))}: a handle has letters, digits and _ only")
        return bare

    @property
    def search(self) -> str:
        """The recent search that is made."""
        if self.query:
            return self.query
        told = [term for name in self.handles for term in (f"@{name}", f"(from:{name} is:reply)")]
        return f"({' OR '.join(told)}) -is:retweet"


class TwitterConnector(Connector):
    """Posts, threads, authors and public metrics. Nothing is ever posted, liked or changed."""

    kind: ClassVar[str] = "twitter"
    title: ClassVar[str] = "X (Twitter)"
    Config = TwitterConfig
    config: TwitterConfig

    def check(self, context: ReadContext) -> Sequence[CheckResult]:
        """Whether handles, search and mentions can be read; three small requests."""
        ids: list[str] = []

        def handles() -> str:
            found = client().users(self.config.handles).users
            ids.extend(str(user["id"]) for user in found)
            if len(found) < len(self.config.handles):
                raise SourceNotFound("X does not know every handle.", hint="Check handles.", source=self.name)
            return ", ".join(f"@{user['username']}" for user in found)

        def client() -> XClient:
            return self._client(context)

        tests: dict[str, Callable[[], str]] = {
            "handles": handles,
            "search": lambda: _shown(client().search(self.config.search, max_results=10)),
        }
        if self.config.mentions:
            tests["mentions"] = lambda: _shown(client().mentions(ids[0], max_results=10)) if ids else ""
        return [_tested(name, test) for name, test in tests.items()]

    def discover(self, context: ReadContext) -> Sequence[Stream]:
        """What is read, in words; nothing is asked of X."""
        lists = [Stream("search", ("messages", "conversations", "people"), note=self.config.search)]
        if self.config.mentions:
            lists += [Stream(f"mentions of @{name}", note="the last 800") for name in self.config.handles]
        if self.config.thread_posts:
            lists.append(Stream("threads", note="of the conversations found, seven days back"))
        return lists

    def read(self, context: ReadContext) -> Iterator[Item]:
        """New posts first, then their threads, then how recent ones fared. Raises ConnectorError."""
        yield from Reader(self.config, self._client(context), context).read()

    def _client(self, context: ReadContext) -> XClient:
        config = self.config
        access = Access(self.name, config.base_url, secret_value(config.bearer_token), config.timeout_s)
        return XClient(access, context.note)


def _tested(name: str, test: Callable[[], str]) -> CheckResult:
    try:
        return CheckResult(name, "ok", test())
    except PermissionRefused as error:
        if name == "mentions":
            return CheckResult(name, "optional_missing", error.message, error.code, error.hint)
        return CheckResult(name, "denied", error.message, error.code, error.hint)
    except AppError as error:
        return CheckResult(name, "error", error.message, error.code, error.hint)


def _shown(answer: Answer) -> str:
    return f"{len(answer.posts)} posts on the first page" if answer.posts else "no posts yet"
