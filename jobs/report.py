"""What a refresh says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from core import log
from core.errors import AppError
from store.merge import Counts
from store.writer import Applied

SourceStatus = Literal["ok", "partial", "failed", "skipped", "cancelled"]
RefreshStatus = Literal["ok", "partial", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as people and programs read it."""

    code: str
    message: str
    hint: str = ""
    retryable: bool = False

    @classmethod
    def of(cls, error: BaseException) -> Problem:
        """The problem behind an error, without secrets: it is printed, and kept in the run log."""
        if isinstance(error, AppError):
            return cls(error.code, log.blot(error.message), log.blot(error.hint), error.retryable)
        told = log.blot(f"{type(error).__name__}: {error}")
        return cls("internal", told, "Please report this with the log.")

    def for_log(self) -> dict[str, str]:
        """The fields under the names of the run log."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one source brought."""

    name: str
    kind: str
    status: SourceStatus = "ok"
    rows_read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    deleted: int = 0
    files: int = 0
    pages: int = 0
    seconds: float = 0.0
    streams: dict[str, Counts] = field(default_factory=dict)
    error: Problem | None = None
    errors: tuple[Problem, ...] = ()
    note: str = ""
    new_columns: tuple[str, ...] = ()

    def plus(self, applied: Applied, *, files: int = 0, pages: int = 0) -> SourceReport:
        """This report after one more page or file."""
        counts, streams = applied.counts, dict(self.streams)
        for stream, told in applied.streams.items():
            streams[stream] = streams.get(stream, Counts()) + told
        return replace(
            self,
            rows_read=self.rows_read + applied.read,
            inserted=self.inserted + counts.inserted,
            updated=self.updated + counts.updated,
            unchanged=self.unchanged + counts.unchanged,
            deleted=self.deleted + counts.deleted,
            rejected=self.rejected + applied.rejected,
            files=self.files + files,
            pages=self.pages + pages,
            streams=streams,
            new_columns=(*self.new_columns, *applied.new_columns),
        )

    def failing(self, error: BaseException) -> SourceReport:
        """This report with one more problem."""
        problem = Problem.of(error)
        return replace(self, error=self.error or problem, errors=(*self.errors, problem))

    def log_counts(self) -> dict[str, int]:
        """The counts under the names of the run log."""
        return {
            "pages": self.pages, "files": self.files, "rows_read": self.rows_read,
            "rows_inserted": self.inserted, "rows_updated": self.updated,
            "rows_unchanged": self.unchanged, "rows_rejected": self.rejected,
            "rows_deleted": self.deleted,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Totals:
    """All sources together."""

    rows_read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    deleted: int = 0
    files: int = 0

    @classmethod
    def of(cls, sources: list[SourceReport]) -> Totals:
        """The sums."""
        names = ("rows_read", "inserted", "updated", "unchanged", "rejected", "deleted", "files")
        return cls(**{name: sum(getattr(source, name) for source in sources) for name in names})


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a refresh did. `generation` is the one that readers see now; `published` whether it is new.

    `removed` counts conversations that retention took out, by source.
    `before` says what became of the refresh before it, where that did not end well.
    """

    run_id: str
    status: RefreshStatus
    trigger: str
    sources: tuple[SourceReport, ...]
    totals: Totals
    generation: int | None
    published: bool
    message: str
    phases: dict[str, float]
    seconds: float
    enrich: object = None
    index: object = None
    error: Problem | None = None
    before: str = ""
    removed: Mapping[str, int] = field(default_factory=dict)
