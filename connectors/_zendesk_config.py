"""Settings of a Zendesk source."""

from __future__ import annotations

import base64
from datetime import date
from typing import ClassVar

from pydantic import Field, SecretStr, model_validator

from connectors._http import base_url
from connectors.base import Config
from core import log
from core.settings import secret_value


class ZendeskConfig(Config):
    """One Zendesk account. Give `subdomain` or `base_url`, and either an API token or an OAuth token."""

    operational: ClassVar[frozenset[str]] = frozenset(
        {"email", "api_token", "oauth_token", "page_size", "timeout_s"}
    )

    subdomain: str = Field("", description="The first part of the address: acme for acme.zendesk.com.")
    base_url: str = Field("", description="The whole address instead, for example https://help.acme.com.")
    email: str = Field("", description="E-mail of the administrator whose API token is used.")
    api_token: SecretStr | None = Field(None, description='API token, by reference: "env:ZENDESK_TOKEN".')
    oauth_token: SecretStr | None = Field(
        None, description="OAuth access token with the global read scope, instead of an API token."
    )
    start_at: date | None = Field(
        None, description="Tickets that did not change since this day are left out; all of them when empty."
    )
    page_size: int = Field(1000, ge=10, le=1000, description="Rows asked for at a time by the exports.")
    timeout_s: float = Field(90.0, gt=0, le=600, description="Seconds before a silent server is given up.")
    organizations: bool = Field(True, description="Read organizations.")
    vendor_metrics: bool = Field(True, description="Keep Zendesk's own times of each ticket beside ours.")
    satisfaction_ratings: bool = Field(True, description="Read ratings of the older satisfaction feature.")
    survey_responses: bool = Field(True, description="Read answers to CSAT surveys.")
    conversation_log: bool = Field(
        True, description="Read chat and messaging transcripts: one request for each such ticket."
    )
    sla_policies: bool = Field(True, description="Read SLA policies.")
    ticket_metric_events: bool = Field(
        False,
        description="Read which SLA policy was applied to a ticket and when: many more export requests.",
    )
    schedules: bool = Field(True, description="Read business hours and holidays.")
    keep_html: bool = Field(False, description="Keep the HTML of comments beside their text.")

    @model_validator(mode="after")
    def _complete(self) -> ZendeskConfig:
        if bool(self.subdomain) == bool(self.base_url):
            raise ValueError("give either subdomain or base_url")
        if self.subdomain and not self.subdomain.replace("-", "").isalnum():
            raise ValueError("subdomain is only the first part: acme for acme.zendesk.com")
        if (self.api_token is None) == (self.oauth_token is None):
            raise ValueError("give either api_token (with email) or oauth_token")
        if self.api_token is not None and not self.email:
            raise ValueError("an api_token needs the email of the account it belongs to")
        return self

    def address(self, source: str) -> str:
        """Where the API is. Raises ConfigError for an address that is not safe."""
        text = self.base_url or f"https://{self.subdomain}.zendesk.com"
        return base_url(text, source=source).removesuffix("/api/v2")

    def authorization(self) -> str:
        """The Authorization header; kept out of the logs in every form."""
        if self.oauth_token is not None:
            return f"Bearer {secret_value(self.oauth_token)}"
        token = secret_value(self.api_token or "")
        user = self.email.removesuffix("/token")
        coded = base64.b64encode(f"{user}/token:{token}".encode()).decode()
        log.hide(coded)
        return f"Basic {coded}"
