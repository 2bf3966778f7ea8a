"""Every error this product raises on purpose.

    AppError
    ├── ConfigError            settings are wrong; says where we looked
    ├── ConnectorError         a source could not be read; `code` says why
    │   ├── AuthError          key or password refused
    │   ├── PermissionRefused  known, but not allowed to read this
    │   ├── SourceUnavailable* network, timeout, 5xx
    │   ├── RateLimited*       wait until `retry_at`
    │   ├── QuotaExhausted     a paid amount is used up; waiting does not help
    │   ├── NoProgress         the source gives the same page for ever
    │   ├── SchemaError        the source does not have what the mapping asks for
    │   ├── SourceDataError    the data itself cannot be read
    │   └── Cancelled          somebody stopped the run
    ├── StoreError             the warehouse
    │   ├── NothingPublished   no refresh has succeeded yet
    │   ├── RefreshRunning*    another refresh holds the lock
    │   ├── SchemaMismatch     the file was written by a newer version
    │   ├── WarehouseLocked    encrypted otherwise than the settings say
    │   ├── RetentionHeld      the clock is too far ahead to remove by age
    │   └── DiskFull           no room to write
    ├── LLMError               a language model
    │   ├── LLMUnavailable*    down, slow or throttling
    │   ├── LLMRefused         wrong key, unknown model, bad request
    │   └── LLMBudget          the day's budget allows no further call
    ├── QuestionError          a plan or query asks for something that does not exist
    ├── InputError             what somebody wrote cannot be kept as it is
    ├── NotEnoughData          the numbers do not carry the question
    └── NotSignedIn, NoAccess  who looks may not (ui/identity.py)

Classes marked * carry `retryable = True`: the retry loop asks the class, never the text.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar


class AppError(Exception):
    """What failed, for which source, and what to try."""

    retryable: ClassVar[bool] = False
    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "", source: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.source = source

    def __str__(self) -> str:
        where = f"{self.source}: " if self.source else ""
        return f"{where}{self.message}" + (f" {self.hint}" if self.hint else "")


class ConfigError(AppError):
    """Settings are missing, unknown or contradict each other."""

    code = "bad_config"


class ConnectorError(AppError):
    """A source could not be read."""

    code = "source_data"


class AuthError(ConnectorError):
    """The source refused the key or password."""

    code = "auth"


class PermissionRefused(ConnectorError):
    """The account is known and may not read what was asked for."""

    code = "permission"


class SourceNotFound(ConnectorError):
    """The file, table or account does not exist."""

    code = "not_found"


class SourceUnavailable(ConnectorError):
    """Network, timeout or a server error; worth another try."""

    code = "transient"
    retryable = True


class RateLimited(ConnectorError):
    """The source asks us to wait until `retry_at` (UTC, None when it does not say)."""

    code = "rate_limited"
    retryable = True

    def __init__(
        self, message: str, *, retry_at: datetime | None = None, hint: str = "", source: str | None = None
    ) -> None:
        super().__init__(message, hint=hint, source=source)
        self.retry_at = retry_at


class QuotaExhausted(ConnectorError):
    """An amount that was paid for is used up; another try within minutes is useless."""

    code = "quota_exhausted"


class NoProgress(ConnectorError):
    """The source gives the same page again and says that there is more."""

    code = "no_progress"


class SchemaError(ConnectorError):
    """The source does not have the columns that the mapping names, or none could be proposed."""

    code = "schema"


class SourceDataError(ConnectorError):
    """The source's content cannot be read as what it claims to be."""

    code = "source_data"


class Cancelled(ConnectorError):
    """Somebody stopped the run."""

    code = "cancelled"


class StoreError(AppError):
    """The warehouse could not be read or written."""

    code = "store"


class NothingPublished(StoreError):
    """No refresh has published anything yet."""

    code = "nothing_published"


class RefreshRunning(StoreError):
    """Another refresh holds the writer's lock."""

    code = "refresh_running"
    retryable = True


class SchemaMismatch(StoreError):
    """The warehouse was written by a newer version of the product."""

    code = "schema_mismatch"


class WarehouseLocked(StoreError):
    """The warehouse is encrypted and the settings do not open it, or the other way round, or there is no cipher."""

    code = "warehouse_locked"


class MemoryLimit(StoreError):
    """A query needs more memory than the settings give to queries."""

    code = "memory_limit"


class RetentionHeld(StoreError):
    """Nothing is removed by its age: the clock is far ahead of everything that is known."""

    code = "retention_held"


class DiskFull(StoreError):
    """There is no room for the next generation."""

    code = "disk_full"


class LLMError(AppError):
    """A language model did not answer usefully."""

    code = "llm"


class LLMUnavailable(LLMError):
    """The model's server is down, slow or throttling."""

    code = "llm_unavailable"
    retryable = True

    def __init__(self, message: str, *, hint: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s  # seconds that the server asks to wait; None when it does not say


class LLMRefused(LLMError):
    """The model's server refused the request: key, model name or content."""

    code = "llm_refused"


class LLMBudget(LLMError):
    """The day's budget of tokens or money allows no further call."""

    code = "llm_budget"


class QuestionError(AppError):
    """A metric, dimension or value that does not exist."""

    code = "question"


class InputError(AppError):
    """A name, note or choice that cannot be kept: empty, too long, or taken already."""

    code = "input"


class NotEnoughData(AppError):
    """There is too little data for an honest number."""

    code = "not_enough_data"
