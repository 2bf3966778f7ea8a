"""Which generation pages show while newer ones are published."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import NotEnoughData, NothingPublished, QuestionError, StoreError
from core.home import Home
from store import generations
from store.backup import back_up
from store.restore import restore
from tests.shared import copy_of
from ui import caching, following
from ui.following import Following

SOON_S = 20.0


@pytest.fixture
def publish(home: Home, tmp_path: Path) -> Callable[[], int]:
    """A function that publishes one more generation."""
    work = tmp_path / "work.duckdb"
    work.write_bytes(b"\0" * 8 + b"DUCK")
    home.warehouse.mkdir(parents=True, exist_ok=True)
    return lambda: generations.publish(home, work, keep=3).number


def soon(is_so: Callable[[], bool]) -> bool:
    until = time.monotonic() + SOON_S
    while time.monotonic() < until:
        if is_so():
            return True
        time.sleep(0.01)
    return False


class Work:
    """Something to compute that ends when it is told to; it notes for which generation it began."""

    def __init__(self, *, fails: Exception | None = None) -> None:
        self.begun: list[int] = []
        self.may_end = threading.Event()
        self.fails = fails

    def __call__(self, number: int) -> list[Callable[[], object]]:
        def compute() -> None:
            self.begun.append(number)
            assert self.may_end.wait(SOON_S)
            if self.fails is not None:
                raise self.fails

        return [compute, compute]


def making_ready(home: Home, publish: Callable[[], int]) -> tuple[Following, Work]:
    """A server that shows the first generation while the second is made ready, and what it waits for."""
    work = Work()
    follow = Following(home, work)
    publish(), follow.number(), publish()
    assert follow.number() == 1 and soon(lambda: work.begun == [2])
    return follow, work


def test_before_the_first_refresh_nothing_is_published(home: Home) -> None:
    with pytest.raises(NothingPublished):
        Following(home, lambda _: []).number()


def test_where_nobody_asked_for_anything_a_generation_is_shown_at_once(
    home: Home, publish: Callable[[], int]
) -> None:
    follow = Following(home, lambda _: [])
    assert [publish(), follow.number(), publish(), follow.number()] == [1, 1, 2, 2]


def test_a_generation_is_shown_when_what_was_asked_for_is_computed(
    home: Home, publish: Callable[[], int]
) -> None:
    work = Work()
    follow = Following(home, work)
    publish()
    assert follow.number() == 1 and work.begun == []
    publish()
    assert [follow.number() for _ in range(5)] == [1] * 5
    work.may_end.set()
    assert soon(lambda: follow.number() == 2) and work.begun == [2, 2]


def test_what_is_published_meanwhile_comes_next(home: Home, publish: Callable[[], int]) -> None:
    work = Work()
    follow = Following(home, work)
    publish(), follow.number(), publish(), follow.number(), publish()
    assert follow.number() == 1
    work.may_end.set()
    assert soon(lambda: follow.number() == 3) and work.begun == [2, 2, 3, 3]


def test_a_restore_is_followed_at_once(sample_home: Home, tmp_path: Path) -> None:
    home, work = copy_of(sample_home, tmp_path / "copy"), Work()
    back_up(home, tmp_path / "a.tar")
    last = generations.publish(home, home.warehouse / "work.duckdb", keep=3)
    follow = Following(home, work)
    assert follow.number() == last.number
    restore(tmp_path / "a.tar", home, replace=True)
    assert follow.number() == last.number + 1 and work.begun == []


def test_publishes_close_together_are_followed_with_a_rest_between(
    home: Home, publish: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "REST", 1e9)
    work = Work()
    work.may_end.set()
    follow = Following(home, work)
    publish(), follow.number(), publish()
    assert soon(lambda: follow.number() == 2)
    publish(), publish()
    assert [follow.number() for _ in range(5)] == [2] * 5 and work.begun == [2, 2]
    monkeypatch.setattr(follow, "_rest_until", 0.0)  # the rest is over
    assert soon(lambda: follow.number() == 4) and work.begun == [2, 2, 4, 4]


def test_a_rollback_is_followed_at_once(home: Home, publish: Callable[[], int]) -> None:
    work = Work()
    follow = Following(home, work)
    publish(), publish(), publish()
    assert follow.number() == 3
    generations.rollback(home)
    assert follow.number() == 2 and work.begun == []


def test_a_generation_of_which_something_was_erased_is_not_shown_any_longer(
    home: Home, publish: Callable[[], int]
) -> None:
    work = Work()
    follow = Following(home, work)
    publish(), follow.number(), publish()
    generations.forget_others(home)
    assert follow.number() == 2 and work.begun == []
    publish()
    assert follow.number() == 2 and soon(lambda: work.begun == [3])  # what is being made ready holds it too
    publish()
    generations.forget_others(home)
    publish()
    assert follow.number() == 5
    work.may_end.set()


def test_one_that_was_merely_cleaned_away_is_shown_on(home: Home, publish: Callable[[], int]) -> None:
    work = Work()
    follow = Following(home, work)
    publish(), follow.number(), publish(), follow.number(), publish(), publish()
    assert generations.all_generations(home) == [2, 3, 4] and follow.number() == 1
    work.may_end.set()
    assert soon(lambda: follow.number() == 4)


def test_nobody_waits_for_it_for_ever(
    home: Home, publish: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    follow, work = making_ready(home, publish)
    monkeypatch.setattr(following, "PATIENCE_S", 0.0)
    assert follow.number() == 2
    work.may_end.set()
    assert soon(lambda: not [one for one in threading.enumerate() if one.name == "ahead"])
    assert work.begun == [2] and follow.number() == 2  # the rest is computed when it is asked for


def test_what_is_nearly_ready_is_shown_rather_than_what_was_published_since(
    home: Home, publish: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    follow, work = making_ready(home, publish)
    publish()
    with monkeypatch.context() as patch:
        patch.setattr(following, "PATIENCE_S", 0.0)
        assert follow.number() == 2
    assert follow.number() == 2 and soon(lambda: work.begun == [2, 3])
    work.may_end.set()
    assert soon(lambda: follow.number() == 3)


def test_whoever_refreshed_sees_it_at_once(home: Home, publish: Callable[[], int]) -> None:
    work = Work()
    follow = Following(home, work)
    publish(), follow.number(), publish()
    assert follow.number() == 1 and follow.at_once() == 2 and follow.number() == 2
    work.may_end.set()


@pytest.mark.parametrize("error", [QuestionError("no such team."), NotEnoughData("empty."), ValueError("?")])
def test_what_cannot_be_computed_holds_nothing_up(
    home: Home, publish: Callable[[], int], error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work(fails=error)
    work.may_end.set()
    follow = Following(home, work)
    publish(), follow.number(), publish()
    with caplog.at_level(logging.INFO):
        assert soon(lambda: follow.number() == 2)
    assert ("could not be computed ahead" in caplog.text) is isinstance(error, ValueError)


def test_one_that_cannot_be_read_is_tried_again_and_shown_in_the_end(
    home: Home, publish: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work(fails=StoreError("a newer one was published."))
    work.may_end.set()
    follow = Following(home, work)
    publish(), follow.number(), publish()
    assert soon(lambda: follow.number() == 1 and len(work.begun) >= 3) and set(work.begun) == {2}
    monkeypatch.setattr(following, "PATIENCE_S", 0.0)
    assert follow.number() == 2  # where a page says what is wrong with it


def test_only_what_was_asked_lately_of_this_workspace_is_computed_ahead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(caching, "_asked", type(caching._asked)())
    made: list[tuple[str, str, int]] = []

    @caching.kept(ahead=True)
    def number(name: str, place: str, generation: int) -> int:
        made.append((name, place, generation))
        return generation

    number("a", "here", 1), number("b", "here", 1), number("a", "here", 1), number("c", "there", 1)
    for compute in caching.lately("here", 2):
        compute()
    assert made == [("a", "here", 1), ("b", "here", 1), ("c", "there", 1), ("a", "here", 2), ("b", "here", 2)]
    assert number("a", "here", 2) == number("b", "here", 2) == 2 and len(made) == 5
    monkeypatch.setattr(caching, "LATELY_S", -1.0)
    assert not list(caching.lately("here", 3))


def page() -> None:
    import streamlit as st

    from core.filters import Filters, Period
    from ui import data, resources

    end = data.span()[1]
    shown = data.metric("volume", Filters(period=Period(end.replace(day=1), end)))
    st.text(f"{resources.generation()} {resources.reader().number} {shown.total.value}")
    if st.button("Refreshed"):
        resources.catch_up()
        st.text(f"{resources.generation()} {resources.reader().number}")


def test_a_page_is_not_kept_waiting_by_a_publish(
    sample_home: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analytics import compute
    from store.reader import open_reader

    copy_of(sample_home, tmp_path / "copy")
    monkeypatch.setenv("SUPPORTLENS_HOME", str(tmp_path / "copy"))
    copy, computed, real = Home(tmp_path / "copy"), list[int](), compute.compute

    def counted(reader: Any, *arguments: Any, **named: Any) -> Any:
        computed.append(reader.number)
        return real(reader, *arguments, **named)

    monkeypatch.setattr(compute, "compute", counted)
    test = AppTest.from_function(page, default_timeout=60).run()
    before, read, value = test.text[0].value.split()
    assert not test.exception and before == read and computed == [int(before)]
    number = generations.publish(copy, open_reader(copy).generation.path, keep=3).number
    seen = [test.run().text[0].value.split()]
    assert soon(lambda: seen.append(test.run().text[0].value.split()) or seen[-1][0] == str(number))
    assert {tuple(one) for one in seen} == {(before, before, value), (str(number), str(number), value)}
    assert computed == [int(before), number]  # ahead, and not once more by the page
    number = generations.publish(copy, open_reader(copy).generation.path, keep=3).number
    test.button[0].click().run()
    assert test.text[1].value == f"{number} {number}"
