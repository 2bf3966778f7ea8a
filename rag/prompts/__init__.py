"""What language models are told, one versioned file a task. A changed file is another prompt: answers say which."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_HEAD = re.compile(r"\A<!-- version: (\d+) -->\n")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt and its mark: name, number and the beginning of its hash, such as writer-1-9f3a22c1."""

    name: str
    text: str
    mark: str


@cache
def prompt(name: str) -> Prompt:
    """The prompt of a task. Raises FileNotFoundError for an unknown one, ValueError without a version."""
    whole = (_FOLDER / f"{name}.md").read_text(encoding="utf-8")
    head = _HEAD.match(whole)
    if head is None:
        raise ValueError(f'rag/prompts/{name}.md does not begin with "<!-- version: N -->".')
    text = whole[head.end() :].strip()
    # The hash catches a file that was changed and kept its number.
    return Prompt(name, text, f"{name}-{head[1]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}")


def names() -> tuple[str, ...]:
    """All tasks that have a prompt, in order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.md")))


def version() -> str:
    """The marks of all prompts in one word: part of every answer and of the key of kept wordings."""
    return " ".join(prompt(name).mark for name in names())
