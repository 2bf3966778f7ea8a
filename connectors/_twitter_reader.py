"""One reading of X: new posts, the threads around them, and how older ones fared."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, TypeVar

from connectors._retry import attempts
from connectors._twitter_client import Answer, NotAccepted, Overloaded, XClient
from connectors._twitter_memory import Memory
from connectors._twitter_rows import (
    Post,
    gone_batches,
    items,
    ms,
    people_batch,
    post_batches,
    root_of,
    talk_batch,
    talk_row,
)
from connectors._twitter_windows import Position, Window, made_at
from connectors.base import ReadContext
from core.errors import NoProgress, PermissionRefused, SourceNotFound
from core.stream import Checkpoint, Item, Progress, Reject, Waiting

if TYPE_CHECKING:
    from connectors.twitter import TwitterConfig

SMALLEST_PAGE, LARGEST_PAGE = 10, 100
MOST_TALKS = 2_000  # conversations remembered from reading to reading
MOST_REMEMBERED = 20_000  # rows; telling one twice does no harm
Ask = Callable[[Mapping[str, Any]], Answer]
T = TypeVar("T")
Steps = Generator[Waiting, None, Answer]


class Reader:
    """What one reading knows. Every method is a part of it and yields items."""

    def __init__(self, config: TwitterConfig, client: XClient, context: ReadContext) -> None:
        self.config, self.client, self.context = config, client, context
        self.memory = Memory(context.state.get("followed"), most=MOST_TALKS)
        self.size = config.page_size
        self.agents: dict[str, str] = {}  # user id to handle
        self.moment = datetime(1970, 1, 1, tzinfo=UTC)  # the newest time of X's own clock
        self.problems: Counter[str] = Counter()
        self.told: dict[tuple[str, str], Any] = {}  # rows just told; most come by several lists
        self.rejected: set[tuple[str | None, str]] = set()
        self.start = datetime.combine(config.start_at, time(), UTC) if config.start_at else self.moment

    def read(self) -> Iterator[Item]:
        """Everything, in the order in which it is needed."""
        yield from self._who_is_who()
        newest = yield from self._window(
            "search", lambda asked: self.client.search(self.config.search, **asked)
        )
        if self.config.mentions:
            yield from self._mentions()
        self.memory.forget(before_ms=self._days_ago(self.config.follow_days))
        if self.config.thread_posts:
            yield from self._threads(newest)
        if self.config.refresh_days:
            yield from self._refresh()
        for told, count in sorted(self.problems.items()):
            yield Progress(f"{count} times X left something out: {told}")

    def _who_is_who(self) -> Iterator[Item]:
        names = [*self.config.handles, *self.config.agents]
        answer = yield from self._ask(lambda _: self.client.users(names))
        self.agents = {str(user["id"]): str(user["username"]) for user in answer.users}
        known = {handle.lower() for handle in self.agents.values()}
        missing = [name for name in names if name.lower() not in known]
        if missing:
            raise SourceNotFound(
                f"X knows no user {', '.join('@' + name for name in missing)}.",
                hint="Check the handles; suspended users are not told either.", source=self.context.source_id,
            )  # fmt: skip
        yield from people_batch(answer.users, frozenset(self.agents), _version(answer))

    def _mentions(self) -> Iterator[Item]:
        owned = {name.lower() for name in self.config.handles}
        for native, handle in sorted(self.agents.items()):
            if handle.lower() not in owned:
                continue
            try:
                yield from self._window(f"mentions:{native}", self._mentions_of(native))
            except PermissionRefused as error:
                yield Progress(f"mentions of @{handle} are left out: {error.message}")

    def _mentions_of(self, native: str) -> Ask:
        return lambda asked: self.client.mentions(native, **asked)

    def _window(self, stream: str, ask: Ask) -> Generator[Item, None, str | None]:
        """Everything that is new in a list, page by page; gives the newest id."""
        position = Position.of(self.context.state.get(stream))
        position.begin()
        came = 0
        while position.windows:
            window = position.windows[0]
            try:
                answer = yield from self._page(ask, window)
            except NotAccepted as error:
                told = window.repair(error.parameters)
                if told is None:
                    raise
                yield Progress(f"{stream}: {told}")
                continue
            posts = yield from self._take(answer)
            self._step(stream, window, answer)
            came += len(posts)
            oldest = min((post.created_at for post in posts), default=None)
            if window.next_token is None or (oldest is not None and oldest < self.start):
                position.close()
            yield self._followed()
            if oldest is not None:
                yield Progress(f"{stream}: {came} posts, back to {oldest:%Y-%m-%d %H:%M}", came)
            horizon = max(oldest or self.moment, self.start) if position.windows else None
            newest = made_at(position.newest_id)
            yield Checkpoint(stream, position.cursor(), "windows", high_water=newest, horizon=horizon)
        return position.since_id

    def _take(self, answer: Answer) -> Generator[Item, None, list[Post]]:
        """Rows of a page and of the conversations it touches; gives the posts."""
        posts = yield from self._posts(answer)
        touched = {post.conversation_id for post in posts if post.created_at >= self.start}
        lacking = [c for c, talk in self.memory.chosen(touched).items() if talk.root is None]
        for group in _groups(lacking, LARGEST_PAGE):
            roots = yield from self._lookup(group)
            yield from self._posts(roots)
            for talk in self.memory.chosen(group).values():
                talk.root = talk.root or {}
        brand = f"@{self.config.handles[0]}"
        rows = {c: talk_row(c, talk, brand) for c, talk in self.memory.chosen(touched).items()}
        yield from talk_batch(self._news("conversations", rows))
        self.memory.trim()
        return posts

    def _posts(self, answer: Answer) -> Generator[Item, None, list[Post]]:
        """Messages, authors, tags and media of an answer, remembered; gives all its posts."""
        found: list[Post] = []
        for one in items(answer.posts, frozenset(self.agents), answer.users):
            if isinstance(one, Reject):
                if (one.native_id, one.reason) not in self.rejected:
                    yield one
                self.rejected.add((one.native_id, one.reason))
            elif isinstance(one, Post):
                found.append(one)
        kept = [post for post in found if post.created_at >= self.start]
        for post in kept:
            where = post.conversation_id
            self.memory.take(where, post.id, post.author_id, post.role, ms(post.created_at))
        for post in found:  # a first post from before the start gives a subject, and no message
            if post.id in self.memory.talks:
                self.memory.talks[post.id].root = root_of(post)
        users = self._news("people", {str(user.get("id")): user for user in answer.users})
        yield from people_batch(users, frozenset(self.agents), _version(answer))
        news = self._news("messages", {post.id: post for post in kept})
        yield from post_batches(news, answer.media, _version(answer))
        return found

    def _news(self, stream: str, rows: Mapping[str, T]) -> list[T]:
        """Those that this reading has not told yet, or told differently."""
        fresh = [(native, row) for native, row in rows.items() if self.told.get((stream, native)) != row]
        if len(self.told) > MOST_REMEMBERED:
            self.told.clear()
        self.told.update(((stream, native), row) for native, row in fresh)
        return [row for _, row in fresh]

    def _threads(self, newest: str | None) -> Iterator[Item]:
        """Threads of new conversations whole; of open ones what came since the last reading."""
        new, gaps, known = self.memory.threads(most=self.config.follow_max, since_ms=self._days_ago(1))
        for group in self._queries([*new, *gaps]):
            yield from self._thread(group, None)
            self.memory.was_read(group)
            yield self._followed()
        state = self.context.state.get("threads") or {}
        since, after = state.get("since_id"), state.get("after") or ""
        for group in self._queries([native for native in known if native > after]):
            if (yield from self._thread(group, since)):
                yield self._followed()
            yield Checkpoint("threads", {"since_id": since, "after": group[-1]}, "threads")
        yield Checkpoint("threads", {"since_id": newest, "after": None}, "threads")

    def _thread(self, group: Sequence[str], since: str | None) -> Generator[Item, None, int]:
        """The posts of some conversations, up to the limit; gives how many came."""
        query, came = _thread_query(group), 0
        window = Window(since_id=since)
        while True:
            try:
                answer = yield from self._page(lambda asked: self.client.search(query, **asked), window)
            except NotAccepted as error:
                if window.repair(error.parameters) is None:
                    raise
                continue
            came += len((yield from self._take(answer)))
            self._step("threads", window, answer)
            if window.next_token is None:
                return came
            if came >= self.config.thread_posts * len(group):
                yield Progress(f"threads longer than {self.config.thread_posts} posts are cut there")
                return came

    def _refresh(self) -> Iterator[Item]:
        """Public metrics of recent posts as they are now, and which of them are gone."""
        state = self.context.state.get("metrics") or {}
        begun, after = state.get("begun_ms"), state.get("after")
        if begun is None:  # everything was read a moment ago
            yield Checkpoint("metrics", {"begun_ms": ms(self.moment), "after": None}, "metrics")
            return
        if after is None:
            if ms(self.moment) - begun < self.config.refresh_every_h * 3_600_000:
                return
            begun = ms(self.moment)
        recent = dict(sorted(self.memory.posts(since_ms=self._days_ago(self.config.refresh_days))))
        for group in _groups([native for native in recent if native > (after or "")], LARGEST_PAGE):
            answer = yield from self._lookup(group)
            yield from self._posts(answer)
            gone = [native for native in _not_found(answer) if native in recent]
            self.told.update((("messages", native), None) for native in gone)
            yield from gone_batches([(native, recent[native]) for native in gone], _version(answer))
            yield Checkpoint("metrics", {"begun_ms": begun, "after": group[-1]}, "metrics")
        yield Checkpoint("metrics", {"begun_ms": begun, "after": None}, "metrics")

    def _ask(self, call: Callable[[int], Answer]) -> Steps:
        """An answer, waiting and trying again as needed; a smaller page after it was too much."""

        def once() -> Answer:
            try:
                return call(self.size)
            except Overloaded:
                self.size = max(SMALLEST_PAGE, self.size // 2)
                raise

        answer = yield from attempts(once, self.context)
        self.moment = max(self.moment, answer.moment)
        self.problems.update(str(one.get("title") or "no reason given") for one in answer.problems)
        return answer

    def _page(self, ask: Ask, window: Window) -> Steps:
        asked = window.request(self.config.overlap_s)
        return self._ask(lambda size: ask({**asked, "max_results": size}))

    def _lookup(self, ids: Sequence[str]) -> Steps:
        return self._ask(lambda _: self.client.posts(ids))

    def _step(self, stream: str, window: Window, answer: Answer) -> None:
        """Move a window on by a page. Raises NoProgress when it is the same page again."""
        if answer.next_token is not None and answer.next_token == window.next_token:
            raise NoProgress(
                f"X gave the same page of {stream} twice.", hint="Try again later; nothing is lost.",
                source=self.context.source_id,
            )  # fmt: skip
        window.saw(answer.meta.get("newest_id"), answer.meta.get("oldest_id"))
        window.next_token = answer.next_token

    def _followed(self) -> Checkpoint:
        cursor = self.memory.cursor(before_ms=self._days_ago(self.config.follow_days))
        return Checkpoint("followed", cursor, "followed")

    def _days_ago(self, days: float) -> int:
        return ms(self.moment) - round(days * 86_400_000)

    def _queries(self, ids: Sequence[str]) -> Iterator[list[str]]:
        """Conversations in groups whose query is not longer than X takes."""
        group: list[str] = []
        for native in ids:
            if group and len(_thread_query([*group, native])) > self.config.query_chars:
                yield group
                group = []
            group.append(native)
        if group:
            yield group


def _thread_query(group: Sequence[str]) -> str:
    any_of = " OR ".join(f"conversation_id:{native}" for native in group)
    return f"({any_of}) -is:retweet" if len(group) > 1 else f"{any_of} -is:retweet"


def _not_found(answer: Answer) -> Iterator[str]:
    for problem in answer.problems:
        if str(problem.get("type", "")).endswith("resource-not-found") and problem.get("parameter") == "ids":
            yield str(problem.get("value") or problem.get("resource_id"))


def _groups(ids: Iterable[str], size: int) -> Iterator[list[str]]:
    left = iter(ids)
    while group := list(itertools.islice(left, size)):
        yield group


def _version(answer: Answer) -> int:
    """Of two tellings of one row the later one counts, by X's own clock."""
    return int(answer.moment.timestamp())
