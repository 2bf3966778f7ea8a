"""Digests as people make them: a saved view, to whom, when; changed, switched off, sent now, deleted."""

import pytest

from store.workspace import Workspace
from tests.alerts.servers import mail_server
from tests.pages.conftest import texts
from tests.shared import copy_of

PAGE = "pages/operate/alerts.py"


@pytest.fixture
def own_sample(sample_home, tmp_path):
    """A copy to make digests in, with a view."""
    home = copy_of(sample_home, tmp_path / "copy")
    Workspace(home).save_view("Morning", owner="everyone", page="volume", query="period=30d")
    return home


def configure(home, url="mailto://127.0.0.1:1/?from=desk@shop.example&to=ops@shop.example"):
    home.settings_file.write_text(f'[[channels]]\nname = "post"\nurl = "{url}"\n')


def field(test, kind, name):
    """A field of the form, whichever version of it is drawn."""
    found = (one for one in getattr(test, kind) if one.key and one.key.startswith("digest_"))
    return next(one for one in found if one.key.endswith(name))


def test_without_a_channel_it_says_what_is_missing(app, own_sample):
    test = app(own_sample, PAGE)
    assert "Nothing is sent by a timetable yet" in texts(test)
    assert "[[channels]] in the settings names them: see docs/digests.md" in texts(test)
    assert not [one for one in test.button if one.key == "digest_save"]


def test_one_is_made_changed_switched_off_and_deleted(app, own_sample):
    configure(own_sample)
    workspace = Workspace(own_sample)
    test = app(own_sample, PAGE)
    field(test, "text_input", "_name").input("Volume each morning")
    assert field(test, "selectbox", "_what").value == ("everyone", "Morning")
    field(test, "text_input", "_to").input("ada@shop.example, Bo@Shop.example")
    field(test, "selectbox", "_every").set_value("workday")
    test = test.button(key="digest_save").click().run()
    assert not test.exception and not test.error
    (kept,) = workspace.digests("everyone")
    assert kept.view == ("everyone", "Morning") and kept.name == "Volume each morning"
    assert kept.definition == {
        "what": "view", "channel": "post", "to": ["ada@shop.example", "Bo@Shop.example"], "attach": True,
        "every": "workday", "on": 1, "at": "08:00", "zone": "Europe/London", "filters": {},
    }  # fmt: skip
    shown = test.dataframe[0].value if len(test.dataframe) == 1 else next(
        one.value for one in test.dataframe if "Digest" in one.value.columns
    )  # fmt: skip
    assert list(shown["To"]) == ["2 people by post"] and shown["When"].iloc[0].startswith("Monday to Friday")
    test = test.button(key="digest_change").click().run()
    field(test, "selectbox", "_what").set_value("brief")
    field(test, "selectbox", "_every").set_value("week")
    test = test.run()
    field(test, "selectbox", "_weekday").set_value(5)
    test = test.button(key="digest_save").click().run()
    (kept,) = workspace.digests()
    assert kept.view is None and (kept.definition["every"], kept.definition["on"]) == ("week", 5)
    test = test.button(key="digest_enable").click().run()
    assert not workspace.digests()[0].enabled
    test = test.button(key="digest_delete").click().run()
    assert not test.exception and workspace.digests() == []


@pytest.mark.parametrize(
    ("to", "words"), [("nobody", "nobody' is no address"), ("a@b.c; d@e.f", "is no address")]
)
def test_what_makes_no_sense_is_said_beside_the_form(app, own_sample, to, words):
    configure(own_sample)
    test = app(own_sample, PAGE)
    field(test, "text_input", "_name").input("Broken")
    field(test, "text_input", "_to").input(to)
    test = test.button(key="digest_save").click().run()
    assert words in texts(test) and Workspace(own_sample).digests() == []


@pytest.mark.slow
def test_it_is_sent_now_and_trouble_is_shown(app, own_sample):
    with mail_server() as box:
        configure(own_sample, box.url)
        workspace = Workspace(own_sample)
        workspace.add_digest(
            "Brief", {"what": "brief", "channel": "post", "to": ["ada@shop.example"]}, owner="everyone"
        )
        test = app(own_sample, PAGE)
        test = test.button(key="digest_now").click().run(timeout=120)
        assert not test.exception and "post took it" in texts(test)
        assert [str(mail["To"]) for mail in box.mails] == ["ops@shop.example"], "a trial goes to nobody else"
        box.answer = "554 no"
        test = test.button(key="digest_now").click().run(timeout=120)
        assert "gave up" in texts(test) and "554" in texts(test)
