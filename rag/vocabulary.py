"""The words of this workspace: metric names, dimensions and the values that its conversations have."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.filters import NONE
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

# Dimensions whose values can be named bare, in the order in which a name that several have is taken.
_BARE = ("product", "team", "channel", "organization", "brand", "agent", "priority")
# Values of these are ordinary words: they count only beside the dimension's own word ("status open").
_BESIDE = ("status", "type", "tag", "source", "language", "priority", "channel", "requester")
_ORDINARY = frozenset("other none file normal low high unknown (none) new open pending hold web api".split())
_BARE_ANYWAY = frozenset({("channel", "web"), ("channel", "api")})
_LIMITS = {"agent": 2_000, "organization": 2_000, "tag": 1_000}
_USUAL_LIMIT = 300
_LEAST_LETTERS = 5
PLACES = frozenset({"country", "region", "city", "market", "location"})  # attributes of customers
NOBODY = NONE  # as a value of agent: nobody holds the conversation
# Dimensions of the clock: how people ask for them is in rag.question_words.
CLOCK = ("weekday", "hour", "created_weekday", "created_in_hours")
# Adjectives and verbs of any subject: a number is meant, and that support is spoken of has to be told by something else.
ORDINARY = frozenset(
    """how many,slow,slower,slowest,fast,faster,fastest,quick,quicker,quickest,speed,how fast,how quickly,wait,waited,happy,
    happier,happiest,unhappy,angry,angrier,angriest,unhappier,unhappiest,upset,satisfied,pleased,frustrated,busy,busier,
    busiest,quiet,quieter,quietest,calm,calmest,open,close,solve,solved,closed,trouble,hate,annoys,annoying,praise,rated,
    more than once,demand,traffic,load,ease,keep up,keeping up,growth,incoming,completed""".replace(
        "\n    ", ""
    ).split(",")
)
SYNONYMS: dict[tuple[str, str], tuple[str, ...]] = {
    ("channel", "email"): ("e-mail", "e-mails", "emails", "mail"),
    ("channel", "chat"): ("chats", "live chat"),
    ("channel", "voice"): ("phone", "calls", "phone calls", "telephone"),
    ("channel", "social"): ("twitter", "social media"),
    ("channel", "web"): ("web form", "website"),
    ("language", "en"): ("english",), ("language", "de"): ("german",), ("language", "fr"): ("french",),
    ("language", "es"): ("spanish",), ("language", "it"): ("italian",), ("language", "nl"): ("dutch",),
    ("language", "pt"): ("portuguese",), ("language", "pl"): ("polish",),
}  # fmt: skip


@dataclass(frozen=True)
class Topic:
    """A topic with the words that it is about."""

    label: str
    words: frozenset[str]


@dataclass(frozen=True)
class Vocabulary:
    """Lower-case phrases and what they stand for."""

    metrics: dict[str, tuple[str, ...]]  # phrase -> metric names, most telling first
    dimensions: dict[str, str]
    bare: dict[str, tuple[str, str]]  # phrase -> (dimension, value)
    beside: dict[str, dict[str, str]]  # dimension -> phrase -> value
    topics: tuple[Topic, ...] = ()
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)  # as many as were read
    titles: dict[str, str] = field(default_factory=dict)  # metric name -> what people read
    splits: tuple[str, ...] = ()  # names of the dimensions that a plan can filter and split by
    durations: frozenset[str] = frozenset()  # metrics that a limit in time can cut

    def title(self, dimension: str) -> str:
        """What people read for a dimension."""
        from analytics.dimensions import find

        return find(dimension).title

    def misspelt(self, word: str) -> tuple[str, str] | None:
        """The one value that a word of five letters or more is one slip away from; never where it is another form."""
        if word in self.metrics or word in self.dimensions or len(word) < _LEAST_LETTERS:
            return None
        near = {
            meant
            for phrase, meant in self.bare.items()
            if len(phrase) >= _LEAST_LETTERS and phrase[0] == word[0] and _one_slip(word, phrase)
        }
        return near.pop() if len(near) == 1 else None

    def admits(self, dimension: str, value: str) -> bool:
        """Whether the dimension has the value, as far as its values were read."""
        known = self.values.get(dimension, ())
        return value in (*known, NOBODY) or not known or len(known) >= _LIMITS.get(dimension, _USUAL_LIMIT)


def _one_slip(word: str, phrase: str) -> bool:
    """Whether a letter is missing, too much, wrong or swapped with its neighbour; endings are no slips."""
    if abs(len(word) - len(phrase)) > 1 or word == phrase or stem(word) == stem(phrase):
        return False
    if word.startswith(phrase) or phrase.startswith(word):
        return False
    at = next(i for i, (a, b) in enumerate(zip(word, phrase, strict=False)) if a != b)
    rest, other = word[at:], phrase[at:]
    swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:] and len(rest) > 1
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]


_known: dict[tuple[str, int, Viewer, str], Vocabulary] = {}
_guard = threading.Lock()


def vocabulary(reader: Reader, settings: Settings, viewer: Viewer) -> Vocabulary:
    """The vocabulary of a generation as this viewer may know it; read once and kept."""
    own = "\n".join(metric.model_dump_json() for metric in settings.metrics)
    key = (str(reader.generation.path), reader.number, viewer, own)
    with _guard:
        if key not in _known:
            while len(_known) >= 16:
                _known.pop(next(iter(_known)))
            _known[key] = _read(reader, settings, viewer)
        return _known[key]


def _read(reader: Reader, settings: Settings, viewer: Viewer) -> Vocabulary:
    from analytics.catalogue import every
    from analytics.dimensions import DIMENSIONS, attributes, dimension_values, find

    values: dict[str, tuple[str, ...]] = {}
    known = attributes(reader, viewer)
    # Values of attributes are ordinary words too: "plan free" is the plan, "free" alone is not.
    of_customers = tuple(d.name for d in known)
    for name in (*_BARE, *_BESIDE, "topic", *of_customers):
        if name not in values and name != "requester":
            found = dimension_values(reader, name, viewer=viewer, limit=_LIMITS.get(name, _USUAL_LIMIT))
            values[name] = tuple(value for value, _ in found if value and value != NONE)
    beside = {
        name: {v.lower(): v for v in values.get(name, ())} for name in (*_BARE, *_BESIDE, *of_customers)
    }
    dimensions = {
        word: d.name
        for d in (*known, *DIMENSIONS.values())
        for word in (*d.words, f"{d.name}s")
        if word not in _VAGUE
    }
    dimensions |= {word: name for name, plurals in _PLURALS.items() for word in plurals}
    values |= {name: find(name).values for name in CLOCK}
    titles = {metric.name: metric.title for metric in every(settings)}
    return Vocabulary(
        _metric_words(settings), dimensions, _bare(values, of_customers), beside, _topics(reader, values["topic"]), values,
        titles, tuple(dict.fromkeys((*DIMENSIONS, *CLOCK, *of_customers))),
        frozenset(m.name for m in every(settings) if m.unit == "seconds" and m.measure is not None),
    )  # fmt: skip


def _bare(values: dict[str, tuple[str, ...]], of_customers: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """What can be named alone: the values of plain dimensions, languages, and places of customers."""
    bare: dict[str, tuple[str, str]] = {}
    for name in _BARE:
        for value in values[name]:
            for phrase in (value.lower(), *SYNONYMS.get((name, value), ())):
                if len(phrase) > 2 and (phrase not in _ORDINARY or (name, phrase) in _BARE_ANYWAY):
                    bare.setdefault(phrase, (name, value))
    for name in sorted({*of_customers} & PLACES):  # "from Germany"
        for value in values[name]:
            if len(value) > 2 and value.lower() not in _ORDINARY:
                bare.setdefault(value.lower(), (name, value))
    for value in values["language"]:
        for phrase in SYNONYMS.get(("language", value), ()):
            bare.setdefault(phrase, ("language", value))
    return bare


_PLURALS = {"organization": ("companies",), "team": ("groups", "departments"), "agent": ("assignees",)}
_VAGUE = frozenset(
    {"who", "state", "subject", "mood", "sentiment", "customer", "customers", "account", "label", "system"}
)


def _metric_words(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Phrases of all metrics; where two metrics share one, the median comes before the percentile."""
    from analytics.catalogue import every

    found: dict[str, list[str]] = {}
    for metric in every(settings):
        for phrase in (*metric.words, metric.name.replace("_", " "), *_MORE.get(metric.name, ())):
            names = found.setdefault(phrase.lower(), [])
            if metric.name not in names:
                names.append(metric.name)
    return {
        phrase: tuple(sorted(names, key=lambda n: (n.endswith("p90"), n))) for phrase, names in found.items()
    }


_MORE = {
    "first_reply_median": ("first reply", "first response", "reply time", "replying", "reply", "replies", "slow to answer",
                           "answering quickly", "answering faster",
                           "answer time", "how fast", "how quickly", "speed", "quick", "quicker", "quickest", "first answer"),
    "requester_wait_median": ("wait", "waited", "wait time", "waiting time"),
    "sla_first_reply": ("first reply target", "first response target"),
    "resolution_median": ("resolution", "solve time", "time to resolution", "how long does it take to solve",
                          "to resolve", "to solve", "time to close", "to close", "take to resolve", "take to solve"),
    "solved": ("solve", "resolve", "close"),
    "csat_share": ("satisfied", "happy with us", "rate us", "rated"),
    "sentiment_positive_share": ("happiest", "happier", "praise", "praised", "compliment", "love about", "like about"),
    "bot_involvement_rate": ("handled by a bot", "handled by the bot", "with bots"),
    "replies_per_agent_hour": ("productive",),
    "net_flow": ("keep up", "keeping up"),
    "contact_rate": ("more than once", "contacted us again", "repeat contact"),
    "handoffs": ("transferred", "handed over"),
    "reassigned_rate": ("passed to another agent", "moved to another agent"),
    "fcr_rate": ("first contact", "solved on first contact", "on the first contact", "first touch"),
    "bot_resolution_rate": ("bots solve", "bots resolve", "the bot solve", "bots close"),
    "replies_per_conversation": ("messages does it take", "replies does it take", "back and forth", "messages per ticket",
                                 "messages per conversation"),
    "sla_breaches": ("missed their sla", "missed the sla", "missed sla", "missed our sla", "missed an sla", "sla misses",
                     "missed their target", "broke the sla", "outside sla", "out of sla"),
    "open_per_agent": ("overloaded", "overworked"),
    "sentiment_negative_share": ("negative conversations", "complaints", "dissatisfied", "upset", "bad mood", "unhappier",
                                 "angrier", "unhappiest", "angriest", "criticism", "trouble",
                                 "pain point", "frustration", "gripe", "hate", "annoys", "annoying", "frustrates"),
    "volume": ("number of conversations", "number of tickets", "contact volume", "ticket volume", "traffic", "demand",
               "conversation", "ticket", "cases", "messages came in", "busy", "busier", "busiest", "quiet", "quieter", "quietest",
               "calm", "calmest"),
    "backlog": ("still open", "unresolved", "not solved", "open right now"),
    "reopen_rate": ("reopening", "reopen"),
}  # fmt: skip


def _topics(reader: Reader, labels: tuple[str, ...]) -> tuple[Topic, ...]:
    from core.viewer import EVERYTHING

    sql = "SELECT label, keywords FROM {topics} WHERE is_current"
    rows = {row["label"]: row["keywords"] or [] for row in reader.query(sql, viewer=EVERYTHING).to_pylist()}
    return tuple(
        Topic(label, frozenset(words_of(" ".join([label, *rows.get(label, [])])))) for label in labels
    )


_WORD = re.compile(r"[^\W_]+", re.UNICODE)


def words_of(text: str) -> list[str]:
    """Lower-case words in their singular-like stem, for matching names of topics."""
    return [stem(word) for word in _WORD.findall(text.lower())]


def stem(word: str) -> str:
    """A light stem: enough that codes equals code and cards equals card."""
    for ending in ("ies", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)] + (
                "y" if ending == "ies" else "e" if ending == "es" and word[-3] in "dgkvc" else ""
            )
    return word
