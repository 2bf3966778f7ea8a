"""`python -m ui`: the dashboard's server, with what has to happen before its first visitor.

Takes the options of `streamlit run`, for example `--server.port=8501`, and its environment variables.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import sys
import threading
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from core import log
from core.access import LOOPBACK, SignIn
from core.errors import AppError
from core.home import PROJECT, Home, find_home

# DuckDB looks into these as soon as somebody begins to import them, whole or not: nobody may be served before.
_WHOLE = ("numpy", "pandas")
_THEIRS = ("ibis", "plotly.graph_objects")
_OURS = ("analytics.changes", "analytics.compute", "store.reader", "store.runs")


def main() -> None:
    """Prepare, then hand over to Streamlit."""
    from streamlit.runtime.pages_manager import PagesManager

    # The menu comes from st.navigation alone. Without this, Streamlit guesses from the folder's name that it
    # does not, and greets the first visitor of a deep link with "Page not found".
    PagesManager.uses_pages_directory = False
    whole = threading.Event()
    threading.Thread(target=_import_heavy, args=(whole,), name="imports", daemon=True).start()
    # A header of the request may not replace the address it came from: the door believes proxies by theirs.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    script = str(PROJECT / "app.py")
    given = {**_own_options(), **options(script, sys.argv[1:])}
    sys.argv = [script]  # Streamlit looks for its settings beside the program that was started
    app = _app(script)
    whole.wait()
    app.run(config=given)


def _app(script: str) -> Any:
    """One server for the pages and for whoever keeps it running."""
    import streamlit as st
    from starlette.middleware import Middleware

    from ui.server import closed, headers, probes, request_ids

    inside = [Middleware(kind) for kind in (request_ids.RequestIds, headers.SafeHeaders, closed.Closed)]
    return st.App(script, routes=probes.routes(), middleware=inside)


def options(script: str, words: Sequence[str]) -> dict[str, Any]:
    """The words of `streamlit run` and its environment variables as settings, read by its own rules."""
    from streamlit.web.cli import main_run

    given = main_run.make_context("run", [script, *words]).params
    return {
        name.replace("_", "."): value
        for name, value in given.items()
        if name not in ("target", "args") and value not in (None, ())
    }


def _own_options() -> dict[str, Any]:
    """What our settings say of the server: log, uploads, sign-in. Those that cannot be read are said by the door."""
    from core.settings import load_settings
    from ui.server.request_ids import of_session

    home = find_home()
    log.set_up(level=logging.WARNING, session=of_session)
    try:
        settings = load_settings(home)
        log.set_up(as_json=settings.dashboard.log_json, level=logging.WARNING, session=of_session)
        sign_in = settings.sign_in
        if sign_in.by == "oidc":
            _give_provider(home, sign_in)
    except AppError as error:
        sys.stderr.write(f"  {error}\n")
        return {}
    host = urlsplit(sign_in.address or "").hostname
    hosts = {"server.allowedHosts": [*LOOPBACK, host]} if host else {}
    return {"server.maxUploadSize": settings.dashboard.max_upload_mb, **hosts}


def _give_provider(home: Home, sign_in: SignIn) -> None:
    """Streamlit reads the provider from its secrets: they are given in memory, never written to a file of its own."""
    from streamlit.runtime.secrets import SecretsValue, secrets_singleton

    from core import secrets
    from core.settings import secret_value

    chosen = sign_in.cookie_secret
    cookie = secret_value(chosen) if chosen else secrets.made(home, "sign_in.cookie_secret")
    provider: dict[str, SecretsValue] = {
        "redirect_uri": f"{sign_in.address}/oauth2callback",
        "cookie_secret": cookie,
        "client_id": sign_in.client_id or "",
        "client_secret": secret_value(sign_in.client_secret or ""),
        "server_metadata_url": f"{sign_in.issuer}/.well-known/openid-configuration",
        "client_kwargs": {"scope": sign_in.scope, "prompt": sign_in.prompt},
    }
    secrets_singleton.merge_programmatic_secrets({"auth": provider})


def _import_heavy(whole: threading.Event) -> None:
    """Load while nobody waits what the first page would load while somebody does.

    What is loaded stays, so the collector need not look through it again and again.
    """
    try:
        for name in _WHOLE:
            importlib.import_module(name)
    finally:
        whole.set()
    for name in (*_THEIRS, *_OURS):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
