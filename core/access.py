"""The door: how people sign in, and what each of them may see and do. See docs/sign-in.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from core.section import Section
from core.viewer import EVERYTHING, RIGHTS, Right, Viewer

if TYPE_CHECKING:
    from core.settings import Settings

Role = Literal["viewer", "analyst", "manager", "admin"]
ALIAS_KEY = "sign_in.alias_key"  # the secret of the home that pseudonyms are made with
_ANALYST: frozenset[Right] = frozenset({"export", "correct", "share"})
_MANAGER: frozenset[Right] = _ANALYST | {"refresh", "alerts", "agent_names", "unmasked"}
RIGHTS_OF: dict[Role, frozenset[Right]] = {
    "viewer": frozenset(),
    "analyst": _ANALYST,
    "manager": _MANAGER,
    "admin": RIGHTS,
}


LOOPBACK = ("127.0.0.1", "localhost", "::1")  # names of this machine


def is_loopback(address: str | None) -> bool:
    """Whether a bind address reaches this machine only. An empty one binds every interface."""
    if not address:
        return False
    try:
        return ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"


class SignIn(Section):
    """How the dashboard knows who is looking."""

    by: Literal["nobody", "oidc", "proxy"] = Field(
        "nobody", description="No sign-in, an OpenID provider, or a proxy in front that says who it is."
    )
    serve_everybody: bool = Field(
        False, description="Must be set by hand to serve other machines without any sign-in."
    )
    address: str | None = Field(
        None,
        description="The dashboard's address as people type it, for example https://support.example.com.",
    )
    issuer: str | None = Field(None, description="The OpenID provider's address.")
    client_id: str | None = Field(None, description="The dashboard's name at the provider.")
    client_secret: SecretStr | None = Field(None, description='Its secret there, or a reference: "env:NAME".')
    cookie_secret: SecretStr | None = Field(
        None,
        description="Signs the cookie; made and kept in the home when empty. Set it where replicas share one.",
    )
    scope: str = Field(
        "openid email profile", description="What is asked of the provider; add its scope of groups."
    )
    prompt: Literal["login", "select_account", "consent", "none"] = Field(
        "select_account", description="What the provider asks at each sign-in."
    )
    groups_claim: str = Field("groups", description="The claim of the identity token that lists groups.")
    hours: float = Field(12, gt=0, le=720, description="After so long people sign in again.")
    header: str = Field("X-Forwarded-Email", description="The header in which the proxy says who is looking.")
    groups_header: str = Field(
        "X-Forwarded-Groups", description="The header with their groups, parted by commas."
    )
    proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="Networks of the proxies that are believed; the header of anybody else is ignored."
    )

    @field_validator("address", "issuer")
    @classmethod
    def _whole(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        is_local = parts.hostname in LOOPBACK
        if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and is_local)):
            raise ValueError(f"{value!r} is not an https address (http only on this machine)")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _complete(self) -> SignIn:
        needed = {
            "oidc": ("address", "issuer", "client_id", "client_secret"),
            "proxy": ("address", "proxies"),
        }
        missing = [name for name in needed.get(self.by, ()) if not getattr(self, name)]
        if missing:
            raise ValueError(f'by = "{self.by}" needs {", ".join(missing)}')
        return self

    def may_serve(self, address: str | None) -> bool:
        """Whether the dashboard may listen on an address: beyond this machine only with a sign-in, or when told so."""
        return is_loopback(address) or self.by != "nobody" or self.serve_everybody

    def believes(self, address: str) -> bool:
        """Whether what comes from this network address may say who is looking."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self.proxies if network.version == found.version)


class Access(Section):
    """One row of who may see what. The first row that fits a person counts; whom none fits is turned away."""

    who: tuple[str, ...] = Field((), description='E-mail addresses, or patterns such as "*@example.com".')
    groups: tuple[str, ...] = Field((), description="Groups at the provider or proxy.")
    role: Role = Field(description="viewer, analyst, manager or admin.")
    sources: tuple[str, ...] | None = Field(None, description="Only conversations of these sources.")
    teams: tuple[str, ...] | None = Field(None, description="Only conversations of these teams.")
    tags: tuple[str, ...] | None = Field(None, description="Only conversations with one of these tags.")
    may: tuple[Right, ...] = Field((), description="Rights on top of the role's.")
    may_not: tuple[Right, ...] = Field((), description="Rights of the role that these people have not.")

    @model_validator(mode="after")
    def _somebody(self) -> Access:
        if not (self.who or self.groups):
            raise ValueError("say who: `who` or `groups`")
        return self

    def fits(self, name: str, groups: Iterable[str]) -> bool:
        """Whether the row speaks of a person. Addresses are compared without regard to case."""
        return bool(set(self.groups) & set(groups)) or any(
            fnmatchcase(name.casefold(), pattern.casefold()) for pattern in self.who
        )

    def viewer(self, name: str, alias_key: str = "") -> Viewer:
        """The person, with what the row gives them."""
        rights = (RIGHTS_OF[self.role] | set(self.may)) - set(self.may_not)
        return Viewer(
            name.casefold(), sources=self.sources, teams=self.teams, tags=self.tags, role=self.role,
            rights=rights, alias_key="" if rights >= {"agent_names", "unmasked"} else alias_key,
        )  # fmt: skip


def viewer_of(
    settings: Settings, name: str, groups: Iterable[str] = (), *, alias_key: str = ""
) -> Viewer | None:
    """What a person may see and do now, or None when nobody gave them access.

    Without a sign-in everybody is `EVERYTHING`, whatever name something was kept under.
    """
    if settings.sign_in.by == "nobody":
        return EVERYTHING
    known = tuple(groups)
    found = next((row for row in settings.access if name and row.fits(name, known)), None)
    return found.viewer(name, alias_key) if found else None


def on_pages(viewer: Viewer, settings: Settings, *, alias_key: str) -> Viewer:
    """A viewer of what pages show and hand out: where the settings mask that, nobody has the right to names of customers."""
    if not settings.masking.on_pages or not viewer.may("unmasked"):
        return viewer
    return replace(viewer, rights=viewer.rights - {"unmasked"}, alias_key=alias_key)
