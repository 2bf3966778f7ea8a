"""What a card says: one thing at a time, and nothing that another of its sentences denies."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.anomalies.causes import Cause
from analytics.anomalies.grouping import Card
from analytics.anomalies.incidents import Incident, find
from analytics.anomalies.judging import judge
from analytics.anomalies.words import sentences
from analytics.rootcause.evidence import Evidence
from tests.analytics.anomalies.panels import counts

CHAT = Cause((("channel", "chat"),), 0.8, 60, Evidence((), (), 60), 60.0, 5.0)
ALONE, REST = "It is spread evenly: no single slice stands out.", "What is left of it is spread evenly."


@pytest.fixture(scope="module")
def incident() -> Incident:
    values = np.random.default_rng(3).integers(18, 23, 120)
    values[110] = 90
    panel = counts(values)
    return find(panel, judge(panel))[0]


@pytest.mark.parametrize(
    ("causes", "evenly", "said", "unsaid"),
    [
        ((), True, ALONE, REST),
        ((CHAT,), True, REST, ALONE),
        ((), False, "No slice of it stands out beyond chance.", "evenly"),
        ((CHAT,), False, "It goes with channel chat", "evenly"),
    ],
)
def test_evenly_is_said_of_all_or_of_what_causes_leave(
    incident: Incident, causes: tuple[Cause, ...], evenly: bool, said: str, unsaid: str
) -> None:
    told = " ".join(sentences(Card(incident, (), causes, evenly)))
    assert said in told and unsaid not in told
