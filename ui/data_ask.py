"""What the page Ask reads and keeps: answers, their chips, questions asked before, verdicts, and how well it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from core.viewer import Viewer
from ui import masking, resources, trail
from ui.at_once import ANSWERS
from ui.caching import kept
from ui.data import stamp

if TYPE_CHECKING:
    from rag.answer import Answer, QueryPlan
    from rag.chips import Change, Chip
    from rag.quality import Week
    from rag.vocabulary import Vocabulary
    from store.workspace import Question
    from store.workspace.questions import Verdict


def ask(
    question: str, follow: int | None, plan: QueryPlan | None = None, *, on_event: Callable[[str, Any], None]
) -> Answer:
    """An answer, computed anew: the question and its answer are kept in the workspace by the asking itself.

    `plan` is how the question is to be understood, where a person said so. While as many answers are being made as may
    be at once, `on_event` hears "waiting". Raises QuestionError, ConfigError.
    """
    from rag.ask import ask as answer

    trail.note("asked", question=question)
    shown = masking.made()
    most = resources.settings().dashboard.answers_at_once
    with ANSWERS.taken(most, lambda: on_event("waiting", None)):
        found = answer(
            question, resources.rag_context(), viewer=resources.viewer(), follow=follow, plan=plan,
            on_event=lambda kind, made: on_event(kind, shown(made)),
        )  # fmt: skip
    return said(found)


def said(answer: Answer) -> Answer:
    """An answer as the viewer may see it."""
    shown = masking.made()
    return answer.model_copy(update={"claims": shown(answer.claims), "citations": shown(answer.citations)})


def now(question: str) -> Answer:
    """The answer by the data as it is now, kept nowhere but for the next look: for pinned questions."""
    return _now(question, resources.indexed(), resources.is_masked(), resources.viewer(), *stamp())


@kept(50)
def _now(question: str, indexed: int, masked: bool, viewer: Viewer, place: str, generation: int) -> Answer:
    from rag.ask import ask as answer

    return said(answer(question, resources.rag_context(), viewer=viewer, provider="none", keep=False))


def chips(plan: QueryPlan) -> tuple[Chip, ...]:
    """A plan as chips."""
    from rag.chips import chips as of

    return of(plan, _words())


def edited(plan: QueryPlan, changes: Mapping[str, Change]) -> QueryPlan:
    """A plan with changed chips. Raises QuestionError for what does not exist."""
    from rag.chips import edited as changed

    return changed(plan, changes, _words())


def titles(chip: Chip) -> dict[str, str]:
    """What the choices of a chip are called."""
    from rag.chips import INTENTS

    words = _words()
    known: dict[str, Mapping[Any, str]] = {
        "intent": dict(INTENTS), "metric": words.titles,
        "group_by": {name: words.title(name) for name in words.splits},
    }  # fmt: skip
    return dict(known.get(chip.kind, {}))


def dimensions() -> dict[str, str]:
    """Dimensions with few enough values to choose from, with their titles."""
    from rag.chips import FEW

    words = _words()
    found = {name: words.title(name) for name in words.splits if 1 < len(words.values.get(name, ())) <= FEW}
    return dict(sorted(found.items(), key=lambda pair: pair[1].casefold()))


def values_of(dimension: str) -> list[str]:
    """The values of a dimension, as the data has them."""
    return list(_words().values.get(dimension, ()))


def _words() -> Vocabulary:
    from rag.vocabulary import vocabulary

    return vocabulary(resources.reader(), resources.settings(), resources.viewer())


def recent_questions(n: int = 12) -> list[Question]:
    """Questions asked before, the newest first: of everybody where nobody signs in, else the viewer's own.

    Never cached, because everybody writes them.
    """
    return resources.workspace().recent_questions(n, viewer=_own())


def _own() -> str | None:
    return resources.me() if resources.is_guarded() else None


def keep_feedback(question_id: int, verdict: Verdict) -> None:
    """Keep what the viewer thought of one of their answers. Raises StoreError."""
    resources.workspace().add_feedback(question_id, verdict, viewer=resources.me())


def quality() -> list[Week]:
    """How well questions were answered by week: of everybody for who manages, else of the viewer's own questions."""
    from rag.quality import weekly

    own = None if trail.allows("manage") else _own()
    return weekly(resources.home(), resources.settings().workspace.zone, viewer=own)


def markdown(answer: Answer) -> str:
    """An answer as Markdown."""
    from rag.markdown import written

    return written(answer)


def alert_draft(answer: Answer) -> tuple[str, dict[str, Any]] | None:
    """Name and definition of an alert on the answer's first number that the catalogue has; None without one."""
    from analytics import catalogue
    from core import numbers

    known = {metric.name for metric in catalogue.every(resources.settings())}
    fact = next((one for one in answer.metrics if one.name in known and one.value is not None), None)
    if fact is None:
        return None
    better = next(
        metric.better for metric in catalogue.every(resources.settings()) if metric.name == fact.name
    )
    level = (
        numbers.value(fact.value, fact.unit, 0x7FFF_FFFF)
        if fact.unit == "share"
        else _level(fact.value, fact.unit)
    )
    definition = {
        "metric": fact.name, "window": "day", "direction": "below" if better == "higher" else "above", "level": level,
        "filters": {name: list(values) for name, values in fact.filters.items()} | ({"any": fact.any} if fact.any else {}),
    }  # fmt: skip
    return f"{fact.title}: {fact.label}"[:120], definition


def _level(value: float | None, unit: str) -> str:
    """A level as the form of alerts reads it."""
    return f"{round((value or 0) / 60)}m" if unit == "seconds" else f"{value:g}"


def examples() -> list[str]:
    """Questions that this data can answer: its worst day, its slowest team, its largest product."""
    return _examples(resources.viewer(), *stamp())


@kept(8, ahead=True)
def _examples(viewer: Viewer, place: str, generation: int) -> list[str]:
    from ui.examples import questions

    return questions(resources.reader_of(generation), resources.settings(), viewer)
