"""The settings tree: defaults, then settings.toml, then SUPPORTLENS_* variables.

Nested fields are reached from the environment with two underscores: SUPPORTLENS_LLM__PROVIDER.
Unknown keys are refused. Secrets are references ("env:NAME") or SecretStr and never printed.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from core import encryption, secrets
from core.access import Access, SignIn
from core.channels import Channel, NamedOnce, Notifications
from core.encryption import Storage
from core.errors import ConfigError
from core.home import PROJECT, Home
from core.masking import Masking
from core.opening_hours import HolidayCode, OneStartEach, WeeklyHours
from core.schedule import Schedule, check_timer, seconds_of
from core.section import Section
from core.service_levels import Clock, PauseStatuses, TargetFilter, with_known_calendars, within_reach
from core.validation import no_json, problems
from core.written import read_toml, saved_hours
from core.zones import Zone

SETTINGS_VARIABLE = "SUPPORTLENS_SETTINGS"
Provider = Literal["none", "openai", "anthropic"]


class Workspace(Section):
    """What the workspace is called and how its days are cut."""

    name: str = Field("Supportlens", description="Shown in the header.")
    reporting_zone: Zone = Field("UTC", description="IANA zone in which days and weeks begin.")
    keep_generations: int = Field(3, ge=1, description="Published generations kept for rollback.")
    min_free_disk_mb: int = Field(500, ge=0, description="A refresh stops cleanly below this.")

    @property
    def zone(self) -> ZoneInfo:
        """The reporting zone as an object."""
        return ZoneInfo(self.reporting_zone)


class Source(BaseModel):
    """One configured source. Fields other than these belong to its connector, which validates them."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str = Field(
        description="Unique; part of every conversation's id.", pattern=r"^[A-Za-z0-9_-]{1,64}$"
    )
    kind: str = Field(description="Which connector reads it.")
    enabled: bool = Field(True, description="A disabled source keeps its data and is not read.")
    every: str | None = Field(
        None, description='How often the timer reads it, such as "15m" or "1d"; [schedule] when empty.'
    )
    cron: str | None = Field(None, description='When the timer reads it, for example "0 6 * * mon-fri".')
    paused: bool = Field(False, description="Another word for enabled = false.")
    priority: int = Field(
        0, ge=-100, le=100, description="Of sources that are read together, the higher ones begin first."
    )
    keep_days: int | None = Field(
        None, ge=0, le=36_500, description="Conversations without anything new for longer are removed; as in "
        "[retention] when empty, 0: never.",
    )  # fmt: skip
    min_interval: str | None = Field(
        None,
        description='It is left alone for so long after a reading, such as "1h", unless somebody names it.',
    )

    @model_validator(mode="before")
    @classmethod
    def _one_word(cls, table: Any) -> Any:
        if not isinstance(table, dict) or table.get("paused") is not True:
            return table
        if table.get("enabled") is True:
            raise ValueError("paused and enabled say opposite things of one source; leave one of them out")
        return {**table, "enabled": False}

    @model_validator(mode="after")
    def _one_timer(self) -> Source:
        check_timer(self.every, self.cron)
        if self.min_interval is not None:
            seconds_of(self.min_interval)
        return self

    def options(self) -> dict[str, Any]:
        """The connector's own settings."""
        return dict(self.__pydantic_extra__ or {})


class Calendar(Section):
    """Business hours; several tables with one name are one calendar that changed."""

    name: str = Field(pattern=r"^[^/]+$", description="Several tables of one name: one that changed.")
    zone: Zone = Field("UTC", description="IANA zone of the hours.")
    hours: WeeklyHours = Field(description='Day ranges to hours, for example {"mon-fri" = "09:00-17:30"}.')
    valid_from: date | None = Field(None, description="First day these hours hold.")
    holidays: HolidayCode = Field(None, description="Country or country-region code, for example GB-ENG.")
    closed: tuple[date, ...] = Field((), description="Further days on which nobody works.")
    sources: tuple[str, ...] = Field((), description="Only for these sources; all when empty.")
    teams: tuple[str, ...] = Field((), description="Only for conversations of these teams; all when empty.")


PRESET = {"urgent": "4h", "high": "8h", "normal": "24h", "low": "72h"}


class Sla(Section):
    """One target, or four of a preset."""

    metric: Clock = Field(description="Which clock.")
    target: str | None = Field(None, description='A duration such as "1h", "30m", "2d".')
    preset: Literal["4/8/24/72h"] | None = Field(
        None, description="Four targets at once, for urgent, high, normal and low."
    )
    priority: str | None = Field(None, description="Only for this priority; all, and none, when empty.")
    calendar: str | None = Field(None, description="Business hours to count in; calendar hours when empty.")
    pause_in: PauseStatuses = Field(
        None,
        description="Statuses in which the clock stands still; pending and hold for resolution, else none.",
    )
    sources: tuple[str, ...] = Field((), description="Only for these sources; all when empty.")
    filter: TargetFilter = Field(
        default_factory=dict, description='Only for these, for example {channel = ["email"]}.'
    )

    @model_validator(mode="after")
    def _one_target(self) -> Sla:
        if (self.target is None) == (self.preset is None):
            raise ValueError("set either target or preset")
        if self.preset and self.priority:
            raise ValueError("a preset brings its priorities; leave priority out")
        if self.target is not None:
            within_reach(seconds_of(self.target))
        return self


class Target(Section):
    """What a metric should reach: drawn as a line, with the share of periods that reached it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    metric: str = Field(description="A metric of the catalogue.")
    value: float | str = Field(description='A number, or a duration such as "4h"; shares as 0.9.')
    where: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description='The segment it is for, such as {team = ["Billing"]}; else the total.',
    )
    valid_from: date | None = Field(
        None, alias="from", description="First day it holds; a later one replaces it."
    )


class OwnMetric(Section):
    """A metric of one's own: one of the catalogue under filters, or one over another."""

    name: str = Field(description="How commands call it.", pattern=r"^[a-z][a-z0-9_]{0,63}$")
    title: str = Field(description="How pages call it.")
    metric: str = Field(description="The metric of the catalogue it is made of.")
    where: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description='Its filters, such as {tag = ["refund"]}.'
    )
    over: str | None = Field(None, description="A second metric to divide by; both must be counts.")
    over_where: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Filters of the second one."
    )
    better: Literal["lower", "higher", "neutral"] | None = Field(
        None, description="Which way is good; as in the catalogue when empty."
    )
    description: str = Field("", description="One sentence.")


class Counting(Section):
    """Rules of the numbers that are a matter of taste."""

    include: tuple[str, ...] = Field(
        (), description="Kinds of conversations to count that are left out by default: outbound, automatic, …"
    )
    chat_channels: tuple[str, ...] = Field(
        ("chat",), description="Channels whose messages are counted by session."
    )
    chat_silence_min: int = Field(30, ge=1, description="Minutes of silence that end a chat session.")
    business_hours: Literal["intervals", "zendesk_single"] = Field(
        "intervals",
        description="Where a conversation's calendar changed: each part by its own hours, or first replies and "
        "solves by those at their end, as Zendesk counts.",
    )
    handling_minutes: dict[str, float] = Field(
        default_factory=dict,
        description="Average minutes of work behind a reply on a channel, such as {phone = 6}.",
    )


class LanguageModel(Section):
    """The language model that words answers. `none` is a complete mode."""

    provider: Provider = Field("none", description="Who words the answers.")
    model: str | None = Field(None, description="Model name at that provider.")
    base_url: str | None = Field(None, description="Any server that speaks the provider's protocol.")
    api_key: SecretStr | None = Field(
        None, description='The key, or better a reference: "env:OPENAI_API_KEY".'
    )
    timeout_s: float = Field(30.0, gt=0, description="Seconds before a call is given up.")
    max_retries: int = Field(2, ge=0, description="Tries after the first.")
    give_up_s: float = Field(60.0, gt=0, description="Seconds for one answer with all its tries and pauses.")
    max_tokens: int = Field(1500, ge=64, description="Longest answer.")
    price_in: float | None = Field(None, ge=0, description="US dollars for a million tokens sent.")
    price_out: float | None = Field(None, ge=0, description="US dollars for a million tokens received.")
    tokens_per_day: int = Field(0, ge=0, description="Most tokens a day, of everybody. 0: no limit.")
    dollars_per_day: float = Field(
        0, ge=0, description="The same in dollars; needs both prices. 0: no limit."
    )

    @model_validator(mode="after")
    def _priced(self) -> LanguageModel:
        if self.dollars_per_day and None in (self.price_in, self.price_out):
            raise ValueError("dollars_per_day needs price_in and price_out")
        return self


class Embeddings(Section):
    """How texts become vectors. The built-in model needs no download."""

    provider: Literal["wordllama", "openai"] = Field(
        "wordllama", description="Built in, or any server with an OpenAI-compatible /embeddings."
    )
    model: str | None = Field(None, description="Model name at that server.")
    base_url: str | None = Field(None, description="The server's address.")
    api_key: SecretStr | None = Field(None, description='The key, or a reference: "env:NAME".')


class Dashboard(Section):
    """The web server."""

    address: str = Field("127.0.0.1", description="Anything but loopback needs a sign-in.")
    port: int = Field(8501, ge=1, le=65535, description="PORT overrides it.")
    max_upload_mb: int = Field(1024, ge=1, le=4096, description="Megabytes of a file uploaded on a page.")
    answers_at_once: int = Field(
        4,
        ge=1,
        le=100,
        description="Questions answered at the same time on Ask; whoever asks next waits, and is told.",
    )
    log_json: bool = Field(False, description="Log lines as one JSON object each.")


class Refreshing(Section):
    """How a refresh goes about its work."""

    parallel_sources: int = Field(4, ge=1, le=32, description="Sources that are read side by side.")
    publish_every_s: int = Field(600, ge=1, description="A long refresh publishes what it has so often.")
    first_publish_s: int = Field(
        120, ge=1, description="The same for the first publish of all, so that there is something to see."
    )
    first_window_days: int = Field(
        30, ge=1, description="Sources that can only be read forwards begin this far back; the rest follows."
    )
    deadline_s: int | None = Field(
        None, ge=1, description="A source that takes longer is stopped; the next refresh goes on from there."
    )


class Retention(Section):
    """How long conversations are kept. What is removed is gone: see docs/operations.md."""

    keep_days: int = Field(
        0, ge=0, le=36_500, description="Days after the last activity in a conversation; 0: for ever."
    )


class Settings(BaseSettings):
    """Everything that can be set. See docs/settings.md, generated from this class."""

    model_config = SettingsConfigDict(
        env_prefix="SUPPORTLENS_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    workspace: Workspace = Field(default_factory=Workspace)
    sources: Annotated[tuple[Source, ...], NamedOnce("sources")] = ()
    calendars: Annotated[tuple[Calendar, ...], OneStartEach] = ()
    sla: tuple[Sla, ...] = ()
    targets: tuple[Target, ...] = ()
    metrics: tuple[OwnMetric, ...] = ()
    counting: Counting = Field(default_factory=Counting)
    llm: LanguageModel = Field(default_factory=LanguageModel)
    embeddings: Embeddings = Field(default_factory=Embeddings)
    masking: Masking = Field(default_factory=Masking)
    dashboard: Dashboard = Field(default_factory=Dashboard)
    refresh: Refreshing = Field(default_factory=Refreshing)
    retention: Retention = Field(default_factory=Retention)
    storage: Storage = Field(default_factory=Storage)
    schedule: Schedule = Field(default_factory=Schedule)
    sign_in: SignIn = Field(default_factory=SignIn)
    access: tuple[Access, ...] = ()
    channels: Annotated[tuple[Channel, ...], NamedOnce("channels")] = ()
    notifications: Notifications = Field(default_factory=Notifications)

    @model_validator(mode="after")
    def _known_names(self) -> Settings:
        self.schedule.check_channels(channel.name for channel in self.channels)
        return with_known_calendars(self)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment beats the file, which arrives as init arguments."""
        return env_settings, init_settings


def settings_path(home: Home, chosen: str | Path | None = None) -> Path | None:
    """The file to read: the argument, SUPPORTLENS_SETTINGS, the home's, then the checkout's; or none. Raises ConfigError."""
    named = chosen or os.environ.get(SETTINGS_VARIABLE)
    if named:
        path = Path(named).expanduser().resolve()
        if not path.is_file():
            raise ConfigError(f"there is no settings file {path}.", hint="Check --settings.")
        return path
    for path in (home.settings_file, PROJECT / "settings.toml"):
        if path.is_file():
            return path
    return None


def load_settings(home: Home, chosen: str | Path | None = None) -> Settings:
    """Read and validate the settings; secrets and encryption are by them from now on.

    Raises ConfigError that names the file, the key and what was expected.
    """
    settings = read_settings(home, chosen)
    encryption.use(lambda: settings.storage)
    return settings


def read_settings(home: Home, chosen: str | Path | None = None) -> Settings:
    """The settings. Relative source paths are made absolute against the file. Raises ConfigError."""
    secrets.use(home)
    path = settings_path(home, chosen)
    table = (read_toml(path) if path else {}) | saved_hours(home)
    configured = absolute_paths(table.get("sources", []), path.parent if path else home.root)
    for file in written_files(home):
        written = absolute_paths(read_toml(file).get("sources", []), home.root)
        if written and isinstance(configured, list):
            configured = table["sources"] = [*configured, *written]
    try:
        settings = Settings(**table)
    except ValidationError as error:
        where = f"in {path}" if path else "in the environment"
        raise ConfigError(f"the settings {where} are not valid: {problems(error)}.") from None
    except SettingsError as error:
        raise no_json(error) from None
    return settings


def written_files(home: Home) -> tuple[Path, ...]:
    """The files of sources that the program writes; paths in them are relative to the home."""
    return home.sources_file, home.uploads / "sources.toml"


def absolute_paths(tables: Any, folder: Path) -> Any:
    """Source tables with their path made absolute, relative ones against `folder`."""
    for source in tables if isinstance(tables, list) else ():
        if isinstance(source, dict) and isinstance(source.get("path"), str) and "://" not in source["path"]:
            source["path"] = str(folder / Path(source["path"]).expanduser())
    return tables


def secret_value(secret: SecretStr | str) -> str:
    """The secret itself, following `env:NAME` and `secret:NAME`. Raises ConfigError when NAME is not there."""
    text = secret.get_secret_value() if isinstance(secret, SecretStr) else secret
    if text.startswith(secrets.PREFIX):
        return secrets.value(text.removeprefix(secrets.PREFIX))
    value = os.environ.get(text[4:]) if text.startswith("env:") else text
    if not value:
        raise ConfigError(
            f"the settings refer to the environment variable {text[4:]}, which is not set.",
            hint="Export it before starting, or remove the reference.",
        )
    secrets.hide(value)
    return value
