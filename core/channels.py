"""Where word goes: channels of the settings, and what links in it begin with."""

from __future__ import annotations

from typing import Literal, Protocol

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from core.section import Section

NAME = r"^[A-Za-z0-9_-]{1,64}$"


class Channel(Section):
    """Where alerts are sent: anything that apprise knows by an address, or a webhook that gets signed JSON."""

    name: str = Field(description="How rules call it.", pattern=NAME)
    kind: Literal["apprise", "webhook"] = Field(
        "apprise", description="An apprise address (mailto://, slack://, discord://, …), or a signed webhook."
    )
    url: SecretStr = Field(description='The address, best as a reference: "env:OPS_URL" or "secret:NAME".')
    secret: SecretStr | None = Field(
        None, description="The key that signs a webhook's bodies (HMAC-SHA256), as a reference."
    )

    @model_validator(mode="after")
    def _signed(self) -> Channel:
        if (self.kind == "webhook") != (self.secret is not None):
            raise ValueError("a webhook needs a secret to sign with, and nothing else takes one")
        return self


class Notifications(Section):
    """What every word to people has in common."""

    base_url: str | None = Field(
        None, description="What links begin with, such as https://desk.example; sign_in.address when empty."
    )
    timeout_s: float = Field(15.0, gt=0, le=120, description="Seconds a channel may take to answer.")

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("write it with http:// or https://")
        return value.rstrip("/") if value else None


class _Named(Protocol):
    @property
    def name(self) -> str: ...


def NamedOnce(what: str) -> AfterValidator:
    """For a list of tables: two of one name are refused."""

    def check(tables: tuple[_Named, ...]) -> tuple[_Named, ...]:
        names = [table.name for table in tables]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two {what} are called {', '.join(twice)}; a name must be unique")
        return tables

    return AfterValidator(check)
