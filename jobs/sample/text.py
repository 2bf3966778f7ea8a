"""Puts messages together from the phrase files: fragments chosen per turn, slots filled per conversation."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.sample import scripts as s
from jobs.sample import world
from jobs.sample.draw import Draws, Ints
from jobs.sample.slots import SLOTS

PHRASES = Path(__file__).parent / "phrases"
MAX_SLOTS = 3
MAX_FRAGMENTS = max(len(act.fragments) for act in s.ACTS.values())
RATED = ("csat_bad", "csat_fair", "csat_good")
# A phrase is drawn by the place of its fragment: what is new comes last, and all the others stay what they were.
_LAST = ("bot_question",)
_SAID = tuple(
    dict.fromkeys(name for act in s.ACTS.values() for name, _ in act.fragments if name not in _LAST)
)
FRAGMENTS = (*_SAID, "subject", *RATED, *_LAST)
# Unhappy people seldom leave these out.
LOUD = tuple(FRAGMENTS.index(name) for name in ("mood", "tail", "wish"))
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Phrases:
    """Every template, cut at its slots, and where the templates of each fragment lie."""

    literals: tuple[pa.Array, ...]  # MAX_SLOTS + 1 arrays over templates
    slots: Ints  # (template, MAX_SLOTS): position in SLOTS, 0 for none
    first: Ints  # (fragment, language, topic, mood)
    count: Ints  # (fragment, language, topic, mood); 0: this fragment is left out
    present: NDArray[np.float64]  # (act, position): how often the fragment is there
    fragment: Ints  # (act, position), -1 for none
    turn: Ints  # (script, step, position): how often the fragment came before in the script

    @classmethod
    def load(cls) -> Phrases:
        """Read the phrase files. Raises KeyError for a slot that nobody fills."""
        files = [tomllib.loads((PHRASES / f"{code}.toml").read_text("utf-8")) for code in world.LANGUAGES]
        shape = (len(FRAGMENTS), len(world.LANGUAGES), len(world.TOPICS), len(world.MOODS))
        first, count = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        templates: list[str] = []
        known: dict[tuple[str, ...], int] = {}
        for place in np.ndindex(*shape):
            fragment, language, topic, mood = place
            found = find(files[language], FRAGMENTS[fragment], world.TOPIC_NAMES[topic], world.MOODS[mood])
            if found and found not in known:
                known[found] = len(templates)
                templates.extend(found)
            first[place], count[place] = known.get(found, 0), len(found)
        literals, slots = _cut(templates)
        return cls(literals, slots, first, count, *_acts())

    def compose(
        self, template: Ints, wanted: NDArray[np.bool_], conversation: Ints, slots: pa.Array
    ) -> pa.Array:
        """The filled templates, null where not wanted. `slots` holds all values of slot 0, then slot 1, …"""
        size = len(slots) // len(SLOTS)
        chosen = pa.array(template, mask=~wanted)
        pieces = [self.literals[0].take(chosen)]
        for number in range(MAX_SLOTS):
            value = self.slots[template, number] * size + conversation
            pieces += [slots.take(pa.array(value, mask=~wanted)), self.literals[number + 1].take(chosen)]
        return pc.binary_join_element_wise(*pieces, "")


def find(file: dict[str, Any], fragment: str, topic: str, mood: str) -> tuple[str, ...]:
    """The phrases of a fragment: the topic's own before everybody's, the mood's own before any mood's."""
    for table in (file["topics"][topic], file["general"]):
        for name in (f"{fragment}_{mood}", fragment):
            if name in table:
                return tuple(table[name])
    return ()


def _cut(templates: list[str]) -> tuple[tuple[pa.Array, ...], Ints]:
    literals: list[list[str]] = [[] for _ in range(MAX_SLOTS + 1)]
    slots = np.zeros((len(templates), MAX_SLOTS), dtype=np.int64)
    for row, template in enumerate(templates):
        parts = _SLOT.split(template)
        if len(parts) > 2 * MAX_SLOTS + 1:
            raise ValueError(f"more than {MAX_SLOTS} slots in {template!r}")
        for number in range(MAX_SLOTS + 1):
            literals[number].append(parts[2 * number] if 2 * number < len(parts) else "")
        for number, name in enumerate(parts[1::2]):
            slots[row, number] = SLOTS.index(name)
    return tuple(pa.array(column) for column in literals), slots


def _acts() -> tuple[NDArray[np.float64], Ints, Ints]:
    present = np.zeros((len(s.ACTS), MAX_FRAGMENTS))
    fragment = np.full((len(s.ACTS), MAX_FRAGMENTS), -1, dtype=np.int64)
    for row, act in enumerate(s.ACTS.values()):
        for position, (name, often) in enumerate(act.fragments):
            present[row, position], fragment[row, position] = often, FRAGMENTS.index(name)
    acts = s.build().act
    turn = np.zeros((*acts.shape, MAX_FRAGMENTS), dtype=np.int64)
    for script, steps in enumerate(acts):
        seen = np.zeros(len(FRAGMENTS), dtype=np.int64)
        for step, act_code in enumerate(steps[steps >= 0]):
            for position, code in enumerate(fragment[act_code]):
                if code >= 0:
                    turn[script, step, position] = seen[code]
                    seen[code] += 1
    return present, fragment, turn


@dataclass(frozen=True)
class Author:
    """Writes the texts of one slice of conversations."""

    phrases: Phrases
    draws: Draws
    rows: Ints  # number of each conversation in the sample
    language: Ints
    topic: Ints
    mood: Ints
    slots: pa.Array

    def fragment(self, code: Ints, conversation: Ints, turn: Ints, wanted: NDArray[np.bool_]) -> pa.Array:
        """One fragment for each row; within a conversation its phrases do not repeat before all were used."""
        place = (
            np.maximum(code, 0),
            self.language[conversation],
            self.topic[conversation],
            self.mood[conversation],
        )
        count = self.phrases.count[place]
        wanted = wanted & (count > 0) & (code >= 0)
        start = self.draws.below("phrase", 1 << 30, self.rows[conversation], np.maximum(code, 0))
        template = self.phrases.first[place] + (start + turn) % np.maximum(count, 1)
        return self.phrases.compose(np.where(wanted, template, 0), wanted, conversation, self.slots)

    def messages(self, conversation: Ints, step: Ints, script: Ints, act: Ints) -> pa.Array:
        """The text of each message."""
        parts = []
        for position in range(MAX_FRAGMENTS):
            code = self.phrases.fragment[act, position]
            lot = self.draws.uniform(f"there {position}", self.rows[conversation], step)
            often = self.phrases.present[act, position]
            loud = (self.mood[conversation] == 0) & np.isin(code, LOUD)
            wanted = lot < np.where(loud, np.maximum(often, 0.6) ** 0.2, often)
            turn = self.phrases.turn[script, step, position]
            parts.append(self.fragment(code, conversation, turn, wanted))
        return pc.binary_join_element_wise(*parts, " ", null_handling="skip")

    def one(self, name: str, conversation: Ints) -> pa.Array:
        """One fragment by name, for subjects and rating comments."""
        size = len(conversation)
        code = np.full(size, FRAGMENTS.index(name), dtype=np.int64)
        return self.fragment(
            code, conversation, np.zeros(size, dtype=np.int64), np.ones(size, dtype=np.bool_)
        )
