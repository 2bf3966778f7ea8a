from __future__ import annotations

import io
import pickle
from pathlib import Path

import numpy as np
import pytest

from core.errors import StoreError
from enrich.mood_model import MoodModel, as_scores, keep_only, load, save
from enrich.mood_training import train
from enrich.sentiment import Sentiment, class_of
from tests.enrich.contract import MessageEnricherContract
from tests.enrich.moods import labelled

TEXTS = (
    ("the loom purrs", "en"),
    ("the creel sheds lint", "en"),
    ("zzz", None),
    ("purrs", None),
    ("", "en"),
)
LISTED = (0.0, 0.0, None, None, None)


def _made() -> MoodModel:
    found = train(labelled(300)).model
    assert found is not None
    return found


MODEL = _made()


class TestContract(MessageEnricherContract):
    enricher = Sentiment(MODEL)


def test_another_classifier_is_another_key() -> None:
    one = MoodModel(MODEL.known, MODEL.weights, MODEL.languages, "a")
    other = MoodModel(MODEL.known, MODEL.weights, MODEL.languages, "b")
    assert len({Sentiment().key, Sentiment(one).key, Sentiment(other).key}) == 3


def test_it_scores_the_same_after_it_was_kept(tmp_path: Path) -> None:
    kept = save(tmp_path, MODEL)
    told = load(tmp_path, kept.id).instead_of(LISTED, TEXTS)
    assert told == MODEL.instead_of(LISTED, TEXTS)
    assert [class_of(value) for value in told] == ["positive", "negative", None, "positive", None]


def test_a_score_has_the_class_that_is_likeliest() -> None:
    chances = np.array([[0.4, 0.35, 0.25], [0.34, 0.32, 0.34], [0.2, 0.6, 0.2], [0.34, 0.0, 0.66]])
    assert [class_of(value) for value in as_scores(chances)] == [
        "negative",
        "negative",
        "neutral",
        "positive",
    ]
    assert as_scores(chances)[2] == 0.0


@pytest.mark.parametrize("harm", ["cut", "empty", "changed", "text", "missing"])
def test_a_damaged_file_is_refused_with_a_reason(tmp_path: Path, harm: str) -> None:
    kept = save(tmp_path, MODEL)
    (file,) = tmp_path.glob("mood-*.npz")
    data = file.read_bytes()
    changed = bytearray(data)
    changed[len(data) // 2] ^= 1
    made = {"cut": data[: len(data) // 2], "empty": b"", "changed": bytes(changed), "text": b"no model"}
    if harm == "missing":
        file.unlink()
    else:
        file.write_bytes(made[harm])
    with pytest.raises(StoreError, match="missing" if harm == "missing" else "damaged"):
        load(tmp_path, kept.id)


class _Harm:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (pytest.fail, ("a file was run",))


def test_a_file_is_never_run(tmp_path: Path) -> None:
    """A file whose fingerprint is right, but whose parts are objects, or do not fit each other."""
    import hashlib

    def named(data: bytes) -> str:
        id = hashlib.sha256(data).hexdigest()[:16]
        (tmp_path / f"mood-{id}.npz").write_bytes(data)
        return id

    target = io.BytesIO()
    np.savez(target, about=np.array([_Harm()], dtype=object))
    for data in (target.getvalue(), pickle.dumps(_Harm())):
        with pytest.raises(StoreError, match="damaged"):
            load(tmp_path, named(data))
    packed = io.BytesIO(MODEL.packed())
    with np.load(packed) as arrays:
        parts = {name: arrays[name] for name in arrays.files}
    for name, value in (
        ("bias", np.array([np.nan, 0, 0])), ("idf", parts["idf"][:-1]), ("about", parts["about"][:3]),
    ):  # fmt: skip
        target = io.BytesIO()
        np.savez(target, **(parts | {name: value}))
        with pytest.raises(StoreError, match="damaged"):
            load(tmp_path, named(target.getvalue()))


def test_earlier_ones_are_taken_away(tmp_path: Path) -> None:
    kept = save(tmp_path, MODEL)
    (tmp_path / "mood-old.npz").write_bytes(b"")
    (tmp_path / "mood-half.part").write_bytes(b"")
    keep_only(tmp_path, kept.id)
    assert [file.name for file in tmp_path.iterdir()] == [f"mood-{kept.id}.npz"]
