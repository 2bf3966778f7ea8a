"""What the change of a mean goes with: the rate of a slice, or only that the mix of slices is another one.

The change is split exactly: mix = (w1 - w0)(r0 - R0) and rate = w1 (r1 - r0) add up to R1 - R0 over the slices of
each dimension.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.contributions import Side, split_rate

SHARE = 0.35  # of the change that a slice must bring
CHANCE = 1e-3  # after as many looks as there are slices
_ALONG = 0.5

Where = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MeanPart:
    """A slice's part of the change of a mean, in the unit of the values: by its share of rows, and by its own mean.

    `p` is how probable its own change is by chance. `n` is how many rows of it the changed days have.
    """

    where: Where
    mix: float
    rate: float
    p: float
    n: int
    share: float

    @property
    def is_mix(self) -> bool:
        """Whether only its weight changed."""
        return abs(self.mix) > abs(self.rate)


def parts(sides: Mapping[Where, tuple[Side, Side]], chances: Mapping[Where, float]) -> tuple[MeanPart, ...]:
    """Every slice's part of the change, the largest first. `sides` are before and now, of slices of one pair each."""
    found: list[MeanPart] = []
    for dimension in dict.fromkeys(where[0][0] for where in sides if where):
        own = {where: pair for where, pair in sides.items() if where and where[0][0] == dimension}
        if not all(sum(pair[at].n for pair in own.values()) for at in (0, 1)):
            continue
        split = split_rate(own)
        change = sum(part.contribution for part in split.values())
        found += [
            MeanPart(
                where, part.mix, part.rate, chances.get(where, 1.0), int(own[where][1].n),
                part.contribution / change if change else 0.0,
            )
            for where, part in split.items()
        ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.p, -abs(one.share), one.where)))


def causes(
    sides: Mapping[Where, tuple[Side, Side]], chances: Mapping[Where, float], *, whole: float = 1.0
) -> tuple[MeanPart, ...]:
    """The slices that a change goes with: beyond chance, and with a good part of it; none where it is spread evenly.

    A slice that is less unlikely than everything together (`whole`) says nothing that everything does not.
    """
    found = parts(sides, chances)
    limit = min(CHANCE / max(len(found), 1), whole)
    kept = [one for one in found if (one.p <= limit or one.is_mix) and one.share >= SHARE]
    kept = [one for one in kept if not _goes_along(sides, one)]
    seen: dict[str, MeanPart] = {}
    for one in kept:
        seen.setdefault(one.where[0][0], one)
    return tuple(seen.values())[:3]


def _goes_along(sides: Mapping[Where, tuple[Side, Side]], one: MeanPart) -> bool:
    """Whether what is not in the slice changed by half as much or more in the same direction: then it is no cause."""
    before, now = sides[one.where]
    others = [
        pair
        for where, pair in sides.items()
        if where and where[0][0] == one.where[0][0] and where != one.where
    ]
    rest = [Side(sum(pair[at].n for pair in others), sum(pair[at].total for pair in others)) for at in (0, 1)]
    if one.is_mix or not (before.n and now.n and rest[0].n and rest[1].n):
        return False
    moved = now.rate - before.rate
    return moved != 0 and (rest[1].rate - rest[0].rate) / moved >= _ALONG
