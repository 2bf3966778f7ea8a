"""A small home with four topics made by hand, one of them under attack and one without a matter."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.home import Home
from enrich.topic_rows import insert
from enrich.topics import UNNAMED
from store import generations
from store.reader import Reader, open_reader
from store.writer import Writer
from tests.rag.conftest import _write
from tests.rag.hostile import SECRET, TICKETS

PARCEL, INVOICE, LOGIN, ATTACKED, OTHER = 1, 2, 3, 4, 9
LABELS = {PARCEL: "Parcel", INVOICE: "Invoice", LOGIN: "Login codes", ATTACKED: "Refunds", OTHER: UNNAMED}
TERMS = {
    PARCEL: ["parcel", "late parcel", "delivery"], INVOICE: ["invoice", "vat", "billing address"],
    LOGIN: ["login", "codes"], ATTACKED: ["refunds"], OTHER: ["hello"],
}  # fmt: skip
CENTRES = {
    PARCEL: [1.0, 0, 0], INVOICE: [0, 1.0, 0], LOGIN: [0, 0.9, 0.4], ATTACKED: [0.5, 0.5, 0], OTHER: [0, 0, 1],
}  # fmt: skip
TALKS = {
    "p1": (PARCEL, ["The parcel PT-4711 came late. Write to kim.long@example.org please."]),
    "p2": (PARCEL, [("private", SECRET), "Where is my parcel with the garden hose?", ("agent", "A voucher is on its way.")]),
    "i1": (INVOICE, ["The VAT number on my invoice is wrong."]),
    "l1": (LOGIN, ["The login code never arrives on my phone."]),
    **{f"a{n}": (ATTACKED, [text]) for n, text in enumerate(TICKETS[:4])},
    "o1": (OTHER, ["Hello there, how are you?"]),
}  # fmt: skip


def topic_home(home: Home, now: datetime) -> Reader:
    """Publishes the home; p1 is the parcels' first example, p2 the next."""
    writer = Writer(home, run_id="test")
    for at, (name, (topic, texts)) in enumerate(TALKS.items()):
        _write(
            writer,
            name,
            {"texts": texts, "subject": f"About {name[0]}"},
            now - timedelta(days=9, minutes=-at),
        )
        writer.execute(
            "UPDATE conversation_facts SET topic_id = ?, topic = ? WHERE conversation_id = ?", [topic, LABELS[topic], name]
        )  # fmt: skip
    insert(writer, "topics", [
        {"topic_version": 1, "topic_id": topic, "label": label, "keywords": TERMS[topic], "size": 2, "centroid": CENTRES[topic],
         "made_at": now, "is_current": True, "group_id": 1, "group_label": "All", "fit": 0.5, "found_label": label,
         "found_group": 1, "found_group_label": "All"}
        for topic, label in LABELS.items()
    ])  # fmt: skip
    insert(writer, "topic_examples", [
        {"topic_version": 1, "topic_id": topic, "rank": rank, "source_id": "desk", "conversation_id": name}
        for rank, (name, (topic, _)) in enumerate(TALKS.items())
    ])  # fmt: skip
    insert(writer, "people", [
        {"source_id": "desk", "person_id": "k", "kind": "customer", "name": "Corwin Parcelle"}
    ])  # fmt: skip
    writer.close()
    generations.publish(home, writer.path, keep=3)
    return open_reader(home)
