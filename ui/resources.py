"""The only shared resources: the workspace, its settings, one reader a generation, the search context."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core import secrets
from core.access import ALIAS_KEY, viewer_of
from core.effective import effective_settings
from core.errors import NothingPublished, StoreError
from core.home import Home, find_home
from core.settings import SETTINGS_VARIABLE, Settings, load_settings, settings_path, written_files
from core.viewer import EVERYTHING, Viewer
from ui import identity

if TYPE_CHECKING:
    from rag.context import RagContext
    from store.reader import Reader
    from store.workspace import Workspace


def home() -> Home:
    """The workspace's folder: `SUPPORTLENS_HOME`, or `data/var` in the checkout."""
    return find_home()


def viewer() -> Viewer:
    """Who looks at the page, as the settings have it at this moment. Raises NotSignedIn, NoAccess."""
    chosen = settings()
    if not is_guarded():
        return EVERYTHING
    who = identity.person(chosen.sign_in)
    found = viewer_of(chosen, who.name, who.groups, alias_key=_key(str(home().root)))
    if found is None:
        raise identity.NoAccess("nobody gave you access.", hint="Ask whoever runs this dashboard.")
    return found


def is_guarded() -> bool:
    """Whether people sign in at all."""
    return settings().sign_in.by != "nobody"


def me() -> str:
    """The name under which the viewer's things are kept."""
    return viewer().name


def returning() -> Callable[[], Viewer | None]:
    """A function that says who the viewer is by the settings of a later moment, outside of a page's run too."""
    where, named = home(), os.environ.get(SETTINGS_VARIABLE)
    if not is_guarded():
        return lambda: EVERYTHING
    who = identity.person(settings().sign_in)

    def now() -> Viewer | None:
        return viewer_of(load_settings(where, named), who.name, who.groups, alias_key=_key(str(where.root)))

    return now


def is_masked() -> bool:
    """Whether what the viewer sees of texts is without personal data: by the settings, or for want of the right."""
    return settings().masking.on_pages or not viewer().may("unmasked")


def workspace(of: Home | None = None) -> Workspace:
    """What people create, and the audit log. Raises StoreError."""
    from store.workspace import Workspace

    return Workspace(of or home())


def settings() -> Settings:
    """The settings that count now; read again when a settings file changes. Raises ConfigError."""
    return _chosen()[0]


def fingerprint() -> str:
    """Which workspace under which settings: part of every cache key."""
    return _chosen()[1]


def _chosen() -> tuple[Settings, str]:
    where = home()
    files = (settings_path(where), *written_files(where), where.sample / "settings.toml")
    return _settings(str(where.root), tuple(_stamp(f) for f in files))


@st.cache_resource(max_entries=8, show_spinner=False)
def _settings(root: str, stamps: tuple[tuple[str, int], ...]) -> tuple[Settings, str]:
    where = Home(Path(root))
    chosen = effective_settings(where, load_settings(where))
    return chosen, hashlib.md5(
        f"{root}{chosen.model_dump_json()}".encode(), usedforsecurity=False
    ).hexdigest()


def _stamp(file: Path | None) -> tuple[str, int]:
    try:
        return (str(file), file.stat().st_mtime_ns) if file else ("", 0)
    except FileNotFoundError:
        return (str(file), 0)


@st.cache_resource(max_entries=4, show_spinner=False)
def _key(root: str) -> str:
    """What pseudonyms of agents are made with: one for the workspace, made when it is first needed."""
    return secrets.made(Home(Path(root)), ALIAS_KEY)


def generation() -> int | None:
    """The number of the published generation, or None before the first refresh."""
    from store import generations

    try:
        return generations.current(home()).number
    except NothingPublished:
        return None


def reader() -> Reader:
    """The reader of the published generation. Raises NothingPublished."""
    from store import generations

    while True:
        number = generations.current(home()).number
        try:
            return reader_of(number)
        except _Overtaken:
            continue  # a refresh published between the two lines above


def reader_of(number: int) -> Reader:
    """The reader of one generation, kept while pages that began with it are still being drawn."""
    return _reader(str(home().root), number)


@st.cache_resource(max_entries=4, show_spinner=False)
def _reader(root: str, number: int) -> Reader:
    from store.reader import open_reader

    opened = open_reader(Home(Path(root)))
    if opened.number != number:
        raise _Overtaken("a newer generation has been published.", hint="Load the page again.")
    return opened


class _Overtaken(StoreError):
    """The generation asked for is no longer the published one."""

    retryable = True


def rag_context() -> RagContext:
    """What search and answers need: the index, the embedder and the reader of this generation."""
    return _rag_context(fingerprint(), reader().number)


@st.cache_resource(max_entries=2, show_spinner=False)
def _rag_context(place: str, number: int) -> RagContext:
    from rag.context import RagContext

    return RagContext(home(), settings(), reader_of(number))
