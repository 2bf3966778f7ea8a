"""What a customer wants, by rules in seven languages: the words that say so, and none where nothing does.

Rules know few words for each intent and refuse a negated one. What they do not know they do not tell: a text in
another language has an intent only where it asks a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

TITLES = {
    "cancel": "Cancel", "refund": "Money back", "return": "Return or exchange", "complaint": "Complaint",
    "problem": "Something does not work", "request": "Request", "question": "Question", "thanks": "Thanks",
}  # fmt: skip
# The first that is told is the intent: who cancels and asks for the money back cancels.
_RULES: dict[str, str] = {
    "cancel": r"\b(?:(?:want|like|need|wish|please|how (?:do|can) i|can you|could you)\b[^.!?\n]{0,40}\b(?:cancel"
    r"|unsubscribe|terminate)\b|cancel (?:my|the|our|this)\b|close my account|kündig(?:e|en|ung)\b"
    r"|stornier(?:en|ung|e)\b|résili(?:er|ation)\b|annuler\b|désabonner|cancelar\b|dar(?:me)? de baja\b"
    r"|disdire\b|disdetta|annullare\b|opzeggen\b|annuleren\b)",
    "refund": r"\b(?:refund(?:s|ed)?\b|money back|reimburse\w*|chargeback|geld zurück|rückerstatt\w*|erstatt(?:et|en"
    r"|ung)\b|rembours\w*|reembols\w*|devolución del dinero|rimbors\w*|terugbetal\w*|geld terug)",
    "return": r"\b(?:(?:want|like|need|how (?:do|can) i|can i)\b[^.!?\n]{0,30}\b(?:return|exchange|send (?:it|this"
    r"|them) back)\b|return (?:label|this|the item|my)\b|replacement\b|zurückschick\w*|rücksend\w*|umtausch\w*"
    r"|retourn(?:er|ieren)\b|échang(?:er|e)\b|devolver\b|cambiar(?:lo|la)? por\b|restituire\b|retourneren\b"
    r"|omruilen\b)",
    "complaint": r"\b(?:complain(?:t|ts|ing)?\b|unacceptable|not acceptable|disgrace(?:ful)?|outrag\w+|worst (?:service"
    r"|experience|company)|fed up|terrible (?:service|experience)|beschwer(?:de|en)\b|unverschämt|unzumutbar"
    r"|inakzeptabel|réclamation|inacceptable|inadmissible|scandaleux|queja\b|reclamación|inaceptable|reclamo\b"
    r"|inaccettabile|reclamação|inaceitável|klacht\b|onacceptabel)",
    "problem": r"\b(?:(?:does|do|did|is|are|was|will|would)(?:n['\u2019]?t| not)\b[^.!?\n]{0,25}\b(?:work\w*|load\w*"
    r"|open\w*|arriv\w*|start\w*|connect\w*|sync\w*|charg\w*|deliver\w*|respond\w*)|can(?:no"
    r"|['\u2019])t (?:log|sign|access|open|connect|pay|use|see|find)\b|broken\b|crash(?:es|ed|ing)?\b|fail(?:s"
    r"|ed|ing|ure)?\b|stuck\b|error\b|damaged\b|never arrived|missing\b|funktioniert nicht|geht nicht|kaputt"
    r"|stürzt ab|fehler\b|ne (?:fonctionne|marche) (?:pas|plus)|en panne|cassé|plante\b|no funciona|roto\b"
    r"|se cierra|falla\b|non funziona|rotto\b|não funciona|quebrado|werkt niet|kapot\b)",
    "request": r"\b(?:could you|can you|would you|please (?:send|add|change|update|help|enable|let)|i(?:['\u2019]d"
    r"| would) like|feature request|it would be (?:great|nice)|könnten sie|können sie|bitte (?:schicken|senden"
    r"|ändern|helfen)|ich hätte gern|pourriez-vous|pouvez-vous|merci de|je voudrais|podría\w*|puede[ns]?\b"
    r"|quisiera|potete\b|potreste|vorrei\b|poderia\w*|gostaria|kunt u|graag\b)",
    "question": r"[?\uff1f\u061f]|\b(?:i (?:was|am) wondering|ich frage mich|je me demande|me pregunto)\b",
    "thanks": r"\b(?:thank(?:s| you)|danke|vielen dank|merci\b|gracias|grazie|obrigad[oa]|bedankt|dank u)\b",
}  # fmt: skip
_NOT = re.compile(
    r"\b(?:(?:do|did|does|would|will|is|are)(?:n['\u2019]?t| not)|not|never|no need to|without|nicht|kein\w*|ne|sans"
    r"|no|non|não|niet|geen)"
    r"(?:\W+\w+){0,3}\W*$",
    re.IGNORECASE,
)
_NEGATABLE = frozenset({"cancel", "refund", "return", "complaint"})
MOST_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Intent:
    """What is wanted (a key of TITLES), and the words that say so."""

    name: str
    words: str


def intent(text: str) -> Intent | None:
    """The intent of a customer's message; None where no rule knows it."""
    text = text[:MOST_CHARACTERS]
    for name in _RULES:
        for found in _pattern(name).finditer(text):
            if name not in _NEGATABLE or not _NOT.search(text[max(0, found.start() - 40) : found.start()]):
                return Intent(name, found[0])
    return None


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_RULES[name], re.IGNORECASE)
