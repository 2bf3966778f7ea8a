"""A made-up workspace of any size, with known truths planted in it."""

from jobs.sample.write import SampleReport, generate

__all__ = ["SampleReport", "generate"]
