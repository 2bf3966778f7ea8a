"""Which messages were said in public: to the customer or by them, as a message or on the phone.

Notes and events are not, nor what its source marks as private; where a source says nothing, a message is public. The
same condition is written here in SQL, in Ibis and for a row, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS: Final = ("message", "voice")  # of a message without a kind too


def public(m: str = "m") -> str:
    """SQL: whether the row `m` of messages was said in public, whether or not it is deleted."""
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    return f"(coalesce({m}.is_public, true) AND coalesce({m}.kind, 'message') IN ({kinds}))"


def spoken(m: str = "m") -> str:
    """SQL: whether the row `m` of messages was said in public and is not deleted."""
    return f"({public(m)} AND NOT coalesce({m}.is_deleted, false))"


def spoken_rows(messages: ir.Table) -> ir.BooleanValue:
    """The same of a whole table."""
    is_public = messages.is_public.fill_null(True) & messages.kind.fill_null("message").isin(KINDS)
    found: ir.BooleanValue = is_public & ~messages.is_deleted.fill_null(False)
    return found


def is_spoken(message: Mapping[str, Any]) -> bool:
    """The same of one row with is_public and kind, and is_deleted where deleted ones are among them."""
    is_public = message["is_public"] is not False and (message["kind"] or "message") in KINDS
    return is_public and not message.get("is_deleted")


def is_private(message: Mapping[str, Any]) -> bool:
    """Whether a row is a note, or was marked as private: an event is neither that nor spoken."""
    return message["is_public"] is False or message["kind"] == "note"
