from __future__ import annotations

from typing import Any

import pytest

from enrich.topic_texts import last_compared
from enrich.topics import FEWEST_CONVERSATIONS, UNNAMED, Topics
from tests.enrich.contract import EnricherContract
from tests.enrich.world import World

THEMES = {
    "parcel": "My parcel is late, the tracking number {} shows nothing and the courier never came",
    "backup": "The nightly backup fails with error {} and the folder stays empty after the upload",
    "invoice": "Please send the invoice {} with the right VAT number and company address",
    "password": "The password reset link {} has expired and my login is locked",
}


GERMAN = {
    "parcel": "Mein Paket kommt zu spät, die Sendungsverfolgung {} zeigt nichts an und der Kurier war nie da",
    "backup": "Die nächtliche Sicherung bricht mit Fehler {} ab, und der Ordner bleibt nach dem Hochladen leer",
    "invoice": "Bitte schicken Sie die Rechnung {} mit der richtigen Mehrwertsteuer und der Adresse der Firma",
    "password": "Der Link {} zum Zurücksetzen des Passworts ist abgelaufen und meine Anmeldung ist gesperrt",
}


class TestContract(EnricherContract):
    enricher = Topics()


def fill(world: World, count: int, first: int = 0) -> None:
    for n in range(first, first + count):
        theme = list(THEMES)[n % len(THEMES)]
        world.conversation(
            f"{theme}-{n}", (0, "customer", THEMES[theme].format(n)), (1, "agent", "Let me look")
        )


def topics_of(world: World) -> dict[str, tuple[int, int]]:
    return {
        r["conversation_id"]: (r["topic_version"], r["topic_id"]) for r in world.table("conversation_topics")
    }


def test_too_few_conversations_have_no_topics(world: World) -> None:
    fill(world, FEWEST_CONVERSATIONS - 1)
    report = world.enrich()
    assert (report.topics, report.topic_version) == (0, None)
    assert {row["topic"] for row in world.table("conversation_facts")} == {None}


def test_everything_has_a_topic_and_a_readable_label(world: World) -> None:
    fill(world, 60)
    world.enrich()
    facts = world.table("conversation_facts")
    assert len(facts) == 60 and all(row["topic"] for row in facts)
    by_theme = {
        theme: {r["topic"] for r in facts if r["conversation_id"].startswith(theme)} for theme in THEMES
    }
    labels = [label for found in by_theme.values() for label in found]
    assert len(labels) == len(set(labels))  # no topic mixes two themes
    assert not any(character.isdigit() for label in labels for character in label)


def test_new_conversations_join_the_nearest_topic(world: World) -> None:
    fill(world, 60)
    world.enrich()
    before, topics = topics_of(world), world.table("topics")
    fill(world, 11, first=60)
    world.enrich()
    after = topics_of(world)
    assert world.table("topics") == topics
    assert {key: after[key] for key in before} == before
    assert after["parcel-60"][1] in {before[k][1] for k in before if k.startswith("parcel")}
    assert len(after) == 71


def fill_in_german(world: World, count: int, first: int = 0) -> None:
    for n in range(first, first + count):
        theme = list(GERMAN)[n % len(GERMAN)]
        world.conversation(f"{theme}-de-{n}", (0, "customer", GERMAN[theme].format(n)))


def test_what_is_written_in_another_language_lies_in_the_same_topic(world: World) -> None:
    fill(world, 60)
    fill_in_german(world, 12)
    world.enrich()
    (fit,) = world.table("topic_fits")
    assert fit["language"] == "en"
    found = topics_of(world)
    for theme in THEMES:
        assert len({topic for key, (_, topic) in found.items() if key.startswith(theme)}) == 1, theme
    labels = " ".join(row["label"] for row in world.table("topics")).lower()
    assert "rechnung" not in labels and "paket" not in labels


def test_later_conversations_are_read_in_the_language_of_the_fit(world: World) -> None:
    fill_in_german(world, 40)
    world.enrich()
    assert [fit["language"] for fit in world.table("topic_fits")] == ["de"]
    fill(world, 7)
    world.enrich()
    assert [fit["language"] for fit in world.table("topic_fits")] == ["de"]
    found = topics_of(world)
    for theme in ("parcel", "invoice", "password"):
        assert len({topic for key, (_, topic) in found.items() if key.startswith(theme)}) == 1, theme


def test_growth_by_a_fifth_fits_anew_beside_the_old_version(world: World) -> None:
    fill(world, 40)
    world.enrich()
    old = world.table("topics")
    fill(world, 8, first=40)
    assert world.enrich().topic_version == 2
    kept = [row | {"is_current": True} for row in world.table("topics") if row["topic_version"] == 1]
    assert kept == old
    assert {version for version, _ in topics_of(world).values()} == {2}
    assert all(row["topic"] for row in world.table("conversation_facts"))


def test_a_raised_version_fits_anew(world: World, monkeypatch: Any) -> None:
    fill(world, 40)
    world.enrich()
    monkeypatch.setattr(Topics, "version", Topics.version + 1)
    report = world.enrich()
    assert report.topic_version == 2
    assert report.raised == ("facts", "topics")
    assert report.texts == 0
    assert world.enrich().topic_version == 2


def test_a_deleted_conversation_loses_its_topic(world: World) -> None:
    fill(world, 40)
    world.enrich()
    world.writer.execute("UPDATE conversations SET is_deleted = true WHERE conversation_id = 'parcel-0'")
    world.dirty("parcel-0")
    world.enrich()
    assert "parcel-0" not in topics_of(world)
    assert world.facts("parcel-0")["topic"] is None


@pytest.mark.parametrize("role", ["bot", "system"])
def test_a_bots_greeting_is_not_the_topic(world: World, role: str) -> None:
    for n in range(40):
        theme = list(THEMES)[n % len(THEMES)]
        world.conversation(
            f"{theme}-{n}",
            (0, role, "Welcome to the chat, choose an option"),
            (1, "customer", THEMES[theme].format(n)),
        )
    world.enrich()
    assert not any("welcome" in row["label"].lower() for row in world.table("topics"))
    assert len(world.table("topics")) >= len(THEMES)


def test_groups_without_a_name_are_one_topic(world: World) -> None:
    fill(world, 40)
    for n, text in enumerate(("hi", "??", "ok 123", "11 22", "...", "hello!", "42", "so?") * 4):
        world.conversation(f"noise-{n}", (0, "customer", text))
    world.enrich()
    labels = [row["label"] for row in world.table("topics")]
    assert labels.count(UNNAMED) == 1
    assert "" not in labels
    assert {
        row["topic"] for row in world.table("conversation_facts") if row["conversation_id"] == "noise-0"
    } <= {UNNAMED}


def test_people_are_not_topics(world: World) -> None:
    fill(world, 30)
    for n in range(20):
        text = f"Quentin Zimmerli bought the smart lamp and the lamp of Quentin Zimmerli flickers {n}"
        world.conversation(f"lamp-{n}", (0, "customer", text, {"author_name": "Quentin Zimmerli"}))
    world.enrich()
    words = " ".join(" ".join([row["label"], *row["keywords"]]) for row in world.table("topics")).lower()
    assert "lamp" in words
    assert "quentin" not in words and "zimmerli" not in words


def test_identical_texts_are_one_topic(world: World) -> None:
    for n in range(200):
        world.conversation(f"same-{n}", (0, "customer", "My parcel is late"))
    assert world.enrich().topics == 1
    assert {topic for _, topic in topics_of(world).values()} == {0}
    assert {row["topic"] for row in world.table("conversation_facts")} == {"Parcel, late"}


def test_what_a_long_mail_quotes_is_no_part_of_its_topic(world: World) -> None:
    """The quoted mail is longer than what is looked at, and stands first."""
    fill(world, 60)
    quoted = "On Mon, 2 Nov 2026 at 10:00, Ann Lee <ann@example.com> wrote:\n"
    quoted += "\n".join(
        f"> The nightly backup fails with error {n}, the upload folder stays empty" for n in range(200)
    )
    text = f"{quoted}\n\nThe password reset link has expired and my login is locked"
    world.conversation("mail", (0, "customer", text), (1, "agent", "Let me look"))
    world.enrich()
    topics = topics_of(world)
    assert topics["mail"] == topics["password-3"] != topics["backup-1"]


def test_words_common_in_the_language_of_the_fit_are_compared_in_every_language(world: World) -> None:
    fill(world, 40)
    for n in range(12):
        world.conversation(f"heat-{n}", (0, "customer", f"The thermostat upstairs stays offline, order {n}"))
        world.conversation(f"heat-de-{n}", (0, "customer", f"Der Thermostat oben geht leider nicht, Nr. {n}"))
    world.enrich()
    compared = last_compared(world.writer)
    assert compared.language == "en" and "thermostat" in compared.words and "oben" not in compared.words
    read = compared.read("Der Thermostat oben geht leider nicht", "de").split()
    assert "thermostat" in read and "oben" not in read
