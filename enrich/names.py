"""Names of known people in a text: whole words, capitals as written, ordinary words left alone."""

from __future__ import annotations

import re
from functools import lru_cache

SHORTEST = 3
_WORD = re.compile(r"\w+")
_NEIGHBOURS = re.compile(r"\[name\](?:[ -]\[name\])+")
# Names that are also ordinary words: masked only beside another part of a name.
ORDINARY = frozenset(
    """
    able abby angel april art ash august baker ball banks bell bill bishop black blue bond bright brook brown bush carter
    case cash chance charity chase christian church clay clerk cliff close cloud coach cole cook cooper cross crystal dale
    dan dawn day dean diamond doc dollar drew duke earl east ellis england eve faith faye field fields finch fisher flowers
    ford forest foster fox france frank franco friend gene german glass gold good grace grant gray green grey guy hall hand
    harmony hart harvest heath holiday holly home hope house hunt hunter ice iris iron ivy jack jade jan jean jewel job joy
    judge june just keen kent king knight lake lamb land lane law lee leaf light lily link little london long love luck mark
    march marina marsh martin mason mat max may mercy merry miles mill miller miner moon more morning myrtle neck new nick
    noble north oak olive page paige paris park parker parks pat patience paul pearl penny pepper phil piper pool pope post
    potter power powers price prince queen rain ram rand ray red reed reef rice rich rob robin rock rod roman root rose rush
    ruby sage sand sandy saint sawyer scout shade sharp shepherd short silver singer sky small smart smith snow song south
    spring star steel stone storm street strong stuart sue summer summers sunny swift sydney tab tanner taylor terry test tiger
    tours tower town trip troy tucker turner tyler vale van victor victory violet virginia ward warren washington waters watts
    way web weeks wells west white will willow winter winters wise wolf wood woods worth wright young
    agent admin bot customer support team service user guest help info sales billing system unknown anonymous nobody
    monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun february october november december
    about after again all also and any are back been before but can card come could did does done down each email even
    every few file first for from front get give going had has have hello her here him his how into its keep know last
    left let line like list look made mail make many maybe message minute money much must name need never next none not
    now number off once only open order other our out over own phone please point problem product put question read reply
    returns right root same say see send set she should show since site some still such take technical tell thank thanks
    that the their them then there these they thing this those time too two ubuntu under until use very want was well were
    what when where which while who whole why with work would yes yet you your
    der die das den dem ein eine und oder aber nicht mit von für auf bei nach wie ist sind war hat haben kann sie wir ihr
    klein gross groß lang kurz neu alt weiss weiß schwarz braun roth vogel wolf berg stein winter sommer herbst koch bauer
    los las una uno por para con sin que como más pero del este esta cruz rey flores campos santos reyes paz luz sol
    les des une est pas pour dans avec sur par que qui mais petit grand blanc noir roux leroy roy martin marché
    """.split()
)


def mask_names(text: str, names: frozenset[str]) -> str:
    """`text` with every known name replaced by [name]; neighbouring parts become one."""
    certain, doubtful = _parts(names)
    found = [
        (word.start(), word.end(), word[0] in certain or _shouted(word[0]) in certain)
        for word in _WORD.finditer(text)
        if (word[0] in certain or word[0] in doubtful or _shouted(word[0]) in certain)
        and text[word.start() - 1 : word.start()] + text[word.end() : word.end() + 1] != "[]"
    ]
    pieces: list[str] = []
    done = 0
    for at, (start, end, sure) in enumerate(found):
        beside = (at and _touch(text, found[at - 1][1], start)) or (
            at + 1 < len(found) and _touch(text, end, found[at + 1][0])
        )
        if sure or beside:
            pieces += [text[done:start], "[name]"]
            done = end
    masked = "".join([*pieces, text[done:]])
    return _NEIGHBOURS.sub("[name]", masked) if pieces or "[name]" in masked else masked


def _shouted(word: str) -> str:
    """ANNA as Anna: capitals throughout are another way to write the same name."""
    return word.capitalize() if len(word) > SHORTEST and word.isupper() else word


def _touch(text: str, end: int, start: int) -> bool:
    return start - end == 1 and text[end] in " -"


@lru_cache(maxsize=4)
def _parts(names: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Words that are certainly names, and those that are ordinary words too (and so need a neighbour)."""
    certain: set[str] = set()
    doubtful: set[str] = set()
    for name in names:
        if "@" in name:
            continue
        for word in _WORD.findall(name):
            if len(word) < SHORTEST or word.isdigit():
                continue
            if word.lower() in ORDINARY:
                if word[0].isupper():
                    doubtful.add(word)
            elif word[0].isupper() or (word == name and len(word) > SHORTEST):
                certain.add(word)
    return frozenset(certain), frozenset(doubtful)
