"""What the form of an alert rule shows at first: of a kept rule what it means, of a new one what is suggested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from alerts.rules import DEFAULTS

EFFECTIVE: Final[Mapping[str, Any]] = {
    **{name: DEFAULTS[name] for name in ("window", "against", "change_in", "direction", "clear", "times", "min_n")},
    **{name: DEFAULTS[name] for name in ("by", "within_min", "tell_end")},
    "level": "0", "sources": [], "quiet": "", "filters": {},
}  # fmt: skip
_SUGGESTED: Final[Mapping[str, Mapping[str, Any]]] = {
    "threshold": {"level": ""},
    "change": {"level": "20"},
    "source_stale": {"level": "6h"},
    "off_forecast": {"times": 2},
    "topic_rising": {"level": "20"},
    "answers": {"level": "30 %", "min_n": 10},
}
EMPTY_ZONE: Final = "UTC"  # of quiet hours that name none


def shown(
    kind: str, was: Mapping[str, Any], *, is_kept: bool, channels: list[str], zone: str
) -> dict[str, Any]:
    """Every key of a definition with what the form says; a new rule tells all `channels`, in the `zone` of reports.

    `is_kept`: `was` is kept as a rule of this kind, so that what it leaves out has its meaning.
    """
    said = {name: value for name, value in was.items() if value not in (None, "")}
    if is_kept:
        zone = EMPTY_ZONE if said.get("quiet") else zone
        return {**EFFECTIVE, "channels": [], "quiet_zone": zone, **said}
    if kind != "change" and said.get("direction") == "either":
        del said["direction"]
    return {
        **EFFECTIVE,
        "metric": "volume",
        "channels": channels,
        "quiet_zone": zone,
        **_SUGGESTED.get(kind, {}),
        **said,
    }


def whole(was: Mapping[str, Any], said: Mapping[str, Any], *, is_kept: bool) -> dict[str, Any]:
    """What the form says, with what a kept rule says and the form of its kind has no field for."""
    return {**was, **said} if is_kept else dict(said)
