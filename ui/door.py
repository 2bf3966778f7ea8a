"""The door: nobody comes to a page without having been let in, and what they came for is noted."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

import streamlit as st

from core.errors import AppError, StoreError
from ui import errors, identity, navigation, resources, state, trail
from ui.identity import NoAccess, NotSignedIn
from ui.tables import escaped

logger = logging.getLogger(__name__)
LOGO = Path(__file__).with_name("logo.png")

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.viewer import Viewer

_IN, _SEEN, _REFUSED, _LED, _DOWN = "door_in", "door_seen", "door_refused", "door_led", "door_down"
_PATIENCE_S = 5
# The provider sends people back to the start page: where they wanted to go waits in a cookie of ten minutes.
_WANTED = "supportlens_wanted"
_REMEMBER = f"""<script>if (location.pathname !== "/") document.cookie =
"{_WANTED}=" + encodeURIComponent(location.pathname + location.search) + "; Path=/; Max-Age=600; SameSite=Lax"</script>"""
_FORGET = f'<script>document.cookie = "{_WANTED}=; Path=/; Max-Age=0; SameSite=Lax"</script>'


def refuse_other_addresses() -> None:
    """Stop with one sentence when the server listens beyond this machine and nobody signs in."""
    address = st.get_option("server.address")
    if not resources.settings().sign_in.may_serve(address):
        st.error(
            f"**Supportlens does not serve on {address or 'every network address'} without a sign-in.** Everybody "
            "who reaches the server would see every conversation. Set `sign_in.by` in `settings.toml`, or serve on "
            "`127.0.0.1` and use an SSH tunnel.",
            icon=":material/lock:",
        )
        st.stop()


def let_in() -> Viewer:
    """Whoever looks. Goes on only for somebody who may come in; everybody else sees how to sign in, or that they may not."""
    try:
        refuse_other_addresses()
        viewer = resources.viewer()
    except NotSignedIn as error:
        _signed_out(error)
    except NoAccess as error:
        _turned_away(error)
    except AppError as error:  # settings that cannot be read let nobody in
        errors.show(error, title="Supportlens")
        st.stop()
    if resources.is_guarded() and identity.is_here() and state.once(_IN, viewer.name):
        who = identity.person(resources.settings().sign_in)
        resources.workspace().remember_groups(viewer.name, who.groups)
        trail.note("signed in", role=viewer.role)
    return viewer


def is_open(to: str) -> bool:
    """Whether whoever was let in under a name may still come in; for parts that run by themselves."""
    try:
        return resources.viewer().name == to
    except (NotSignedIn, NoAccess):
        return False


def saw(title: str) -> None:
    """Note which page with which filters is looked at, once while they stay the same."""
    if resources.is_guarded() and identity.is_here() and state.once(_SEEN, (title, state.here())):
        trail.note("saw", page=title, address=state.here())


def lead_on() -> None:
    """Go to the page that somebody wanted before they signed in; after the menu is known."""
    wanted = state.cookie(_WANTED) if resources.is_guarded() else None
    if not wanted:
        return
    st.html(_FORGET, unsafe_allow_javascript=True)
    if state.once(_LED, wanted) and urlsplit(st.context.url or "").path in ("", "/"):
        parts = urlsplit(unquote(wanted))
        entry = next((e for e in navigation.MENU if f"/{e.slug}" == parts.path), None)
        if entry is not None and (entry.right is None or trail.allows(entry.right)):
            st.switch_page(entry.path, query_params=parse_qsl(parts.query))


def badge() -> None:
    """Who is signed in, and the way out, at the foot of the menu."""
    if not resources.is_guarded():
        return
    viewer = resources.viewer()
    with st.sidebar.container(key="door_badge"):
        st.caption(f":material/account_circle: {escaped(viewer.name)} · {viewer.role}")
        told = _limits(viewer)
        if told:
            st.caption(f":material/filter_alt: You see {told}.")
        if resources.settings().sign_in.by == "oidc":
            st.button("Sign out", icon=":material/logout:", type="tertiary", key="door_out", on_click=_leave)


def is_for_the_whole() -> bool:
    """Whether the viewer sees every conversation; otherwise says that this part speaks of all of them."""
    if resources.viewer().is_limited:
        st.caption("This speaks of every conversation of the workspace; you see a part of them.")
        return False
    return True


def _limits(viewer: Viewer) -> str:
    parts = [
        f"{word} {escaped(', '.join(values) or 'none')}"
        for word, values in (("sources", viewer.sources), ("teams", viewer.teams), ("tags", viewer.tags))
        if values is not None
    ]
    return "; ".join(parts)


def _to_the_provider() -> None:
    """Go there, when it answers: a page of the server that says only "Authentication error" helps nobody."""
    import requests

    issuer = resources.settings().sign_in.issuer
    try:
        requests.get(f"{issuer}/.well-known/openid-configuration", timeout=_PATIENCE_S).raise_for_status()
    except requests.RequestException:
        logger.warning("the identity provider does not answer", exc_info=True)
        state.put(
            _DOWN,
            "The identity provider does not answer. Try again in a minute; until then nobody is let in.",
        )
        return
    st.login()


def _leave() -> None:
    try:
        trail.note("signed out")
    except StoreError:  # who wants to go may go
        logger.warning("a sign-out is not noted in the audit log", exc_info=True)
    state.forget(_IN, _SEEN)
    st.logout()


def _readable(name: str) -> str:
    """A stranger's name as it may be kept."""
    return "".join(letter for letter in name if letter.isprintable())[:200] or "?"


def _signed_out(error: AppError) -> NoReturn:
    state.forget(_IN, _SEEN)
    with _box():
        st.markdown(errors.words(error))
        if resources.settings().sign_in.by == "oidc":
            st.html(_REMEMBER, unsafe_allow_javascript=True)
            st.button(
                "Sign in",
                type="primary",
                icon=":material/login:",
                key="door_sign_in",
                on_click=_to_the_provider,
            )
            if told := state.value(_DOWN):
                state.forget(_DOWN)
                st.warning(told, icon=":material/cloud_off:")
    st.stop()


def _box() -> DeltaGenerator:
    """What stands before the door: the product, and room for what to do."""
    with st.container(horizontal_alignment="center", vertical_alignment="center", height=480, border=False):
        box = st.container(border=True, width=440, key="door")
    box.image(str(LOGO), width=200)
    box.caption("What your support conversations say, in numbers that can be opened.")
    return box


def _turned_away(error: AppError) -> NoReturn:
    sign_in = resources.settings().sign_in
    name = identity.person(sign_in).name
    if state.once(_REFUSED, name):
        resources.workspace().audit("turned away", viewer=_readable(name), detail={"address": state.here()})
    with _box():
        st.markdown(
            f"You are signed in as **{escaped(name)}**. {errors.sentence(error.message)} {error.hint}"
        )
        if sign_in.by == "oidc":
            st.button("Sign out", icon=":material/logout:", key="door_out", on_click=st.logout)
    st.stop()
