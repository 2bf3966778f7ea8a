"""An answer as Markdown, to be pasted or filed: words of others are shown and obeyed by no reader of Markdown."""

from __future__ import annotations

import re

from rag.answer import Answer, Citation, MetricFact
from rag.numbers import shown

KINDS = {
    "representative": "typical", "relevant": "close to the question", "counter-example": "says otherwise",
}  # fmt: skip
_MARKS = re.compile(r"([\\`*_{}\[\]<>#+\-!|~$])")


def written(answer: Answer) -> str:
    """Question, sentences, confidence, numbers, conversations and queries, with where it all comes from."""
    parts = [f"# {plain(answer.question)}", _sentences(answer), _confidence(answer)]
    parts += [
        _understood(answer),
        _numbers(answer),
        _conversations(answer),
        _queries(answer),
        _origin(answer),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """Text of others on one line: marks are escaped, addresses lead nowhere."""
    joined = " ".join(text.split()).replace("://", ":\u2060//").replace("www.", "www\u2060.")
    return _MARKS.sub(r"\\\1", joined)


def _sentences(answer: Answer) -> str:
    if not answer.claims:
        near = "".join(f"\n- {plain(text)}" for text in answer.nearest)
        return "The data does not answer this." + (f"\n{near}" if near else "")
    return "\n".join(
        "- " + plain(claim.text) + "".join(f" ({n})" for n in claim.citations) for claim in answer.claims
    )


def _confidence(answer: Answer) -> str:
    reasons = " ".join(plain(reason) for reason in answer.confidence.reasons)
    return f"**Confidence: {answer.confidence.level}.** {reasons}"


def _understood(answer: Answer) -> str:
    told = [plain(text) for text in (*answer.assumptions, *answer.notes)]
    return "\n".join(f"- {text}" for text in dict.fromkeys(told))


def _numbers(answer: Answer) -> str:
    if not answer.metrics:
        return ""
    head = "| Number | Of | Value | n | Before |\n| --- | --- | ---: | ---: | ---: |"
    return "## Numbers\n\n" + "\n".join([head, *(_row(fact) for fact in answer.metrics)])


def _row(fact: MetricFact) -> str:
    before = (
        f"{shown(fact, 'baseline')} ({plain(fact.baseline_label or 'before')})"
        if fact.baseline is not None
        else ""
    )
    return f"| {plain(fact.title)} | {plain(fact.label)} | {fact.text} | {fact.n:,} | {before} |"


def _conversations(answer: Answer) -> str:
    if not answer.citations:
        return ""
    return "## Conversations\n\n" + "\n".join(_cited(one) for one in answer.citations)


def _cited(one: Citation) -> str:
    facts = [
        str(part) for part in (one.date, one.channel, one.product, KINDS.get(one.kind, one.kind)) if part
    ]
    quote = f": “{plain(one.quote)}”" if one.quote else ""
    name = plain(f"{one.source_id}/{one.conversation_id}")
    return f"{one.n}. {name}, {plain(one.subject or 'no subject')} ({plain(', '.join(facts))}){quote}"


def _queries(answer: Answer) -> str:
    found = dict.fromkeys(fact.sql for fact in answer.metrics if fact.sql)
    return (
        "## Queries\n\n" + "\n\n".join(f"```sql\n{sql.replace('```', '')}\n```" for sql in found)
        if found
        else ""
    )


def _origin(answer: Answer) -> str:
    by = answer.words_by or (
        f"{answer.provider} {answer.model or ''}" if answer.model else "no language model"
    )
    return (
        f"Supportlens, question {answer.id}, generation {answer.generation}, worded by {plain(by)}. "
        "Numbers come from the warehouse, quotes from the messages; both were checked."
    )
