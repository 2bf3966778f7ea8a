"""What is kept between runs, and what a run holds on to."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.filters import Filters, Period
from core.viewer import EVERYTHING, Viewer
from tests.shared import copy_of
from ui import moment, resources
from ui.caching import kept

ASKED: list[Any] = []


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    st.cache_data.clear()
    ASKED.clear()


@kept(2)
def first(what: Any, viewer: Viewer = EVERYTHING) -> list[Any]:
    ASKED.append(what)
    if what == "wrong":
        raise ValueError("wrong")
    return [what, viewer.name]


@kept(2)
def second(what: Any) -> list[Any]:
    ASKED.append(what)
    return ["second", what]


@kept(2)
def of_generation(what: Any, place: str, generation: int) -> list[Any]:
    ASKED.append(generation)
    return [what, place, generation]


def test_the_same_arguments_are_asked_once_and_give_everybody_a_copy() -> None:
    october = Filters.of(Period(date(2026, 10, 1), date(2026, 10, 31)), {"team": ["a", "b"]})
    again = Filters.of(Period(date(2026, 10, 1), date(2026, 10, 31)), {"team": ["b", "a"]})
    found = first(october)
    found.append("spoiled")
    assert first(again) == [october, "everyone"] and len(ASKED) == 1


@pytest.mark.parametrize(("one", "other"), [
    (1, "1"), (None, "None"), (("a", "b"), ("a, b",)), ("a'", 'a"'), (date(2026, 1, 1), "2026-01-01"),
    (Filters.of(None, {"team": ["a', 'b"]}), Filters.of(None, {"team": ["a", "b"]})),
])  # fmt: skip
def test_unlike_arguments_are_never_taken_for_each_other(one: Any, other: Any) -> None:
    assert first(one)[0] == one and first(other)[0] == other and [one, other] == ASKED


def test_viewers_and_functions_are_kept_apart() -> None:
    bea = Viewer(name="bea", teams=("Billing",))
    assert [first(1), first(1, bea), second(1)] == [[1, "everyone"], [1, "bea"], ["second", 1]]
    assert [first(1), first(1, bea), second(1)] == [[1, "everyone"], [1, "bea"], ["second", 1]] and len(
        ASKED
    ) == 3


def test_the_oldest_goes_and_a_failure_is_not_kept() -> None:
    for what in (1, 2, 3, 1):
        first(what)
    assert ASKED == [1, 2, 3, 1]
    for _ in range(2):
        with pytest.raises(ValueError, match="wrong"):
            first("wrong")
    assert ASKED[-2:] == ["wrong", "wrong"]


def test_what_was_kept_goes_with_the_generation_that_nobody_shows() -> None:
    shown = [of_generation("volume", "here", number) for number in (1, 2, 1, 3, 1, 2)]
    assert shown[0] == ["volume", "here", 1] and ASKED == [1, 2, 3]
    of_generation("volume", "here", 4)  # the fourth: of these, 3 was shown the longest time ago
    assert [of_generation("volume", "here", number)[2] for number in (1, 2, 4)] == [1, 2, 4]
    assert ASKED == [1, 2, 3, 4]
    of_generation("volume", "here", 3)
    assert ASKED == [1, 2, 3, 4, 3]
    of_generation("volume", "there", 3)  # other settings, another result
    assert ASKED == [1, 2, 3, 4, 3, 3] and first("other") and first("other") and ASKED[-1] == "other"


def test_nothing_of_a_generation_stays_when_another_takes_its_place() -> None:
    for number in (1, 2, 3, 4, 2, 3, 1):  # 4 takes the place of 1, and 1 that of 4
        of_generation("volume", "elsewhere", number)
    assert ASKED == [1, 2, 3, 4, 1]


def test_names_are_no_keys() -> None:
    with pytest.raises(TypeError, match="positional"):
        first(what=1)


def page() -> None:
    import streamlit as st

    from ui import moment

    def made() -> int:
        st.session_state.made = st.session_state.get("made", 0) + 1
        return int(st.session_state.made)

    st.text(f"{moment.held('n', made)} {moment.held('n', made)} {moment.peek('n')}")
    if st.button("Change"):
        moment.drop("n")
        st.text(f"changed {moment.held('n', made)}")
    if st.button("Again"):
        st.rerun()


def test_a_run_holds_what_it_made_and_the_next_makes_its_own() -> None:
    test = AppTest.from_function(page).run()
    assert test.text[0].value == "1 1 1"
    test.run()
    assert test.text[0].value == "2 2 2"
    test.button[0].click().run()
    assert [text.value for text in test.text] == ["3 3 3", "changed 4"]
    test.button[1].click().run()
    assert test.text[0].value == "6 6 6"  # the run of the click, and the one it asks for


def test_outside_of_runs_nothing_is_held() -> None:
    made = iter(range(9))
    assert [moment.held("n", lambda: next(made)) for _ in range(2)] == [0, 1] and moment.peek("n") is None
    moment.drop("n")


def both() -> None:
    import streamlit as st

    from store import generations
    from ui import resources

    before = resources.reader().number
    if "published" not in st.session_state:
        st.session_state.published = True
        generations.publish(resources.home(), resources.reader().generation.path, keep=3)
    st.text(
        f"{before} {resources.reader().number} {resources.generation()} {resources.reader_of(before).number}"
    )


def test_a_page_is_of_one_generation_though_another_is_published_meanwhile(
    sample_home: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_of(sample_home, tmp_path / "copy")
    monkeypatch.setenv("SUPPORTLENS_HOME", str(tmp_path / "copy"))
    test = AppTest.from_function(both, default_timeout=30).run()
    first_of_page = test.text[0].value.split()
    assert not test.exception and len(set(first_of_page)) == 1
    test.run()
    number = str(int(first_of_page[0]) + 1)
    assert test.text[0].value.split() == [number] * 4


def test_a_journal_that_goes_away_while_it_is_looked_at_is_no_error(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORTLENS_HOME", str(tmp_path))
    assert resources.indexed() == 0
    index = tmp_path / "index"
    index.mkdir()
    (index / "keywords.sqlite-journal").symlink_to(index / "gone")  # listed, and not there any more
    assert resources.indexed() == 0
    (index / "keywords.sqlite").write_bytes(b"")
    assert resources.indexed() == (index / "keywords.sqlite").stat().st_mtime_ns
