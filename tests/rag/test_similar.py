from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.settings import load_settings
from core.viewer import EVERYTHING, Viewer
from rag.context import RagContext
from rag.index import update
from rag.similar import similar
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
