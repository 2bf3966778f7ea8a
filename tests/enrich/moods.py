"""Labelled talk of a trade that no word list knows: what is good and bad news there is said in the trade's own words."""

from __future__ import annotations

import random

from enrich.mood_training import Labelled
from enrich.sentiment import CLASSES

THINGS = (
    "loom",
    "spindle",
    "bobbin",
    "shuttle",
    "treadle",
    "heddle",
    "warp beam",
    "take-up",
    "dobby",
    "creel",
)
WHERE = (
    "in hall two",
    "on the north line",
    "since the morning shift",
    "after the belt change",
    "at our mill",
    "",
)
SAID = {
    "negative": ("{} keeps snagging", "{} sheds lint {}", "{} runs hot {}", "{} slips every few picks {}",
                 "{} frays the selvedge {}", "{} drops ends {}", "{} needs a mechanic again {}", "{} is chattering {}"),
    "neutral": ("{} has plate {}", "which oil goes with {} {}", "{} is listed on page {}", "{} was moved {}",
                "we have several {} {}", "part sheet of {} is attached {}", "{} is grey {}", "size of {} {}"),
    "positive": ("{} purrs {}", "{} holds tension all day {}", "{} gives a clean edge {}", "{} is whisper quiet {}",
                 "{} doubled our metres {}", "{} never skips a pick {}", "{} weaves like silk {}", "{} runs sweet {}"),
}  # fmt: skip
DEUTSCH = {
    "negative": ("{} hakt schon wieder {}", "{} läuft heiß {}", "{} franst die Kanten aus {}", "{} rattert laut {}"),
    "neutral": ("welches Öl gehört in {} {}", "{} steht jetzt {}", "das Blatt zu {} liegt {}", "wie groß ist {} {}"),
    "positive": ("{} schnurrt {}", "{} hält die Spannung {}", "{} webt sauber {}", "{} läuft ganz leise {}"),
}  # fmt: skip
DINGE = (
    "die Spule",
    "den Webstuhl",
    "das Schiffchen",
    "den Kettbaum",
    "die Haspel",
    "den Schaft",
    "das Riet",
)
WO = ("in der Halle", "seit der Frühschicht", "nach dem Umbau", "bei uns im Werk", "den ganzen Tag")


def talk(mood: str, dice: random.Random, language: str | None = "en") -> str:
    """What a customer in that mood writes: two remarks, each about something else."""
    said, things, where = (DEUTSCH, DINGE, WO) if language == "de" else (SAID, THINGS, WHERE)
    made = []
    for _ in range(2):
        thing = dice.choice(things)
        made.append(
            dice.choice(said[mood])
            .format(thing if language == "de" else f"the {thing}", dice.choice(where))
            .strip()
        )
    return ". ".join(made) + f". {dice.randint(1, 99)}"


def labelled(
    n: int, *, seed: int = 1, at_random: bool = False, language: str | None = "en", first: int = 0
) -> list[Labelled]:
    """So many conversations with what people say of them; `at_random` says anything."""
    dice = random.Random(seed)
    made = []
    for i in range(first, first + n):
        mood = CLASSES[i % 3]
        text = talk(mood, dice, language)
        made.append(
            Labelled(("s", f"c{i}"), dice.choice(CLASSES) if at_random else mood, ((text, language),))
        )
    return made
