"""`python -m ui`: the dashboard's server, with what has to happen before its first visitor.

Takes the options of `streamlit run`, for example `--server.port=8501`.
"""

from __future__ import annotations

import importlib
import sys
import threading

from core.home import PROJECT

_THEIRS = ("ibis", "pandas", "plotly.graph_objects")
_OURS = ("analytics.changes", "analytics.compute", "store.reader", "store.runs")


def main() -> None:
    """Prepare, then hand over to Streamlit."""
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web import cli

    # The menu comes from st.navigation alone. Without this, Streamlit guesses from the folder's name that it
    # does not, and greets the first visitor of a deep link with "Page not found".
    PagesManager.uses_pages_directory = False
    threading.Thread(target=_import_heavy, name="imports", daemon=True).start()
    sys.argv = ["streamlit", "run", str(PROJECT / "app.py"), *sys.argv[1:]]
    cli.main(prog_name="streamlit")


def _import_heavy() -> None:
    """Load while nobody waits what the first page would load while somebody does."""
    for name in (*_THEIRS, *_OURS):
        importlib.import_module(name)


if __name__ == "__main__":
    main()
