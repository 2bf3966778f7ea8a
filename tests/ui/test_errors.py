import pytest
from streamlit.testing.v1 import AppTest

from ui import errors


def page():
    from core.errors import NotEnoughData, SourceUnavailable
    from ui import errors

    with errors.boundary("Volume"):
        raise SourceUnavailable("the server is down.", source="helpdesk", hint="Try again in a minute.")
    with errors.boundary("Forecast"):
        raise NotEnoughData("there are only 3 days.", hint="Widen the period.")


def test_a_known_failure_is_said_in_its_place_and_the_page_goes_on():
    test = AppTest.from_function(page).run()
    assert not test.exception
    assert "**Volume could not be shown (helpdesk).** The server is down. Try again" in test.error[0].value
    assert test.info[0].value == "There are only 3 days. Widen the period."


def test_a_bug_stays_loud():
    with pytest.raises(ZeroDivisionError), errors.boundary("Volume"):
        raise ZeroDivisionError


@pytest.mark.parametrize(("text", "expected"), [("it failed", "It failed."), ("Why?", "Why?"), ("", "")])
def test_sentences(text, expected):
    assert errors.sentence(text) == expected
