"""Conversations: the list behind the numbers, and one of them with everything that is known about it."""

from ui.conversations import listing, one

__all__ = ["listing", "one"]
