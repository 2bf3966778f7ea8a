"""Saved views: what was saved opens as it was, for whom it was saved, and nothing is remembered otherwise."""

import pytest

from store.workspace import Workspace
from tests.pages.conftest import texts
from tests.shared import copy_of


@pytest.fixture
def own_sample(sample_home, tmp_path):
    """A copy to save views into."""
    return copy_of(sample_home, tmp_path / "copy")


def press(test, label):
    return next(button for button in test.button if button.label == label).click().run()


def new_conversations(test):
    return next(metric for metric in test.metric if metric.label == "New").value


def save(test, name, *, shared=False):
    next(field for field in test.text_input if field.label == "Save this view as").input(name)
    if shared:
        test.segmented_control(key="view_shared").set_value(True)
    return press(test, "Save view")


def test_a_view_is_saved_and_opens_with_its_filters_and_no_others(app, own_sample):
    test = app(own_sample, channel="chat", period="90d")
    chat = new_conversations(test)
    test = save(test, " Chat, a quarter ")
    assert not test.exception and not test.error
    (view,) = Workspace(own_sample).views("everyone")
    assert (view.name, view.page, view.query, view.shared) == (
        "Chat, a quarter", "overview", "channel=chat&period=90d", False,
    )  # fmt: skip
    other = app(own_sample, priority="urgent", compare="none", include="spam")
    assert new_conversations(other) != chat
    other = press(other, "Chat, a quarter")
    assert not other.exception
    assert new_conversations(other) == chat
    said = other.session_state
    assert (said["channel"], said["period"], said["priority"], said["compare"], said["include"]) == (
        ["chat"], "90d", [], "previous", [],
    )  # fmt: skip


def test_a_view_opens_its_page_from_another_one(app, own_sample):
    Workspace(own_sample).save_view(
        "chats", owner="everyone", page="conversations", query="channel=chat&period=all&q=refund"
    )
    test = press(app(own_sample, team="Billing", click="filter"), "chats")
    assert not test.exception
    assert "### :material/inbox: Conversations" in texts(test)
    assert test.session_state["channel"] == ["chat"] and test.session_state["period"] == "all"
    assert test.session_state["team"] == [] and test.session_state["click"] == "open"
    assert test.query_params["q"] == "refund"


def test_a_view_of_conversations_keeps_order_and_columns_when_opened_from_explore(app, own_sample):
    query = "channel=chat&columns=id&columns=messages&period=all&sort=oldest"
    Workspace(own_sample).save_view("oldest chats", owner="everyone", page="conversations", query=query)
    explore = app(own_sample, "pages/understand/explore.py", columns="Channel", sort="Name", period="90d")
    assert not explore.exception and explore.selectbox(key="sort").value == "Name"
    test = press(explore, "oldest chats")
    assert not test.exception and not test.error
    assert "### :material/inbox: Conversations" in texts(test)
    assert list(test.dataframe[0].value.columns) == ["Id", "Messages"]
    assert "oldest first" in texts(test) and test.session_state["channel"] == ["chat"]
    back = test.switch_page("pages/understand/explore.py").run()
    assert not back.exception


def test_a_view_of_explore_keeps_its_order_when_opened_from_conversations(app, own_sample):
    query = "columns=Channel&period=all&rows=Team&sort=Name"
    Workspace(own_sample).save_view("by name", owner="everyone", page="explore", query=query)
    listed = app(own_sample, "pages/ask/conversations.py", columns=["id"], sort="oldest")
    test = press(listed, "by name")
    assert not test.exception and not test.error
    assert (test.selectbox(key="sort").value, test.selectbox(key="columns").value) == ("Name", "Channel")


def test_a_view_sets_what_the_page_binds_itself(app, own_sample):
    save(app(own_sample, moved="Mood", channel="chat"), "mood")
    (view,) = Workspace(own_sample).views("everyone")
    assert view.query == "channel=chat&moved=Mood"
    other = press(app(own_sample, moved="CSAT"), "mood")
    assert not other.exception
    assert (other.session_state["moved"], other.session_state["channel"]) == ("Mood", ["chat"])


def test_days_of_a_view_are_its_days(app, own_sample):
    test = save(app(own_sample, period="custom", dates=["2026-11-02", "2026-11-08"]), "first week")
    week = new_conversations(test)
    other = press(app(own_sample), "first week")
    assert new_conversations(other) == week
    assert [f"{day}" for day in other.session_state["dates"]] == ["2026-11-02", "2026-11-08"]


def test_views_of_others_are_seen_when_shared_and_are_not_mine_to_change(app, own_sample):
    kept = Workspace(own_sample)
    kept.save_view("theirs", owner="ann", page="overview", query="", shared=True)
    kept.save_view("hidden", owner="ann", page="overview", query="")
    test = app(own_sample)
    labels = [button.label for button in test.button]
    assert "theirs" in labels and "hidden" not in labels
    assert "Overview · by ann" in texts(test)
    assert not any(toggle.key == "views_manage" for toggle in test.toggle)
    test = save(test, "mine", shared=True)
    assert [(view.name, view.shared) for view in Workspace(own_sample).views("bob")] == [
        ("mine", True),
        ("theirs", True),
    ]


def test_ones_own_views_have_a_link_and_can_be_changed_and_deleted(app, own_sample):
    Workspace(own_sample).save_view("old", owner="everyone", page="conversations", query="channel=chat")
    test = app(own_sample).toggle(key="views_manage").set_value(True).run()
    assert not test.exception
    assert any(code.value.endswith("/conversations?channel=chat") for code in test.code)
    test.text_input(key="view_name_0_old").input("new")
    test.segmented_control(key="view_for_0_old").set_value(True)
    test.button(key="view_change_0").click().run()
    assert [(view.name, view.shared) for view in Workspace(own_sample).views("ann")] == [("new", True)]
    test = app(own_sample).toggle(key="views_manage").set_value(True).run()
    test.button(key="view_delete_0").click().run()
    assert Workspace(own_sample).views("everyone") == []


def test_a_view_without_a_name_is_refused_in_words(app, own_sample):
    test = save(app(own_sample), "  ")
    assert not test.exception
    assert "The name of the view is empty" in texts(test)
    assert Workspace(own_sample).views("everyone") == []


def test_names_are_shown_not_obeyed(app, own_sample):
    kept = Workspace(own_sample)
    kept.save_view("**bold** [x](https://evil.example)", owner="everyone", page="overview", query="")
    kept.save_view("gone", owner="everyone", page="no_such_page", query="")
    test = app(own_sample)
    opened = [button for button in test.button if (button.key or "").startswith("view_open")]
    assert [button.label.startswith("\\*\\*bold") for button in opened] == [True, False]
    assert [button.disabled for button in opened] == [False, True]


def test_what_is_not_saved_is_not_remembered(app, own_sample):
    app(own_sample, channel="chat", period="90d")
    test = app(own_sample)
    assert (test.session_state["channel"], test.session_state["period"]) == ([], "30d")


def test_a_workspace_that_cannot_be_read_leaves_the_page_alive(app, own_sample):
    for file in own_sample.root.glob("workspace.sqlite*"):
        file.unlink()
    own_sample.workspace_db.write_bytes(b"this is no database" * 100)
    test = app(own_sample)
    assert not test.exception
    assert "could not be shown" in texts(test)
