"""Lets a language model word the names of topics: it may name what was found, and never says what belongs to it.

It gets terms and a few masked texts of each topic and of its neighbours between marks that only this request knows, has
no tools, and its output is a schema. A name that fails the checks is dropped and counted; the topic keeps the one it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from rag.answer import Usage
from rag.context import RagContext, chosen_model
from rag.kept_words import Shelf, written_by
from rag.model_calls import NO_MODEL, Takes, heard, name_of, new_mark, reckoned
from rag.prompts import prompt
from rag.spending import usage_of, within_budget
from rag.text import fold
from rag.topic_label_check import label_problem, same_name
from rag.topic_matter import Matter, matters, message

if TYPE_CHECKING:
    from llm.base import ChatModel
    from llm.budget import BudgetedModel

MOST_AT_ONCE, TOKENS_A_NAME = 20, 30  # topics of one call; what a name may take of the longest answer


class TopicLabel(BaseModel):
    """A name as a model hands it in."""

    model_config = ConfigDict(extra="forbid")

    topic: int
    label: str = Field(description="Two to four words.")


class TopicLabels(BaseModel):
    """The names of one call."""

    model_config = ConfigDict(extra="forbid")

    labels: list[TopicLabel] = Field(description="At most one of each topic.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Takes):
    """What naming `topics` would take; `by_people` have a person's name. What was worded before on the same texts takes no call."""

    topics: int = 0
    by_people: int = 0


@dataclass(frozen=True, slots=True)
class Worded:
    """Names that passed the checks, by topic; how many did not, by what was wrong; and why some were not asked for.

    `before` has the names that these topics had. `unnamed` are topics that the model gave no name.
    """

    model: str
    labels: Mapping[int, str]
    before: Mapping[int, str]
    dropped: Mapping[str, int] = field(default_factory=dict)
    unnamed: int = 0
    by_people: int = 0
    kept: int = 0
    because: str = ""
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class _Plan:
    """Who is asked for which topics, a call each."""

    model: ChatModel
    shelf: Shelf
    every: list[Matter]
    calls: list[list[Matter]]
    people: Mapping[int | None, str | None]  # topics and what people called them, shown by now or not

    @property
    def by_people(self) -> int:
        """How many topics have a person's name."""
        return sum(one.topic_id in self.people for one in self.every)


def estimate(context: RagContext, *, model: ChatModel | None = None) -> Estimate:
    """What naming the topics would take; nothing is sent. Raises ConfigError for a provider that cannot be used."""
    plan = _planned(context, model)
    if plan is None:
        return Estimate(because=NO_MODEL)
    messages = (
        message(named, plan.every, mark=new_mark())
        for named in plan.calls
        if plan.shelf.get("topics", message(named, plan.every, mark=""), TopicLabels) is None
    )
    return Estimate(
        **reckoned(context, plan.model, "topics", messages, TopicLabels),
        topics=sum(map(len, plan.calls)), by_people=plan.by_people,
    )  # fmt: skip


def word_topics(context: RagContext, *, viewer: str, model: ChatModel | None = None) -> Worded:
    """Have the model name every topic that no person named, and keep what holds; it is shown from the next refresh on.

    `model` is a ready one instead of the configured. Raises ConfigError, StoreError; whatever else a model does ends in
    names that stay as they are, with the reason.
    """
    from store.workspace import Workspace

    plan = _planned(context, model)
    if plan is None:
        return Worded("", {}, {}, because=NO_MODEL)
    counted, made = within_budget(plan.model, context.home, context.settings), _Names(context, plan)
    because = ""
    for named in plan.calls:
        because = _ask(counted, plan, named, made)
        if because:
            break
    Workspace(context.home).word_topics(made.labels, model=name_of(plan.model), viewer=viewer)
    return Worded(
        name_of(plan.model), made.labels, {m.topic_id: m.label for m in plan.every if m.topic_id in made.labels},
        dict(made.dropped), made.unnamed, plan.by_people, made.kept, because, usage_of(counted, reused=made.kept > 0),
    )  # fmt: skip


def _planned(context: RagContext, model: ChatModel | None) -> _Plan | None:
    """None without a model. Topics that a person named are not asked for, and their names are taken."""
    from store.workspace import Workspace

    chosen = model or chosen_model(context)
    if chosen is None:
        return None
    every = matters(context.reader, context.mask, include=context.settings.counting.include)
    choices = Workspace(context.home).topic_choices_in_force()
    people = {choice.topic_id: choice.words for choice in choices if choice.kind == "rename"}
    wanted = [one for one in every if one.topic_id not in people and one.told]
    size = max(1, min(MOST_AT_ONCE, context.settings.llm.max_tokens // TOKENS_A_NAME))
    calls = [wanted[at : at + size] for at in range(0, len(wanted), size)]
    shelf = Shelf(context.home, written_by(context, chosen, prompt("topics").mark), None)
    return _Plan(chosen, shelf, every, calls, people)


def _ask(model: BudgetedModel, plan: _Plan, named: Sequence[Matter], made: _Names) -> str:
    """The names of one call, or those kept of an earlier one on the same texts that all held; why there are none."""
    rests_on = message(named, plan.every, mark="")
    kept = plan.shelf.get("topics", rests_on, TopicLabels)
    if kept is not None:
        made.kept += 1
        made.take(named, kept)
        return ""
    told = message(named, plan.every, mark=new_mark())
    said, because = heard(model, "topics", told, TopicLabels)
    if because:
        return because
    given = said or TopicLabels(labels=[])
    if made.take(named, given) == len(named):
        plan.shelf.put("topics", rests_on, given)
    return ""


class _Names:
    """The names that hold, as call after call brings them."""

    def __init__(self, context: RagContext, plan: _Plan) -> None:
        self._mask = context.mask
        self._own = {one.topic_id: {same_name(one.label), same_name(one.found_label)} for one in plan.every}
        for topic, words in plan.people.items():
            if topic is not None:
                self._own.setdefault(topic, set()).add(same_name(words or ""))
        self.labels: dict[int, str] = {}
        self.dropped: Counter[str] = Counter()
        self.unnamed = self.kept = 0

    def take(self, named: Sequence[Matter], given: TopicLabels) -> int:
        """Check what came for these topics; of several names for one the first counts. Gives how many hold."""
        offered: dict[int, str] = {}
        for one in given.labels:
            offered.setdefault(one.topic, one.label)
        known = {one.topic_id for one in named}
        if strange := sum(topic not in known for topic in offered):
            self.dropped["no topic that was asked for"] += strange
        for matter in named:
            if matter.topic_id not in offered:
                self.unnamed += 1
                continue
            label = _fair(offered[matter.topic_id])
            problem = label_problem(label, matter.told, self._taken(matter.topic_id), self._mask)
            if problem:
                self.dropped[problem] += 1
            else:
                self.labels[matter.topic_id] = label
        return sum(one.topic_id in self.labels for one in named)

    def _taken(self, topic: int) -> set[tuple[str, ...]]:
        """Names of all other topics: as they are, as they were found, and as they were worded before this one."""
        found = {name for other, names in self._own.items() if other != topic for name in names}
        return found | {same_name(label) for label in self.labels.values()}


def _fair(label: str) -> str:
    """One line with a capital letter first."""
    folded = fold(label)
    return folded[:1].upper() + folded[1:]
