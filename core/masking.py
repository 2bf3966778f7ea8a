"""What is masked where: the settings of personal data."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from core.section import Section


class MaskPattern(Section):
    """Something of yours that is masked too."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$", description="What stands in its place: [name].")
    pattern: str = Field(description="A regular expression.")

    @field_validator("pattern")
    @classmethod
    def _usable(cls, value: str) -> str:
        try:
            matches_nothing = re.search(value, "") is not None
        except re.error as error:
            raise ValueError(f"{value!r} is no regular expression: {error}") from None
        if matches_nothing:
            raise ValueError(f"{value!r} matches the empty text")
        return value


class Masking(Section):
    """Personal data is masked before any text leaves the machine."""

    enabled: bool = Field(True, description="Mask before remote models and embedders.")
    allow_unmasked_remote: bool = Field(
        False, description="Must be set by hand to use a remote provider with masking off."
    )
    on_pages: bool = Field(False, description="Mask in what pages show and hand out too.")
    before_storage: bool = Field(
        False, description="Mask texts before they are stored: what was masked cannot be had back."
    )
    patterns: tuple[MaskPattern, ...] = Field(
        (), description="More to mask: customer numbers, licence keys, … Each a name and a pattern."
    )
