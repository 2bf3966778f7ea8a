"""Conditions joined by AND and OR, and the one line of text in which an address and a command carry them.

`team:Billing;priority!:low|channel:chat` reads: team is Billing and priority is not low, or channel is chat. A comma
stands between the values of a condition, of which any will do. A backslash takes the meaning from what follows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from unicodedata import category

from core.errors import QuestionError

CUSTOM = "custom:"  # how the name of a source's own field begins
SEVERAL = frozenset({"tag", "word"})  # dimensions of which one conversation can have several values
OR, AND, COMMA, IS, IS_NOT, ESCAPE = "|", ";", ",", ":", "!:", "\\"
LONGEST = 4_000  # characters: what fits into the address of any browser
MOST_GROUPS, MOST_CONDITIONS, MOST_VALUES = 10, 10, 100
EXAMPLE = "Write it as team:Billing;priority!:low|channel:chat."


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """A dimension has one of these values; with `is_not`, it has none of them (a missing value has none)."""

    dimension: str
    values: tuple[str, ...]
    is_not: bool = False

    @classmethod
    def of(cls, dimension: str, values: Iterable[str], *, is_not: bool = False) -> Condition:
        """A condition whose values are sorted, so that equal ones are equal cache keys."""
        return cls(dimension, tuple(sorted(set(values))), is_not)


Characters = list[tuple[str, bool]]  # each with whether a backslash stood before it
Group = tuple[Condition, ...]  # all of them hold
Groups = tuple[Group, ...]  # at least one of them holds


def ordered(groups: Iterable[Iterable[Condition]]) -> Groups:
    """The same conditions in one order: what means the same and is written alike is one cache key."""
    made = {
        tuple(sorted({Condition.of(c.dimension, c.values, is_not=c.is_not) for c in group if c.values}))
        for group in groups
    }
    return tuple(sorted(group for group in made if group))


def narrowed(groups: Sequence[Group], more: Sequence[Condition]) -> Groups:
    """The groups where these conditions hold as well, whichever group holds."""
    return tuple(tuple(dict.fromkeys((*group, *more))) for group in groups or ((),))


def both(dimension: str, chosen: Sequence[str], values: Sequence[str]) -> tuple[str, ...] | None:
    """The one list of values that says that two lists hold; an empty list says nothing. None where no list says it.

    A conversation that has the tag a or b, and the tag c, is on no list of tags of which any will do.
    """
    if not chosen or not values:
        return tuple(chosen or values)
    common = tuple(value for value in chosen if value in values)
    is_one_inside = set(common) in (set(chosen), set(values))
    return common if common and (is_one_inside or dimension not in SEVERAL) else None


def encode(groups: Sequence[Group]) -> str:
    """The conditions as one line, in the order given; nothing for no conditions."""
    return OR.join(AND.join(_written(condition) for condition in group) for group in groups if group)


def decode(text: str) -> Groups:
    """The conditions of a line, in the order written. Raises QuestionError for what cannot be read."""
    if not text.strip():
        return ()
    if len(text) > LONGEST:
        raise _wrong(f"they are longer than {LONGEST:,} characters", "Take some values out.")
    if any(category(character) in ("Cc", "Cs") for character in text):
        raise _wrong("there is a character in them that is no text", EXAMPLE)
    groups = _split(_read(text), OR)
    if len(groups) > MOST_GROUPS:
        raise _wrong(f"there are more than {MOST_GROUPS} alternatives", "Take some out.")
    return tuple(_group(group) for group in groups)


def told(groups: Sequence[Group], title: Callable[[str], str] = str) -> str:
    """The conditions as words: "team is Billing and priority is not low, or channel is chat"."""
    return ", or ".join(" and ".join(words(one, title) for one in group) for group in groups)


def words(condition: Condition, title: Callable[[str], str] = str) -> str:
    """One condition as words: "priority is not low or normal"."""
    verb = "is not" if condition.is_not else "is"
    return f"{title(condition.dimension)} {verb} {' or '.join(condition.values)}"


def admits(groups: Sequence[Group], dimension: str, value: str) -> bool:
    """Whether something with this value of a dimension can pass; True where other dimensions decide."""
    return not groups or any(
        all((value in one.values) != one.is_not for one in group if one.dimension == dimension)
        for group in groups
    )


def _written(condition: Condition) -> str:
    name, custom = condition.dimension, ""
    if name.startswith(CUSTOM) and len(name) > len(CUSTOM):
        name, custom = name.removeprefix(CUSTOM), CUSTOM
    elif name + IS == CUSTOM:
        custom = ESCAPE  # a dimension of that name, and not the beginning of another
    sign = IS_NOT if condition.is_not else IS
    values = COMMA.join(_escaped(value) for value in condition.values)
    return f"{custom}{_escaped(name, more=IS_NOT)}{sign}{values}"


def _escaped(text: str, more: str = "") -> str:
    """The text with a backslash before each sign that means something, and before spaces at its ends."""
    inside = range(len(text) - len(text.lstrip()), len(text.rstrip()))
    special = {OR, AND, COMMA, ESCAPE, *more}
    return "".join(
        ESCAPE + character if character in special or at not in inside else character
        for at, character in enumerate(text)
    )


def _read(text: str) -> Characters:
    """The characters of a line without its backslashes."""
    found: Characters = []
    rest = iter(text)
    for character in rest:
        if character != ESCAPE:
            found.append((character, False))
        elif following := next(rest, ""):
            found.append((following, True))
        else:
            raise _wrong("they end with a backslash", EXAMPLE)
    return found


def _split(characters: Characters, separator: str, most: int = -1) -> list[Characters]:
    """The parts between separators that are not escaped; at most `most` separators count."""
    parts: list[Characters] = [[]]
    for one in characters:
        if one == (separator, False) and len(parts) - 1 != most:
            parts.append([])
        else:
            parts[-1].append(one)
    return parts


def _plain(characters: Characters) -> str:
    """The text, without spaces around it that are not escaped."""
    kept = [at for at, (character, escaped) in enumerate(characters) if escaped or not character.isspace()]
    return "".join(character for character, _ in characters[kept[0] : kept[-1] + 1]) if kept else ""


def _group(characters: Characters) -> Group:
    parts = _split(characters, AND)
    if len(parts) > MOST_CONDITIONS:
        raise _wrong(f"one alternative has more than {MOST_CONDITIONS} of them", "Take some out.")
    return tuple(_condition(part) for part in parts)


def _condition(characters: Characters) -> Condition:
    whole = _plain(characters)
    if not whole:
        raise _wrong("there is nothing between two signs, or at an end", EXAMPLE)
    while characters[0][0].isspace() and not characters[0][1]:
        characters = characters[1:]
    custom = CUSTOM if characters[: len(CUSTOM)] == [(one, False) for one in CUSTOM] else ""
    name, *rest = _split(characters[len(custom) :], IS, most=1)
    if not rest:
        raise _wrong(f"{whole!r} does not say which dimension has which value", EXAMPLE)
    is_not = name[-1:] == [("!", False)]
    dimension, values = _plain(name[:-1] if is_not else name), [_plain(one) for one in _split(rest[0], COMMA)]
    if not dimension or not all(values):
        raise _wrong(f"{whole!r} has an empty name or value", f"What is missing is written (none). {EXAMPLE}")
    if len(values) > MOST_VALUES:
        raise _wrong(f"{dimension} has more than {MOST_VALUES} values", "Take some out.")
    return Condition.of(custom + dimension, values, is_not=is_not)


def _wrong(reason: str, hint: str) -> QuestionError:
    return QuestionError(f"the conditions cannot be read: {reason}.", hint=hint)
