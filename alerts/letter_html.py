"""What letters look like: blocks of HTML as mail programs read it, with every style in its element and every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final

INK, QUIET, LINE, BAND, ACCENT = "#1B2430", "#5A6472", "#D5DAE1", "#F0F2F6", "#0063A6"
TONES: Final[Mapping[bool | None, tuple[str, str]]] = {
    True: ("#0F7B4C", "better"), False: ("#B3261E", "worse"), None: (QUIET, ""),
}  # fmt: skip
WIDTH: Final = 640  # pixels; phones shrink it
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"


def frame(title: str, under: str, body: Iterable[str], foot: Iterable[str]) -> str:
    """A whole letter: a title with a line under it, its blocks, and small lines at its end."""
    small = "".join(f'<p style="margin:0 0 4px">{line}</p>' for line in foot)
    if small:
        line = f"border-top:1px solid {LINE};margin-top:24px;padding-top:12px;font-size:12px;color:{QUIET}"
        small = f'<div style="{line}">{small}</div>'
    below = f'<p style="color:{QUIET};margin:0 0 16px">{escape(under)}</p>' if under else ""
    return (
        f'<div style="{_FONT};font-size:15px;line-height:1.45;color:{INK};background:#FFFFFF;max-width:{WIDTH}px;'
        'margin:0 auto;padding:16px">'
        f'<h1 style="font-size:22px;line-height:1.25;margin:0 0 8px">{escape(title)}</h1>'
        f"{below}{''.join(body)}{small}</div>"
    )


def heading(text: str) -> str:
    """A title of a section."""
    return f'<h2 style="font-size:16px;margin:24px 0 8px">{escape(text)}</h2>'


def paragraph(text: str, *, bold: str = "") -> str:
    """A sentence, after a word that stands out."""
    head = f"<strong>{escape(bold)}</strong> " if bold else ""
    return f'<p style="margin:0 0 10px">{head}{escape(text)}</p>'


def notice(text: str) -> str:
    """A sentence that must not be overlooked."""
    return (
        '<p style="margin:0 0 12px;padding:8px 12px;background:#FFF4E0;border-left:4px solid #A65A00">'
        f"{escape(text)}</p>"
    )


def button(label: str, address: str) -> str:
    """A link that is easily hit."""
    return (
        f'<p style="margin:16px 0"><a href="{escape(address)}" style="background:{ACCENT};color:#FFFFFF;'
        f'text-decoration:none;padding:9px 16px;border-radius:6px;display:inline-block">{escape(label)}</a></p>'
    )


def link(label: str, address: str) -> str:
    """A link within a line."""
    return f'<a href="{escape(address)}" style="color:{ACCENT}">{escape(label)}</a>'


def sentence(text: str, good: bool | None, proof: str | None) -> str:
    """A sentence with the side it speaks for, in colour and in a word, and the link that proves it."""
    color, word = TONES[good]
    told = f' <span style="color:{color};font-size:12px">{word}</span>' if word else ""
    more = f" {link('Proof', proof)}" if proof else ""
    return f'<p style="margin:0 0 10px;padding-left:10px;border-left:4px solid {color}">{escape(text)}{told}{more}</p>'


def quoted(text: str, address: str | None) -> str:
    """What somebody wrote, and the link to where."""
    more = f" {link('Open', address)}" if address else ""
    return (
        f'<p style="margin:0 0 10px 10px;padding-left:10px;border-left:2px solid {LINE};color:{QUIET}">'
        f"“{escape(text)}”{more}</p>"
    )


def ways(label: str, links: Iterable[str]) -> str:
    """Links in one line, which are HTML, after a word."""
    return f'<p style="margin:-4px 0 10px 10px;font-size:13px;color:{QUIET}">{escape(label)} {" · ".join(links)}</p>'


def table(names: Sequence[str], rows: Iterable[Sequence[str]], *, numbers_from: int = 1) -> str:
    """A table; its cells are HTML, its names are text. Columns from `numbers_from` on stand to the right."""
    side = ["left" if place < numbers_from else "right" for place in range(len(names))]
    cell = f"padding:5px 8px;border-bottom:1px solid {LINE};vertical-align:top"
    head = "".join(
        f'<th style="{cell};text-align:{where};color:{QUIET};font-size:12px;font-weight:600">{escape(name)}</th>'
        for name, where in zip(names, side, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="{cell};text-align:{where}">{text}</td>'
            for text, where in zip(row, side, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        '<table role="presentation" style="border-collapse:collapse;width:100%;font-size:14px;margin:0 0 12px">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def pairs(lines: Iterable[tuple[str, str]]) -> str:
    """Names with their texts, one below the other."""
    cell = "padding:3px 16px 3px 0;vertical-align:top"
    rows = "".join(
        f'<tr><td style="{cell};color:{QUIET}">{escape(label)}</td><td style="{cell}">{escape(text)}</td></tr>'
        for label, text in lines
    )
    return f'<table role="presentation" style="border-collapse:collapse">{rows}</table>'


def picture(name: str, words: str) -> str:
    """An enclosed picture; its words stand below it, and in its place where pictures are not shown."""
    return (
        f'<img src="cid:{escape(name)}" alt="{escape(words)}" width="{WIDTH - 32}" '
        'style="width:100%;max-width:100%;height:auto;display:block;margin:0 0 4px">'
        f'<p style="margin:0 0 16px;color:{QUIET};font-size:13px">{escape(words)}</p>'
    )
