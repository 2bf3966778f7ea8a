"""Pages without the filter bar carry what it says in their address: a reload, and a copied link, keep it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core.home import Home
from tests.pages.conftest import texts

App = Callable[..., AppTest]
PAGE = "pages/ask/conversations.py"
SAID = {"channel": ["email"], "period": ["90d"]}


def within(test: AppTest) -> dict[str, list[str]]:
    found = test.query_params.get("within", "")
    return parse_qs(found[0] if isinstance(found, list) else found)


def opened(app: App, home: Home) -> AppTest:
    """The list under filters, and a conversation of it."""
    test = app(home, PAGE, **SAID, columns=["id"], quick="negative")
    native = str(test.dataframe[0].value["Id"].iloc[1])
    test.query_params["conversation"], test.query_params["row"] = f"sample/{native}", "of this list"
    return test.run()


def copied(app: App, home: Home, test: AppTest, page: str = PAGE) -> AppTest:
    """The same address in another tab, which knows nothing."""
    return app(home, page, **dict(test.query_params))


def test_a_conversation_that_is_loaded_again_has_its_list(app: App, sample_home: Home) -> None:
    test = opened(app, sample_home)
    assert not test.exception and within(test) == SAID
    again = copied(app, sample_home, test)
    assert not again.exception and not again.error
    assert again.session_state["filters_view"].filters.values("channel") == ("email",)
    assert {"Previous", "Next"} <= {button.label for button in again.button}
    assert within(again) == SAID
    del again.query_params["conversation"]
    back = again.run()
    assert not back.exception
    assert back.multiselect(key="channel").value == ["email"] and "within" not in back.query_params
    assert back.session_state["filters_view"].filters.period.days == 90


@pytest.mark.parametrize("page", ["pages/ask/ask.py", "pages/watch/my_page.py", "pages/operate/settings.py"])
def test_a_page_without_the_bar_keeps_it_over_a_reload(app: App, sample_home: Home, page: str) -> None:
    test = app(sample_home, "", **SAID)
    test.switch_page(page).run()
    assert not test.exception and within(test) == SAID
    again = copied(app, sample_home, test, page)
    again.switch_page("pages/understand/volume.py").run()
    assert not again.exception
    assert again.multiselect(key="channel").value == ["email"]
    assert again.session_state["filters_view"].filters.period.days == 90


def test_days_and_conditions_are_carried_too_and_defaults_are_not(app: App, sample_home: Home) -> None:
    test = app(sample_home, "", period="custom", dates=["2026-10-01", "2026-10-05"], hours="business")
    test.switch_page("pages/ask/ask.py").run()
    assert within(test) == {
        "period": ["custom"],
        "dates": ["2026-10-01", "2026-10-05"],
        "hours": ["business"],
    }
    again = copied(app, sample_home, test, "pages/ask/ask.py").switch_page("pages/understand/volume.py").run()
    shown = again.session_state["filters_view"].filters
    assert str(shown.period) == "2026-10-01 to 2026-10-05" and shown.hours == "business"
    plain = app(sample_home, "").switch_page("pages/ask/ask.py").run()
    assert "within" not in plain.query_params


def test_what_somebody_wrote_into_it_harms_nothing(app: App, sample_home: Home) -> None:
    for said in ("channel", "any=no%20condition", "period=never&dates=x", "%%%", "team=<b>"):
        test = app(sample_home, "pages/ask/ask.py", within=said)
        assert not test.exception and not test.error, said
        assert "Ask in plain words" in texts(test)
