from contextlib import closing

import pytest

from core.home import Home
from rag.keywords import Keywords, match_query, names_something_exact, number


def test_words_are_quoted_and_common_ones_left_out() -> None:
    assert match_query("where is my parcel?") == '"parcel"'
    assert match_query("ERR-5021") == '"ERR 5021" OR "err" OR "5021"'
    assert match_query("the") == '"the"'
    assert match_query("?!") == ""


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
        assert words.search(match_query(text), 5) == []


def test_put_replaces_and_drop_forgets(home: Home) -> None:
    with closing(Keywords(home, write=True)) as words:
        words.put([(1, "s:a#0", "h1", "late parcels"), (2, "s:b#0", "h2", "wrong invoice")])
        words.put([(1, "s:a#0", "h3", "broken thermostat")])
        assert words.search('"parcel"', 5) == []
        assert [n for n, _ in words.search('"thermostats"', 5)] == [1]
        words.drop([1])
        assert words.hashes() == {2: "h2"}
        assert words.search('"thermostat"', 5) == []


def test_search_within_keeps_to_the_given_numbers(home: Home) -> None:
    with closing(Keywords(home, write=True)) as words:
        words.put([(n, f"s:{n}#0", "h", "late parcel") for n in range(1, 6)])
    with closing(Keywords(home)) as words:
        assert {n for n, _ in words.search('"parcel"', 9, [2, 4])} == {2, 4}


def test_the_number_is_what_the_warehouse_computes(home: Home) -> None:
    from rag.keywords import ID_SQL, NUMBER_SQL
    from store.writer import Writer

    writer = Writer(home, run_id="r")
    sql = f"SELECT {NUMBER_SQL} AS n, {ID_SQL} AS id FROM (SELECT 'desk' source_id, 'ü-7' conversation_id, 3 chunk_no)"
    row = writer.query(sql).to_pylist()[0]
    writer.close()
    assert row["n"] == number("desk:ü-7#3") > 0
