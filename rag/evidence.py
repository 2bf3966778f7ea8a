"""Chooses the conversations that show what the numbers say, and their exact words.

Two kinds: representative ones, drawn from the strata that the numbers point at in proportion to their
weight, of every mood and topic its share, with one counter-example; and relevant ones, found by the question's words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.filters import Filters
from core.keys import Key
from core.viewer import Viewer
from rag.answer import Evidence, EvidenceKind, QueryPlan, Quote
from rag.context import RagContext
from rag.numbers import Stratum
from rag.praise import praise
from rag.representative import COLUMNS, key_of, pool, representative
from rag.search import Hit, search
from rag.summary_words import is_courtesy, is_personal
from rag.text import fold, gives_orders, has_markup, same_words, sentences
from store.spoken import is_spoken

SHOWN = 8
MOST_MESSAGES = 12  # of a conversation, that are looked at
WRITER = 32  # for whoever writes, besides these
MOST = 38  # of either: with those that are shown no writer gets more than 50
# Of the best score. From there on 93 % of the hits for a code or name are right, from half of it 52 %, and nearly
# nothing that is right scores less (`python -m bench.evidence`).
CLOSE = 0.7
_OPPOSITE = {"negative": "positive", "positive": "negative", "neutral": "negative"}


@dataclass
class Pack:
    """The evidence of one answer, with the texts that quotes are checked against."""

    items: list[Evidence] = field(default_factory=list)
    more: list[Evidence] = field(default_factory=list)  # for the writer alone
    bodies: dict[str, list[str]] = field(default_factory=dict)  # evidence id -> folded message texts
    top_similarity: float | None = None
    coverage: float = 1.0  # how much of what was sought occurs in the best hits
    set_aside: int = 0  # conversations that read like instructions to a model

    def by_id(self) -> dict[str, Evidence]:
        """Evidence by id."""
        return {item.id: item for item in self.whole}

    @property
    def whole(self) -> list[Evidence]:
        """All that a writer gets, what represents the numbers best first."""
        return [*self.items, *self.more]


@dataclass(frozen=True)
class _Candidate:
    key: Key
    kind: EvidenceKind
    facts: dict[str, Any]
    stratum: str = ""
    hit: Hit | None = None
    lean: str | None = None


@dataclass
class _Taken:
    """Conversations that are in the pack or were set aside, and sentences that are quoted."""

    keys: set[Key] = field(default_factory=set)
    words: set[str] = field(default_factory=set)


def gather(
    context: RagContext, plan: QueryPlan, strata: Sequence[Stratum], filters: Filters, viewer: Viewer,
    *, writes: bool = False,
) -> Pack:  # fmt: skip
    """The pack for a plan: sought words first when the question has them, else what represents the numbers.

    Where a model `writes` it gets more of the same behind what is gathered without one, then of the whole scope.
    """
    pack, taken = Pack(), _Taken()
    chosen = _candidates(context, pack, plan, strata, filters, viewer, SHOWN)
    _fill(context, pack.items, pack, chosen, plan, viewer, SHOWN, taken)
    pack.coverage = covered(plan.search_text, [text for texts in pack.bodies.values() for text in texts])
    if writes and pack.items and not plan.ids:
        chosen = _candidates(context, pack, plan, strata, filters, viewer, WRITER)
        _fill(context, pack.more, pack, chosen, plan, viewer, WRITER, taken)
        room = WRITER - len(pack.more)
        if room > 0 and not plan.search_text and all(one.among is None for one in strata):
            chosen = _representative(context, [Stratum("", filters, 1.0)], viewer, room)
            _fill(context, pack.more, pack, chosen, plan, viewer, room, taken)
    return pack


def _candidates(
    context: RagContext, pack: Pack, plan: QueryPlan, strata: Sequence[Stratum], filters: Filters, viewer: Viewer,
    wanted: int,
) -> list[_Candidate]:  # fmt: skip
    """More than `wanted` conversations, in the order in which they are taken."""
    chosen: list[_Candidate] = []
    sought = plan.search_text
    if plan.ids:
        rows = _by_ids(context, plan.ids, viewer)
        chosen += [_Candidate(key_of(row), "relevant", row) for row in rows]
    elif sought:
        among = strata[0].among if strata and plan.limit else None
        # Those of a limit were counted at their own moments, and not on the day of their creation.
        within = filters if among is None else filters.over(None)
        included = context.settings.counting.include
        hits = search(context, sought, within, 2 * wanted, viewer=viewer, counted=included, among=among)
        if hits:
            pack.top_similarity = max(hit.similarity for hit in hits)
        chosen += _relevant(context, _close(hits), viewer)
    # Who asks for conversations with certain words, or how many there are, wants to see those.
    if plan.intent not in ("lookup", "count") or not chosen:
        chosen += _representative(context, strata, viewer, wanted)
    return chosen


def _close(hits: Sequence[Hit]) -> list[Hit]:
    """The hits that are not much worse than the best."""
    return [hit for hit in hits if hit.own >= CLOSE * hits[0].own]


def _by_ids(context: RagContext, ids: Sequence[str], viewer: Viewer) -> list[dict[str, Any]]:
    sql = (
        f"SELECT {', '.join(COLUMNS)} FROM {{conversation_facts}} "
        "WHERE conversation_id IN (SELECT unnest(?::VARCHAR[])) LIMIT 8"
    )
    rows: list[dict[str, Any]] = context.reader.query(sql, [list(ids)], viewer=viewer).to_pylist()
    return rows


def covered(sought: str, texts: Sequence[str]) -> float:
    """Which part of the sought words occurs in the texts, by stem."""
    from rag.vocabulary import words_of

    wanted = set(words_of(sought))
    if not wanted:
        return 1.0
    present = {word for text in texts for word in words_of(text)}
    return len(wanted & present) / len(wanted)


def _relevant(context: RagContext, hits: Sequence[Hit], viewer: Viewer) -> list[_Candidate]:
    rows = _facts(context, [(h.source_id, h.conversation_id) for h in hits], viewer)
    return [
        _Candidate(key, "relevant", rows[key], hit=hit)
        for hit in hits
        if (key := (hit.source_id, hit.conversation_id)) in rows
    ]


def _facts(context: RagContext, keys: Sequence[Key], viewer: Viewer) -> dict[Key, dict[str, Any]]:
    sql = (
        f"SELECT {', '.join(COLUMNS)} FROM {{conversation_facts}} WHERE (source_id, conversation_id) IN "
        "(SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]))"
    )
    rows = context.reader.query(sql, [[k[0] for k in keys], [k[1] for k in keys]], viewer=viewer).to_pylist()
    return {(row["source_id"], row["conversation_id"]): row for row in rows}


def _representative(
    context: RagContext, strata: Sequence[Stratum], viewer: Viewer, wanted: int
) -> list[_Candidate]:
    """Proportional to the strata's weights, at least one each; then the counter-example."""
    total = sum(stratum.weight for stratum in strata) or 1.0
    found: list[_Candidate] = []
    for stratum in strata[:4]:
        share = max(2, round((wanted - 1) * stratum.weight / total))
        # More than needed: near-duplicates and texts without a quotable sentence fall out later.
        rows = representative(
            context, stratum.filters, viewer, 3 * share, lean=stratum.lean, among=stratum.among
        )
        found += [
            _Candidate(key_of(row), "representative", row, stratum.label, lean=stratum.lean) for row in rows
        ]
    if strata and strata[0].lean:
        against = pool(context, strata[0].filters, viewer, _OPPOSITE[strata[0].lean])
        found += [
            _Candidate(key_of(row), "counter-example", row, strata[0].label) for row in against[: wanted // 4]
        ]
    return found


def _fill(
    context: RagContext, into: list[Evidence], pack: Pack, chosen: Sequence[_Candidate], plan: QueryPlan, viewer: Viewer,
    wanted: int, taken: _Taken,
) -> None:  # fmt: skip
    """Read the messages of the candidates and keep those with something to quote."""
    keys = list(dict.fromkeys(candidate.key for candidate in chosen))
    texts = _messages(context, keys, viewer)
    room = {
        "representative": wanted - 1,
        "relevant": wanted if plan.intent == "lookup" else 3 * wanted // 8,
        "counter-example": wanted // 8,
    }
    quota = _quotas(chosen, room["representative"])
    pairs = []
    for candidate in chosen:
        messages = texts.get(candidate.key, [])
        if candidate.key in taken.keys or not messages:
            continue
        if any(gives_orders(message["body_text"]) for message in messages):
            pack.set_aside += 1
            taken.keys.add(candidate.key)
            continue
        pairs.append((candidate, messages))
    best = _quotables(pairs, plan)
    for (candidate, messages), options in zip(pairs, best, strict=True):
        slot = (candidate.kind, candidate.stratum)
        full = len(into) >= MOST or room[candidate.kind] < 1 or quota.get(slot, 1) < 1
        if candidate.key in taken.keys or full:
            continue
        quote = next((o for o in options if same_words(o[1]) not in taken.words), None)
        if quote is None:
            continue
        taken.words.add(same_words(quote[1]))
        taken.keys.add(candidate.key)
        room[candidate.kind] -= 1
        quota[slot] = quota.get(slot, wanted) - 1
        _add(into, pack, candidate, messages, quote)


def _quotas(chosen: Sequence[_Candidate], room: int) -> dict[tuple[str, str], int]:
    """How many each stratum may show: in proportion to the candidates it was given."""
    counts: dict[tuple[str, str], int] = {}
    for candidate in chosen:
        if candidate.kind == "representative":
            slot = (candidate.kind, candidate.stratum)
            counts[slot] = counts.get(slot, 0) + 1
    total = sum(counts.values()) or 1
    return {slot: max(1, round(room * n / total)) for slot, n in counts.items()}


_PLACED = (
    "source_id",
    "conversation_id",
    "message_id",
    "seq",
    "body_text",
    "author_role",
    "is_deleted",
    "is_public",
    "kind",
)
_WRITTEN = ("source_id", "message_id", "clean_text", "sentiment_score")
_PLAIN: dict[str, Any] = {
    "clean_text": None,
    "sentiment_score": None,
}  # of a message that is not enriched yet


def _messages(context: RagContext, keys: Sequence[Key], viewer: Viewer) -> dict[Key, list[dict[str, Any]]]:
    """What customers wrote in public, in order, cut to the length that is looked at.

    Each table is read by itself: joined, both would be read whole.
    """
    ids = list(dict.fromkeys(conversation for _, conversation in keys))
    placed = [row for row in _rows(context, "messages", _PLACED, ids, viewer) if _is_told(row)]
    written = {_own(row): row for row in _rows(context, "message_enrichment", _WRITTEN, ids, viewer)}
    found: dict[Key, list[dict[str, Any]]] = {key: [] for key in keys}
    for row in sorted(placed, key=lambda row: row["seq"] or 0):
        enriched = written.get(_own(row), _PLAIN)
        text = row["body_text"] if enriched["clean_text"] is None else enriched["clean_text"]
        messages = found.get(key_of(row))
        if text and messages is not None and len(messages) < MOST_MESSAGES:
            score = enriched["sentiment_score"]
            messages.append({**row, "body_text": text[:4_000], "sentiment_score": score})
    return found


def _rows(
    context: RagContext, table: str, columns: Sequence[str], ids: Sequence[str], viewer: Viewer
) -> list[dict[str, Any]]:
    if not ids:
        return []
    rows: list[dict[str, Any]] = context.reader.rows_of(table, columns, ids, viewer=viewer).to_pylist()
    return rows


def _is_told(row: dict[str, Any]) -> bool:
    """Whether a customer, or nobody that is known, wrote it in public, and it still stands."""
    is_ours = row["author_role"] in (None, "customer", "unknown")
    return is_ours and is_spoken(row)


def _own(row: dict[str, Any]) -> Key:
    return row["source_id"], row["message_id"]


def _quotables(
    pairs: Sequence[tuple[_Candidate, list[dict[str, Any]]]], plan: QueryPlan
) -> list[list[tuple[dict[str, Any], str]]]:
    """Per candidate its sentences, the most telling first."""
    import numpy as np

    from llm.embed import local_embedder

    options: list[list[tuple[dict[str, Any], str]]] = []
    for candidate, messages in pairs:
        found = [(m, s) for m in messages for s in sentences(m["body_text"]) if not has_markup(s)]
        if candidate.lean == "positive":  # a friendly letter about a broken thing has other sentences too
            found = [pair for pair in found if praise(pair[1])]
        options.append(found[:24])
    flat = [sentence for found in options for _, sentence in found]
    if not flat:
        return options
    aims = [plan.search_text or f"{c.facts['topic'] or ''} {c.facts['subject'] or ''}" for c, _ in pairs]
    vectors = local_embedder().embed([*flat, *aims])
    owner = [at for at, found in enumerate(options) for _ in found]
    close = (vectors[: len(flat)] * vectors[len(flat) :][owner]).sum(axis=1).tolist()
    words = set(re.findall(r"\w{3,}", plan.search_text.lower()))
    ranked: list[list[tuple[dict[str, Any], str]]] = []
    at = 0
    for found, (candidate, _) in zip(options, pairs, strict=True):
        scores = [
            _telling(message, sentence, close[at + i], words, candidate)
            for i, (message, sentence) in enumerate(found)
        ]
        at += len(found)
        ranked.append([found[i] for i in np.argsort([-s for s in scores], kind="stable").tolist()])
    return ranked


def _telling(
    message: dict[str, Any], sentence: str, closeness: float, words: set[str], candidate: _Candidate
) -> float:
    """How much a sentence shows: near what is sought, with its words, in the mood of its conversation."""
    shared = len(words & set(re.findall(r"\w{3,}", sentence.lower())))
    mood = message["sentiment_score"] or 0.0
    lean = {"negative": -mood, "positive": mood}.get(candidate.facts["sentiment"] or "", 0.0)
    lean += praise(sentence) if candidate.lean == "positive" else 0.0
    return closeness + 0.3 * shared + 0.4 * lean - _beside(sentence) - 0.01 * min(message["seq"] or 0, 10)


def _beside(sentence: str) -> float:
    """How far a sentence is beside the matter: personal data never shows it, courtesy and a few words rarely do."""
    short = 0.2 if len(sentence) < 40 else 0.0
    return short + (1.0 if is_personal(sentence) else 0.0) + (0.3 if is_courtesy(sentence) else 0.0)


def _add(
    into: list[Evidence],
    pack: Pack,
    candidate: _Candidate,
    messages: list[dict[str, Any]],
    quote: tuple[dict[str, Any], str],
) -> None:
    evidence_id = f"e{len(pack.bodies) + 1}"
    source, conversation = candidate.key
    message, sentence = quote
    facts = {
        name: candidate.facts[name]
        for name in ("subject", "created_at", "channel", "product", "team", "sentiment")
    }
    into.append(
        Evidence(
            id=evidence_id, kind=candidate.kind, source_id=source, conversation_id=conversation, **facts,
            stratum=candidate.stratum, similarity=candidate.hit.similarity if candidate.hit else None,
            quotes=(Quote(evidence_id=evidence_id, source_id=source, conversation_id=conversation,
                          message_id=message["message_id"], seq=message["seq"] or 0, text=sentence),),
        )
    )  # fmt: skip
    pack.bodies[evidence_id] = [fold(m["body_text"]) for m in messages]
