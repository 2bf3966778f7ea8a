"""One way to plug things in: a file in a package, found by name."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from typing import Generic, TypeVar

from core.errors import ConfigError

T = TypeVar("T")


class Registry(Generic[T]):
    """Named plug-ins of one kind, imported from `package` on first use.

    Modules whose name starts with an underscore are shared code, not plug-ins.
    """

    def __init__(self, kind: str, package: str) -> None:
        self._kind, self._package = kind, package
        self._items: dict[str, T] = {}
        self._loaded = self._loading = False
        self._guard = threading.RLock()

    def add(self, name: str, item: T) -> None:
        """Register a plug-in; a second one of the same name is a mistake."""
        if name in self._items and self._items[name] is not item:
            raise ConfigError(f"two plug-ins of kind {self._kind} are called {name!r}.")
        self._items[name] = item

    def get(self, name: str) -> T:
        """The plug-in called `name`. Raises ConfigError with the known names."""
        self._load()
        if name not in self._items:
            raise ConfigError(
                f"there is no {self._kind} called {name!r}.", hint=f"Known: {', '.join(self.names())}."
            )
        return self._items[name]

    def holds(self, name: str, item: T) -> bool:
        """Whether it is this very plug-in that has the name."""
        self._load()
        return self._items.get(name) is item

    def names(self) -> list[str]:
        """All names, sorted."""
        self._load()
        return sorted(self._items)

    def all(self) -> list[T]:
        """All plug-ins in the order of their names."""
        return [self._items[name] for name in self.names()]

    def _load(self) -> None:
        if self._loaded:
            return
        with self._guard:  # a second thread waits until the first has imported them all
            if self._loaded or self._loading:
                return
            self._loading = True
            try:
                package = importlib.import_module(self._package)
                for module in pkgutil.iter_modules(package.__path__):
                    if not module.name.startswith("_"):
                        importlib.import_module(f"{self._package}.{module.name}")
                self._loaded = True
            finally:
                self._loading = False
