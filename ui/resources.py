"""The only shared resources: the workspace, its settings, one reader a generation, the search context."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core import secrets
from core.access import ALIAS_KEY, on_pages, viewer_of
from core.effective import effective_settings
from core.errors import NothingPublished, StoreError
from core.home import HOME_VARIABLE, PROJECT, Home, find_home
from core.settings import SETTINGS_VARIABLE, Settings, load_settings, written_files
from core.viewer import EVERYTHING, Viewer
from ui import caching, identity, moment
from ui.following import Following

if TYPE_CHECKING:
    from rag.context import RagContext
    from store.reader import Reader
    from store.workspace import Workspace

KEPT_OPEN = 4  # generations whose readers are held; queries of each may take storage.memory_mb


def home() -> Home:
    """The workspace's folder: `SUPPORTLENS_HOME`, or `data/var` in the checkout."""
    return _home(os.environ.get(HOME_VARIABLE))


@lru_cache(maxsize=8)
def _home(chosen: str | None) -> Home:
    return find_home(chosen)


def viewer() -> Viewer:
    """Who looks at the page, as the settings have it at this moment. Raises NotSignedIn, NoAccess."""
    chosen = settings()
    if not is_guarded() or identity.is_operator():
        return _on_pages(EVERYTHING, chosen, home())
    who = identity.person(chosen.sign_in)
    found = viewer_of(chosen, who.name, who.groups, alias_key=_key(str(home().root)))
    if found is None:
        raise identity.NoAccess("nobody gave you access.", hint="Ask whoever runs this dashboard.")
    return _on_pages(found, chosen, home())


def _on_pages(found: Viewer, chosen: Settings, where: Home) -> Viewer:
    """The only door to names of customers: behind it, lists, choices, charts and files have pseudonyms alike."""
    return on_pages(found, chosen, alias_key=_key(str(where.root))) if chosen.masking.on_pages else found


def is_guarded() -> bool:
    """Whether people sign in at all."""
    return settings().sign_in.by != "nobody"


def me() -> str:
    """The name under which the viewer's things are kept."""
    return viewer().name


def returning() -> Callable[[], Viewer | None]:
    """A function that says who the viewer is by the settings of a later moment, outside of a page's run too."""
    where, named = home(), os.environ.get(SETTINGS_VARIABLE)
    if not is_guarded() or identity.is_operator():
        return lambda: _on_pages(EVERYTHING, load_settings(where, named), where)
    who = identity.person(settings().sign_in)

    def now() -> Viewer | None:
        chosen = load_settings(where, named)
        found = viewer_of(chosen, who.name, who.groups, alias_key=_key(str(where.root)))
        return _on_pages(found, chosen, where) if found else None

    return now


def is_masked() -> bool:
    """Whether what the viewer sees of texts is without personal data: by the settings, or for want of the right."""
    return not viewer().may("unmasked")


def workspace(of: Home | None = None) -> Workspace:
    """What people create, and the audit log. Raises StoreError."""
    from store.workspace import Workspace

    where = of or home()
    return moment.held(f"workspace {where.root}", lambda: Workspace(where))


def settings() -> Settings:
    """The settings that count now; each run looks once whether a settings file has changed. Raises ConfigError."""
    return _chosen()[0]


def fingerprint() -> str:
    """Which workspace under which settings: part of every cache key."""
    return _chosen()[1]


def _chosen() -> tuple[Settings, str]:
    return moment.held("settings", _settings_now)


def _settings_now() -> tuple[Settings, str]:
    root, named = str(home().root), os.environ.get(SETTINGS_VARIABLE)
    return _settings(root, tuple(_stamp(file) for file in _files(root, named)))


@lru_cache(maxsize=8)
def _files(root: str, named: str | None) -> tuple[Path, ...]:
    """Every file that settings may come from."""
    where = Home(Path(root))
    own = (where.settings_file, PROJECT / "settings.toml") if not named else (Path(named).expanduser(),)
    return (*own, *written_files(where), where.hours_file, where.sample / "settings.toml")


@lru_cache(maxsize=8)
def _settings(root: str, stamps: tuple[tuple[str, int], ...]) -> tuple[Settings, str]:
    where = Home(Path(root))
    chosen = effective_settings(where, load_settings(where))
    return chosen, hashlib.md5(
        f"{root}{chosen.model_dump_json()}".encode(), usedforsecurity=False
    ).hexdigest()


def forget() -> None:
    """Read the settings again at the next question, also where no file has changed."""
    moment.drop("settings")
    _settings.cache_clear()


def _stamp(file: Path) -> tuple[str, int]:
    try:
        return str(file), file.stat().st_mtime_ns
    except FileNotFoundError:
        return str(file), 0


@st.cache_resource(max_entries=4, show_spinner=False)
def _key(root: str) -> str:
    """What pseudonyms of agents are made with: one for the workspace, made when it is first needed."""
    return secrets.made(Home(Path(root)), ALIAS_KEY)


def generation() -> int | None:
    """The number of the generation that pages show, or None before the first refresh."""
    try:
        return _current()
    except NothingPublished:
        return None


def least_generation() -> int:
    """What was made of a generation below this one must not be shown any more: something that it held was erased."""
    from store import generations

    return moment.held("least", lambda: generations.current(home()).least)


def reader() -> Reader:
    """The reader of the generation that is shown, the same for all of a page. Raises NothingPublished."""
    return moment.held("reader", _shown)


def catch_up() -> None:
    """Show what is published now, ready or not: whoever started a refresh looks for what it brought."""
    with suppress(StoreError):  # nothing is published, and the page says so
        _following(str(home().root)).at_once()
    moment.drop("generation")
    moment.drop("reader")


def _current() -> int:
    return moment.held("generation", lambda: _following(str(home().root)).number())


def _shown() -> Reader:
    root, number = str(home().root), _current()
    while True:
        try:
            return _reader(root, number)
        except _Overtaken:  # a refresh published meanwhile, and nobody here has opened the one before it
            number = _following(root).at_once()


@lru_cache(maxsize=8)
def _following(root: str) -> Following:
    return Following(Home(Path(root)), partial(_ahead, root))


def _ahead(root: str, newest: int) -> Iterator[Callable[[], object]]:
    """The reader of a generation, and what pages asked for lately; nothing where they asked for nothing."""
    asked = list(caching.lately(fingerprint(), newest))
    if asked:
        yield partial(_reader, root, newest)
        yield from asked


def reader_of(number: int) -> Reader:
    """The reader of one generation, kept while pages that began with it are still being drawn."""
    own: Reader | None = moment.peek("reader")
    return own if own is not None and own.number == number else _reader(str(home().root), number)


@st.cache_resource(max_entries=KEPT_OPEN, show_spinner=False)
def _reader(root: str, number: int) -> Reader:
    from store.reader import open_reader

    opened = open_reader(Home(Path(root)))
    if opened.number != number:
        raise _Overtaken("a newer generation has been published.", hint="Load the page again.")
    return opened


class _Overtaken(StoreError):
    """The generation asked for is no longer the published one."""

    retryable = True


def indexed() -> int:
    """When the search index was written last, in ns: it follows the publish, within one generation."""
    written = 0
    for file in home().index.glob("keywords.sqlite*"):
        with suppress(FileNotFoundError):  # a journal goes away with its last writer
            written = max(written, file.stat().st_mtime_ns)
    return written


def rag_context() -> RagContext:
    """What search and answers need: the index, the embedder and the reader of this generation."""
    return _rag_context(fingerprint(), reader().number)


@st.cache_resource(max_entries=2, show_spinner=False)
def _rag_context(place: str, number: int) -> RagContext:
    from rag.context import RagContext

    return RagContext(home(), settings(), reader_of(number))
