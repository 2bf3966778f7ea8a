from collections.abc import Sequence
from contextlib import closing

import numpy as np
import pytest

from core.home import Home
from rag.keywords import Keywords, names_something_exact, number, search_terms


def found(words: Keywords, text: str, within: Sequence[int] | None = None) -> list[int]:
    numbers, scores = words.scored(text, None if within is None else np.array(within))
    return numbers[np.argsort(-scores)].tolist()


def test_words_and_phrases_are_looked_for() -> None:
    assert search_terms("Where is my parcel?") == ["where", "is", "my", "parcel"]
    assert search_terms("ERR-5021") == ["err 5021", "err", "5021"]
    assert search_terms('the "gift card" code') == ["gift card", "the", "gift", "card", "code"]
    assert search_terms("what's wrong") == ["what", "s", "wrong"]
    assert search_terms("?!") == []


def test_words_that_nearly_all_hold_are_left_out_only_where_there_is_much(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Keywords(home, write=True)) as words:
        words.put([(n, f"s:{n}#0", "h", f"my parcel {n}") for n in range(1, 6)])
        assert len(found(words, "my parcel 4")) == 5
        monkeypatch.setattr("rag.keywords.MOST_ROWS", 3)
        assert found(words, "my parcel 4") == [4]


@pytest.mark.parametrize("text", ["error ERR-5021", "invoice 20417", '"not accepted"', "user_id", "PT12"])
def test_exact_names_are_seen(text: str) -> None:
    assert names_something_exact(text)


def test_plain_words_are_not_exact() -> None:
    assert not names_something_exact("my parcel is late")


@pytest.mark.parametrize(
    "text", ['a" OR 1', "NEAR(a b)", "body: x", "x*", "a AND", "'; drop table words; --", "(", "-"]
)
def test_query_syntax_in_a_question_is_only_text(home: Home, text: str) -> None:
    with closing(Keywords(home, write=True)) as words:
        words.put([(1, "s:a#0", "h", "nothing to see")])
        assert found(words, text) == []


def test_put_replaces_and_drop_forgets(home: Home) -> None:
    with closing(Keywords(home, write=True)) as words:
        words.put([(1, "s:a#0", "h1", "late parcels"), (2, "s:b#0", "h2", "wrong invoice")])
        words.put([(1, "s:a#0", "h3", "broken thermostat")])
        assert found(words, "parcel") == []
        assert found(words, "thermostats") == [1]
        words.drop([1])
        assert words.hashes() == {2: "h2"}
        assert found(words, "thermostat") == []


def test_search_within_keeps_to_the_given_numbers(home: Home) -> None:
    with closing(Keywords(home, write=True)) as words:
        words.put([(n, f"s:{n}#0", "h", "late parcel") for n in range(1, 6)])
    with closing(Keywords(home)) as words:
        assert sorted(found(words, "parcel", [2, 4])) == [2, 4]


def test_the_number_is_what_the_warehouse_computes(home: Home) -> None:
    from rag.keywords import ID_SQL, NUMBER_SQL
    from store.writer import Writer

    writer = Writer(home, run_id="r")
    sql = f"SELECT {NUMBER_SQL} AS n, {ID_SQL} AS id FROM (SELECT 'desk' source_id, 'ü-7' conversation_id, 3 chunk_no)"
    row = writer.query(sql).to_pylist()[0]
    writer.close()
    assert row["n"] == number("desk:ü-7#3") > 0
