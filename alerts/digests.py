"""Digests: what one sends, when, and the round that puts what is due into the outbox, each day of each once."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from alerts import channels, outbox, words
from alerts.letters import Writer
from alerts.owners import ViewerOf
from alerts.rules import filters_of
from alerts.timetable import Due, Timetable
from core import clock, log
from core.errors import AppError, ConfigError, InputError
from core.filters import Filters
from core.home import Home
from core.settings import Settings
from store.workspace import Delivery, KeptDigest, Outgoing, Workspace

if TYPE_CHECKING:
    from store.workspace.digests import DigestStatus

logger = logging.getLogger(__name__)
LATE: Final = timedelta(hours=24)  # later than this a digest is missed, not sent
MOST_PEOPLE: Final = 50
_FIELDS: Final = frozenset({"what", "channel", "to", "every", "on", "at", "zone", "attach", "filters"})
_ADDRESS = re.compile(r"[^@\s,;<>\"'\\]{1,64}@[^@\s,;<>\"'\\]{1,190}")
KIND: Final = "digest"  # of a message's data


@dataclass(frozen=True, slots=True)
class Digest:
    """What a definition says. `to` are addresses, for a channel of mail; empty: the channel's own recipient.

    `filters` are those of a brief; a view has its own. `attach` puts the page as an HTML file beside the letter.
    """

    what: Literal["view", "brief"]
    channel: str
    timetable: Timetable
    to: tuple[str, ...] = ()
    attach: bool = True
    filters: Filters = field(default_factory=Filters)

    def check(self, settings: Settings) -> None:
        """Raise InputError for a channel that is not there, or has no room for addresses."""
        try:
            found = channels.find(settings, self.channel)
            is_mail = channels.is_mail(found, settings.notifications.timeout_s)
        except ConfigError as error:
            raise InputError(error.message, hint=error.hint) from None
        if self.to and not is_mail:
            raise InputError(
                f"the channel {self.channel} is no mail, so it has no addresses.",
                hint="Leave them out, or choose a channel that begins with mailto:// or mailtos://.",
            )


@dataclass(frozen=True, slots=True)
class Posted:
    """What one round did with a digest: "ok" (queued), "not due", or why not."""

    digest: int
    name: str
    status: DigestStatus | Literal["not due"]
    letters: int = 0
    problem: str | None = None


def read(said: Mapping[str, Any]) -> Digest:
    """The digest that a definition stands for. Raises InputError, also for a key that nobody knows."""
    if unknown := sorted(set(said) - _FIELDS):
        raise InputError(
            f"a digest has no {', '.join(unknown)}.", hint=f"Known: {', '.join(sorted(_FIELDS))}."
        )
    what = said.get("what", "view")
    if what not in ("view", "brief"):
        raise InputError(f"a digest cannot send {str(what)[:40]!r}.", hint="Choose view or brief.")
    if not str(said.get("channel") or ""):
        raise InputError("the digest names no channel.", hint="[[channels]] in the settings has them.")
    return Digest(
        what, str(said["channel"]), Timetable.of(said), addresses(said.get("to") or ()),
        bool(said.get("attach", True)), filters_of(said.get("filters") or {}),
    )  # fmt: skip


def addresses(said: object) -> tuple[str, ...]:
    """Addresses of people, each once, whatever their case. Raises InputError."""
    if not isinstance(said, list | tuple):
        raise InputError("`to` is no list.", hint='Write ["ada@example.com"].')
    found = tuple(dict.fromkeys(str(one).strip().casefold() for one in said))
    if wrong := [one for one in found if not _ADDRESS.fullmatch(one)]:
        raise InputError(f"{wrong[0][:80]!r} is no address.", hint="Write one such as ada@example.com.")
    if len(found) > MOST_PEOPLE:
        raise InputError(
            f"a digest goes to {MOST_PEOPLE} people at most, not {len(found)}.", hint="Name a list instead."
        )
    return found


def post_due(home: Home, settings: Settings, workspace: Workspace, owners: ViewerOf) -> list[Posted]:
    """Queue every digest that is due. Each by itself: one that fails is seen, and stops no other."""
    return [_post(kept, home, settings, workspace, owners) for kept in workspace.digests() if kept.enabled]


def send_now(
    kept: KeptDigest, settings: Settings, workspace: Workspace, write: Writer, *, to: str = ""
) -> Delivery:
    """Send a digest at once to one address, or to its channel's own recipient; what is due is not touched by that.

    Raises InputError for a definition that does not hold.
    """
    digest = replace(read(kept.definition), to=addresses([to] if to else []))
    digest.check(settings)
    today = digest.timetable.last(clock.now())
    word = Outgoing(digest.channel, _letter(kept, today, to), clock.now())
    return outbox.send_now(
        workspace,
        settings,
        word,
        key=f"digest/{kept.id}/now",
        owner=kept.owner,
        event=outbox.DIGEST,
        write=write,
    )


def is_due(kept: KeptDigest, now: datetime) -> bool:
    """Whether a digest's last time is not settled yet."""
    try:
        return _due(kept, read(kept.definition), now) is not None
    except InputError:
        return True  # the round says what is wrong with it


def _due(kept: KeptDigest, digest: Digest, now: datetime) -> Due | None:
    due = digest.timetable.last(now)
    is_settled = kept.told is not None and due.day <= kept.told
    return None if is_settled or due.at < kept.changed_at else due


def _post(kept: KeptDigest, home: Home, settings: Settings, workspace: Workspace, owners: ViewerOf) -> Posted:
    now = clock.now()
    due: Due | None = None
    try:
        digest = read(kept.definition)
        due = _due(kept, digest, now)
        if due is None:
            return Posted(kept.id, kept.name, "not due")
        if now - due.at > LATE:
            return _missed(kept, due, home, workspace, now)
        if owners(settings, kept.owner) is None:
            told = f"{kept.owner} has no access any more, so nothing is sent in their name."
            return _trouble(kept, "suspended", told, digest, due, settings, workspace, now)
        digest.check(settings)
        if kept.view is not None and workspace.view(*kept.view, viewer=kept.owner) is None:
            raise InputError(f"the view {kept.view[1]!r} is not there any more.", hint="Choose another one.")
        counts, broken = _looked_at(home, settings, kept)
        if broken:
            told = f"the data looks broken: {'; '.join(broken)}."
            return _trouble(kept, "held back", told, digest, due, settings, workspace, now)
        letters = [
            (to, Outgoing(digest.channel, _letter(kept, due, to), due.at)) for to in digest.to or ("",)
        ]
        queued = workspace.settle_digest(kept, due.day, letters, sizes=counts, at=now)
        return Posted(kept.id, kept.name, "ok" if queued else "not due", len(letters) if queued else 0)
    except Exception as error:  # a digest that fails, for whatever reason, is shown and stops no other
        if not isinstance(error, AppError):
            logger.exception("a digest could not be sent", extra={"digest": kept.id})
        told = log.blot(f"{error}" if isinstance(error, AppError) else f"{type(error).__name__}: {error}")
        return _trouble(kept, "failed", words.one_line(told, 300), None, due, settings, workspace, now)


def _looked_at(home: Home, settings: Settings, kept: KeptDigest) -> tuple[dict[str, int], tuple[str, ...]]:
    from analytics import soundness
    from store.reader import open_reader

    reader = open_reader(home)
    return soundness.sizes(reader), soundness.faults(reader, settings, kept.sizes)


def _letter(kept: KeptDigest, due: Due, to: str) -> dict[str, Any]:
    """What the outbox keeps: which digest, of which day, for whom. What it says is computed when it is sent."""
    data = {"kind": KIND, "digest": kept.id, "day": due.day.isoformat(), "to": to}
    return words.Message(kept.name, (("To", to),) if to else (), None, data).plain()


def _missed(kept: KeptDigest, due: Due, home: Home, workspace: Workspace, now: datetime) -> Posted:
    """Too late to be sent. What the sources have now is what the next one is held against."""
    from analytics import soundness
    from store import generations
    from store.reader import open_reader

    why = (
        kept.problem
        if kept.status in ("held back", "failed", "suspended") and kept.problem
        else "nothing ran in time."
    )
    told = f"not sent on {due.day:%-d %b %Y}: {why}"
    counts = None
    if generations.current_or_none(home) is not None:
        counts = soundness.sizes(open_reader(home))
    workspace.settle_digest(kept, due.day, (), status="missed", problem=told, sizes=counts, at=now)
    return Posted(kept.id, kept.name, "missed", problem=told)


def _trouble(
    kept: KeptDigest, status: DigestStatus, told: str, digest: Digest | None, due: Due | None, settings: Settings,
    workspace: Workspace, now: datetime,
) -> Posted:  # fmt: skip
    """Say once that it is not sent: in the dashboard, and of broken data by its own channel too."""
    title = f"{words.one_line(kept.name)}: not sent"
    lines = (("Digest", words.one_line(kept.name)), ("Reason", words.one_line(told, 300)),
             ("What happens", f"It is tried again for {LATE.total_seconds() / 3600:.0f} hours after its time."))  # fmt: skip
    base = words.base_url(settings)
    link = f"{base}/alerts" if base else None
    message = words.Message(title, lines, link, {"kind": "digest_trouble", "digest": kept.id}).plain()
    word = Outgoing(digest.channel, message, now) if digest and status == "held back" else None
    day = due.day if due else now.date()
    workspace.note_digest(kept, status, told, message=message, word=word, day=day, at=now)
    return Posted(kept.id, kept.name, status, problem=told)
