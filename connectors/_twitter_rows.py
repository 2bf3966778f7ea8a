"""From X's JSON to canonical rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors._twitter_memory import Talk
from core.stream import Batch, Item, Reject

if TYPE_CHECKING:
    import pyarrow as pa

Json = Mapping[str, Any]
SUBJECT_CHARACTERS = 80
_INSTANTS = ("created_at", "updated_at", "last_message_at")
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "messages": (
        "message_id", "conversation_id", "author_id", "author_role", "author_name", "is_public", "kind",
        "in_reply_to", "body_text", "language", "created_at", "engagement",
    ),
    "conversations": (
        "conversation_id", "url", "channel", "native_channel", "subject", "status", "priority",
        "requester_id", "assignee_id", "brand", "language", "created_at", "updated_at", "last_message_at",
        "is_public",
    ),
    "people": ("person_id", "kind", "name", "handle", "created_at"),
    "conversation_tags": ("conversation_id", "tag"),
    "attachments": ("attachment_id", "message_id", "conversation_id", "mime_type", "url", "inline"),
}  # fmt: skip
_RANK_BITS = 20
_MEDIA = {"photo": "image", "video": "video", "animated_gif": "video"}


@dataclass(frozen=True, slots=True)
class Post:
    """A post with the fields that decisions need; `row` is its message row."""

    id: str
    conversation_id: str
    author_id: str | None
    role: str
    created_at: datetime
    row: Mapping[str, Any]
    tags: tuple[str, ...]
    media: tuple[str, ...]
    replaced: tuple[str, ...]  # ids of earlier versions of an edited post


def read_post(found: Json, agents: frozenset[str], names: Mapping[str, str]) -> Post | Reject:
    """One post, or why it cannot be used."""
    native, conversation = _text(found.get("id")), _text(found.get("conversation_id"))
    if native is None:
        return Reject("messages", "the message id is empty", sample=_text(found.get("text")))
    created = instant(found.get("created_at"))
    if created is None:
        return Reject("messages", "created_at is not a usable date", native_id=native, field="created_at",
                      sample=_text(found.get("created_at")))  # fmt: skip
    author = _text(found.get("author_id"))
    role = "unknown" if author is None else "agent" if author in agents else "customer"
    conversation = conversation or native  # a post that answers nothing begins a conversation
    row = {
        "message_id": native, "conversation_id": conversation, "author_id": author, "author_role": role,
        "author_name": names.get(author or ""), "is_public": True, "kind": "message",
        "in_reply_to": _answered(found), "body_text": _text(found.get("text")),
        "language": _language(found.get("lang")), "created_at": created,
        "engagement": _engagement(found.get("public_metrics")),
    }  # fmt: skip
    entities = found.get("entities") or {}
    tags = (str(tag.get("tag") or "").lower() for tag in entities.get("hashtags") or ())
    media = (found.get("attachments") or {}).get("media_keys") or ()
    edits = tuple(str(one) for one in found.get("edit_history_tweet_ids") or () if str(one) != native)
    return Post(native, conversation, author, role, created, row,
                tuple(dict.fromkeys(t for t in tags if t)), tuple(map(str, media)), edits)  # fmt: skip


def post_batches(posts: Sequence[Post], media: Sequence[Json], version: int) -> Iterator[Batch]:
    """Messages with their tags and media; earlier versions of edited posts are deleted."""
    gone = [(old, post.conversation_id) for post in posts for old in post.replaced]
    rows = [post.row for post in posts]
    yield from _batch("messages", rows, version)
    yield from gone_batches(gone, version)
    tags = ({"conversation_id": p.conversation_id, "tag": tag} for p in posts for tag in p.tags)
    yield from _batch("conversation_tags", tags, version)
    told = {str(one.get("media_key")): one for one in media}
    yield from _batch("attachments", (_attachment(p, told.get(k, {}), k) for p in posts for k in p.media),
                      version)  # fmt: skip


def gone_batches(gone: Iterable[tuple[str, str]], version: int) -> Iterator[Batch]:
    """(message id, conversation id) of posts that no longer exist."""
    rows = [{"message_id": native, "conversation_id": talk} for native, talk in gone]
    if rows:
        yield Batch("messages", _table("messages", rows, version, deleted=True))


def people_batch(users: Iterable[Json], agents: frozenset[str], version: int) -> Iterator[Batch]:
    """The authors; whoever writes as the brand is an agent."""
    rows = {}
    for user in users:
        native = _text(user.get("id"))
        if native is not None:
            rows[native] = {
                "person_id": native, "kind": "agent" if native in agents else "customer",
                "name": _text(user.get("name")), "handle": _text(user.get("username")),
                "created_at": instant(user.get("created_at")),
            }  # fmt: skip
    yield from _batch("people", rows.values(), version)


def talk_batch(rows: Sequence[Mapping[str, Any]]) -> Iterator[Batch]:
    """Conversations from their rows, each with its own version."""
    if rows:
        yield Batch("conversations", _table("conversations", rows, None, deleted=False))


def talk_row(native: str, talk: Talk, brand: str | None) -> dict[str, Any]:
    """A conversation as far as it is known."""
    root = talk.root or {}
    began = root.get("at") or talk.began_ms
    requester = root.get("by") if root.get("role") == "customer" else talk.asked_by
    return {
        "conversation_id": native,
        "url": f"https://x.com/i/web/status/{native}",
        "channel": "social",
        "native_channel": "x",
        "subject": root.get("text"),
        # Open until the brand has the last word, then it waits for the customer. X itself knows no status.
        "status": "pending" if talk.last_role == "agent" else "open",
        "priority": "none",
        "requester_id": requester,
        "assignee_id": talk.answered_by,
        "brand": brand,
        "language": root.get("lang"),
        "created_at": of_ms(began),
        "updated_at": of_ms(talk.last_ms),
        "last_message_at": of_ms(talk.last_ms),
        "is_public": True,
        # Whoever knows more of a conversation has the better row, in whatever order rows arrive.
        "source_version": (talk.last_ms << _RANK_BITS) + min(talk.known, (1 << _RANK_BITS) - 1),
    }


def root_of(post: Post) -> dict[str, Any]:
    """What a conversation keeps of the post that began it."""
    text = str(post.row["body_text"] or "")
    return {
        "text": " ".join(text.split())[:SUBJECT_CHARACTERS] or None, "by": post.author_id,
        "role": post.role, "at": ms(post.created_at), "lang": post.row["language"],
    }  # fmt: skip


def instant(value: Any) -> datetime | None:
    """A time as X writes it; None when it is none or a placeholder."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    if found.tzinfo is None or not 1970 <= found.year <= 2099:
        return None
    return found.astimezone(UTC)


def ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def of_ms(value: int | None) -> datetime | None:
    """The instant of so many milliseconds since 1970."""
    return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


def _attachment(post: Post, told: Json, key: str) -> dict[str, Any]:
    return {
        "attachment_id": key, "message_id": post.id, "conversation_id": post.conversation_id,
        "mime_type": _MEDIA.get(str(told.get("type"))), "url": _text(told.get("url")), "inline": True,
    }  # fmt: skip


def _answered(found: Json) -> str | None:
    for other in found.get("referenced_tweets") or ():
        if other.get("type") == "replied_to":
            return _text(other.get("id"))
    return None


def _engagement(metrics: Json | None) -> str | None:
    if not metrics:
        return None
    return json.dumps({name.removesuffix("_count"): n for name, n in sorted(metrics.items())})


def _language(value: Any) -> str | None:
    # X marks what has no language as und, zxx or q…, for example qme for media alone.
    text = _text(value)
    return None if text is None or text in ("und", "zxx") or text.startswith("q") else text


def _text(value: Any) -> str | None:
    return str(value).replace("\0", "") if value is not None and value != "" else None


def _batch(stream: str, rows: Iterable[Mapping[str, Any]], version: int) -> Iterator[Batch]:
    listed = list(rows)
    if listed:
        yield Batch(stream, _table(stream, listed, version, deleted=False))


def _table(stream: str, rows: Sequence[Mapping[str, Any]], version: int | None, *, deleted: bool) -> pa.Table:
    import pyarrow as pa

    arrays = {}
    for column in _COLUMNS[stream]:
        kind = pa.timestamp("us", "UTC") if column in _INSTANTS else pa.string()
        if column in ("is_public", "inline"):
            kind = pa.bool_()
        arrays[column] = pa.array([row.get(column) for row in rows], kind)
    arrays["source_version"] = pa.array([row.get("source_version", version) for row in rows], pa.int64())
    arrays["is_deleted"] = pa.array([deleted] * len(rows), pa.bool_())
    return pa.table(arrays)


def items(found: Iterable[Json], agents: frozenset[str], users: Iterable[Json]) -> list[Post | Item]:
    """Posts and rejects of a page, in its order."""
    names = {str(user.get("id")): str(user.get("name") or user.get("username") or "") for user in users}
    return [read_post(one, agents, names) for one in found]
