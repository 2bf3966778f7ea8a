from __future__ import annotations

import time

from enrich.cleaning import own_words


def test_only_the_authors_words_stay() -> None:
    text = "Hi @ann, see `rm -rf` at https://x.example/y or me@x.example\n\nOn Mon, Ann wrote:\n> earlier words\n"
    assert own_words(text) == "Hi , see at or"


def test_a_forwarded_mail_keeps_its_text() -> None:
    assert own_words("On Monday Ann wrote:\nplease look") == "On Monday Ann wrote: please look"


def test_code_blocks_and_placeholders_go() -> None:
    assert own_words("before ```\ncode\n``` after [email]") == "before after"
    assert own_words("before ```\nnever closed") == "before"


def test_time_grows_with_length_only() -> None:
    began = time.perf_counter()
    for pattern in ("`", "@a", "- ", "On ", "> ", "a@b."):
        own_words(pattern * (200_000 // len(pattern)))
    assert time.perf_counter() - began < 20
