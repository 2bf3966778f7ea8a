"""The project's own benchmark: it measures and compares with the bars, and never fails for being slow."""
