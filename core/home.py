"""Where a workspace keeps its files: one folder, the home."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "SUPPORTLENS_HOME"
PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below one workspace folder. Nothing is created until somebody writes."""

    root: Path

    def make(self) -> None:
        """Make the folder, for its owner alone; one that is there stays as open as somebody made it. Raises OSError."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def warehouse(self) -> Path:
        """Work file, published generations and the CURRENT pointer."""
        return self.root / "warehouse"

    @property
    def searching(self) -> Path:
        """Where search index and vectors lie: the home, or `storage.memory_folder`. Raises ConfigError."""
        from core.encryption import memory_root

        return memory_root(self) or self.root

    @property
    def vectors(self) -> Path:
        """Embedding vectors, keyed by content hash and model."""
        return self.searching / "vectors"

    @property
    def models(self) -> Path:
        """Classifiers that the workspace's own corrections have taught. Can be trained again from them."""
        return self.root / "models"

    @property
    def index(self) -> Path:
        """Search index: Chroma and the keyword file. Can always be rebuilt."""
        return self.searching / "index"

    @property
    def workspace_db(self) -> Path:
        """What people create, and the run log: SQLite unless settings name another database."""
        return self.root / "workspace.sqlite"

    @property
    def uploads(self) -> Path:
        """Files loaded through the dashboard, and `sources.toml` that lists them."""
        return self.root / "uploads"

    @property
    def sample(self) -> Path:
        """The generated sample workspace, when no source is configured."""
        return self.root / "sample"

    @property
    def cache(self) -> Path:
        """Scratch space: DuckDB spill and extension folder, model caches."""
        return self.root / "cache"

    @property
    def incoming(self) -> Path:
        """Copies of what is being read or tried: in the scratch space, or in `storage.memory_folder`. Raises ConfigError."""
        at = self.searching
        return (self.cache if at == self.root else at) / "incoming"

    @property
    def pending(self) -> Path:
        """Files of the upload form that were looked at and not loaded, beside `incoming`. Raises ConfigError."""
        return self.incoming.parent / "uploads"

    @property
    def logs(self) -> Path:
        """Output of detached refreshes."""
        return self.root / "logs"

    @property
    def erasures(self) -> Path:
        """Certificates of what was erased. They name nobody."""
        return self.root / "erasures"

    @property
    def sources_file(self) -> Path:
        """Sources that were added on Data & jobs or by `jobs sources add`. Written by the program."""
        return self.root / "sources.toml"

    @property
    def hours_file(self) -> Path:
        """Calendars and SLA targets that were saved on Settings. Written by the program."""
        return self.root / "hours.toml"

    @property
    def secrets_file(self) -> Path:
        """Passwords and keys of those sources; only its owner may read it."""
        return self.root / "secrets.toml"

    @property
    def settings_file(self) -> Path:
        """The home's own settings, used when none are named."""
        return self.root / "settings.toml"


def find_home(chosen: str | Path | None = None) -> Home:
    """The home: the argument, else `SUPPORTLENS_HOME`, else `data/var` in the checkout."""
    root = chosen or os.environ.get(HOME_VARIABLE) or PROJECT / "data" / "var"
    return Home(Path(root).expanduser().resolve())
