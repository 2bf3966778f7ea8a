"""The moods of a conversation, from the worst to the best."""

from __future__ import annotations

from typing import Final

MOODS: Final = ("negative", "neutral", "positive")
