"""My page: cards in their owner's order, each with its own filters; one that fails takes no other with it."""

import pytest

from core.viewer import EVERYTHING
from store.workspace import Workspace
from tests.pages.conftest import texts
from tests.shared import copy_of

PAGE, EXPLORE = "pages/watch/my_page.py", "pages/understand/explore.py"
OWNER = EVERYTHING.name


@pytest.fixture
def own(sample_home, tmp_path):
    """A copy of the sample to pin to."""
    return copy_of(sample_home, tmp_path / "own")


def titles(test):
    return [one.value.strip("*") for one in test.markdown if one.value.startswith("**")]


def test_an_empty_page_says_how_to_pin(app, sample_home):
    test = app(sample_home, PAGE)
    assert not test.exception and not test.error
    assert "Nothing is pinned yet" in texts(test) and "Pin to My page" in texts(test)


def test_a_table_is_pinned_with_its_filters(app, own, ask_sql):
    test = app(
        own,
        EXPLORE,
        columns="Channel",
        period="90d",
        channel=["chat", "email"],
        any="team:Billing|priority:low",
    )
    test.text_input(
        key=next(t.key for t in test.text_input if (t.key or "").startswith("explore_pin_title"))
    ).set_value("Billing & chat")
    test.button(key="explore_pin_do").click().run()
    assert not test.exception and not test.error
    assert [one.value for one in test.toast] == ["Pinned: Billing & chat."]
    (card,) = Workspace(own).cards(OWNER)
    assert (card.kind, card.title, card.definition["columns"]) == ("explore", "Billing & chat", "channel")
    assert card.definition["bar"] == {
        "period": "90d", "channel": ["chat", "email"], "any": "team:Billing|priority:low", "hours": "calendar",
        "compare": "previous", "grain": "auto",
    }  # fmt: skip
    test = app(own, PAGE, channel="voice")
    assert not test.exception and not test.error
    assert titles(test) == ["Billing & chat"]
    assert (
        "18 Aug 2026 to 15 Nov 2026 · channel chat or email · priority is low, or team is Billing"
        in texts(test)
    )
    shown = test.dataframe[0].value.set_index("Team")
    assert shown.loc["Total", "Total"] == ask_sql(
        "SELECT count(*) FROM {conversation_facts} WHERE is_counted AND created_local >= '2026-08-18' "
        "AND created_local < '2026-11-16' AND channel IN ('chat', 'email') "
        "AND (created_team = 'Billing' OR created_priority = 'low')"
    )


def test_cards_are_moved_renamed_and_removed(app, own):
    workspace = Workspace(own)
    for name, metric in (("One", "volume"), ("Two", "solved"), ("Three", "backlog")):
        workspace.pin("metric", name, {"metric": metric, "bar": {"period": "7d"}}, owner=OWNER)
    test = app(own, PAGE)
    assert not test.exception and titles(test) == ["One", "Two", "Three"]
    assert test.button(key="my_up_1").disabled and test.button(key="my_down_3").disabled
    assert titles(test.button(key="my_up_3").click().run()) == ["One", "Three", "Two"]
    assert titles(test.button(key="my_down_1").click().run()) == ["Three", "One", "Two"]
    test.text_input(key="my_title_2").set_value("*Zwei*")
    test.button(key="my_rename_2").click().run()
    assert [card.title for card in workspace.cards(OWNER)] == ["Three", "One", "*Zwei*"]
    assert "**\\*Zwei\\***" in texts(test), "a title is text"
    test.text_input(key="my_title_2").set_value("   ")
    test.button(key="my_rename_2").click().run()
    assert "title" in test.error[0].value.lower() and [c.title for c in workspace.cards(OWNER)][2] == "*Zwei*"
    test.button(key="my_remove_1").click().run()
    assert not test.exception and titles(test)[0] == "Three" and len(workspace.cards(OWNER)) == 2


def test_a_metric_card_has_its_number_and_filters(app, own, ask_sql):
    Workspace(own).pin(
        "metric", "Chats", {"metric": "volume", "bar": {"period": "7d", "channel": ["chat"]}}, owner=OWNER
    )
    test = app(own, PAGE)
    sql = (
        "SELECT count(*) FROM {conversation_facts} WHERE is_counted AND channel = 'chat' "
        "AND created_local >= '2026-11-09' AND created_local < '2026-11-16'"
    )
    assert [one.value for one in test.metric] == [str(ask_sql(sql))]
    assert "9 Nov 2026 to 15 Nov 2026 · channel chat" in texts(test)
    test.button(key="my_audit_1").click().run()
    assert not test.exception and "Conversations it was computed from" in texts(test)


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ({"metric": "nix", "bar": {}}, "no metric called 'nix'"),
        (
            {"metric": 7, "bar": {"period": 7, "dates": ["x", "y"], "channel": "chat", "grain": "eon"}},
            "no metric called '7'",
        ),
        ({"metric": "volume", "bar": {"any": "broken"}}, "cannot be read"),
    ],
)
def test_a_card_that_fails_stays_alone(app, own, definition, said):
    workspace = Workspace(own)
    workspace.pin("metric", "Broken", definition, owner=OWNER)
    workspace.pin("explore", "Nothing picked", {"rows": 5, "top": "x", "bar": []}, owner=OWNER)
    days = {"period": "custom", "dates": ["2026-11-02", "2026-11-08"]}
    workspace.pin("metric", "Whole", {"metric": "volume", "bar": days}, owner=OWNER)
    test = app(own, PAGE)
    assert not test.exception
    assert said in texts(test) and titles(test) == ["Broken", "Nothing picked", "Whole"]
    assert "Choose at least one metric" in texts(test)
    assert len(test.metric) == 1 and "2 Nov 2026 to 8 Nov 2026" in texts(test)


def test_a_page_holds_so_many_cards(app, own):
    workspace = Workspace(own)
    for number in range(60):
        workspace.pin("metric", f"Card {number}", {"metric": "volume", "bar": {}}, owner="somebody else")
    test = app(own, PAGE)
    assert "Nothing is pinned yet" in texts(test), "cards of others are theirs"
    for number in range(60):
        workspace.pin("explore", f"Card {number}", {"metrics": []}, owner=OWNER)
    test = app(own, EXPLORE)
    test.button(key="explore_pin_do").click().run()
    assert "My page has 60 cards already." in test.error[0].value


def test_a_card_of_a_page_is_pinned_with_one_click(app, own):
    test = app(own, "pages/understand/speed.py", period="90d", team=["Billing"])
    test.button(key="pin_first_reply_median").click().run()
    assert not test.exception and not test.error
    (card,) = Workspace(own).cards(OWNER)
    assert (card.kind, card.definition["metric"]) == ("metric", "first_reply_median")
    assert card.definition["bar"]["period"] == "90d" and card.definition["bar"]["team"] == ["Billing"]
    assert [one.value for one in test.toast] == [f"Pinned: {card.title}."]
    test.button(key="pin_first_reply_median").click().run()
    assert len(Workspace(own).cards(OWNER)) == 1
    assert [one.value for one in test.toast] == [f"On My page already: {card.title}."]
    page = app(own, PAGE)
    assert not page.exception and titles(page) == [card.title] and "team Billing" in texts(page)
