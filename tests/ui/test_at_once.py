"""Answers are made a few at a time: who waits is told, and goes in when somebody comes out."""

from __future__ import annotations

import threading

import pytest

from ui.at_once import Turns


def nobody_waits() -> None:
    raise AssertionError("there was room")


def test_there_is_room_for_so_many_and_the_next_is_told_until_somebody_leaves() -> None:
    turns, told, leave, inside = Turns(), threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with turns.taken(1, nobody_waits):
            inside.set()
            leave.wait(5)

    def waiting() -> None:
        told.set()
        leave.set()

    one = threading.Thread(target=first)
    one.start()
    assert inside.wait(5)
    with turns.taken(1, waiting):
        assert told.is_set() and leave.is_set()
    one.join(5)
    with turns.taken(2, nobody_waits), turns.taken(2, nobody_waits):
        pass


def test_who_leaves_while_waiting_or_fails_inside_takes_nobodys_place() -> None:
    turns = Turns()

    def gone() -> None:
        raise KeyboardInterrupt

    with turns.taken(1, nobody_waits), pytest.raises(KeyboardInterrupt), turns.taken(1, gone):
        pass
    with pytest.raises(ValueError, match="broken"), turns.taken(1, nobody_waits):
        raise ValueError("broken")
    with turns.taken(1, nobody_waits):
        pass
