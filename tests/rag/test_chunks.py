from collections.abc import Callable

from core.home import Home
from core.viewer import EVERYTHING
from rag.chunks import WINDOW_CHARS, bodies, write_chunks
from store.reader import Reader
from store.writer import Writer

Publish = Callable[..., Reader]


def cut(reader: Reader, conversation: str = "a") -> list[dict[str, object]]:
    return bodies(reader, [("desk", conversation)], EVERYTHING).to_pylist()


def test_public_words_of_people_make_the_text(publish: Publish) -> None:
    talk = [
        "My parcel is late.", ("agent", "We will look into it."), ("bot", "Rate us!"), ("private", "VIP"),
        ("system", "assigned"), "ok thanks!",
    ]  # fmt: skip
    (chunk,) = cut(publish({"a": {"subject": "Parcel", "texts": talk}}))
    assert chunk["body"] == "Parcel\nMy parcel is late.\nWe will look into it."
    assert (chunk["first_seq"], chunk["last_seq"]) == (0, 1)


def test_the_chunks_table_agrees_with_the_text(publish: Publish) -> None:
    reader = publish({"a": [f"Sentence number {i} about a late parcel and more words." for i in range(60)]})
    stored = reader.query("SELECT * FROM {chunks} ORDER BY chunk_no", viewer=EVERYTHING).to_pylist()
    made = cut(reader)
    assert len(stored) > 2
    assert [row["content_hash"] for row in stored] == [row["content_hash"] for row in made]
    assert [row["chunk_no"] for row in stored] == list(range(len(stored)))
    assert all(60 <= len(str(row["body"]).split()) <= 260 for row in made[:-1])


def test_a_long_message_is_split_and_nothing_is_lost(publish: Publish) -> None:
    words = [f"word{i}" for i in range(1_000)]
    made = cut(publish({"a": [" ".join(words)]}))
    assert " ".join(str(row["body"]) for row in made).split() == words
    assert {(row["first_seq"], row["last_seq"]) for row in made} == {(0, 0)}


def test_a_text_without_spaces_is_split_too(publish: Publish) -> None:
    made = cut(publish({"a": ["x" * 5_000]}))
    assert max(len(str(row["body"])) for row in made) <= 2 * WINDOW_CHARS


def test_more_words_leave_earlier_chunks_as_they_were(publish: Publish) -> None:
    before = [f"Sentence number {i} about a late parcel and more words." for i in range(60)]
    first = cut(publish({"a": before}))
    then = cut(publish({"a": [*before, "And one more thing that happened later today."]}))
    assert [row["content_hash"] for row in then][: len(first) - 1] == [row["content_hash"] for row in first][
        :-1
    ]
    assert then[-1] != first[-1]


def test_only_changed_conversations_are_cut_again(publish: Publish, home: Home) -> None:
    publish({"a": ["My parcel is late."], "b": ["The invoice is wrong."]})
    writer = Writer(home, run_id="again")
    assert write_chunks(writer).conversations == 0
    writer.execute("UPDATE messages SET content_hash = 'x' WHERE conversation_id = 'b'")
    report = write_chunks(writer)
    assert (report.conversations, report.chunks, report.removed) == (1, 1, 0)
    writer.execute("UPDATE conversations SET is_deleted = true WHERE conversation_id = 'a'")
    assert write_chunks(writer).removed == 1
    left = writer.query("SELECT conversation_id FROM chunks").column(0).to_pylist()
    writer.close()
    assert left == ["b"]
