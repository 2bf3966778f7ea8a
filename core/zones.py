"""Time zones in settings: names of the IANA database, nothing else."""

from __future__ import annotations

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator


def is_zone(value: str) -> bool:
    """Whether the IANA database knows it."""
    return value in _names()


@cache
def _names() -> frozenset[str]:
    """All of them, looked up once: it means reading hundreds of folders and files."""
    return frozenset(available_timezones())


def _known(value: str) -> str:
    if not is_zone(value):
        raise ValueError(f"{value!r} is not an IANA zone such as Europe/London")
    return value


Zone = Annotated[str, AfterValidator(_known)]
