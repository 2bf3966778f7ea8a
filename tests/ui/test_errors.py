import pytest
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException
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


def page_with_a_bug():
    import streamlit as st

    from ui import errors

    with errors.boundary("Volume"):
        raise ZeroDivisionError("what Ann wrote")
    st.caption("The rest.")
    with errors.boundary("Forecast"):
        st.stop()
    st.caption("Never.")


@pytest.mark.usefixtures("bugs_are_meant")
def test_a_bug_is_said_without_its_words_and_logged_with_its_trace(caplog):
    test = AppTest.from_function(page_with_a_bug).run()
    assert not test.exception
    said, logged = test.error[0].value, caplog.records[-1]
    assert said.startswith("**Volume could not be shown:** an unexpected error") and "Ann" not in said
    assert f"`{logged.id}`" in said and logged.levelname == "ERROR"
    assert logged.exc_info[0] is ZeroDivisionError
    assert [caption.value for caption in test.caption] == ["The rest."], "what stops a page passes"


def test_a_rerun_passes():
    with pytest.raises(RerunException), errors.boundary("Volume"):
        raise RerunException(None)


@pytest.mark.parametrize(("text", "expected"), [("it failed", "It failed."), ("Why?", "Why?"), ("", "")])
def test_sentences(text, expected):
    assert errors.sentence(text) == expected
