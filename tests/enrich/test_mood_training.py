from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from enrich import mood_judged
from enrich.mood_judged import judge, macro_f1
from enrich.mood_model import save
from enrich.mood_training import FEWEST_OF_LANGUAGE, Labelled, by_list, folds, train
from enrich.sentiment import CLASSES
from tests.enrich.moods import labelled


def test_corrections_raise_macro_f1_above_the_list(tmp_path: Path) -> None:
    found = train(labelled(300))
    whole = found.whole
    assert whole.f1 is not None and whole.list_f1 is not None and whole.gain_low is not None
    assert whole.f1 > whole.list_f1 + 0.2 and whole.gain_low > 0 and whole.is_better
    assert whole.counts == (100, 100, 100) and sum(map(sum, whole.table)) == whole.n == 300
    assert found.model is not None and found.model.languages == {"en"}
    again = train(labelled(300))
    assert again.model is not None and again.whole == whole
    assert save(tmp_path / "a", again.model).id == save(tmp_path / "b", found.model).id


@pytest.mark.parametrize("seed", range(4))
def test_random_labels_are_refused(seed: int) -> None:
    found = train(labelled(300, seed=seed, at_random=True))
    assert found.model is None and not found.whole.is_better
    assert "not better" in found.whole.reason


def test_a_list_that_answers_neutral_is_no_measure() -> None:
    """Answers dealt at random beat a list that says neutral to everything; that alone is no proof of anything."""
    dice = random.Random(5)
    said = [CLASSES[i % 3] for i in range(900)]
    guessed: list[str | None] = [dice.choice(CLASSES) for _ in said]
    found = judge(said, guessed, ["neutral"] * 900, [str(i) for i in range(900)], fewest=30)
    assert found.gain_low is not None and found.gain_low > 0
    assert not found.is_better and "at random" in found.reason


def test_a_gain_within_noise_is_refused() -> None:
    said = [CLASSES[i % 3] for i in range(90)]
    listed: list[str | None] = [mood if i % 4 else "neutral" for i, mood in enumerate(said)]
    guessed = [said[i] if i == 0 else one for i, one in enumerate(listed)]
    found = judge(said, guessed, listed, [str(i) for i in range(90)], fewest=30)
    assert found.f1 is not None and found.list_f1 is not None and found.f1 > found.list_f1
    assert not found.is_better and "more than chance" in found.reason


def test_macro_f1_is_that_of_scikit_learn() -> None:
    dice = np.random.default_rng(1)
    for _ in range(20):
        said, answered = dice.integers(0, 3, 60), dice.integers(0, 4, 60)
        table = mood_judged._table(said, answered)
        theirs = f1_score(said, answered, labels=[0, 1, 2], average="macro", zero_division=0)
        assert float(macro_f1(table)) == pytest.approx(theirs)


def test_what_says_the_same_lies_in_one_part() -> None:
    told = labelled(120)
    copies = [Labelled(("s", f"copy{i}"), one.mood, one.messages) for i, one in enumerate(told[:40])]
    both = [*told, *copies]
    parts = folds(both)
    assert parts[:40] == parts[120:]
    assert set(parts) == set(range(5))
    for part in range(5):
        moods = [one.mood for one, p in zip(both, parts, strict=True) if p == part]
        assert max(moods.count(m) for m in CLASSES) - min(moods.count(m) for m in CLASSES) <= 4


def test_a_language_without_a_list_is_learned_when_there_is_enough_of_it() -> None:
    few = 3 * (FEWEST_OF_LANGUAGE - 1)
    found = train([*labelled(300), *labelled(few, language="de", first=300)])
    assert found.model is not None and found.model.languages == {"en"}
    german = dict(found.languages)["de"]
    assert german.list_f1 is None and "fewer than" in german.reason
    assert found.model.instead_of([None], [("Die Spule läuft heiß", "de")]) == [None]


def test_a_language_can_be_learned_where_the_list_stays() -> None:
    found = train([*labelled(150, at_random=True), *labelled(150, language="de", first=150)])
    assert found.model is not None and found.model.languages == {"de"}
    assert dict(found.languages)["de"].is_better and not dict(found.languages)["en"].is_better
    texts = [
        ("the loom purrs", "en"),
        ("die Spule läuft ganz leise", "de"),
        ("die Spule", None),
        ("la bobina", "es"),
    ]
    told = found.model.instead_of([0.4, None, None, None], texts)
    assert told[0] == 0.4 and told[1] is not None and told[1] > 0 and told[2:] == [None, None]


def test_the_list_alone_is_judged_too() -> None:
    said = [("negative", "this is terrible"), ("positive", "I love it"), ("neutral", "it is awful")]
    told = [Labelled(("s", str(i)), mood, ((text, "en"),)) for i, (mood, text) in enumerate(said)]
    whole, languages = by_list(told)
    assert whole.list_table == ((1, 0, 0, 0), (1, 0, 0, 0), (0, 0, 1, 0))
    assert (whole.confirmed, whole.f1, whole.reason) == (2, None, "not trained")
    assert languages["en"] == whole
