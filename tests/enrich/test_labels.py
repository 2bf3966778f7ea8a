from __future__ import annotations

import numpy as np

from enrich.labels import expressions, name_topics


def test_words_that_cannot_name_a_topic_are_left_out() -> None:
    text = "Hello, please help: my [name] parcel PT-649921 of 2026-11-15 doesn't arrive x@y"
    assert expressions(text) == {"parcel"}


def test_nothing_that_masking_left_names_a_topic() -> None:
    text = "parcel [email 1] [phone] lost, see [customer-no 2] and [licence_key], from [name 12]"
    assert expressions(text) == {"parcel", "lost"}


def test_a_word_in_brackets_names_a_topic() -> None:
    assert "scanner" in expressions("[scanner] it does not start")


def test_expressions_keep_a_negation_inside() -> None:
    found = expressions("Gift card not accepted")
    assert {"gift card", "card not accepted", "gift"} <= found
    assert not any(phrase.startswith("not") or phrase.endswith("not") for phrase in found)


def test_expressions_do_not_cross_sentences() -> None:
    assert "parcel backup" not in expressions("lost parcel. backup fails")


def test_labels_are_distinctive_and_unique() -> None:
    texts = ["parcel tracking stuck"] * 10 + ["nightly backup fails"] * 10 + ["nightly backup fails"] * 10
    groups = np.array([0] * 10 + [1] * 10 + [2] * 10)
    labels = [label for label, _ in name_topics(texts, groups, 3)]
    assert labels[0] == "Parcel tracking stuck"
    assert "backup" in labels[1].lower()
    assert len(set(labels)) == 3


def test_a_group_that_nothing_sets_apart_has_no_label() -> None:
    assert name_topics(["12 34", "?"], np.array([0, 0]), 1) == [("", [])]
    texts = ["parcel late"] * 20 + ["parcel late"] * 17 + ["parcel lost"] * 3
    labels = [label for label, _ in name_topics(texts, np.array([0] * 20 + [1] * 20), 2)]
    assert labels == ["", "Parcel lost"]
