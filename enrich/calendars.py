"""Whose working hours a conversation has: none yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.settings import Settings

if TYPE_CHECKING:
    from store.writer import Writer


def refresh_calendars(writer: Writer, settings: Settings) -> None:
    """Nothing to bring up to date."""


def name_calendars(writer: Writer, settings: Settings) -> None:
    """The temporary table `batch_calendars`."""
    writer.execute("""
        CREATE OR REPLACE TEMP TABLE batch_calendars (source_id VARCHAR, conversation_id VARCHAR,
          from_at TIMESTAMPTZ, to_at TIMESTAMPTZ, calendar VARCHAR, worked_before_us BIGINT)""")


def worked(writer: Writer, table: str) -> None:
    """The temporary table `batch_worked`."""
    writer.execute("""
        CREATE OR REPLACE TEMP TABLE batch_worked (source_id VARCHAR, conversation_id VARCHAR,
          moment TIMESTAMPTZ, worked_us BIGINT)""")
