"""Answers a question: plan, numbers, evidence, words, checks. Complete without a language model."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from analytics.drivers import DAYS
from core.errors import LLMBudget, LLMError
from core.filters import Period
from core.viewer import EVERYTHING, Viewer
from rag import prompts, templates
from rag.answer import Answer, Citation, Confidence, QueryPlan
from rag.chips import checked
from rag.confidence import judge
from rag.context import RagContext, chosen_model
from rag.dates import Calendar
from rag.evidence import Pack, gather
from rag.few import few_cited
from rag.follow import calendar_of
from rag.index import lag
from rag.intents import compute_numbers
from rag.kept_words import Shelf, shelf_of
from rag.limits import Missing, missing
from rag.mentions import note_mentions, with_known_ids
from rag.model_calls import name_of
from rag.numbers import Numbers
from rag.plan import parse
from rag.safety import make_plain
from rag.spending import usage_of, within_budget
from rag.suggest import next_questions
from rag.verify import Draft, check, number_citations
from rag.vocabulary import CLOCK, Vocabulary, vocabulary

if TYPE_CHECKING:
    from llm.base import ChatModel
    from llm.budget import BudgetedModel

logger = logging.getLogger(__name__)

WEEKS = 12  # over which weekdays and hours are compared where no period is named

# plan, metrics, series, evidence, words, verified; with what was made. Before words come, from a language model, claims:
# all that are written so far and hold, fewer again when it begins anew.
OnEvent = Callable[[str, Any], None]


@dataclass
class _Run:
    """One question on its way to an answer."""

    question: str
    context: RagContext
    viewer: Viewer
    say: OnEvent
    timings: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    model: ChatModel | None = None
    counted: BudgetedModel | None = None  # stays when the answer goes on without the model
    form: str = ""  # in which the model was asked for its words
    because: str = ""  # why the model that was chosen did not write
    shelf: Shelf = field(default_factory=Shelf)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.timings[step] = round(time.perf_counter() - begun, 4)


def ask(
    question: str,
    context: RagContext,
    *,
    viewer: Viewer = EVERYTHING,
    provider: str | None = None,
    follow: int | None = None,
    on_event: OnEvent | None = None,
    model: ChatModel | None = None,
    keep: bool = True,
    plan: QueryPlan | None = None,
) -> Answer:
    """The answer to a question about the conversations that the viewer may see.

    `provider` overrides the settings; `follow` continues an earlier question by its id; `model` is a ready
    language model instead of the configured one; `keep=False` leaves no trace in the history; `plan` is how the
    question is to be understood (`rag.chips.edited`) instead of being read. Raises QuestionError for an unknown
    `follow` or a plan that names what does not exist, ConfigError for a provider that cannot be used as configured.
    """
    run = _Run(question.strip(), context, viewer, on_event or (lambda *_: None))
    begun = time.perf_counter()
    chosen = model or chosen_model(context, provider)
    if chosen is not None:
        run.model = run.counted = within_budget(chosen, context.home, context.settings)
        run.shelf = shelf_of(context, chosen, viewer, run.question) if keep else run.shelf
    with run.timed("plan"):
        words, calendar = vocabulary(context.reader, context.settings, viewer), calendar_of(context)
        plan = _plan(run, words, calendar, follow) if plan is None else checked(plan, words)
    run.say("plan", plan)
    with run.timed("limits"):
        lacking = missing(context, run.question, plan, words, calendar, viewer)
    answer = _refused(run, plan, lacking) if lacking else _answered(run, plan, words, calendar)
    run.timings["total"] = round(time.perf_counter() - begun, 4)
    answer = answer.model_copy(update={"timings": run.timings})
    return _kept(run, answer) if keep else answer


def _plan(run: _Run, words: Vocabulary, calendar: Calendar, follow: int | None) -> QueryPlan:
    from rag.history import plan_of

    previous = plan_of(run.context.home, follow, run.viewer) if follow is not None else None
    plan = with_known_ids(run.context, parse(run.question, words, calendar, previous), run.viewer)
    if run.model is not None:
        from rag.words import improve_plan

        plan = _guarded(run, lambda model: improve_plan(model, run.question, plan, words, run.shelf), plan)
    return plan.model_copy(update={"follows": follow})


def _guarded(run: _Run, call: Callable[[ChatModel], Any], otherwise: Any) -> Any:
    """A call to the language model; when it fails, the answer goes on without and says so."""
    if run.model is None:
        return otherwise
    try:
        return call(run.model)
    except LLMBudget:
        logger.info("language model's budget used up", extra={"provider": run.model.provider})
        _without(run, "today's budget is used up", "Today's budget for the language model is used up")
    except LLMError as error:
        logger.warning("language model failed", extra={"code": error.code, "provider": run.model.provider})
        reason = error.message.rstrip(".")
        _without(run, reason, f"The language model did not answer ({reason})")
    return otherwise


def _without(run: _Run, because: str, told: str) -> None:
    """Go on without the language model, and say why."""
    run.notes.append(f"{told}; this answer is written without it.")
    run.model, run.because = None, because


def _period(run: _Run, plan: QueryPlan) -> Period:
    from analytics.periods import default_period

    if plan.period:
        return plan.period.period
    usual = default_period(run.context.reader, run.context.settings)
    # What goes together shows in many conversations only, and weekdays in whole weeks.
    days = DAYS if plan.intent == "driver" else WEEKS * 7 if {*plan.group_by} & {*CLOCK} else usual.days
    return Period(usual.end - timedelta(days=days - 1), usual.end)


def _answered(run: _Run, plan: QueryPlan, words: Vocabulary, calendar: Calendar) -> Answer:
    context, viewer = run.context, run.viewer
    period = _period(run, plan)
    with run.timed("metrics"):
        numbers = compute_numbers(context, plan, period, viewer)
        note_mentions(context, plan, numbers, viewer)
    run.say("metrics", numbers.facts)
    run.say("series", numbers.series)
    with run.timed("evidence"):
        looked = plan.scope() if plan.intent == "lookup" else plan.scope().over(period)
        pack = gather(context, plan, numbers.strata, looked, viewer, writes=run.model is not None)
        make_plain(pack)
    run.say("evidence", pack.whole)
    with run.timed("words"):
        drafts, dropped, banner = _worded(run, plan, numbers, pack)
    claims, shown = number_citations(drafts, numbers.by_id())
    run.say("verified", claims)
    assumptions = list(plan.assumptions)
    if plan.period is None and plan.intent != "lookup":
        assumptions.append(f"No period was named: {period} is taken.")
    with run.timed("index_lag"):
        behind = lag(context.home, context.reader).chunks_behind
    confidence = judge(
        plan, numbers.facts, pack, dropped=dropped, kept=len(claims), behind=behind, last=calendar.last
    )
    return Answer(
        id=0, question=run.question, plan=plan, assumptions=tuple(dict.fromkeys(assumptions)),
        metrics=tuple(numbers.facts), series=tuple(numbers.series), claims=tuple(claims),
        citations=_citations(pack, shown), confidence=confidence, nearest=(), dropped_claims=dropped,
        banner=banner, notes=tuple(dict.fromkeys([*run.notes, *numbers.notes])), timings={}, index_lag=behind,
        set_aside=pack.set_aside,
        next_questions=next_questions(context, run.question, plan, numbers, words, calendar, viewer), **_origin(run),
    )  # fmt: skip


def _origin(run: _Run) -> dict[str, Any]:
    return {
        "provider": run.model.provider if run.model else "none",
        "model": run.model.name if run.model else None,
        "words_by": _words_by(run),
        "prompts": prompts.version() if run.model else None,
        "usage": usage_of(run.counted, reused=run.shelf.reused),
        "generation": run.context.reader.number,
    }


def _words_by(run: _Run) -> str:
    if run.model is not None:
        return name_of(run.model) + (f", {run.form}" if run.form else "")
    return "no language model" + (f": {run.because}" if run.because else "")


def _worded(run: _Run, plan: QueryPlan, numbers: Numbers, pack: Pack) -> tuple[list[Draft], int, str | None]:
    """Checked drafts, how many were dropped, and the banner."""
    facts = numbers.by_id()
    if run.model is not None:
        from rag.words import Wording, write_claims

        def tell(held: list[Draft]) -> None:
            run.say("claims", number_citations(few_cited(held, facts, pack, plan), facts)[0])

        made: Wording | None = _guarded(
            run,
            lambda model: write_claims(
                model, run.question, plan, numbers, pack, run.shelf, tell, run.context.redaction.cut
            ),
            None,
        )
        if made is not None and made.claims:
            run.form = made.by
            few = few_cited(made.claims, facts, pack, plan)
            run.say("words", few)
            return few, made.dropped, None
        if made is not None:
            told = "Nothing that the language model wrote passed the checks"
            _without(run, "nothing that it wrote passed the checks", told)
    verdicts = check(templates.write(plan, numbers, pack), facts, pack, plan, words_are_ours=True)
    for verdict in verdicts:
        if verdict.problems:
            logger.warning("template sentence dropped", extra={"problems": "; ".join(verdict.problems)})
    kept = [verdict.draft for verdict in verdicts if not verdict.problems]
    run.say("words", kept)
    return kept, len(verdicts) - len(kept), templates.BANNER


def _citations(pack: Pack, shown: dict[str, int]) -> tuple[Citation, ...]:
    evidence = pack.by_id()
    found = []
    for evidence_id, n in shown.items():
        item = evidence[evidence_id]
        quote = item.quotes[0] if item.quotes else None
        found.append(
            Citation(
                n=n, kind=item.kind, source_id=item.source_id, conversation_id=item.conversation_id,
                subject=item.subject, date=item.created_at.date() if item.created_at else None,
                channel=item.channel, product=item.product, quote=quote.text if quote else None,
                message_id=quote.message_id if quote else None,
            )
        )  # fmt: skip
    return tuple(found)


def _refused(run: _Run, plan: QueryPlan, lacking: Missing) -> Answer:
    """The honest answer: not in the data, with what there is."""
    if not plan.recognised and not plan.unknown:
        plan = plan.model_copy(update={"intent": "out_of_scope"})
    return Answer(
        id=0, question=run.question, plan=plan, assumptions=plan.assumptions, metrics=(), series=(), claims=(),
        citations=(), confidence=Confidence(level="not in the data", reasons=(lacking.reason,)),
        nearest=lacking.nearest, dropped_claims=0, banner=None if run.model else templates.BANNER,
        notes=tuple(run.notes), next_questions=(), timings={}, index_lag=0, **_origin(run),
    )  # fmt: skip


def _kept(run: _Run, answer: Answer) -> Answer:
    from rag.history import remember

    return remember(run.context.home, answer, run.viewer)
