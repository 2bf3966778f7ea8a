"""A workspace's own classifier of mood: plain arrays in one file of the home, scored here.

The file is numpy's own form without pickle, so that opening it runs nothing. Its name holds the fingerprint of what
is in it: a file that was changed is no model.
"""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.errors import StoreError
from enrich.mood_features import FROM_LIST, Features, Vocabulary, features
from enrich.sentiment import CLASSES, POSITIVE_FROM, SCORED_LANGUAGES
from llm.embed import LOCAL_DIMS, LOCAL_MODEL

if TYPE_CHECKING:
    import numpy as np

FORMAT: Final = 1
MOST_BYTES = 50_000_000
_ARRAYS = ("about", "terms", "idf", "of_words", "of_pieces", "of_dense", "bias")


@dataclass(frozen=True)
class Weights:
    """Of every class in the order of CLASSES: one row of weights a block, and a bias."""

    of_words: np.ndarray
    of_pieces: np.ndarray
    of_dense: np.ndarray
    bias: np.ndarray

    def cautious(self, by: float) -> Weights:
        """The same, with so much more in favour of no mood (in log odds)."""
        import numpy as np

        return replace(self, bias=self.bias + np.array([0, by, 0], dtype=np.float32))

    def chances(self, seen: Features) -> np.ndarray:
        """How likely each class is, a row a text."""
        import numpy as np

        # Sums of a fixed order: a text's score may not depend on how many are scored with it.
        sums = np.einsum("ij,kj->ik", seen.dense.astype(np.float64), self.of_dense) + self.bias
        sums += seen.words @ self.of_words.T + seen.pieces @ self.of_pieces.T
        sums = np.exp(sums - sums.max(axis=1, keepdims=True))
        return np.asarray(sums / sums.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class MoodModel:
    """The classifier, and the languages that it has learned enough of."""

    known: Vocabulary
    weights: Weights
    languages: frozenset[str]
    id: str = field(default="")

    @cached_property
    def replaces_list(self) -> bool:
        """Whether it scores what the word list would."""
        return bool(self.languages & SCORED_LANGUAGES)

    def instead_of(
        self, listed: Sequence[float | None], texts: Sequence[tuple[str, str | None]]
    ) -> list[float | None]:
        """The list's scores, with its own for texts (words, language) of the languages it knows.

        A text of no language that can be told is scored where the list would be replaced, if it has a known word.
        """
        own = [
            i
            for i, (words, language) in enumerate(texts)
            if words and (self.replaces_list if language is None else language in self.languages)
        ]
        found = list(listed)
        if not own:
            return found
        seen = features([texts[i][0] for i in own], [listed[i] for i in own], self.known)
        told = as_scores(self.weights.chances(seen))
        for i, value, knows in zip(own, told, seen.knows(), strict=True):
            found[i] = value if knows or texts[i][1] is not None else None
        return found

    def packed(self) -> bytes:
        """The model as a file."""
        import numpy as np

        terms = sorted(self.known.terms, key=lambda term: self.known.terms[term])
        about = [str(FORMAT), LOCAL_MODEL, str(self.known.words), *sorted(self.languages)]
        # Texts are one run of bytes: numpy would drop signs at their ends.
        arrays = {
            "about": _bytes(about), "terms": _bytes(terms), "idf": self.known.idf,
            "of_words": self.weights.of_words, "of_pieces": self.weights.of_pieces,
            "of_dense": self.weights.of_dense, "bias": self.weights.bias,
        }  # fmt: skip
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
            for name in _ARRAYS:
                part = io.BytesIO()
                np.lib.format.write_array(part, np.asarray(arrays[name]), allow_pickle=False)
                packed.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), part.getvalue())
        return target.getvalue()


def as_scores(chances: np.ndarray) -> list[float]:
    """From chances to scores from -1 to 1 whose class is the likeliest one; a neutral text has 0."""
    import numpy as np

    best = chances.argmax(axis=1)
    lean = chances[:, 2] - chances[:, 0]
    strength = np.maximum(np.abs(lean), POSITIVE_FROM)
    return [round(float(one), 4) for one in np.select([best == 0, best == 2], [-strength, strength], 0.0)]


def _bytes(lines: Sequence[str]) -> np.ndarray:
    import numpy as np

    return np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)


def save(folder: Path, model: MoodModel) -> MoodModel:
    """Write the model; gives it with its id. The file of the same id is the same."""
    packed = model.packed()
    made = MoodModel(model.known, model.weights, model.languages, hashlib.sha256(packed).hexdigest()[:16])
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / _name(made.id)
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        file.write(packed)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
    return made


def keep_only(folder: Path, id: str) -> None:
    """Take away models of earlier trainings."""
    for file in folder.glob("mood-*"):
        if file.name != _name(id):
            file.unlink(missing_ok=True)


def load(folder: Path, id: str) -> MoodModel:
    """The model of that id. Raises StoreError, with the reason, for one that is missing, damaged or of another kind."""
    import numpy as np

    path = folder / _name(id)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("it is larger than any model")
        packed = path.read_bytes()
        if hashlib.sha256(packed).hexdigest()[:16] != id:
            raise ValueError("it is not what was written")
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            return _made({name: arrays[name] for name in _ARRAYS}, id)
    except FileNotFoundError:
        raise StoreError("the file of the classifier is missing.", hint="Train it again.") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise StoreError(f"the file of the classifier is damaged: {error}.", hint="Train it again.") from None


def _made(arrays: dict[str, np.ndarray], id: str) -> MoodModel:
    import numpy as np

    form, embedder, words, *languages = arrays["about"].tobytes().decode().split("\n")
    if (form, embedder) != (str(FORMAT), LOCAL_MODEL):
        raise ValueError("another release made it")
    terms = arrays["terms"].tobytes().decode().split("\n") if arrays["terms"].size else []
    sizes = (int(words), len(terms) - int(words), LOCAL_DIMS + FROM_LIST)
    blocks = [arrays[name] for name in ("of_words", "of_pieces", "of_dense")]
    shapes = [(len(CLASSES), size) for size in sizes]
    if [b.shape for b in blocks] != shapes or arrays["idf"].shape != (len(terms),):
        raise ValueError("its parts do not fit")
    if not all(np.isfinite(part).all() for part in (*blocks, arrays["bias"], arrays["idf"])):
        raise ValueError("it holds numbers that are none")
    known = Vocabulary({term: at for at, term in enumerate(terms)}, int(words), arrays["idf"])
    weights = Weights(blocks[0], blocks[1], blocks[2], arrays["bias"])
    return MoodModel(known, weights, frozenset(languages), id)


def _name(id: str) -> str:
    return f"mood-{id}.npz"
