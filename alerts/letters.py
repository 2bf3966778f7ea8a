"""Letters: word whose text is written when it is sent, for one reader and with what they may see then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alerts.words import Message
from core.errors import AppError
from store.workspace import Delivery


class NotForThem(AppError):
    """There is nothing to send to this reader, now or later."""

    code = "not_for_them"


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file in a letter. A picture that the letter shows is named there as `cid:` and its name."""

    name: str
    kind: str  # its media type
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to one reader. Chats and webhooks get `message`; mail gets `html` with what is enclosed.

    `to` is an address; empty: the channel's own recipient.
    """

    message: Message
    html: str
    enclosed: tuple[Enclosed, ...] = ()
    to: str = ""


# Writes what a delivery is to say. Raises NotForThem, or another AppError for what may be better later.
Writer = Callable[[Delivery], Letter]
