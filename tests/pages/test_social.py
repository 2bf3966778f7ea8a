"""The block of X on the Team page: there where a source of X is, on a workspace that was read from one."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.twitter import serving
from tests.fakes.twitter_account import X, post, sample, snowflake
from tests.pages.conftest import texts

PAGE = "pages/understand/team.py"
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
SETTINGS = """
[workspace]
reporting_zone = "Europe/London"

[[sources]]
name = "brand"
kind = "twitter"
bearer_token = "not-a-real-token"
handles = ["@acme"]
base_url = "{address}"
"""


@pytest.fixture(scope="module")
def x_home(_own_machine, tmp_path_factory):
    """A workspace read from X: 120 complaints of a week, most of them answered, two that went round."""
    from core.home import Home
    from jobs.cli import main
    from tests.conftest import _logging_as_before

    x = X(NOW)
    sample(x, 120)
    for n, (likes, text) in enumerate(
        ((40, "@acme the app is terrible #android #fail"), (7, "@acme love it #android"))
    ):
        made = post(
            snowflake(NOW - timedelta(days=2, minutes=n), 7),
            "105",
            text,
            NOW - timedelta(days=2, minutes=n),
        )
        made["public_metrics"] |= {"like_count": likes, "retweet_count": n, "impression_count": 12_345}
        x.add(made)
    home = Home(tmp_path_factory.mktemp("x_home"))
    with serving(x) as address, pytest.MonkeyPatch.context() as patch, _logging_as_before():
        patch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
        patch.setenv("SUPPORTLENS_HOME", str(home.root))
        patch.setattr("core.settings.PROJECT", home.root)
        home.settings_file.write_text(SETTINGS.format(address=address))
        assert main(["refresh", "--home", str(home.root), "--json", "--quiet"]) == 0
    return home


def test_no_source_no_block(app, sample_home):
    assert "In public, on X" not in texts(app(sample_home, PAGE))


def test_posts_hashtags_and_answers(app, x_home):
    test = app(x_home, PAGE)
    assert not test.exception and not test.error
    assert "In public, on X" in texts(test)
    assert "added up; moods by lexicon, uncorrected." in texts(test)
    posts = next(frame.value for frame in test.dataframe if "Engagement" in frame.value.columns)
    assert list(posts["Engagement"]) == [40, 8], "what moved nobody is not among them"
    assert posts["Post"][0] == "@acme the app is terrible #android #fail"
    assert (posts["By"][0], posts["Who"][0], posts["Seen"][0]) == ("@customer5", "customer", "12.3 k")
    words = " ".join(chart.proto.alt for chart in test.get("plotly_chart"))
    assert "Conversations by hashtag" in words and "fail 1" in words
    assert "Mood by hashtag" in words and "Moods by lexicon, uncorrected" in words
    assert "First reply to mentions" in words


def test_hashtags_equal_plain_sql(app, x_home):
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    sql = (
        "SELECT count(DISTINCT conversation_id) AS n FROM {conversation_tags} JOIN {conversation_facts} "
        "USING (source_id, conversation_id) WHERE tag = 'android' AND is_counted "
        "AND created_local >= '2026-10-17' AND created_local < '2026-11-16'"
    )
    n = open_reader(x_home).query(sql, viewer=EVERYTHING).to_pylist()[0]["n"]
    test = app(x_home, PAGE)
    assert any(f"android {n}" in chart.proto.alt for chart in test.get("plotly_chart"))


def test_a_filter_narrows_the_block(app, x_home):
    test = app(x_home, PAGE, tag="fail")
    assert not test.exception and not test.error
    posts = next(frame.value for frame in test.dataframe if "Engagement" in frame.value.columns)
    assert list(posts["Engagement"]) == [40]
    assert "No mention of this period was answered" in texts(test)


def test_a_failing_block_leaves_the_page(app, x_home, monkeypatch):
    from core.errors import StoreError
    from ui import data_social

    def broken(*args, **kwargs):
        raise StoreError("the file cannot be read.", hint="Run the refresh again.")

    monkeypatch.setattr(data_social, "posts", broken)
    test = app(x_home, PAGE)
    assert not test.exception
    assert len(test.error) == 1 and "Run the refresh again." in test.error[0].value
    assert test.metric


def test_a_click_stays_on_x():
    from ui import social
    from ui.drill import Drill

    drill = Drill((("tag", ("android",)),), None, "volume")
    assert social._within((drill, None), ("brand",)) == (drill.adding("source", "brand"), None)
