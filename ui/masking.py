"""Personal data in what pages show and hand out: masked by the settings, or for who has no right to it, before a page sees it.

Names of customers are no part of this: whoever may not see them gets pseudonyms from the store, in every table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from pydantic import BaseModel

from ui import resources

TEXTS = frozenset(
    {"subject", "body_text", "own_text", "clean_text", "comment", "reason", "was", "became", "organization", "url",
     "native_score", "text", "quote", "quotes"}
)  # fmt: skip
Found = TypeVar("Found")
Mask = Callable[[str], str]


def shown(found: Found) -> Found:
    """What was found as the viewer may see it: rows, dataclasses, models, and tuples and lists of them."""
    return made()(found)


def made() -> Callable[[Found], Found]:
    """`shown` as a function that may be called outside of a page's run."""
    if not resources.is_masked():
        return lambda found: found
    mask = resources.rag_context().conversation_mask
    return lambda found: _shown(found, mask)


def _shown(found: Any, mask: Mask) -> Any:
    if isinstance(found, list | tuple):
        return type(found)(_shown(one, mask) for one in found)
    if isinstance(found, Mapping):
        return {name: _cell(name, value, mask) for name, value in found.items()}
    if isinstance(found, BaseModel):
        named: dict[str, Any] = {name: getattr(found, name) for name in type(found).model_fields}
        return found.model_copy(update={k: _cell(k, v, mask) for k, v in named.items()})
    if is_dataclass(found) and not isinstance(found, type):
        named = {field.name: getattr(found, field.name) for field in fields(found) if field.init}
        return replace(found, **{k: _cell(k, v, mask) for k, v in named.items()})
    return found


def _cell(name: str, value: Any, mask: Mask) -> Any:
    if isinstance(value, str):
        return mask(value) if name in TEXTS else value
    if name in TEXTS and isinstance(value, list | tuple):
        return type(value)(mask(one) if isinstance(one, str) else _shown(one, mask) for one in value)
    return _shown(value, mask)
