from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.settings import load_settings
from core.viewer import EVERYTHING, Viewer
from rag.context import RagContext
from rag.index import update
from rag.similar import folded, similar
from store.reader import Reader

TALKS: dict[str, Any] = {
    "lost1": {
        "texts": ["My parcel has not arrived, the tracking page shows nothing for a week."],
        "team": "A",
    },
    "lost2": {"texts": ["The parcel did not come, tracking has not moved for days."], "team": "B"},
    "login": {"texts": ["I cannot sign in, the password reset mail never comes."], "team": "A"},
    "note": {"texts": [("private", "only a note")], "team": "A"},
}


def test_the_like_of_it_comes_first_and_never_itself(publish: Callable[..., Reader], home: Any) -> None:
    reader = publish(TALKS)
    context = RagContext(home, load_settings(home), reader)
    assert similar(context, "desk", "lost1", viewer=EVERYTHING) == []  # no index yet
    update(home, load_settings(home), reader)
    found = similar(context, "desk", "lost1", viewer=EVERYTHING)
    assert [hit.conversation_id for hit in found] == ["lost2", "login"]
    assert found[0].similarity > found[1].similarity
    assert len(similar(context, "desk", "lost1", viewer=EVERYTHING, k=1)) == 1
    assert similar(context, "desk", "note", viewer=EVERYTHING) == []
    assert similar(context, "desk", "nobody", viewer=EVERYTHING) == []


def test_a_viewer_is_shown_their_own(publish: Callable[..., Reader], home: Any) -> None:
    reader = publish(TALKS)
    update(home, load_settings(home), reader)
    context = RagContext(home, load_settings(home), reader)
    own = replace(EVERYTHING, teams=("A",))
    assert [hit.conversation_id for hit in similar(context, "desk", "lost1", viewer=own)] == ["login"]
    assert similar(context, "desk", "lost2", viewer=own) == []
    assert similar(context, "desk", "lost1", viewer=Viewer(sources=())) == []


def test_near_duplicates_are_one(publish: Callable[..., Reader], home: Any) -> None:
    """The same question with other numbers, and a copy that a second message makes longer: one row, and four like it."""
    asked = "Where is my parcel? Order PT-{} was promised for Monday and has not arrived."
    talks: dict[str, Any] = {
        f"copy{n}": {"texts": [asked.format(111111 * n)], "team": "A"} for n in range(1, 6)
    }
    talks |= TALKS
    reader = publish(talks)
    context = RagContext(home, load_settings(home), reader)
    update(home, load_settings(home), reader)
    found = folded(context, "desk", "lost1", viewer=EVERYTHING)
    names = [one.hit.conversation_id for one in found]
    assert sorted(names)[1:] == ["login", "lost2"] and len(names) == 3
    copies = next(one for one in found if one.hit.conversation_id.startswith("copy"))
    assert {hit.conversation_id for hit in (copies.hit, *copies.same)} == {f"copy{n}" for n in range(1, 6)}
    assert [one.same for one in found if one is not copies] == [(), ()]
    assert copies.hit.similarity >= max(hit.similarity for hit in copies.same)
    assert len(folded(context, "desk", "lost1", viewer=EVERYTHING, k=1)) == 1
    inside = folded(context, "desk", "copy1", viewer=replace(EVERYTHING, teams=("B",)))
    assert inside == []


def test_short_openings_are_not_the_same(publish: Callable[..., Reader], home: Any) -> None:
    talks: dict[str, Any] = {
        "a": {"texts": ["Hello", "My parcel is lost, where is it?"], "team": "A"},
        "b": {"texts": ["Hello", "The invoice has a wrong address."], "team": "A"},
        "c": {"texts": ["Hello", "Please reset the password of my account."], "team": "A"},
    }
    reader = publish(talks)
    update(home, load_settings(home), reader)
    found = folded(RagContext(home, load_settings(home), reader), "desk", "a", viewer=EVERYTHING)
    assert [one.same for one in found] == [(), ()]
