"""Alert rules, incidents and deliveries of the viewer. Never cached, but for previews: another process changes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core import clock
from core.errors import InputError, QuestionError
from core.viewer import Viewer
from ui import resources, trail
from ui.caching import kept

if TYPE_CHECKING:
    from alerts.history import Preview
    from alerts.rules import Rule
    from store.workspace import AlertRule, AlertState, Delivery, Incident

DAYS = 30


def may_change() -> bool:
    """Whether the viewer may make rules, and send tests."""
    return resources.viewer().may("alerts")


def rules() -> list[AlertRule]:
    """The viewer's rules, in the order they were made."""
    return resources.workspace().alert_rules(resources.me())


def states() -> dict[int, dict[str, AlertState]]:
    """What the viewer's rules remember: by rule, then by segment."""
    return resources.workspace().alert_states(resources.me())


def open_incidents() -> list[Incident]:
    """The viewer's open incidents, the newest first."""
    return resources.workspace().incidents(resources.me(), only_open=True)


def ended_incidents(limit: int = 50) -> list[Incident]:
    """The viewer's incidents that are over, the newest first."""
    return [one for one in resources.workspace().incidents(resources.me(), limit=limit) if not one.is_open]


def deliveries(limit: int = 100) -> list[Delivery]:
    """What was sent to the viewer's channels, the newest first."""
    return resources.workspace().deliveries(resources.me(), limit=limit)


def channels() -> dict[str, str]:
    """The channels of the settings by name, with their kind. Their addresses are secrets."""
    return {channel.name: channel.kind for channel in resources.settings().channels}


def checked(kind: str, said: Mapping[str, Any]) -> Rule:
    """The rule that a form says. Raises InputError for one that makes no sense, or names what is not there."""
    from alerts.readings import Asker, check
    from alerts.rules import read

    try:
        rule = read(kind, said)
        check(rule, Asker(resources.home(), resources.settings()), resources.viewer())
    except QuestionError as error:
        raise InputError(error.message, hint=error.hint) from None
    return rule


def unit_of(rule: AlertRule) -> str:
    """The unit of what a rule's value is held in; that of a count where the metric is not there any more."""
    from analytics import catalogue

    if rule.kind == "source_stale":
        return "seconds"
    if rule.kind in ("anomaly", "off_forecast", "topic_rising"):
        return "count"
    if rule.kind == "answers":
        return "share"
    try:
        return catalogue.find(str(rule.definition.get("metric") or "sla_breaches"), resources.settings()).unit
    except QuestionError:
        return "count"


def save(id: int | None, name: str, kind: Any, said: Mapping[str, Any]) -> None:
    """Keep a new rule, or write one of the viewer's anew. Raises InputError, NoAccess."""
    with trail.changing("alerts", "alert rule", name=name):
        checked(kind, said)
        if id is None:
            resources.workspace().add_alert_rule(name, kind, said, owner=resources.me())
        elif not resources.workspace().change_alert_rule(id, name, kind, said, owner=resources.me()):
            raise InputError("the rule is not there any more.", hint="Save it as a new one.")


def delete(id: int, name: str) -> None:
    """Forget one of the viewer's rules."""
    with trail.changing("alerts", "deleted alert rule", name=name):
        resources.workspace().delete_alert_rule(id, owner=resources.me())


def enable(id: int, *, enabled: bool) -> None:
    """Switch one of the viewer's rules on or off."""
    with trail.changing("alerts", "alert rule", id=id, enabled=enabled):
        resources.workspace().enable_alert_rule(id, owner=resources.me(), enabled=enabled)


def snooze(id: int, hours: int | None) -> None:
    """Keep a rule's word back for so many hours; None: no longer."""
    until = clock.now() + timedelta(hours=hours) if hours else None
    with trail.changing("alerts", "alert rule snoozed", id=id, hours=hours):
        resources.workspace().snooze_alert_rule(id, until, owner=resources.me())


def acknowledge(id: int) -> None:
    """Note that the viewer has seen an incident."""
    resources.workspace().acknowledge_incident(id, owner=resources.me())


def send_again(id: int) -> None:
    """Try a delivery anew that ended as unknown or was given up."""
    with trail.changing("alerts", "sent again", id=id):
        resources.workspace().send_again(id, owner=resources.me())


def test(channel: str) -> Delivery:
    """Send a test to a channel now. Raises ConfigError."""
    from alerts import outbox

    with trail.changing("alerts", "channel tested", channel=channel):
        return outbox.test(resources.workspace(), resources.settings(), channel, owner=resources.me())


def preview(kind: str, said: Mapping[str, Any], days: int = DAYS) -> Preview:
    """What a rule would have done in the last days. Raises InputError, QuestionError, NotEnoughData."""
    checked(kind, said)
    text = json.dumps(dict(said), sort_keys=True)
    return _preview(
        kind, text, days, _hour(), resources.viewer(), resources.fingerprint(), resources.reader().number
    )


@kept(50)
def _preview(
    kind: str, said: str, days: int, hour: datetime, viewer: Viewer, place: str, generation: int
) -> Preview:
    from alerts import history
    from alerts.readings import Asker
    from alerts.rules import read

    asker = Asker(resources.home(), resources.settings())
    return history.preview(read(kind, json.loads(said)), asker, viewer, days=days)


def _hour() -> datetime:
    return clock.now().replace(minute=0, second=0, microsecond=0)
