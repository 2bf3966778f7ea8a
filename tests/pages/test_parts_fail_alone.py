"""A part that cannot be shown, or must not be asked, takes nothing else of its page with it."""

import pytest

from core.errors import StoreError
from tests.pages.conftest import texts
from tests.pages.test_overview import card
from tests.shared import seldom

OVERVIEW, FLOW = "pages/watch/overview.py", "pages/understand/flow.py"
VOLUME, SPEED, RATINGS = (f"pages/understand/{name}.py" for name in ("volume", "speed", "satisfaction"))
TARGETS = "sla_metric:first_reply;sla_state:breached"
# Of each page: what its last card is called, and a card that knows the weekday and the hour.
HEADLINES = {
    OVERVIEW: ("**What changed**", "New"),
    FLOW: ("**Who waits: we for customers**", "Net flow"),
    VOLUME: ("**What changed**", "New"),
    SPEED: ("**What changed**", "SLA breaches"),
    RATINGS: ("**What changed**", "Satisfaction (CSAT)"),
}


def breaking(monkeypatch, wanted, error):
    """The number `wanted` fails, the others do not."""
    from ui import data

    real = data.metric

    def broken(name, *args, **kwargs):
        if name == wanted:
            raise error
        return real(name, *args, **kwargs)

    monkeypatch.setattr(data, "metric", broken)


def test_a_number_of_the_headline_that_fails_is_said_beside_the_others(app, sample_home, monkeypatch):
    breaking(monkeypatch, "resolution_median", StoreError("the file cannot be read.", hint="Refresh again."))
    test = app(sample_home)
    assert not test.exception and any("Refresh again." in error.value for error in test.error)
    assert card(test, "New").value and card(test, "Backlog").value
    headline = next(m.value for m in test.markdown if m.value.startswith("#### "))
    assert f"{card(test, 'New').value} conversations" in headline
    assert HEADLINES[OVERVIEW][0] in texts(test)


def test_the_number_that_all_is_read_against_takes_its_sentence_alone(app, sample_home, monkeypatch):
    breaking(monkeypatch, "volume", StoreError("the file cannot be read."))
    test = app(sample_home)
    assert not test.exception and card(test, "Backlog").value
    assert not any(m.value.startswith("#### ") for m in test.markdown)


@pytest.mark.usefixtures("bugs_are_meant")
@pytest.mark.parametrize("wanted", ["reopen_rate", "volume"])
def test_a_bug_in_a_card_takes_the_card_alone(app, sample_home, monkeypatch, caplog, wanted):
    breaking(monkeypatch, wanted, ZeroDivisionError("what Ann wrote"))
    test = app(sample_home)
    assert not test.exception
    said = [error.value for error in test.error]
    assert said and all("unexpected error" in one for one in said)
    assert "what Ann wrote" not in texts(test) and "Traceback" not in texts(test)
    assert card(test, "Backlog").value and HEADLINES[OVERVIEW][0] in texts(test)
    logged = [record for record in caplog.records if record.exc_info and record.name == "ui.errors"]
    assert logged and logged[0].exc_info[0] is ZeroDivisionError
    assert f"`{logged[0].id}`" in "".join(said)


@pytest.mark.parametrize("page", seldom(HEADLINES, often=(OVERVIEW, FLOW)))
def test_an_hour_leaves_every_card_that_knows_it(app, sample_home, page):
    last, known = HEADLINES[page]
    test = app(sample_home, VOLUME, weekday="Monday", hour="10", period="90d")
    if page != VOLUME:
        test.switch_page(page).run()
    assert not test.exception and not test.error
    assert last in texts(test) and card(test, known).value
    assert any(m.value.startswith("#### ") for m in test.markdown), "the headline is there"
    if page in (OVERVIEW, FLOW):
        assert "is what is open at a moment, and has no hour" in texts(test)
        assert "backlog" not in [metric.label.lower() for metric in test.metric]


@pytest.mark.parametrize("page", seldom(HEADLINES, often=(OVERVIEW, SPEED)))
def test_a_state_of_targets_leaves_the_cards_of_targets(app, sample_home, page):
    last, _ = HEADLINES[page]
    test = app(sample_home, page, any=TARGETS, period="90d")
    assert not test.exception and not test.error
    assert last in texts(test) and "only targets have" in texts(test)
    if page in (OVERVIEW, SPEED):
        assert card(test, "SLA targets met").value


def test_the_list_of_a_state_of_targets_has_no_complaint_above_it(app, sample_home):
    test = app(sample_home, "pages/ask/conversations.py", any=TARGETS, period="90d", of="sla_targets")
    assert not test.exception and not test.error
    assert "only targets have" not in texts(test) and len(test.dataframe) == 1


def test_teams_and_their_targets_are_compared_without_what_has_no_hour(app, sample_home):
    test = app(sample_home, SPEED, weekday="Monday", period="1y")
    table = next(frame.value for frame in test.dataframe if "Targets met" in frame.value.columns)
    assert len(table) and "Breached" in table.columns and "Open" not in table.columns
