"""What people say about conversations: labels, corrections and evidence sets, read and written as this viewer.

Never cached: everybody writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.errors import InputError
from core.keys import Key
from ui import resources, trail

if TYPE_CHECKING:
    from store.workspace import Correction, EvidenceSet
    from store.workspace.corrections import Field
    from store.workspace.mood_choices import Kind as MoodKind


def labels() -> list[str]:
    """Every label there is, the most used first."""
    return [label for label, _ in resources.workspace().labels()]


def labels_of(source_id: str, conversation_id: str) -> list[str]:
    """The labels of one conversation."""
    return [one.label for one in resources.workspace().labels_of(source_id, conversation_id)]


def label(keys: Sequence[Key], word: str) -> int:
    """Put a label on conversations; how many had not got it. Raises InputError."""
    with trail.changing("correct", "label", label=word, **_told(keys)):
        return resources.workspace().label(keys, word, viewer=resources.me())


def labelled(word: str) -> list[Key]:
    """The conversations with a label."""
    return resources.workspace().labelled(word)


def unlabel(keys: Sequence[Key], word: str) -> None:
    """Take a label off."""
    with trail.changing("correct", "label taken off", label=word, **_told(keys)):
        resources.workspace().unlabel(keys, word)


def correct(keys: Sequence[Key], field: Field, value: str) -> int:
    """Correct topic or sentiment; how many. Raises InputError."""
    with trail.changing("correct", "correction", field=field, value=value, **_told(keys)):
        return resources.workspace().correct(keys, field, value, viewer=resources.me())


def corrections_of(source_id: str, conversation_id: str) -> list[Correction]:
    """What was corrected of one conversation, the newest first, with what was undone."""
    return resources.workspace().corrections_of(source_id, conversation_id)


def undo(correction: int) -> None:
    """Take a correction back."""
    with trail.changing("correct", "correction taken back", id=correction):
        resources.workspace().undo_correction(correction, viewer=resources.me())


def choose_moods(kind: MoodKind) -> None:
    """Have moods scored by the classifier or the word list, or the classifier trained again; for callbacks."""
    with trail.changing("correct", "moods", by=kind):
        resources.workspace().choose_moods(kind, viewer=resources.me())


def moods_wanted() -> tuple[str, int]:
    """Whose scores are wanted now, and the number of the last wish to train."""
    return resources.workspace().moods_wanted()


def evidence_sets() -> list[EvidenceSet]:
    """The sets that this viewer may add to, the newest first."""
    return resources.workspace().evidence_sets(resources.me())


def evidence_of(set_id: int) -> list[Key]:
    """The conversations of a set that this viewer may see."""
    return [
        (one.source_id, one.conversation_id)
        for one in resources.workspace().evidence(set_id, viewer=resources.me())
    ]


def collect(keys: Sequence[Key], set_id: int | None, name: str, note: str) -> int:
    """Add conversations to a set, or to a new one of that name; how many were not in it. Raises InputError."""
    workspace = resources.workspace()
    with trail.changing("correct", "evidence set", name=name, **_told(keys)):
        chosen = set_id if set_id is not None else workspace.create_evidence(name, owner=resources.me())
        return workspace.add_evidence(chosen, keys, viewer=resources.me(), note=note)


def own_set(set_id: int | None) -> EvidenceSet | None:
    """A set of this viewer's own; None for one of others, or none."""
    if set_id is None:
        return None
    me = resources.me()
    return next((one for one in evidence_sets() if one.id == set_id and one.owner == me), None)


def change_set(chosen: EvidenceSet, name: str, note: str) -> None:
    """Give a set of one's own another name and note. Raises InputError."""
    with trail.changing("correct", "changed evidence set", id=chosen.id, name=name):
        there_was = resources.workspace().change_evidence(
            chosen, owner=resources.me(), name=name, note=note, shared=chosen.shared
        )
        _require(there_was)


def delete_set(chosen: EvidenceSet) -> None:
    """Forget a set of one's own. Raises InputError."""
    with trail.changing("correct", "deleted evidence set", id=chosen.id, name=chosen.name):
        _require(resources.workspace().delete_evidence(chosen, owner=resources.me()))


def _require(there_was: bool) -> None:
    if not there_was:
        raise InputError("there is no such evidence set.", hint="It may have been deleted meanwhile.")


def take_out(keys: Sequence[Key], set_id: int) -> int:
    """Take conversations out of a set, as its owner or as who added them; how many. Raises InputError."""
    trail.require("correct")
    n = resources.workspace().remove_evidence(set_id, keys, viewer=resources.me())
    if n:
        trail.note(
            "changed", what="taken out of evidence set", id=set_id, **_told(keys) | {"conversations": n}
        )
    return n


def _told(keys: Sequence[Key]) -> dict[str, Any]:
    """Which conversations, for the audit log; of many the first."""
    return {"conversations": len(keys), "first": "/".join(keys[0]) if keys else ""}
