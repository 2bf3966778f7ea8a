"""What every table of the settings is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of settings: frozen, and strict about unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)
