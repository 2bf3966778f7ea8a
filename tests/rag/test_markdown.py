"""An answer taken along: everything is in it, and nothing of a customer's words is obeyed."""

from __future__ import annotations

from rag.ask import ask
from rag.context import RagContext
from rag.markdown import plain, written


def test_the_whole_answer_is_in_it(sample: RagContext) -> None:
    given = ask("Why was sentiment negative on Oct 31?", sample, keep=False)
    text = written(given)
    for part in (
        "## Numbers",
        "## Conversations",
        "## Queries",
        f"**Confidence: {given.confidence.level}.**",
    ):
        assert part in text
    for fact in given.metrics:
        assert fact.text in text
    for one in given.citations:
        assert f"{one.n}. {one.source_id}/{plain(one.conversation_id)}" in text
        assert plain(one.quote or "") in text
    assert "](" not in text and "://" not in text


def test_words_of_others_are_shown_and_not_obeyed() -> None:
    hostile = "![x](https://evil.example/p.png)\n# big <b>bold</b> www.evil.example"
    text = plain(hostile)
    assert "\n" not in text and "://" not in text and "www.e" not in text
    assert text.startswith("\\!\\[x\\]") and "\\<b\\>" in text


def test_what_is_not_in_the_data_says_so(sample: RagContext) -> None:
    text = written(ask("What is the weather in Paris tomorrow?", sample, keep=False))
    assert "The data does not answer this." in text and "not in the data" in text
