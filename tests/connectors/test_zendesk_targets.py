"""Applied SLA policies: an export of its own, where it is switched on."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from core.home import Home
from core.stream import Checkpoint, Progress
from tests.connectors.zendesk_lab import TODAY, Office, ago, office
from tests.fakes import zendesk_shapes as shapes

PATH = "incremental/ticket_metric_events"
APPLIED = """
    SELECT conversation_id, new_value, occurred_at, actor_role FROM conversation_events
    WHERE field = 'sla' ORDER BY occurred_at"""


@pytest.fixture
def desk(home: Home, now: datetime) -> Iterator[Office]:
    with office(home) as found:
        yield found


def test_it_is_not_read_unless_asked_for(desk: Office) -> None:
    desk.ticket(1, ago(days=3))
    desk.account.apply_sla(1, shapes.sla_policy(7, ago(days=9)), at=ago(days=3))
    desk.world().sync()
    assert desk.asked(PATH) == []
    assert desk.world().rows(APPLIED) == []


def test_policies_as_they_were_applied(desk: Office) -> None:
    """The recent one first, then those before the window; clocks that start and stop are no events of ours."""
    policy, other = (shapes.sla_policy(number, ago(days=99)) for number in (7, 8))
    desk.ticket(1, ago(days=80))
    desk.account.apply_sla(1, policy, at=ago(days=80))
    desk.ticket(2, ago(days=3))
    desk.account.apply_sla(2, policy, at=ago(days=3))
    desk.account.apply_sla(2, other, at=ago(days=2))
    desk.account.apply_sla(2, other, at=ago(days=1))
    desk.account.metric_events[-1]["sla"] = {"target": None, "policy": None}
    world = desk.world(ticket_metric_events=True)
    assert world.sync().status == "ok"
    assert world.rows(APPLIED) == [
        ("1", "7", ago(days=80), "system"), ("2", "7", ago(days=3), "system"), ("2", "8", ago(days=2), "system")
    ]  # fmt: skip
    starts = [int(query["start_time"]) for _, query in desk.asked(PATH)]
    assert starts == [
        int(ago(days=30, minutes=5).timestamp()),
        0,
    ]  # five minutes are read twice, for late events
    desk.account.apply_sla(1, other, at=TODAY - timedelta(minutes=20))
    desk.zendesk.advance(60)
    world.sync()
    assert world.rows(APPLIED)[-1] == ("1", "8", TODAY - timedelta(minutes=20), "system")
    assert int(desk.asked(PATH)[-1][1]["start_time"]) > starts[0]


def test_a_plan_without_it(desk: Office) -> None:
    desk.ticket(1, ago(days=3))
    desk.zendesk.rules.forbidden = (PATH,)
    told = list(desk.read(ticket_metric_events=True))
    left_out = [one.text for one in told if isinstance(one, Progress) and one.text.startswith("SLA events")]
    assert len(left_out) == 1 and "left out" in left_out[0]
    assert "ticket_events" in {one.stream for one in told if isinstance(one, Checkpoint)}


def test_a_second_with_more_events_than_a_page(desk: Office) -> None:
    policy = shapes.sla_policy(7, ago(days=99))
    desk.ticket(1, ago(days=3))
    for _ in range(25):
        desk.account.apply_sla(1, policy, at=ago(days=2))
    desk.account.apply_sla(1, policy, at=ago(days=1))
    told = list(desk.read(ticket_metric_events=True, page_size=10))
    assert [one.text for one in told if isinstance(one, Progress) and "more than a page" in one.text] == [
        f"SLA events of {ago(days=2)} are left out: there are more than a page holds"
    ]
