"""The model card of sentiment: who scores, how well beside what people say, since when. Kept with every generation."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal

from enrich.mood_judged import Judged
from enrich.sentiment import CLASSES

KEY = "mood_card"  # in settings_kv
Scorer = Literal["model", "lexicon"]


@dataclass(frozen=True, slots=True)
class MoodCard:
    """Which scorer is in force and what is known of both.

    `corrections` are those of moods in force, by class; `until` the newest that the card knows, `trained_on` how many
    of them a training has seen, `heard` the last wish for one. `model` is the id of the classifier that was better
    (empty: none was, or none was trained), `in_use` whether scores come from it; `problem` why not, where people
    wanted it.

    `labels` are those that language models (`labelled_by`) gave conversations which no person corrected, by class;
    `labels_learned` how many of them the last training has seen. `both` conversations have a model's label and a person's
    correction, and of `agreed` both say the same. `whole` judges the languages of the word list
    together, `languages` each for itself.
    """

    corrections: tuple[int, ...] = (0, 0, 0)
    until: datetime | None = None
    trained_at: datetime | None = None
    trained_on: int = 0
    trainer: int = 0
    heard: int = 0
    model: str = ""
    model_languages: tuple[str, ...] = ()
    wanted: Scorer = "model"
    in_use: bool = False
    problem: str = ""
    reason: str = ""
    whole: Judged | None = None
    languages: tuple[tuple[str, Judged], ...] = ()
    labels: tuple[int, ...] = (0, 0, 0)
    labelled_by: str = ""
    labels_learned: int = 0
    both: int = 0
    agreed: int = 0

    @property
    def total(self) -> int:
        """All corrections of moods in force."""
        return sum(self.corrections)

    @property
    def labelled(self) -> int:
        """The models' labels that count: those of conversations that no person corrected."""
        return sum(self.labels)

    @property
    def known(self) -> tuple[int, ...]:
        """Conversations to learn from, by class: corrections by people, and labels by models."""
        return tuple(mine + theirs for mine, theirs in zip(self.corrections, self.labels, strict=True))

    @property
    def measured(self) -> str:
        """Whose word the scorers are measured against, where that is not people's alone."""
        if not self.whole or not self.whole.of_model:
            return ""
        people = self.whole.n - self.whole.of_model
        return f"{self.whole.of_model} labels by {self.labelled_by}" + (
            f", {people} by people" if people else ""
        )

    @property
    def by(self) -> str:
        """Whose scores these are, in words that stand beside them."""
        if self.in_use and self.whole and self.whole.f1 is not None:
            beside = f" (word list {self.whole.list_f1:.2f})" if self.whole.list_f1 is not None else ""
            return f"own classifier, macro-F1 {self.whole.f1:.2f}{beside} on n {self.whole.n}" + (
                f" ({self.measured})" if self.measured else ""
            )
        if self.in_use:
            return f"own classifier for {', '.join(self.model_languages)}, lexicon elsewhere"
        if not self.total:
            return "lexicon, uncorrected"
        return f"lexicon, {self.total} corrected by people"

    def written(self) -> str:
        """The card as JSON."""
        return json.dumps(asdict(self), default=datetime.isoformat, sort_keys=True)


def read(text: str | None) -> MoodCard:
    """The card of a generation; an empty one where none was written."""
    if not text:
        return MoodCard()
    told: dict[str, Any] = json.loads(text)
    known = {field.name for field in fields(MoodCard)}
    told = {name: value for name, value in told.items() if name in known}
    for name in ("until", "trained_at"):
        told[name] = datetime.fromisoformat(told[name]) if told.get(name) else None
    told["corrections"] = tuple(told.get("corrections") or (0,) * len(CLASSES))
    told["labels"] = tuple(told.get("labels") or (0,) * len(CLASSES))
    told["model_languages"] = tuple(told.get("model_languages") or ())
    told["whole"] = _judged(told["whole"]) if told.get("whole") else None
    told["languages"] = tuple((name, _judged(one)) for name, one in told.get("languages") or ())
    return MoodCard(**told)


def _judged(told: dict[str, Any]) -> Judged:
    lists = {name: tuple(map(tuple, told.get(name) or ())) for name in ("table", "list_table")}
    return Judged(**(told | lists | {"counts": tuple(told["counts"])}))
