"""How a language model is given customers' words, what a task for it would take, and why it did not answer.

For tasks beside an answer's wording: names of topics, labels of moods, summaries. Each has a prompt of its own.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from core import numbers
from core.errors import LLMBudget, LLMError
from rag.context import RagContext
from rag.prompts import prompt

if TYPE_CHECKING:
    from llm.base import ChatModel
    from llm.budget import BudgetedModel

logger = logging.getLogger(__name__)
Output = TypeVar("Output", bound=BaseModel)

NO_MODEL = "no language model is configured"
USED_UP = "today's budget for the language model is used up"
_LETTERS = "bcdfghjklmnpqrstvwxyz"  # without vowels no word comes of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What a task would take: calls, tokens, US dollars (None: no prices), or why nothing can be asked (`because`).

    `input_tokens` are reckoned rather too high; `output_tokens` and `dollars` are the most that the settings allow.
    """

    model: str = ""
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    dollars: float | None = None
    because: str = ""


def name_of(model: ChatModel) -> str:
    """Who is asked: provider and model."""
    return f"{model.provider} {model.name}"


def new_mark() -> str:
    """What nobody can guess, for one request. It has no digits, which could be masked as a number of a customer's."""
    return "".join(secrets.choice(_LETTERS) for _ in range(16))


def material(mark: str, about: object, text: str) -> str:
    """Customers' words between the marks of one request, which never stand within them; `about` says what they are."""
    inside = text.replace(mark, "") if mark else text
    return f"<<DATA {mark} {json.dumps(about)}\n{inside}\nDATA {mark}>>"


def reckoned(
    context: RagContext, model: ChatModel, task: str, messages: Iterable[str], schema: type[BaseModel]
) -> dict[str, Any]:
    """The parts of `Takes` for these messages with the prompt of a task; nothing is sent."""
    from llm.base import Usage
    from llm.budget import dollars_of, reckoned_of

    settings, whole, calls = context.settings.llm, Usage(), 0
    for message in messages:
        whole += reckoned_of(prompt(task).text, message, schema, settings)
        calls += 1
    return {
        "model": name_of(model), "calls": calls, "input_tokens": whole.input_tokens,
        "output_tokens": whole.output_tokens, "dollars": dollars_of(whole, settings),
    }  # fmt: skip


def cost(input_tokens: int, output_tokens: int, dollars: float | None) -> str:
    """What a task would cost, in words."""
    told = "no prices are set" if dollars is None else f"at most {dollars:.4f} US dollars"
    sent, received = numbers.count(input_tokens), numbers.count(output_tokens)
    return f"about {sent} tokens sent and at most {received} received ({told})"


def heard(model: BudgetedModel, task: str, message: str, schema: type[Output]) -> tuple[Output | None, str]:
    """What a model hands in for a task, None where that is nothing; and why it did not answer, empty where it did."""
    try:
        said = model.complete(prompt(task).text, message, schema).parsed
    except LLMBudget:
        return None, USED_UP
    except LLMError as error:
        logger.warning(
            "a language model did not answer",
            extra={"task": task, "code": error.code, "provider": model.provider},
        )
        return None, error.message.rstrip(".")
    return (said if isinstance(said, schema) else None), ""
