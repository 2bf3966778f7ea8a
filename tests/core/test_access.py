"""Who may see and do what: the first row that fits counts, and whom none fits is turned away."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.access import RIGHTS_OF, Access, SignIn, on_pages, viewer_of
from core.settings import Settings
from core.viewer import EVERYTHING, RIGHTS, Viewer

OIDC = {
    "by": "oidc", "address": "https://support.example.com", "issuer": "https://login.example.com",
    "client_id": "supportlens", "client_secret": "env:OIDC",
}  # fmt: skip
ROWS = [
    {"who": ["root@example.com"], "role": "admin"},
    {"groups": ["leads"], "role": "manager", "teams": ["Billing"], "may_not": ["unmasked"]},
    {"who": ["*@example.com"], "role": "viewer", "sources": ["a"], "tags": ["vip"], "may": ["export"]},
]


def settings(**sign_in: object) -> Settings:
    return Settings.model_validate({"sign_in": sign_in or OIDC, "access": ROWS})


def test_the_first_row_that_fits_counts() -> None:
    lead = viewer_of(settings(), "ann@example.com", ["leads"], alias_key="k")
    assert lead is not None
    assert (lead.role, lead.teams, lead.sources) == ("manager", ("Billing",), None)
    assert lead.rights == RIGHTS_OF["manager"] - {"unmasked"}
    assert lead.alias_key == "k"
    root = viewer_of(settings(), "root@example.com", alias_key="k")
    assert root is not None and root.sees_everything
    assert root.alias_key == "", "who may see names needs no pseudonyms"
    plain = viewer_of(settings(), "Ann@Example.com", alias_key="k")
    assert plain is not None
    assert (plain.name, plain.role, plain.sources, plain.tags) == (
        "ann@example.com",
        "viewer",
        ("a",),
        ("vip",),
    )
    assert plain.rights == {"export"}
    assert plain.alias_key == "k"
    assert plain.is_limited and not plain.sees_everything


@pytest.mark.parametrize("name", ["", "mallory@example.org", "root@example.com.evil.org", "x\n@example.co"])
def test_whom_no_row_fits_is_turned_away(name: str) -> None:
    assert viewer_of(settings(), name, ["Leads", "lead"]) is None


def test_without_a_sign_in_everybody_sees_everything() -> None:
    assert viewer_of(settings(by="nobody"), "ann@example.com") is EVERYTHING
    assert EVERYTHING.sees_everything
    assert EVERYTHING.rights == RIGHTS


def test_an_empty_list_sees_nothing_and_none_everything() -> None:
    row = Access.model_validate({"who": ["*"], "role": "admin", "teams": []})
    assert row.viewer("a").teams == ()
    assert row.viewer("a").is_limited


def test_a_viewer_with_every_row_but_no_names_does_not_see_everything() -> None:
    row = Access.model_validate({"who": ["*"], "role": "admin", "may_not": ["agent_names"]})
    assert not row.viewer("a", "k").is_limited
    assert not row.viewer("a", "k").sees_everything


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({**OIDC, "client_secret": None}, "client_secret"),
        ({**OIDC, "issuer": "http://login.example.com"}, "https"),
        ({**OIDC, "address": "support.example.com"}, "https"),
        ({"by": "proxy", "address": "https://x.example.com"}, "proxies"),
        ({"by": "proxy", "address": "https://x.example.com", "proxies": ["10.0.0.300"]}, "proxies"),
        ({**OIDC, "hours": 0}, "hours"),
    ],
)
def test_half_a_sign_in_is_refused(table: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SignIn.model_validate(table)


def test_a_row_says_who() -> None:
    with pytest.raises(ValidationError, match="say who"):
        Access.model_validate({"role": "admin"})


def test_only_proxies_of_the_list_are_believed() -> None:
    sign_in = SignIn.model_validate(
        {"by": "proxy", "address": "http://127.0.0.1:8501", "proxies": ["10.1.0.0/16", "::1"]}
    )
    assert sign_in.believes("10.1.2.3") and sign_in.believes("::1")
    assert not any(map(sign_in.believes, ("10.2.0.1", "127.0.0.1", "", "nonsense", "::2")))


def test_where_pages_are_masked_nobody_has_the_right_to_names_of_customers() -> None:
    masked = Settings.model_validate({"masking": {"on_pages": True}})
    found = on_pages(EVERYTHING, masked, alias_key="k")
    assert not found.may("unmasked") and found.alias_key == "k"
    assert found.rights == EVERYTHING.rights - {"unmasked"} and not found.is_limited
    assert on_pages(EVERYTHING, Settings(), alias_key="k") is EVERYTHING
    blind = Viewer("vic", rights=frozenset(), alias_key="own")
    assert on_pages(blind, masked, alias_key="k") is blind
