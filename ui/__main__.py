"""`python -m ui`: the dashboard's server, with what has to happen before its first visitor.

Takes the options of `streamlit run`, for example `--server.port=8501`.
"""

from __future__ import annotations

import sys
import threading

from core.home import PROJECT


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
    import ibis  # noqa: F401
    import pandas  # noqa: F401
    import plotly.graph_objects  # noqa: F401

    import analytics.changes  # noqa: F401
    import analytics.compute  # noqa: F401
    import store.reader  # noqa: F401
    import store.runs  # noqa: F401


if __name__ == "__main__":
    main()
