"""The door with a real provider and a real browser: nobody comes past it, and each sees what is theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from bench.served import free_port
from core.home import Home
from store.workspace import Workspace
from tests.browser.conftest import Visit, serving
from tests.fakes import oidc
from tests.shared import copy_of

pytestmark = pytest.mark.browser
ACCESS = """
[sign_in]
by = "oidc"
address = "{dashboard}"
issuer = "{issuer}"
client_id = "supportlens"
client_secret = "a secret of the tests"
prompt = "login"
scope = "openid email profile groups"
hours = {hours}

[[access]]
who = ["ada@example.com"]
role = "admin"

[[access]]
groups = ["billing-leads"]
role = "manager"
teams = ["Billing"]

[[access]]
who = ["vic@example.com", "unverified@example.com"]
role = "viewer"
"""


@dataclass(frozen=True)
class Guarded:
    """A dashboard behind a provider."""

    base: str
    home: Home
    port: int
    issuer: str

    def allow(self, hours: float = 12, instead_of: str = "", put: str = "") -> None:
        """Write the settings anew, with one text in them changed."""
        text = ACCESS.format(dashboard=self.base, issuer=self.issuer, hours=hours)
        assert instead_of in text
        self.home.settings_file.write_text(text.replace(instead_of, put) if instead_of else text)


@pytest.fixture(scope="module")
def guarded(
    sample_home: Home, tmp_path_factory: pytest.TempPathFactory, require_service: Callable[[str], str]
) -> Iterator[Guarded]:
    home = copy_of(sample_home, tmp_path_factory.mktemp("guarded") / "home")
    port, own = free_port(), free_port()
    base = f"http://127.0.0.1:{own}"
    with oidc.provider(require_service, port, base, {"bea": ["billing-leads"]}) as issuer:
        place = Guarded(base, home, own, issuer)
        place.allow()
        with serving(home, own):
            yield place


@pytest.fixture
def signed_in(guarded: Guarded, visit: Callable[..., Visit]) -> Callable[..., Visit]:
    """`signed_in(name, path)`: a fresh browser that came to a page, signed in at the provider, and was led on."""

    def come(name: str, path: str = "/") -> Visit:
        found = visit(guarded.base)
        found.page.goto(guarded.base + path)
        found.page.get_by_role("button", name="Sign in").click()
        oidc.sign_in(found.page, name)
        found.page.wait_for_selector(
            "[data-testid=stApp][data-test-script-state=notRunning]", timeout=180_000
        )
        found.page.wait_for_timeout(1_500)
        found.errors.clear()  # those of the provider's own forms, which ask for a typeface from outside
        return found

    return come


def nothing_shown(found: Visit) -> None:
    """Wait until nothing of a page is left, which is when the run that closed the door has ended."""
    found.page.wait_for_function(
        "!document.querySelector('[data-testid=stMetric], [data-testid=stDataFrame], .js-plotly-plot')",
        timeout=30_000,
    )


def test_a_deep_link_leads_through_the_door_to_its_page(
    guarded: Guarded, signed_in: Callable[..., Visit]
) -> None:
    guarded.allow()
    found = signed_in("ada", "/volume?channel=chat&period=90d")
    found.page.wait_for_url("**/volume?*", timeout=60_000)
    found.settled()
    words = found.words()
    assert "Volume" in words and "ada@" in words and "Sign out" in words
    assert "channel=chat" in found.page.url
    assert found.errors == []
    actions = [(entry.action, entry.viewer) for entry in Workspace(guarded.home).audit_log(10)]
    assert ("signed in", "ada@example.com") in actions
    assert ("saw", "ada@example.com") in actions


def test_a_provider_that_does_not_answer_is_said_and_lets_nobody_in(
    guarded: Guarded, visit: Callable[..., Visit]
) -> None:
    guarded.allow(instead_of=guarded.issuer, put="http://127.0.0.1:1")
    found = visit(guarded.base)
    found.page.goto(guarded.base)
    found.page.get_by_role("button", name="Sign in").click()
    found.page.get_by_text("The identity provider does not answer").wait_for(timeout=60_000)
    nothing_shown(found)
    guarded.allow()


@pytest.mark.slow
def test_signing_out_closes_the_door(guarded: Guarded, signed_in: Callable[..., Visit]) -> None:
    guarded.allow()
    found = signed_in("ada")
    found.page.get_by_role("button", name="Sign out").click()
    found.page.wait_for_url("**/session/end?*")  # ours has ended: the provider asks whether its own shall too
    found.page.goto(guarded.base + "/volume")
    found.page.get_by_role("button", name="Sign in").wait_for(timeout=90_000)
    assert "Volume" not in found.words()
    assert Workspace(guarded.home).audit_log(1)[0].action == "signed out"


@pytest.mark.parametrize(
    ("name", "told"), [("nora", "Nobody gave you access"), ("unverified", "verified e-mail address")]
)
def test_who_is_not_on_the_list_stays_outside(
    guarded: Guarded, signed_in: Callable[..., Visit], name: str, told: str
) -> None:
    guarded.allow()
    found = signed_in(name)
    found.page.get_by_text(told).wait_for(timeout=60_000)
    for path in ("/volume", "/conversations", "/audit_log"):
        found.page.goto(guarded.base + path)
        found.page.get_by_text(told).wait_for(timeout=60_000)
        nothing_shown(found)


def test_a_role_that_is_taken_away_closes_an_open_page(
    guarded: Guarded, signed_in: Callable[..., Visit]
) -> None:
    guarded.allow()
    found = signed_in("bea")
    assert "You see teams Billing" in found.words()
    guarded.allow(instead_of='groups = ["billing-leads"]', put='groups = ["others"]')
    found.page.get_by_text("Nobody gave you access").wait_for(timeout=120_000)
    nothing_shown(found)


@pytest.mark.slow
def test_a_session_ends_while_a_page_is_open(guarded: Guarded, signed_in: Callable[..., Visit]) -> None:
    guarded.allow()
    found = signed_in("ada")
    guarded.allow(hours=0.001)
    found.page.get_by_text("Your session has ended").wait_for(timeout=120_000)
    nothing_shown(found)


def test_a_forged_cookie_and_a_header_open_nothing(guarded: Guarded, visit: Callable[..., Visit]) -> None:
    guarded.allow()
    found = visit(
        guarded.base,
        extra_http_headers={"X-Forwarded-Email": "ada@example.com", "X-Forwarded-For": "10.0.0.1"},
    )
    found.page.context.add_cookies(
        [
            {
                "name": "_streamlit_user",
                "value": '{"email":"ada@example.com","is_logged_in":true}',
                "url": guarded.base,
            }
        ]
    )
    found.page.goto(guarded.base + "/volume")
    found.page.get_by_role("button", name="Sign in").wait_for(timeout=90_000)
    nothing_shown(found)
