"""Reads a question into a plan, without a model: what is counted, when, for whom, and what is sought.

Everything in a plan exists: metrics come from the catalogue, values from the data. What is named in the
question and exists nowhere lands in `unknown`, and the answer says so instead of guessing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

from core.filters import Grain, Period
from rag.answer import Intent, QueryPlan, Span
from rag.dates import Calendar, Found, find_periods
from rag.vocabulary import Vocabulary, words_of

_INTENTS: tuple[tuple[Intent, str], ...] = (
    ("forecast", r"\bforecast|\bpredict|\bprojection\b|\bproject(ed)?\b|\b(expect|expected|expecting)\b|"
                 r"\bwill\b.{0,60}\b(be|go|come|get|have|rise|fall|grow|arrive|receive|need)\b"),
    ("why_change", r"\bwhy\b|\bwhat (caused|happened|explains|is behind|was behind|went wrong)|\breasons?\b|"
                   r"\bcauses?\b|\banomal|\bunusual\b|\bany(thing)? (incidents?|odd|strange)\b|\bexplain\b|"
                 r"\broot cause|\bwarum\b|\bpor qué\b|\bpourquoi\b"),
    ("driver", r"\bdriv(es|ers?|ing)\b|\bassociated with\b|\bleads? to\b|\bcorrelat|(?<!-)\bfactors?\b|\bwhat makes\b"),
    ("compare", r"\bcompar|\bversus\b|\bvs\b|\bdifference between\b|\bthan\b|\bbetter or worse\b"),
    ("trend", r"\btrend|\bover time\b|\bris(e|es|en|ing)\b|\brose\b|\bgrow|\bincreas|\bdecreas|\bdeclin|\bdropp|"
              r"\bgo(ing|ne)? (up|down)\b|\bwent (up|down)\b|\bdevelop|\bevol|\b(per|each|by|every) (hour|day|week|"
              r"month|quarter)\b|\b(daily|weekly|monthly)\b|\bchang(e|ed|es|ing)\b|\bgetting (better|worse|slower|"
              r"faster|more|less)\b|\bsteps? up\b|\bslower\b|\bfaster\b"),
    ("top_n", r"\btop\b|\bmost\b|\bbiggest\b|\blargest\b|\bhighest\b|\blowest\b|\bworst\b|\bbest\b|\bleast\b|"
                 r"\bfewest\b|\blongest\b|\bshortest\b|"
              r"\bslowest\b|\bfastest\b|\brank|\bmain (topics?|themes?|issues?|problems?)\b|\bbusiest\b"),
    ("summarise", r"\bsummar|\boverview\b|\bwhat (do|are|did|were) (the )?(customers?|people|users|requesters) |"
                  r"\bwhat (do|did|does) .{1,40} (say|said|think|want|complain)\b|\bcomplain(ing|ed|ts)? about\b|"
                 r"\btell me about\b|\bthemes\b|\bhow (are|is|was|were) .{0,40}\bdoing\b"),
    ("count", r"\bhow many\b|\bnumber of\b"),
    ("lookup", r"\bshow( me)?\b|\bfind\b|\bexamples?\b|\b(conversations?|tickets?|cases|chats|emails) (about|where|with|"
               r"that|mentioning|regarding|on)\b|\bwho (wrote|complained|asked|said)\b|\bany(one|body)?\b.*\b(mention|"
               r"complain|ask|report)|\bsearch\b|\blist\b"),
    ("count", r"\bhow (many|much|long|often|fast|quickly)\b|\bnumber of\b|\bcount\b|\bwhat (is|was|are|were) (the|our)\b"),
)  # fmt: skip
_INTENT_RULES = tuple((intent, re.compile(pattern)) for intent, pattern in _INTENTS)
_ADVERBS: tuple[tuple[Grain, str], ...] = (
    ("hour", "hourly"), ("day", "daily"), ("week", "weekly"), ("month", "monthly"), ("quarter", "quarterly"),
    ("year", "yearly"),
)  # fmt: skip
_GRAINS: tuple[tuple[Grain, re.Pattern[str]], ...] = tuple(
    (grain, re.compile(rf"\b(?:per|each|by|every)\s+{grain}\b|\b{adverb}\b")) for grain, adverb in _ADVERBS
)
_ENGLISH = re.compile(
    r"\b(the|what|how|is|are|was|were|of|for|about|many|did|do|does|why|which|show|who|with)\b"
)
_LOWEST = re.compile(r"\b(lowest|least|fewest|smallest|fastest|quickest|quietest)\b")
_FALLING = re.compile(
    r"\b(fall\w*|fell|decreas\w*|declin\w*|dropp\w*|shrink\w*|shrank|go(?:ing|es)? down|went down|less|faster|quicker)\b"
)
_BY_DAY = re.compile(r"\b(which|what|busiest|quietest|worst|best) days?\b")
_WHO = re.compile(r"^who\b.*\b(most|fewest|least|best|worst|fastest|slowest|quickest)\b", re.IGNORECASE)
_BEFORE = re.compile(r"\bthe (day|week|month|quarter|year) before\b")
_JOINT = re.compile(r"^\s*(?:(?:in|on|during|the|of)\s+)*$")
_VERSUS = re.compile(r"\b(?:compared? (?:to|with)|versus|vs\.?|than|against|relative to)\b")
_SUPPORT = re.compile(
    r"\b(customers?|conversations?|tickets?|complain\w*|agents?|support|cases?|requests?|anomal\w*|unusual|incidents?|"
    r"chats?|e-?mails?|calls?|"
    r"messages?|users?|issues?|problems?|refunds?|feedback)\b"
)
_NOISE = frozenset(
    """why what which who when where how show find list give tell me us our we the a an is are was were be been did do
    does has have had in on at of for to from by with and or not any there this that these those many much number
    count about among over per each last past next most top common biggest largest main highest lowest worst best compare
    compared versus vs than trend time change changed changing rise rising increase increasing increased decrease
    grow growing develop developed happened cause caused reason explain example examples summarise summarize
    customer customers people user users say said saying complain complaining complained complaint conversation
    conversations ticket tickets case cases case's day days week weeks month months year years today yesterday now
    day's i you it they their please can could would should more less up down going get getting got become became
    right all doing out came come still question questions issue issues problem problems topic topics team
    channel product agent priority language status mention mentioned mentioning mentions regarding search overview
    during since until between off across split into went go if average mean median total share rate percent
    percentage and's slower faster better worse than's really like look looks against
    volume created spike spiked drive drives driving higher lower high low slow fast slowest fastest busy busiest asked
    ask asking asks happen happening tell said doing written write wrote so such other another same use used using
    need needs want wants also still just me my""".split()
)
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b([A-Z][\w&'-]+(?:\s+[A-Z][\w&'-]+)*)")
_ID = re.compile(r"\b(?=[\w-]*\d)[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)+\b|#\d+|\b\d{4,}\b|\b[a-z]+\d+\b")
_AFTER_DIMENSION = r"(?:called |named |is |= ?|: ?)?[\"“']?([A-Z0-9][\w&'./-]*(?: [A-Z0-9][\w&'./-]*)*)"


@dataclass
class _Reading:
    """The question while it is read; what is understood is blanked out of `rest`."""

    text: str  # as typed
    rest: str  # lower case, what is not yet understood
    words: Vocabulary
    filters: dict[str, list[str]] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)
    ambiguity: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def take(self, start: int, end: int) -> None:
        self.rest = self.rest[:start] + " " * (end - start) + self.rest[end:]

    def filter(self, dimension: str, value: str) -> None:
        values = self.filters.setdefault(dimension, [])
        if value not in values:
            values.append(value)


def parse(
    question: str, words: Vocabulary, calendar: Calendar, previous: QueryPlan | None = None
) -> QueryPlan:
    """The plan of a question; with a previous plan, what the question leaves unsaid comes from there."""
    text = question.replace("’", "'").strip()
    reading = _Reading(text, text.lower(), words)
    period, baseline = _time(reading, calendar)
    grain = next((grain for grain, rule in _GRAINS if rule.search(reading.rest)), None)
    intent = _intent(reading.rest)
    _values(reading)
    group_by = _group_by(reading)
    metrics, plain = _metrics(reading)
    topic = _topic(reading)
    _unknown_names(reading)
    settled = _settled(intent, metrics, group_by, reading, baseline)
    lowest = _FALLING if settled == "trend" else _LOWEST
    plan = QueryPlan(
        intent=settled,
        metrics=tuple(metrics), period=period, baseline=baseline,
        filters={name: tuple(values) for name, values in reading.filters.items()},
        group_by=tuple(group_by), grain=grain, lowest=bool(lowest.search(text.lower())),
        by_day=bool(_BY_DAY.search(text.lower())), search_text=_sought(reading),
        assumptions=tuple(reading.assumptions), ambiguity=tuple(reading.ambiguity),
        unknown=tuple(reading.unknown), ids=tuple(_ID.findall(text)), names=tuple(reading.names),
        recognised=bool(plain or reading.filters or group_by or topic or _SUPPORT.search(text.lower())),
    )  # fmt: skip
    return _followed(plan, previous, explicit=intent) if previous else plan


def _time(reading: _Reading, calendar: Calendar) -> tuple[Span | None, Span | None]:
    """The period asked about, and the one it is compared with where the question names one."""
    found = find_periods(reading.text, calendar)
    versus = _VERSUS.search(reading.rest)
    for item in found:
        reading.take(item.start, item.end)
        if item.assumption:
            reading.assumptions.append(item.assumption)
    if not found:
        return None, None
    if len(found) == 1:
        before = _BEFORE.search(reading.rest)
        if before:
            reading.take(before.start(), before.end())
            return Span.of(found[0].period), Span.of(_preceding(found[0].period, before[1]))
        if versus and "than" in versus[0] and _JOINT.match(reading.text[versus.end() : found[0].start]):
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
    return next((intent for intent, rule in _INTENT_RULES if rule.search(rest)), None)


def _settled(
    intent: Intent | None, metrics: list[str], group_by: list[str], reading: _Reading, baseline: Span | None
) -> Intent:
    """The intent, with what the other parts say where no word told it."""
    two = any(len(values) > 1 for values in reading.filters.values())
    if intent in (None, "count", "trend") and (baseline or (two and metrics)):
        return "compare"
    if intent == "top_n" and not group_by and not metrics:
        return "top_n"
    if intent:
        return intent
    return "count" if metrics or group_by or reading.filters else "lookup"


def _values(reading: _Reading) -> None:
    """Names of products, teams and so on; the longest match first."""
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
        meant = None if match[0] in _NOISE else reading.words.misspelt(match[0])
        if meant:
            dimension, value = meant
            reading.filter(dimension, value)
            reading.assumptions.append(f"“{match[0]}” is read as {dimension} {value}.")
            reading.take(match.start(), match.end())


def _beside(reading: _Reading) -> None:
    """Values next to their dimension's word: "status open", "high priority", "team Nobody"."""
    for word, dimension in sorted(reading.words.dimensions.items(), key=lambda pair: -len(pair[0])):
        values = reading.words.beside.get(dimension, {})
        present = (phrase for phrase in values if phrase in reading.rest)
        for phrase in sorted(present, key=len, reverse=True) if word in reading.rest else ():
            quoted = re.escape(phrase)
            pattern = rf"\b{word}\s+(?:is |= ?|called )?[\"']?{quoted}\b|\b{quoted}[\"']?\s+{word}\b"
            match = re.search(pattern, reading.rest)
            if match:
                reading.filter(dimension, values[phrase])
                reading.take(match.start(), match.end())
        if dimension in ("product", "team", "channel", "agent", "topic", "brand", "tag", "organization"):
            _unknown_beside(reading, word, dimension)


def _unknown_beside(reading: _Reading, word: str, dimension: str) -> None:
    match = re.search(rf"\b(?i:{word})\s+{_AFTER_DIMENSION}", reading.text)
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


def _group_by(reading: _Reading) -> list[str]:
    found: list[str] = []
    for word in sorted(reading.words.dimensions, key=len, reverse=True):
        pattern = (
            rf"\b(?:by|per|each|every|across|which|what|top(?: \d+)?|most common|biggest|largest|main|rank|(?:most|least) \w+|new)"
            rf"\s+(?:the\s+|our\s+)?{word}\b"
        )
        match = re.search(pattern, reading.rest)
        if match:
            name = reading.words.dimensions[word]
            if name not in found:
                found.append(name)
            reading.take(match.start(), match.end())
    if not found and _WHO.search(reading.text):
        found.append("agent")
    return found[:2]


def _metrics(reading: _Reading) -> tuple[list[str], bool]:
    """Metric names, the most telling phrase first; and whether a word other than "how many" told them."""
    found: list[tuple[int, str]] = []
    plain = False
    rest = reading.rest
    for phrase in sorted(reading.words.metrics, key=len, reverse=True):
        match = re.search(rf"(?<![\w-]){re.escape(phrase)}s?(?![\w-])", rest)
        if match is None:
            continue
        rest = rest[: match.start()] + " " * (match.end() - match.start()) + rest[match.end() :]
        names = reading.words.metrics[phrase]
        plain = plain or phrase != "how many"
        found += [(1 if names[0] == "volume" else 0, name) for name in names[:2]]
        reading.take(match.start(), match.end())
    ordered = [name for _, name in sorted(found, key=lambda pair: pair[0])]
    chosen = list(dict.fromkeys(ordered))
    # "How many conversations were reopened": the plain count is only the noun of the sentence.
    if len(chosen) > 1 and "volume" in chosen and not re.search(r"\bvolume\b", reading.text.lower()):
        chosen.remove("volume")
    return chosen[:3], plain


def _topic(reading: _Reading) -> bool:
    """A topic whose name or keywords the question uses."""
    if "topic" in reading.filters:
        return True
    content = [word for word in words_of(reading.rest) if word not in _NOISE]
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


def _unknown_names(reading: _Reading) -> None:
    """Capitalised names in the middle of a sentence that nothing in the data explains: checked later by words."""
    for match in _NAME.finditer(reading.text):
        if not _ENGLISH.search(reading.text.lower()):
            return  # other languages write more words with a capital
        left = reading.rest[match.start() : match.end()].strip()
        if left and left.lower() not in _NOISE and len(left) > 2 and not match[0].isupper():
            reading.names.append(match[0])


def _sought(reading: _Reading) -> str:
    """What is left when dates, names and metrics are taken out: what to look for in the texts."""
    words = (word.strip("'.-") for word in re.findall(r"[\w@#][\w@#'./-]*", reading.rest))
    return " ".join(word for word in words if word not in _NOISE and not _says_how(word))


def _says_how(word: str) -> bool:
    """Whether a word asks for something instead of being sought; or is what is left of a name's "'s"."""
    return (len(word) == 1 and not word.isdigit()) or any(rule.search(word) for _, rule in _INTENT_RULES)


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
    said["intent"] = explicit or ("count" if plan.group_by else previous.intent)
    said["recognised"] = plan.recognised or previous.recognised
    return QueryPlan(**said, filters=filters)


def default_period(plan: QueryPlan, fallback: Period) -> Period:
    """The period of the plan, or the workspace's usual one."""
    return plan.period.period if plan.period else fallback
