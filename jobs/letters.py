"""Digests written for their readers: a page by the program that draws pages, the brief from its own sentences.

What a reader may see is asked when the letter is written, not when it was planned.
"""

from __future__ import annotations

import base64
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from alerts import brief_letter, digests, letter_html
from alerts.digests import Digest
from alerts.letters import Enclosed, Letter, NotForThem, Writer
from alerts.owners import owners_of, readers_of
from alerts.words import Message, base_url
from core.home import Home
from core.settings import Settings
from core.viewer import Viewer
from jobs import page_program
from store.workspace import Delivery, KeptDigest, SavedView, Workspace

_PNG, _HTML = "image/png", "text/html"


def writer(home: Home, settings: Settings, settings_file: Path | None = None) -> Writer:
    """What the outbox calls for each digest that it sends."""
    return partial(_written, home, settings, settings_file, Workspace(home))


def _written(
    home: Home, settings: Settings, settings_file: Path | None, workspace: Workspace, delivery: Delivery
) -> Letter:
    data = delivery.message["data"]
    kept = workspace.digest(int(data["digest"]))
    if kept is None:
        raise NotForThem("the digest is not there any more.")
    return write(home, settings, settings_file, workspace, kept, to=str(data.get("to") or ""))


def write(
    home: Home,
    settings: Settings,
    settings_file: Path | None,
    workspace: Workspace,
    kept: KeptDigest,
    *,
    to: str = "",
) -> Letter:
    """A digest for one address, or for its channel, which sees what the owner sees.

    Raises NotForThem, InputError for a definition that does not hold, StoreError for a page that cannot be drawn.
    """
    digest = digests.read(kept.definition)
    owner = owners_of(home, workspace, "share")(settings, kept.owner)
    reader = readers_of(home, workspace)(settings, to) if to else owner
    if owner is None:
        raise NotForThem(f"{kept.owner} may not share anything any more.")
    if reader is None:
        raise NotForThem(f"{to} has no access, so there is nothing that may be sent to them.")
    if kept.view is None:
        return _brief(home, settings, kept, digest, reader, to)
    view = workspace.view(*kept.view, viewer=kept.owner)
    if view is None:
        raise NotForThem(f"the view {kept.view[1]!r} is not there any more.")
    name, link = to or kept.owner, _link(settings, view)
    asked = {
        "page": view.page or "overview", "parameters": parse_qs(view.query), "name": kept.name,
        "reader": {"name": name, "groups": list(workspace.groups_of(name))}, "link": link,
        "foot": _foot(kept, digest, to), "file": digest.attach,
    }  # fmt: skip
    return _of_page(page_program.answer(asked, home, settings_file), kept, link, to)


def _of_page(told: dict[str, Any], kept: KeptDigest, link: str | None, to: str) -> Letter:
    """What the program that draws pages says, as a letter."""
    enclosed = [Enclosed(name, _PNG, base64.b64decode(content)) for name, content in told["pictures"].items()]
    if told["file"]:
        enclosed.append(Enclosed(told["file"]["name"], _HTML, base64.b64decode(told["file"]["content"])))
    lines = tuple((str(label), str(text)) for label, text in told["lines"])
    message = Message(kept.name, lines, link, {"kind": digests.KIND, "digest": kept.id})
    return Letter(message, told["html"], tuple(enclosed), to)


def _brief(
    home: Home, settings: Settings, kept: KeptDigest, digest: Digest, reader: Viewer, to: str
) -> Letter:
    from analytics.anomalies.context import concerning
    from analytics.brief import brief
    from rag.context import RagContext
    from store.reader import open_reader

    data_of = open_reader(home)
    is_masked = settings.masking.on_pages or not reader.may("unmasked")
    mask = RagContext(home, settings, data_of).mask if is_masked else str
    found = brief(
        data_of,
        settings=settings,
        viewer=reader,
        filters=digest.filters,
        mask=mask,
        events=concerning(Workspace(home).notes(), "volume", digest.filters),
    )
    base = base_url(settings)
    body = brief_letter.body(found, base) or [
        letter_html.paragraph("A week is told when it is over, from Monday to Sunday.")
    ]
    if found.refused:
        body.append(
            letter_html.notice("A sentence is left out because its numbers did not hold; the log says which.")
        )
    if base:
        body.append(letter_html.button("Open in the dashboard", f"{base}/?brief=true"))
    fresh = f"Generation {found.generation}, published {found.published_at:%Y-%m-%d %H:%M} UTC."
    html = letter_html.frame(
        kept.name,
        f"{found.title} · {found.zone} · {settings.workspace.name}",
        body,
        [fresh, *_foot(kept, digest, to)],
    )
    lines = tuple(
        (found.title if place == 0 else str(place + 1), text)
        for place, text in enumerate(brief_letter.lines(found))
    )
    data = {"kind": digests.KIND, "digest": kept.id, "week": str(found.week) if found.week else None}
    return Letter(Message(kept.name, lines, f"{base}/?brief=true" if base else None, data), html, (), to)


def _foot(kept: KeptDigest, digest: Digest, to: str) -> list[str]:
    who = "you" if to else "they"
    return [
        escape(f"Sent {digest.timetable.words()} by {kept.owner}, with what {who} may see. "
               "They can change or end it on the page Alerts.")
    ]  # fmt: skip


def _link(settings: Settings, view: SavedView) -> str | None:
    base = base_url(settings)
    if base is None:
        return None
    page = "" if view.page == "overview" else view.page
    return f"{base}/{page}" + (f"?{view.query}" if view.query else "")
