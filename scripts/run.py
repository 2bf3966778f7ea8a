"""`make run`: from a fresh clone to the dashboard. Standard library only, with the system's Python.

Checks what is needed, installs into .venv, then hands over to `python -m jobs serve`.
"""

from __future__ import annotations

import os
import socket
import sys

import environment as env

DEFAULT_PORT = "8501"


def require_free_port(port: str) -> None:
    """Stop early when the port is taken; an installation would be wasted time."""
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        env.stop(f"PORT={port} is not a port: give a number between 1 and 65535.")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError:
            env.stop(f"port {port} is in use by another program: start with another one, "
                     f"for example `make run PORT={min(int(port) + 1, 65535)}`.")  # fmt: skip


def main() -> None:
    """Check, install, hand over."""
    env.require_python()
    print("Supportlens", flush=True)
    port = os.environ.get("PORT", "")
    if env.is_installed("requirements.lock"):
        # Whether a taken port is our own dashboard, only `serve` can tell.
        env.require_disk(env.NEEDED_TO_RUN)
    else:
        env.require_disk(env.NEEDED_TO_INSTALL)
        require_free_port(port or DEFAULT_PORT)
        env.install()
    os.chdir(env.PROJECT)
    python = str(env.venv_python())
    command = [python, "-m", "jobs", "serve", "--quiet", *(["--port", port] if port else []), *sys.argv[1:]]
    os.execv(python, command)  # noqa: S606 - one process, so that a signal meets the one that cleans up


if __name__ == "__main__":
    main()
