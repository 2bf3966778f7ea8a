from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from core.errors import InputError
from store.workspace import Workspace
from store.workspace.topic_choices import MOST_PARTS, merged


def test_choices_are_kept_in_their_order_with_their_names(workspace: Workspace, now: datetime) -> None:
    workspace.rename_topic(3, "  Late\nparcels ", viewer="ann")
    workspace.move_topic(3, "Logistics", viewer="bob")
    workspace.pin_topic(4, viewer="ann")
    workspace.split_topic(5, 2, viewer="ann")
    workspace.merge_topics(6, 7, viewer="ann")
    workspace.refit_topics(viewer="ann")
    told = [(c.kind, c.topic_id, c.target_id, c.words, c.viewer) for c in workspace.topic_choices_in_force()]
    assert told == [
        ("rename", 3, None, "Late parcels", "ann"), ("move", 3, None, "Logistics", "bob"),
        ("pin", 4, None, None, "ann"), ("split", 5, 2, None, "ann"), ("merge", 6, 7, None, "ann"),
        ("refit", None, None, None, "ann"),
    ]  # fmt: skip
    assert {c.at for c in workspace.topic_choices_in_force()} == {now}


def test_what_was_undone_is_not_in_force(workspace: Workspace, now: datetime) -> None:
    first = workspace.rename_topic(3, "Parcels", viewer="ann")
    second = workspace.rename_topic(3, "Deliveries", viewer="bob")
    assert workspace.undo_topic_choice(second, viewer="ann")
    assert not workspace.undo_topic_choice(second, viewer="ann")
    assert [c.id for c in workspace.topic_choices_in_force()] == [first]


def test_a_circle_of_merges_is_refused(workspace: Workspace, now: datetime) -> None:
    workspace.merge_topics(1, 2, viewer="ann")
    workspace.merge_topics(2, 3, viewer="ann")
    for topic, into in ((3, 1), (2, 1), (4, 4)):
        with pytest.raises(InputError, match="cannot be merged"):
            workspace.merge_topics(topic, into, viewer="ann")
    assert merged(workspace.topic_choices_in_force()) == {1: 3, 2: 3}


@pytest.mark.parametrize("parts", [-1, 0, 1, MOST_PARTS + 1])
def test_a_split_has_a_few_parts(workspace: Workspace, parts: int) -> None:
    with pytest.raises(InputError, match="split"):
        workspace.split_topic(1, parts, viewer="ann")


def test_two_who_merge_each_other_at_once_make_no_endless_chain(
    opened: Callable[[], Workspace], now: datetime
) -> None:
    one, other = opened(), opened()
    one.merge_topics(1, 2, viewer="ann")
    choices = one.topic_choices_in_force()
    other.undo_topic_choice(choices[0].id, viewer="bob")
    other.merge_topics(2, 1, viewer="bob")
    assert merged([*choices, *other.topic_choices_in_force()]) == {1: 2, 2: 1}
