"""Golden questions: every plan and refusal, and a few whole answers whose numbers are worked out a second way."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from core.filters import Period
from core.viewer import EVERYTHING
from rag.answer import QueryPlan
from rag.ask import ask
from rag.context import RagContext
from rag.evaluation import evaluate, mark, viewer_of
from rag.follow import calendar_of, followed
from rag.golden_set import NONE, golden
from rag.limits import missing
from rag.vocabulary import vocabulary
from store.reader import open_reader
from store.workspace import Workspace
from tests.shared import copy_of


def test_the_golden_set_has_what_it_should() -> None:
    found = golden()
    assert len(found) >= 150 and sum(one.intent == NONE for one in found) >= 0.2 * len(found)
    assert {one.role for one in found} == {"everyone", "billing"} and any(one.follows for one in found)
    assert not {one.question for one in found if one.intent == NONE} & {
        one.question for one in golden("heldout")
    }


def test_plans_are_exact_and_what_is_not_in_the_data_is_refused(sample: RagContext) -> None:
    previous: QueryPlan | None = None
    exact, refused, wrongly, within = 0, 0, 0, 0
    for item in golden():
        viewer = viewer_of(item.role)
        plan = followed(sample, item.question, previous if item.follows else None, viewer)
        previous = plan
        words = vocabulary(sample.reader, sample.settings, viewer)
        lacking = missing(sample, item.question, plan, words, calendar_of(sample), viewer) is not None
        if item.intent == NONE:
            refused += lacking
            continue
        within += 1
        wrongly += lacking
        told = {name: tuple(sorted(values)) for name, values in plan.filters.items() if name != "topic"}
        exact += plan.period == item.period and told == dict(item.filters)
    assert exact >= 0.95 * within
    assert refused >= 0.9 * (len(golden()) - within)
    assert wrongly <= 0.05 * within


def test_whole_answers_hold_and_a_wrong_number_is_seen(sample: RagContext) -> None:
    chosen = [one for one in golden() if not one.follows][:60:12]
    report = evaluate(sample, chosen)
    assert report.numbers and not report.numbers_wrong and not report.citations_wrong
    assert report.dropped_claims == 0  # of the program's own sentences
    item = chosen[0]
    answer = ask(item.question, sample, keep=False)
    false = [fact.model_copy(update={"value": (fact.value or 0) + 1}) for fact in answer.metrics]
    marked = mark(sample, item, answer.model_copy(update={"metrics": tuple(false)}), EVERYTHING)
    assert "number" in marked.wrong


def test_a_forecast_is_the_sum_of_its_days(sample: RagContext) -> None:
    given = ask("How many tickets should we expect next week?", sample, keep=False)
    assert given.plan.intent == "forecast" and given.series[0].points
    total = sum(point.value or 0.0 for point in given.series[0].points)
    assert len(given.series[0].points) == 7 and given.metrics[0].value is not None
    assert abs(given.metrics[0].value - total) < 1e-9 and "forecast" in given.text


def test_a_forecast_knows_of_noted_incidents(sample: RagContext, tmp_path: Path) -> None:
    home = copy_of(sample.home, tmp_path / "copy")
    own = RagContext(home, sample.settings, open_reader(home))
    asked = "How many tickets should we expect next week?"
    plain = ask(asked, own, keep=False).metrics[0].value
    Workspace(home).add_note(
        Period(date(2026, 11, 8), date(2026, 11, 14)), "queue", tag="incident", author="ann"
    )
    assert ask(asked, own, keep=False).metrics[0].value != plain
