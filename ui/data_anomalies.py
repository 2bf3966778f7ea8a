"""What is unusual, cached like everything in `ui.data`; what people say of it is never cached, and noted as it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import InputError
from core.filters import Filters
from core.viewer import Viewer
from ui import data, masking, resources, trail
from ui.caching import kept

if TYPE_CHECKING:
    from analytics.anomalies.context import Told
    from analytics.anomalies.incidents import Incident
    from analytics.anomalies.report import AnomalyReport
    from analytics.anomalies.verdicts import Verdicts
    from store.workspace import AnomalyVerdict


def report(filters: Filters) -> AnomalyReport:
    """Everything unusual of the period, with what people noted and said of it so far."""
    from analytics.anomalies.context import events_of
    from analytics.anomalies.verdicts import told_by

    workspace, zone = resources.workspace(), resources.settings().workspace.zone
    events, said = events_of(workspace.notes()), told_by(workspace.anomaly_verdicts(), zone)
    return _report(filters, events, said, resources.viewer(), *data.stamp())


@kept(50, waiting="Looking for what is unusual …")
def _report(
    filters: Filters, events: tuple[Told, ...], said: Verdicts, viewer: Viewer, place: str, generation: int
) -> AnomalyReport:
    from analytics.anomalies.report import anomalies

    found = anomalies(
        resources.reader_of(generation), filters, settings=resources.settings(), viewer=viewer,
        events=events, verdicts=said,
    )  # fmt: skip
    return masking.shown(found)


def say(incident: Incident, saying: str) -> None:
    """Keep what the viewer says of an incident; an expected event is noted too. Raises InputError, NoAccess."""
    from analytics.anomalies.words import slice_words

    if incident.whole is None:
        raise InputError("the filters of the page are no slice.", hint="Choose one value of each dimension.")
    of = f" of {slice_words(incident.whole)}" if incident.whole else ""
    with trail.changing("share", "anomaly verdict", incident=incident.key, saying=saying):
        resources.workspace().say_of_anomaly(
            incident.key, saying, metric=incident.metric, where=incident.whole, days=(incident.start, incident.end),
            viewer=resources.me(), of=f"{incident.title}{of}", is_above=incident.is_above,
        )  # fmt: skip


def said() -> list[AnomalyVerdict]:
    """What everybody said and nobody took back."""
    return resources.workspace().anomaly_verdicts()


def take_back(id: int) -> None:
    """Take a saying back. Raises NoAccess."""
    with trail.changing("share", "anomaly verdict taken back", id=id):
        resources.workspace().undo_anomaly_verdict(id, viewer=resources.me())
