# syntax=docker/dockerfile:1
# Two stages: what only builds stays in the first. Nothing is fetched when a container runs.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.lock /opt/requirements.lock
# The exact set that is tested. Compiled files come with it, since nothing can write them later.
RUN /opt/venv/bin/pip install --no-deps -r /opt/requirements.lock \
    && /opt/venv/bin/python -m compileall -q -j 0 /opt/venv/lib

FROM python:3.11-slim-bookworm
# An account with a number, so that volumes can be given to it; it owns nothing but the home.
RUN groupadd --gid 10001 supportlens \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /home/supportlens --shell /usr/sbin/nologin supportlens \
    && install -d -o 10001 -g 10001 -m 0700 /home/supportlens
COPY --from=build /opt/venv /opt/venv
WORKDIR /opt/supportlens
COPY . .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SUPPORTLENS_HOME=/home/supportlens/workspace \
    XDG_CACHE_HOME=/home/supportlens/workspace/cache/xdg \
    MPLCONFIGDIR=/home/supportlens/workspace/cache/matplotlib \
    DO_NOT_TRACK=1 \
    ANONYMIZED_TELEMETRY=False
USER 10001:10001
VOLUME ["/home/supportlens"]
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
# The dashboard alone; `python -m jobs schedule` is the worker (compose.yaml).
CMD ["python", "-m", "ui", "--server.address=0.0.0.0", "--server.port=8501"]
