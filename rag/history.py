"""Questions that were asked: kept with their answers, so that a later one can continue them."""

from __future__ import annotations

import logging

from core.errors import QuestionError, StoreError
from core.home import Home
from core.viewer import EVERYTHING, Viewer
from rag.answer import Answer, QueryPlan

logger = logging.getLogger(__name__)


def plan_of(home: Home, question_id: int, viewer: Viewer) -> QueryPlan:
    """The plan of an earlier question of the viewer. Raises QuestionError when there is none of that id."""
    from store.workspace import Workspace

    asked = Workspace(home).question(question_id)
    is_theirs = asked is not None and (viewer == EVERYTHING or asked.viewer == viewer.name)
    if asked is None or not is_theirs or not asked.answer_json:
        raise QuestionError(
            f"there is no earlier question {question_id}.", hint="Ask it anew, without --follow."
        )
    return QueryPlan.model_validate(asked.answer_json["plan"])


def remember(home: Home, answer: Answer, viewer: Viewer) -> Answer:
    """The answer with the id under which it is kept; where nothing can be kept, a note says so."""
    from store.workspace import Workspace

    try:
        question_id = Workspace(home).save_question(
            answer.question, answer.model_dump(mode="json"), viewer=viewer.name, generation=answer.generation,
            provider=answer.provider, seconds=answer.timings.get("total"),
        )  # fmt: skip
    except StoreError as error:
        logger.warning("question not kept", extra={"reason": error.message})
        note = f"This question is not kept and cannot be continued: {error.message}"
        return answer.model_copy(update={"notes": (*answer.notes, note)})
    return answer.model_copy(update={"id": question_id})
