"""Twenty sessions that browse the dashboard, first undisturbed, then while refreshes publish.

A session speaks to the server as the page in a browser does, and draws nothing: what is measured is the
server, from asking for a page to its last element. It also repeats the fragments that a page asks to repeat.
"""

from __future__ import annotations

import csv
import importlib
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.clocks import CommandFailed, command, percentile
from core.home import Home

if TYPE_CHECKING:
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

SESSIONS, EVERY_S = 20, 10.0
CALM_S, BUSY_S = 60.0, 180.0
THINK_S = (2.0, 6.0)  # between two pages of one session
PATIENCE_S = 60.0
PAGES = (
    "", "live", "volume", "flow", "speed", "satisfaction", "team", "explore", "conversations", "ask", "data_jobs",
)  # fmt: skip
FILTERS = ("", "channel=chat", "period=90d", "period=30d&channel=email", "team=Billing")
CHANGED_EACH = 50  # conversations with a new message per refresh
_GENERATION = re.compile(rb"generation (\d+)")


@dataclass
class Browsed:
    """What a phase saw: seconds per page, errors in words, generations that pages showed."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    generations: set[int] = field(default_factory=set)
    fragments: int = 0
    published: int = 0

    @property
    def p95_s(self) -> float:
        """95 of 100 pages were there within so many seconds."""
        return percentile(self.seconds, 0.95)


class Session:
    """One tab: its connection, and the fragments that its page wants to be run again."""

    def __init__(self, connection: Any, seen: Browsed) -> None:
        self.socket, self.seen = connection, seen
        self.repeats: dict[str, tuple[float, float]] = {}  # fragment -> (every s, due)

    def visit(self, page: str, query: str) -> None:
        """Ask for a page and wait for its last element."""
        self.repeats = {}
        begun = time.perf_counter()
        self._send(page, query)
        if self._until_finished(begun + PATIENCE_S):
            self.seen.seconds.append(time.perf_counter() - begun)
        else:
            self.seen.errors.append(f"{page or 'overview'}: not there within {PATIENCE_S:.0f} s")

    def think(self, until: float) -> None:
        """Stay on the page, running its fragments when they are due."""
        while (now := time.perf_counter()) < until:
            due = [name for name, (_, at) in self.repeats.items() if at <= now]
            for name in due:
                every, _ = self.repeats[name]
                self.repeats[name] = (every, now + every)
                self._send("", "", fragment=name)
                self._until_finished(now + PATIENCE_S)
                self.seen.fragments += 1
            wake = min([until, *(at for _, at in self.repeats.values())])
            self._listen(max(0.01, wake - time.perf_counter()))

    def _send(self, page: str, query: str, fragment: str = "") -> None:
        from streamlit.proto.BackMsg_pb2 import BackMsg

        message = BackMsg()
        run = message.rerun_script
        run.query_string, run.page_name, run.fragment_id = query, page, fragment
        run.is_auto_rerun = bool(fragment)
        run.context_info.timezone = "Europe/London"
        self.socket.send(message.SerializeToString())

    def _until_finished(self, deadline: float) -> bool:
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        while (left := deadline - time.perf_counter()) > 0:
            message = self._listen(left)
            if message is not None and message.WhichOneof("type") == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    self.seen.errors.append("the script could not be run")
                if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return True
        return False

    def _listen(self, timeout_s: float) -> ForwardMsg | None:
        """The next message, or None when there is none in time; notes what it says."""
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        try:
            data = self.socket.recv(timeout=timeout_s)
        except TimeoutError:
            return None
        raw = data if isinstance(data, bytes) else data.encode()
        message = ForwardMsg()
        message.ParseFromString(raw)
        kind = message.WhichOneof("type")
        if kind == "auto_rerun":
            every = message.auto_rerun.interval
            self.repeats[message.auto_rerun.fragment_id] = (every, time.perf_counter() + every)
        elif kind == "delta":
            self.seen.errors += _troubles(message)
            self.seen.generations |= {int(n) for n in _GENERATION.findall(raw)}
        return message


def _troubles(message: Any) -> list[str]:
    """Errors among the elements: exceptions, and boxes in red."""
    element = message.delta.new_element
    kind = element.WhichOneof("type")
    if kind == "exception":
        return [f"{element.exception.type}: {element.exception.message}"[:300]]
    if kind == "alert" and element.alert.format == element.alert.ERROR:
        return [element.alert.body[:300]]
    return []


def browse(base: str, seconds: float, *, sessions: int = SESSIONS, seed: int = 7) -> Browsed:
    """So many sessions at once for so long; each waits between its pages as people do."""
    for name in ("pandas", "streamlit.proto.BackMsg_pb2", "streamlit.proto.ForwardMsg_pb2"):
        importlib.import_module(name)  # here, and not by twenty threads at once
    seen = Browsed()
    until = time.perf_counter() + seconds
    chances = [random.Random(seed + number) for number in range(sessions)]  # noqa: S311 - a schedule
    threads = [threading.Thread(target=_one, args=(base, until, seen, chance)) for chance in chances]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def _one(base: str, until: float, seen: Browsed, chance: random.Random) -> None:
    from websockets.sync.client import connect
    from websockets.typing import Subprotocol

    address, protocol = base.replace("http", "ws", 1) + "/_stcore/stream", Subprotocol("streamlit")
    try:
        with connect(address, subprotocols=[protocol], max_size=None, compression=None) as connection:
            session = Session(connection, seen)
            session.think(time.perf_counter() + chance.uniform(0, THINK_S[1]))
            while time.perf_counter() < until:
                session.visit(chance.choice(PAGES), chance.choice(FILTERS))
                session.think(time.perf_counter() + chance.uniform(*THINK_S))
    except Exception as error:  # whatever a session meets is an error of the run, not its end
        seen.errors.append(f"a session ended: {type(error).__name__}: {error}"[:300])


@contextmanager
def refreshing(home: Home, every_s: float = EVERY_S) -> Iterator[Callable[[], tuple[int, list[str]]]]:
    """Real refreshes with new messages, one started every so many seconds; tells how many published."""
    stop, published, failed = threading.Event(), [0], list[str]()

    def run() -> None:
        # A workspace that was kept holds the files of earlier runs; the same file again would bring nothing new.
        number = len(list((home.sample / "data").glob("messages_live_*.csv")))
        while not stop.is_set():
            begun, number = time.perf_counter(), number + 1
            _more_messages(home.sample / "data", number)
            try:
                ran = command("refresh", "--home", home.root)
                published[0] += ran.result.get("published") is not False
            except CommandFailed as error:
                failed.append(str(error)[-300:])
            stop.wait(max(0.0, every_s - (time.perf_counter() - begun)))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield lambda: (published[0], failed)
    finally:
        stop.set()
        thread.join()


def _more_messages(data: Path, number: int) -> None:
    """A small file with one more message in each of some conversations."""
    with (data / "conversations.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for _, row in zip(range(CHANGED_EACH * number), csv.DictReader(file), strict=False)][
            -CHANGED_EACH:
        ]
    with (data / f"messages_live_{number}.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(("message_id", "conversation_id", "author_id", "author_role", "is_public", "kind",
                      "body_text", "created_at"))  # fmt: skip
        for row in rows:
            out.writerow((f"{row['conversation_id']}-live-{number}", row["conversation_id"], row["requester_id"],
                          "customer", "true", "message", "It happened once more.", row["updated_at"]))  # fmt: skip


def undisturbed(base: str, seconds: float = CALM_S, *, sessions: int = SESSIONS) -> Browsed:
    """The sessions without refreshes; a round before warms the server up, so that both phases are of a warm one."""
    browse(base, seconds, sessions=sessions, seed=1)
    return browse(base, seconds, sessions=sessions)


def disturbed(base: str, home: Home, seconds: float = BUSY_S, *, sessions: int = SESSIONS) -> Browsed:
    """The same sessions while refreshes publish."""
    from store.generations import current

    before = current(home).number
    with refreshing(home) as told:
        seen = browse(base, seconds, sessions=sessions)
    seen.published = current(home).number - before
    seen.errors += told()[1]
    return seen


def figures(calm: Browsed, busy: Browsed) -> dict[str, Any]:
    """The figures that go into the results."""
    return {
        "sessions_ratio": busy.p95_s / calm.p95_s, "sessions_errors": len(calm.errors + busy.errors),
        "sessions_p95_s": calm.p95_s, "sessions_busy_p95_s": busy.p95_s, "sessions_published": busy.published,
    }  # fmt: skip


def details(seen: Browsed) -> dict[str, Any]:
    """What a phase saw beside its 95th percentile."""
    return {
        "pages": len(seen.seconds), "p50_s": percentile(seen.seconds, 0.5), "p95_s": seen.p95_s,
        "longest_s": max(seen.seconds), "fragments": seen.fragments, "errors": seen.errors[:10],
        "published": seen.published, "generations": sorted(seen.generations),
    }  # fmt: skip
