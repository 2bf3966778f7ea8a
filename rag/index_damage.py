"""What is known of damage to the search index: seals, marks, and what the next update makes anew."""

from __future__ import annotations

import os
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from core.home import Home
from rag.chroma import on_server
from rag.keywords import Keywords, open_keywords
from store.vectors import stored


def must_be_made_anew(home: Home) -> bool:
    """Whether Chroma's folder is known to be damaged, or another Chroma wrote it; not where an update was killed."""
    if on_server():
        return False
    words = open_keywords(home)
    if words is None:
        return mark(home).exists()
    with closing(words):
        was_whole = bool(words.meta("fingerprint")) and words.meta("seal") not in (None, seal(home))
        return was_whole or mark(home).exists() or not _is_of_this_chroma(words)


def vectors_lost(home: Home) -> int:
    """How many vectors fewer are stored than a complete index needs: their file was cut off or is gone."""
    words = open_keywords(home)
    if words is None:
        return 0
    with closing(words):
        model, needed = words.meta("model"), words.meta("vectors")
    return max(0, int(needed) - stored(home, model)) if model and needed else 0


def is_whole(home: Home) -> bool:
    """Whether Chroma holds all that the last update meant it to, as that left it, written by the Chroma that is asked."""
    if on_server():
        return True
    words = open_keywords(home)
    if words is None or mark(home).exists():
        return False
    with closing(words):
        is_left = words.meta("seal") in (None, seal(home))
        return bool(words.meta("fingerprint")) and is_left and _is_of_this_chroma(words)


def _is_of_this_chroma(words: Keywords) -> bool:
    return words.meta("chroma") in (None, version("chromadb"))


def seal(home: Home) -> str:
    """Names, sizes and times of the vectors' files, which Chroma writes and no search does: a changed one may end the process.

    A folder without its metadata was never written out: Chroma makes it anew from its log.
    """
    written = sorted((home.index / "chroma").glob("*/index_metadata.pickle"))
    found = [(file, file.stat()) for one in written for file in sorted(one.parent.iterdir())]
    return " ".join(f"{file.parent.name}/{file.name}:{at.st_size}:{at.st_mtime_ns}" for file, at in found)


def mark(home: Home) -> Path:
    """The file that says that a search met damage."""
    return home.index / "chroma.damaged"


def can_ask(home: Home) -> bool:
    """Whether Chroma may be asked: it writes even then."""
    return on_server() or os.access(home.index if home.index.exists() else home.root, os.W_OK)
