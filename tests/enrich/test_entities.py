"""What a text names is found once, and what looks like it is not."""

from __future__ import annotations

import time

import pytest

from enrich.entities import KINDS, Entity, entities
from enrich.intents import TITLES, intent

PRODUCTS = ("Parcel Tracker", "Cloud Backup", "App")
FOUND = [
    ("My order PT-123456 is late", "order", "PT-123456"),
    ("order no. 4711-0815", "order", "4711-0815"),
    ("Bestellnummer: 40028922", "order", "40028922"),
    ("ma commande n° FR 99812", "order", "FR 99812"),
    ("el pedido 5550123", "order", "5550123"),
    ("Invoice #INV-10234 is wrong", "invoice", "INV-10234"),
    ("die Rechnung 2026-00131", "invoice", "2026-00131"),
    ("serial SN00012345", "reference", "SN00012345"),
    ("since version 5.12.3", "version", "5.12.3"),
    ("on v2.0-beta1 it fails", "version", "2.0-beta1"),
    ("firmware 1.4", "version", "1.4"),
    ("it says E-4042", "code", "E-4042"),
    ("Error code: AUTH-17", "code", "AUTH-17"),
    ("Fehler 0x80070057", "code", "0x80070057"),
    ("shows HTTP 503", "code", "HTTP 503"),
    ("error: CONN_RESET", "code", "CONN_RESET"),
    ("on 3 November 2026", "date", "2026-11-03"),
    ("am 3. März 2026", "date", "2026-03-03"),
    ("le 14 juillet", "date", "14 juillet"),
    ("March 5th, 2026", "date", "2026-03-05"),
    ("2026-02-28", "date", "2026-02-28"),
    ("25/12/2026", "date", "2026-12-25"),
    ("12/25/2026", "date", "2026-12-25"),
    ("12.03.2026", "date", "2026-03-12"),
    ("3/11/2026", "date", "3/11/2026"),
    ("since 3/11", "date", "3/11"),
    ("see https://shop.example.com/a?b=1).", "url", "https://shop.example.com/a?b=1"),
    ("www.example.org, please", "url", "www.example.org"),
    ("write to bob@example.com", "email", "bob@example.com"),
    ("call +44 7700 900123", "phone", "+44 7700 900123"),
    ("the parcel tracker hangs", "product", "Parcel Tracker"),
]
NOTHING = [
    "I ordered in 2024, order 2024 it was", "on 31 February", "13/13/2026", "half of it, 1/2 cup", "UTF-8 and ISO-8859",
    "A-17 is full", "USB-30", "it costs 12.50", "at 10:30", "room 404", "3.5 stars", "the http:// part", "order it now",
    "an invoice please", "100 %", "apps happen", "status OK", "error again", "march 40 miles", "may 2024", "[order 1234]"[:6],
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_it_is_found(text: str, kind: str, value: str) -> None:
    assert Entity(kind, value) in entities(text, PRODUCTS)
    assert sum(one.kind in (kind, "reference") for one in entities(text, PRODUCTS)) == 1


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert entities(text, PRODUCTS) == []


def test_each_thing_is_one_kind_and_told_once() -> None:
    text = "Order PT-123456, mail bob@example.com, order PT-123456: see https://example.com/PT-999999 of 2026-11-03"
    found = entities(text)
    assert found == [
        Entity("order", "PT-123456"), Entity("date", "2026-11-03"), Entity("url", "https://example.com/PT-999999"),
        Entity("email", "bob@example.com"),
    ]  # fmt: skip
    assert all(one.kind in KINDS for one in found)


def test_masked_words_name_nothing() -> None:
    assert entities("[email 1] wrote from [phone] about [name 2]") == []


def test_time_grows_with_the_length() -> None:
    begun = time.process_time()
    for text in ("order " * 4000, "1/" * 10_000, "A-" * 10_000, "wwww." * 4000, "want to " * 3000):
        entities(text)
        intent(text)
    assert time.process_time() - begun < 20


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Please cancel my subscription and give me my money back", "cancel"),
        ("Ich möchte mein Abo kündigen", "cancel"),
        ("Je voudrais résilier mon contrat", "cancel"),
        ("Quiero darme de baja", "cancel"),
        ("Where is my refund?", "refund"),
        ("Ich will mein Geld zurück", "refund"),
        ("Exijo un reembolso", "refund"),
        ("I don't want to cancel, only a refund", "refund"),
        ("Can I exchange it for a larger one?", "return"),
        ("This is unacceptable", "complaint"),
        ("Das ist eine Beschwerde", "complaint"),
        ("The app doesn't work since Monday", "problem"),
        ("Le site ne fonctionne plus", "problem"),
        ("La aplicación no funciona", "problem"),
        ("Could you send me the invoice", "request"),
        ("Könnten Sie die Adresse ändern", "request"),
        ("Where is my parcel?", "question"),
        ("荷物はどこですか\uff1f", "question"),
        ("Thanks a lot", "thanks"),
    ],
)
def test_intents(text: str, name: str) -> None:
    found = intent(text)
    assert found is not None and found.name == name and name in TITLES
    assert found.words in text


@pytest.mark.parametrize("text", ["", "Hello", "PT-123456", "Mein Name ist Anna", "Dzień dobry"])
def test_no_rule_tells_nothing(text: str) -> None:
    assert intent(text) is None
