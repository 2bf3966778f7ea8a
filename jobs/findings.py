"""What the doctor says about one thing that it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "broken"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. Only `broken` makes the exit code 1."""

    name: str
    state: State
    message: str
    hint: str = ""
