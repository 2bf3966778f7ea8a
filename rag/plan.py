"""Reads a question into a plan, without a model: what is counted, when, for whom, and what is sought.

Everything in a plan exists: metrics come from the catalogue, values from the data. What is named in the
question and exists nowhere lands in `unknown`, and the answer says so instead of guessing.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import cast

from core.filters import Grain, Period
from rag import question_words as said
from rag.answer import Intent, QueryPlan, Span
from rag.dates import Calendar, Found, find_periods
from rag.languages import in_english
from rag.reading import Reading, causes, clock, limit_in_time, limits, rated, unheld, waiting
from rag.thresholds import lasting
from rag.vocabulary import CLOCK, ORDINARY, Vocabulary, words_of


def parse(
    question: str, words: Vocabulary, calendar: Calendar, previous: QueryPlan | None = None
) -> QueryPlan:
    """The plan of a question; with a previous plan, what the question leaves unsaid comes from there."""
    text = lasting(in_english(question).replace("’", "'").strip())
    reading = Reading(text, text.lower(), words)
    period, baseline = _time(reading, calendar)
    grain = next((grain for grain, rule in said.GRAIN_RULES if rule.search(reading.rest)), None)
    by_day = said.BY_DAY.search(reading.rest)
    if by_day and by_day[1] != "day":
        grain = cast(Grain, by_day[1])
    limit_in_time(reading)
    intent = causes(reading) or _intent(reading.rest)
    _values(reading, intent)
    group_by = [*clock(reading), *_group_by(reading)][:2]
    metrics, plain = _metrics(reading)
    unheld(reading, metrics)
    waiting(reading, metrics)
    limits(reading, metrics)
    topic = _topic(reading)
    _unknown_names(reading)
    settled = _settled(intent, metrics, group_by, reading, baseline)
    if settled == "top_n" and not group_by and not by_day and said.WHEN.match(reading.text.lower()):
        group_by = ["hour"]
        reading.assumptions.append(
            "“When” is read as the hour of the day; ask for the weekday, or the day, otherwise."
        )
    sought = _sought(reading, settled)
    if settled == "lookup" and group_by and not sought:
        settled = "top_n"  # "more tickets on Mondays" asks for no ticket
    elif metrics and not sought and intent in (None, "lookup"):
        settled = _shown(settled, metrics, reading, period)
    if settled == "lookup" and intent is None and period and not _sought(reading, "count"):
        settled, sought = "summarise", ""  # "How was October?"
    plan = QueryPlan(
        intent=settled, metrics=tuple(metrics), period=period, baseline=baseline,
        filters={name: tuple(values) for name, values in reading.filters.items()},
        group_by=tuple(group_by), grain=grain, lowest=_is_lowest(settled, text.lower()),
        by_day=bool(by_day), limit=reading.limit, search_text=sought,
        assumptions=tuple(reading.assumptions), ambiguity=tuple(reading.ambiguity),
        unknown=tuple(reading.unknown), ids=tuple(said.ID.findall(text)), names=tuple(reading.names),
        recognised=bool(plain or reading.filters or {*group_by} - {*CLOCK} or topic or said.SUPPORT.search(text.lower())),
    )  # fmt: skip
    return _followed(plan, previous, explicit=intent) if previous else plan


def _time(reading: Reading, calendar: Calendar) -> tuple[Span | None, Span | None]:
    """The period asked about, and the one it is compared with where the question names one."""
    found = find_periods(reading.text, calendar)
    versus = said.VERSUS.search(reading.rest)
    for item in found:
        reading.take(item.start, item.end)
        if item.assumption:
            reading.assumptions.append(item.assumption)
    if not found:
        return None, None
    if len(found) == 1:
        before = said.BEFORE.search(reading.rest)
        if before:
            reading.take(before.start(), before.end())
            return Span.of(found[0].period), Span.of(_preceding(found[0].period, before[1]))
        if versus and "than" in versus[0] and said.JOINT.match(reading.text[versus.end() : found[0].start]):
            return _after(found[0], calendar), Span.of(found[0].period)
        return Span.of(found[0].period), None
    first, second = found[0], found[1]
    if versus is None and first.period.start < second.period.start:
        first, second = second, first
    if len(found) > 2:
        reading.ambiguity.append("The question names more than two periods; the first two count.")
    return Span.of(first.period), Span.of(second.period)


def _preceding(period: Period, unit: str) -> Period:
    """The whole day, week and so on that ends before a period begins; the period's own length for longer ones."""
    days = {"day": 1, "week": 7}.get(unit)
    return (
        Period(period.start - timedelta(days=days), period.start - timedelta(days=1))
        if days
        else period.previous()
    )


def _after(found: Found, calendar: Calendar) -> Span:
    """The period that something is compared with `found`: the one that follows it, up to the data's end."""
    start = found.period.until
    last = max(calendar.last or calendar.today, start)
    return Span(start=start, end=min(last, start + timedelta(days=found.period.days - 1)))


def _intent(rest: str) -> Intent | None:
    return next((intent for intent, rule in said.INTENT_RULES if rule.search(rest)), None)


def _settled(
    intent: Intent | None, metrics: list[str], group_by: list[str], reading: Reading, baseline: Span | None
) -> Intent:
    """The intent, with what the other parts say where no word told it."""
    two = any(len(values) > 1 for name, values in reading.filters.items() if name not in CLOCK)
    if intent in (None, "count", "trend") and (baseline or (two and metrics)):
        return "compare"
    if intent == "top_n" and not group_by and not metrics:
        return "top_n"
    if intent:
        return intent
    return "count" if metrics or group_by or reading.filters else "lookup"


def _is_lowest(intent: Intent, text: str) -> bool:
    return (said.FALLING if intent == "trend" else said.LOWEST).search(text) is not None


def _shown(settled: Intent, metrics: list[str], reading: Reading, period: Span | None) -> Intent:
    """ "Show me the backlog for the last 2 weeks" asks for a number, and of what is open for how it went."""
    if metrics == ["volume"] or reading.limit or said.LISTED.search(reading.text.lower()):
        return settled
    went = settled in ("count", "lookup") and period is not None and period.start < period.end
    if went and metrics[0] in said.LEVELS:
        return "trend"
    return "count" if settled == "lookup" else settled


def _values(reading: Reading, intent: Intent | None) -> None:
    """Good and bad ratings; then names of products, teams and so on, the longest match first."""
    rated(reading, intent)
    _beside(reading)
    # A workspace has thousands of names: most are ruled out before a pattern is built.
    present = (phrase for phrase in reading.words.bare if phrase in reading.rest)
    for phrase in sorted(present, key=len, reverse=True):
        for match in re.finditer(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])", reading.rest):
            dimension, value = reading.words.bare[phrase]
            reading.filter(dimension, value)
            if (
                not reading.text[match.start()].isupper()
                and value.lower() == phrase
                and dimension in ("team", "product")
            ):
                reading.assumptions.append(f"“{phrase}” is read as {dimension} {value}.")
            reading.take(match.start(), match.end())
    for match in re.finditer(r"[^\W\d_]{5,}", reading.rest):
        meant = None if match[0] in said.NOISE else reading.words.misspelt(match[0])
        if meant:
            dimension, value = meant
            reading.filter(dimension, value)
            reading.assumptions.append(f"“{match[0]}” is read as {dimension} {value}.")
            reading.take(match.start(), match.end())


def _beside(reading: Reading) -> None:
    """Values next to their dimension's word: "status open", "high priority", "team Nobody"."""
    named = [pair for pair in reading.words.dimensions.items() if pair[0] in reading.text.lower()]
    for word, dimension in sorted(named, key=lambda pair: -len(pair[0])):
        values, its = reading.words.beside.get(dimension, {}), re.escape(word)
        present = (phrase for phrase in values if phrase in reading.rest)
        for phrase in sorted(present, key=len, reverse=True) if word in reading.rest else ():
            quoted = re.escape(phrase)
            pattern = rf"\b{its}\s+(?:is |= ?|called )?[\"']?{quoted}\b|\b{quoted}[\"']?\s+{its}\b"
            match = re.search(pattern, reading.rest)
            if match:
                reading.filter(dimension, values[phrase])
                reading.take(match.start(), match.end())
        if dimension in ("product", "team", "channel", "agent", "topic", "brand", "tag", "organization"):
            _unknown_beside(reading, word, dimension)


def _unknown_beside(reading: Reading, word: str, dimension: str) -> None:
    match = re.search(rf"\b(?i:{re.escape(word)})\s+{said.AFTER_DIMENSION}", reading.text)
    if not match or not reading.rest[match.start(1) : match.end(1)].strip():
        return
    name = match[1].strip()
    lower = name.lower()
    if reading.words.misspelt(lower) or any(
        phrase in lower for phrase in (*reading.words.bare, *reading.words.beside.get(dimension, {}))
    ):
        return
    if dimension == "topic" and _best_topic(words_of(name), reading.words):
        return
    reading.unknown.append(f"{dimension} {name}")
    reading.take(match.start(1), match.end(1))


def _group_by(reading: Reading) -> list[str]:
    found: list[str] = []
    present = (word for word in reading.words.dimensions if word in reading.rest)
    for word in sorted(present, key=len, reverse=True):
        pattern = rf"\b(?P<how>{said.SPLIT})\s+(?:the\s+|our\s+)?(?P<what>{re.escape(word)})\b"
        match = re.search(pattern, reading.rest)
        if match:
            name = reading.words.dimensions[word]
            if name not in found:
                found.append(name)
            # "The slowest channel" names a number too.
            whole = not said.PACED.search(match["how"])
            reading.take(match.start() if whole else match.start("what"), match.end())
    if not found and said.WHO.search(reading.text):
        found.append("agent")
    if not found and said.MOST_OF_WHOM.search(reading.text.lower()):
        found.append("requester")
    return found[:2]


def _metrics(reading: Reading) -> tuple[list[str], bool]:
    """Metric names, the most telling phrase first; and whether a word other than "how many" told them."""
    found: list[tuple[int, str]] = []
    plain = False
    for pace in said.PACE_OF_CHANGE.finditer(reading.rest):
        reading.take(pace.start(1), pace.end(1))
    rest = reading.rest
    for rule, names, told in said.PHRASES:
        match = rule.search(rest)
        # "Not answered within an hour" is a limit of the replies that there were.
        if match and not (reading.limit and names[0] in said.LEVELS):
            rest = rest[: match.start()] + " " * (match.end() - match.start()) + rest[match.end() :]
            reading.take(match.start(), match.end())
            reading.assumptions.append(told)
            found, plain = [*found, *((0, name) for name in names if name in reading.words.titles)], True
    for phrase in sorted((one for one in reading.words.metrics if one in rest), key=len, reverse=True):
        match = re.search(rf"(?<![\w-]){re.escape(phrase)}s?(?![\w-])", rest)
        if match is None:
            continue
        rest = rest[: match.start()] + " " * (match.end() - match.start()) + rest[match.end() :]
        names = reading.words.metrics[phrase]
        plain = plain or phrase not in ORDINARY
        found += [(1 if names[0] == "volume" else 0, name) for name in names[:2]]
        reading.take(match.start(), match.end())
    ordered = [name for _, name in sorted(found, key=lambda pair: pair[0])]
    chosen = list(dict.fromkeys(ordered))
    if {"contact_rate", "reopen_rate"} <= {*chosen} and "more than once" in reading.text.lower():
        chosen.remove("contact_rate")
        reading.ambiguity.append("“More than once” is not applied: reopens are not told apart by how many.")
    # "The oldest open tickets": how old they are is asked for, and not how many.
    if {"backlog", "backlog_age_median"} <= {*chosen}:
        chosen.remove("backlog")
    # "How many conversations were reopened": the plain count is only the noun of the sentence.
    if len(chosen) > 1 and "volume" in chosen and not re.search(r"\bvolume\b", reading.text.lower()):
        chosen.remove("volume")
    # "How quickly do we solve": the speed is that of the solve.
    if {"first_reply_median", "solved"} <= {*chosen} and not said.REPLYING.search(reading.text.lower()):
        chosen = ["resolution_median", *(n for n in chosen if n not in ("first_reply_median", "solved"))]
    return chosen[:3], plain


def _topic(reading: Reading) -> bool:
    """A topic whose name or keywords the question uses."""
    if "topic" in reading.filters:
        return True
    content = [word for word in words_of(reading.rest) if word not in said.NOISE]
    label = _best_topic(content, reading.words)
    if label is None:
        return False
    reading.filter("topic", label)
    reading.assumptions.append(f"“{' '.join(dict.fromkeys(content))}” is read as the topic “{label}”.")
    return True


def _best_topic(content: list[str], words: Vocabulary) -> str | None:
    """The topic that shares at least two words, and most of what was asked, with the question."""
    wanted = set(content)
    scored = sorted(((len(wanted & topic.words), topic.label) for topic in words.topics), reverse=True)
    if not scored or scored[0][0] < 2 or scored[0][0] < 0.6 * len(wanted):
        exact = [t.label for t in words.topics if wanted and wanted == set(words_of(t.label))]
        return exact[0] if exact else None
    return scored[0][1] if len(scored) == 1 or scored[1][0] < scored[0][0] else None


def _unknown_names(reading: Reading) -> None:
    """Capitalised names in the middle of a sentence that nothing in the data explains: checked later by words."""
    for match in said.NAME.finditer(reading.text):
        if not said.ENGLISH.search(reading.text.lower()):
            return  # other languages write more words with a capital
        left = reading.rest[match.start() : match.end()].strip()
        if left and left.lower() not in said.NOISE and len(left) > 2 and not match[0].isupper():
            reading.names.append(match[0])


def _sought(reading: Reading, intent: Intent) -> str:
    """What is left when dates, names and metrics are taken out: what to look for in the texts."""
    for_words = intent in ("lookup", "summarise") or said.ABOUT.search(reading.text)
    noise = said.NOISE if for_words else said.NOISE | said.MANNER
    rest = said.TOP.sub(" ", reading.rest)
    words = (word.strip("'.-") for word in re.findall(r"[\w@#][\w@#'./-]*", rest))
    return " ".join(word for word in words if word not in noise and not _says_how(word, intent))


def _says_how(word: str, intent: Intent) -> bool:
    """Whether a word asks for something instead of being sought; or is what is left of a name's "'s"."""
    if intent == "count" and said.FEEDBACK_RULE.fullmatch(word):
        return False  # how many reviews there were is no number of the catalogue
    return (len(word) == 1 and not word.isdigit()) or any(rule.search(word) for _, rule in said.INTENT_RULES)


def _followed(plan: QueryPlan, previous: QueryPlan, *, explicit: Intent | None) -> QueryPlan:
    """The previous plan with what the new question says put over it."""
    filters = {**previous.filters, **plan.filters}
    said = plan.model_dump(exclude={"filters"})
    said["metrics"] = plan.metrics or previous.metrics
    said["period"] = plan.period or previous.period
    said["baseline"] = plan.baseline or (previous.baseline if plan.period is None else None)
    said["search_text"] = plan.search_text or previous.search_text
    said["group_by"] = plan.group_by or (previous.group_by if explicit in (None, previous.intent) else ())
    said["grain"] = plan.grain or previous.grain
    said["limit"] = plan.limit or (None if plan.metrics else previous.limit)
    said["intent"] = explicit or ("count" if plan.group_by else previous.intent)
    said["recognised"] = plan.recognised or previous.recognised
    return QueryPlan(**said, filters=filters)


def default_period(plan: QueryPlan, fallback: Period) -> Period:
    """The period of the plan, or the workspace's usual one."""
    return plan.period.period if plan.period else fallback
