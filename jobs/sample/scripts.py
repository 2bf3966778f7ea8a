"""How conversations go: who speaks when, what kind of thing is said, and what it does to the status."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.sample.draw import Floats, Ints
from jobs.sample.world import NEW, OPEN, SOLVED, STATUSES

MAX_STEPS = 14
ROLES = ("customer", "agent", "bot", "system")
CUSTOMER, AGENT, BOT, SYSTEM = range(4)
NONE, INSTANT, BURST, FIRST, NEXT, QUICK, REPLY, CHASE, REOPEN = range(9)
MESSAGE_KINDS = ("message", "note", "voice")


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of turn: who takes it, how long it waits, and which fragments make its text."""

    role: int
    gap: int
    fragments: tuple[tuple[str, float], ...]  # name in the phrase files, and how often it is there
    note: bool = False


OPENER = (("greeting", 0.55), ("mood", 0.75), ("open", 1.0), ("detail", 0.8), ("wish", 0.7), ("sign", 0.5))
ACTS: dict[str, Act] = {
    "open": Act(CUSTOMER, NONE, OPENER),
    "short": Act(CUSTOMER, NONE, (("greeting", 0.3), ("mood", 0.6), ("open", 1.0), ("detail", 0.15))),
    "burst": Act(CUSTOMER, BURST, (("detail", 1.0), ("mood", 0.25))),
    "answer": Act(CUSTOMER, REPLY, (("answer", 0.8), ("detail", 1.0), ("contact", 0.35), ("tail", 0.35))),
    "reply": Act(CUSTOMER, REPLY, (("answer", 1.0), ("contact", 0.2), ("tail", 0.3))),
    "chase": Act(CUSTOMER, CHASE, (("chase", 1.0), ("tail", 0.3))),
    "still": Act(CUSTOMER, REPLY, (("still", 1.0), ("detail", 0.4), ("tail", 0.4))),
    "broke": Act(CUSTOMER, REOPEN, (("again", 1.0), ("open", 0.8), ("tail", 0.4))),
    "thanks": Act(CUSTOMER, REPLY, (("thanks", 1.0),)),
    "ask": Act(AGENT, NEXT, (("hello", 0.6), ("empathy", 0.7), ("ask", 1.0), ("name", 0.5))),
    "probe": Act(AGENT, NEXT, (("ask", 1.0),)),
    "look": Act(AGENT, NEXT, (("hello", 0.3), ("diagnosis", 1.0), ("progress", 0.7))),
    "fix": Act(AGENT, NEXT, (("hello", 0.45), ("fix", 1.0), ("offer", 0.7), ("name", 0.5))),
    "sorry": Act(AGENT, NEXT, (("apology", 1.0), ("diagnosis", 0.6), ("progress", 0.6), ("name", 0.4))),
    "follow": Act(AGENT, NEXT, (("follow", 1.0), ("name", 0.4))),
    "note": Act(AGENT, QUICK, (("note", 0.7), ("diagnosis", 1.0)), note=True),
    "escalate": Act(AGENT, QUICK, (("escalate", 1.0), ("diagnosis", 0.5)), note=True),
    "ack": Act(BOT, INSTANT, (("ack", 1.0),)),
    "bot": Act(BOT, INSTANT, (("bot", 1.0), ("bot_question", 0.08))),
    "handoff": Act(BOT, INSTANT, (("handoff", 1.0),)),
    "spam": Act(CUSTOMER, NONE, (("spam", 1.0),)),
    "test": Act(CUSTOMER, NONE, (("test", 1.0),)),
    "notice": Act(SYSTEM, NONE, (("notice", 1.0),)),
    "outbound": Act(AGENT, NONE, (("outbound", 1.0), ("name", 0.6))),
}
ACT_NAMES = tuple(ACTS)

# Text, and weights for negative, neutral and positive moods. `a>s` sets status s after the act.
MAIL = (
    ("open ack fix>solved", 4, 14, 20),
    ("open ack fix>solved thanks", 2, 10, 18),
    ("open ack ask>pending answer>open fix>solved", 8, 16, 14),
    ("open ack ask>pending answer>open note fix>solved thanks>open follow>solved", 4, 9, 14),
    ("open ack look ask>pending answer>open look fix>solved thanks", 7, 10, 9),
    ("open ack look escalate>hold look>open fix>solved thanks", 8, 8, 5),
    ("open ack chase sorry ask>pending answer>open fix>solved", 13, 5, 1),
    ("open ack ask>pending answer fix>solved still>open note look>pending reply>open fix>solved", 9, 4, 2),
    ("open ack fix>solved broke>open sorry look fix>solved thanks>open follow>solved", 9, 5, 3),
    ("open ack ask>pending answer>open escalate>hold chase sorry>open still note fix>solved", 9, 2, 0),
    ("open burst ack ask>pending answer>open probe>pending answer>open look fix>solved", 6, 6, 4),
    ("open ack ask>pending", 2, 3, 2),
    ("open ack look escalate>hold chase", 4, 1, 0),
)  # fmt: skip
CHAT = (
    ("short bot handoff ask reply fix>solved thanks", 6, 16, 24),
    ("short bot handoff ask answer look fix>solved", 8, 16, 14),
    ("short burst bot handoff ask answer burst look reply fix>solved thanks", 10, 12, 10),
    ("short bot reply fix>solved", 2, 8, 10),
    ("short burst bot handoff ask answer probe reply look fix still probe answer fix>solved", 14, 6, 2),
    ("short bot burst handoff burst sorry ask answer note look fix>solved thanks", 12, 5, 2),
    ("short bot handoff ask answer escalate>hold look>open fix>solved broke>open sorry fix>solved", 7, 3, 1),
    ("short bot handoff ask>pending", 2, 2, 1),
)
CALL = (
    ("short fix>solved", 4, 12, 16),
    ("short ask reply fix>solved", 8, 14, 14),
    ("short ask answer look note fix>solved", 10, 10, 8),
    ("short ask answer escalate>hold follow>open fix>solved", 8, 4, 2),
    ("short fix>solved broke>open sorry fix>solved", 8, 4, 2),
)
SOCIAL = (
    ("short ask reply fix>solved", 6, 14, 16),
    ("short burst ask>pending answer>open fix>solved thanks", 10, 10, 12),
    ("short burst chase sorry ask>pending reply>open fix>solved", 14, 5, 1),
    ("short ask>pending answer>open look fix>solved thanks>open follow>solved", 6, 8, 8),
)
ODD = ("spam", "test ack", "outbound reply>open follow>solved", "short ack", "notice")
SOCIAL_FIRST = len(MAIL) + len(CHAT) + len(CALL)
ODD_FIRST = SOCIAL_FIRST + len(SOCIAL)
# What goes with reopens is planted: the same talks on social media, which then come back. They follow no weight.
AGAIN = tuple(f"{row[0]} broke>open sorry fix>solved" for row in SOCIAL)
AGAIN_FIRST = ODD_FIRST + len(ODD)


@dataclass(frozen=True)
class Scripts:
    """All scripts as tables; -1 where a script is over."""

    length: Ints  # (script,)
    act: Ints  # (script, step)
    status_before: Ints  # (script, step)
    status_after: Ints  # (script, step)
    gap: Ints  # (script, step)
    first_reply: Ints  # (script,): the step of the first public agent message that answers, or -1
    weights: Floats  # (channel * 3 + mood, script)


def _status(role: int, note: bool, named: str, before: int) -> int:
    if named:
        return STATUSES.index(named)
    return OPEN if before == NEW and role == AGENT and not note else before


def build() -> Scripts:
    """The tables of all scripts."""
    texts = [row[0] for row in MAIL + CHAT + CALL + SOCIAL] + list(ODD) + list(AGAIN)
    shape = (len(texts), MAX_STEPS)
    act, before, after = (np.full(shape, -1, dtype=np.int64) for _ in range(3))
    for script, text in enumerate(texts):
        status = NEW
        for step, word in enumerate(text.split()):
            name, _, named = word.partition(">")
            act[script, step], before[script, step] = ACT_NAMES.index(name), status
            status = _status(ACTS[name].role, ACTS[name].note, named, status)
            after[script, step] = status
    gap, first = _gaps(act)
    return Scripts((act >= 0).sum(axis=1), act, before, after, gap, first, _weights(len(texts)))


def _gaps(act: Ints) -> tuple[Ints, Ints]:
    """What each turn waits for; the first human answer has a clock of its own."""
    gap, first = np.full(act.shape, NONE), np.full(len(act), -1, dtype=np.int64)
    for script, row in enumerate(act):
        for step, code in enumerate(row[row >= 0]):
            taken = ACTS[ACT_NAMES[code]]
            gap[script, step] = taken.gap
            if first[script] < 0 and taken.gap == NEXT:
                first[script], gap[script, step] = step, FIRST
    return gap, first


def _weights(total: int) -> Floats:
    """Which script follows from channel (email chat web voice social) and mood."""
    weights = np.zeros((15, total))
    starts = {0: (0, MAIL), 1: (len(MAIL), CHAT), 2: (0, MAIL)}
    starts[3] = (len(MAIL) + len(CHAT), CALL)
    starts[4] = (SOCIAL_FIRST, SOCIAL)
    for channel, (first, rows) in starts.items():
        for mood in range(3):
            for number, row in enumerate(rows):
                weights[channel * 3 + mood, first + number] = float(row[1 + mood])
    return weights


def ends_solved(scripts: Scripts) -> NDArray[np.bool_]:
    """Which scripts end in a solution."""
    last = scripts.status_after[np.arange(len(scripts.length)), scripts.length - 1]
    return np.asarray(last == SOLVED)
