from __future__ import annotations

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.redaction import Redaction, conversation_mask, known_names, mask, reported
from tests.enrich.world import World

NAMES = frozenset({"Anna Schmidt", "Mark Brown", "Hikaru79", "Zoë Ångström"})


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to anna.schmidt+x@mail.example.co.uk now", "write to [email] now"),
        ("o'neil@x.example", "[email]"),
        ("call +44 20 7946 0958", "call [phone]"),
        ("+1 (555) 123-4567", "[phone]"),
        ("0049 30 1234567", "[phone]"),
        ("(020) 7946 0958", "[phone]"),
        ("020 7946 0958", "[phone]"),
        ("07700900123", "[phone]"),
        ("07700 900061", "[phone]"),
        ("030/1234567", "[phone]"),
        ("01 23 45 67 89", "[phone]"),
        ("612 345 678", "[phone]"),
        ("555-123-4567", "[phone]"),
        ("my mobile is 5551234567", "my mobile is [phone]"),
        ("4111 1111 1111 1111", "[card]"),
        ("4111-1111-1111-1111", "[card]"),
        ("378282246310005", "[card]"),
        ("card 4111 1111 1111 1111 123 ok", "card [card] 123 ok"),
        ("DE89 3704 0044 0532 0130 00 BITTE", "[iban] BITTE"),
        ("gb82west12345698765432", "[iban]"),
        ("sk-abcdefghijklmnop123456", "[secret]"),
        ("ghp_abcdefghijklmnopqrstuvwxyz123456", "[secret]"),
        ("AKIAIOSFODNN7EXAMPLE", "[secret]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def_1", "[secret]"),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "[secret]"),
        ("d41d8cd98f00b204e9800998ecf8427e", "[secret]"),
        ("Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer [secret]"),
        ("password: hunter2, thanks", "password: [secret], thanks"),
        ("Passwort ist: geheim1", "Passwort ist: [secret]"),
        ("api_key=abc123", "api_key=[secret]"),
        ("host 192.168.100.200 port 8080", "host [ip] port 8080"),
    ],
)
def test_personal_data_and_secrets_go(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "order 0123456789 and #1234567890",
        "Bestellnummer 0301234567",
        "on 2026-11-15 at 10:00:00, 15.11.2026, 15/11/2026",
        "error 0x80070005, code ERR-1234-5678",
        "550e8400-e29b-41d4-a716-446655440000",
        "/usr/share/doc/ubuntu-restricted-extras/README2",
        "4111 1111 1111 1112",  # fails Luhn
        "GB82 WEST 1234 5698 7654 33",  # fails mod 97
        "the password is wrong",
        "meet @ noon, price 12.50, version 1.2.3.4",
        "PT-649921 weighs 3 kilos",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Anna Schmidt wrote", "[name] wrote"),
        ("Hi Anna, it is ANNA again", "Hi [name], it is [name] again"),
        ("ask Hikaru79: now", "ask [name]: now"),
        ("Zoë came", "[name] came"),
        ("please mark it brown, Mark", "please mark it brown, Mark"),
        ("Mark Brown came", "[name] came"),
        ("Annabel and schmidts", "Annabel and schmidts"),
        ("Schmidt's parcel", "[name]'s parcel"),
    ],
)
def test_known_names_go_and_ordinary_words_stay(text: str, masked: str) -> None:
    assert mask(text, NAMES) == masked


def test_a_name_like_a_placeholder_does_not_break_it() -> None:
    names = frozenset({"Email Phone", "Card Iban"})
    once = mask("x@y.example met Email Phone", names)
    assert once == mask(once, names)
    assert once.startswith("[email]")


_PIECES = st.sampled_from(
    ["a@b.example", "+44 20 7946 0958", "4111 1111 1111 1111", "DE89370400440532013000", "Anna", "Mark Brown", " ",
     "sk-abcdefghijklmnop123456", "password:", "[name]", "[phone]", "\n", "@", "-", "0", "00", "key = "]
)  # fmt: skip


@given(st.lists(st.one_of(_PIECES, st.text(max_size=12)), max_size=12).map("".join))
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text, NAMES)
    assert mask(once, NAMES) == once


@given(st.text(alphabet=string.ascii_letters + " ,.!?\n", max_size=200))
def test_plain_words_are_left_alone(text: str) -> None:
    if "pass" not in text.lower() and not any(len(word) > 24 for word in text.split()):
        assert mask(text) == text


@given(
    st.text(alphabet=string.ascii_lowercase, min_size=1, max_size=10),
    st.text(alphabet=string.ascii_lowercase, min_size=1, max_size=10),
    st.sampled_from(["{}", "<{}>", "mail:{},", "({})", "x {} y"]),
)
def test_no_mail_address_survives(user: str, host: str, frame: str) -> None:
    address = f"{user}@{host}.example"
    assert address not in mask(frame.format(address))


@pytest.mark.parametrize(
    "unit", ["a", "1 ", "a@", "@a.b", "0 ", "AB12 ", "4111 ", "+1", "password: ", "Anna "]
)
def test_time_grows_with_length_only(unit: str) -> None:
    small, large = unit * (20_000 // len(unit)), unit * (160_000 // len(unit))
    mask(small, NAMES)

    def seconds(text: str) -> float:
        began = time.process_time()
        mask(text, NAMES)
        return time.process_time() - began

    # Eight times the text: a quadratic pattern would take 64 times as long.
    assert min(seconds(large) for _ in range(2)) < 32 * max(min(seconds(small) for _ in range(3)), 0.005)


def test_ten_thousand_names_cost_little() -> None:
    names = frozenset(f"Vor{n} Nach{n}" for n in range(10_000))
    text = "The parcel of Vor77 Nach77 is late. " * 5_000
    mask("warm up", names)
    began = time.perf_counter()
    masked = mask(text, names)
    assert "Vor77" not in masked
    assert time.perf_counter() - began < 15


def test_names_come_from_people_and_authors(world: World) -> None:
    world.rows("people", {"person_id": "1", "name": "Anna Schmidt"}, {"person_id": "2", "handle": "hikaru"})
    world.conversation("c", (0, "customer", "x", {"author_name": "Cleo Kent"}))
    assert known_names(world.writer) == {"Anna Schmidt", "hikaru", "Cleo Kent"}


def test_placeholders_of_a_conversation_are_the_same_thing_everywhere() -> None:
    hide = conversation_mask(Redaction(NAMES))
    assert hide("Anna Schmidt, a@b.example, +44 20 7946 0958") == "[name 1], [email 1], [phone 1]"
    assert hide("A@B.example or c@d.example, 020 7946 0958") == "[email 1] or [email 2], [phone 1]"
    assert hide("Zoë asked ANNA") == "[name 2] asked [name 1]"


def test_a_report_counts_places_and_things() -> None:
    _, report = reported(Redaction(), ["a@b.example a@b.example", "c@d.example, 4111 1111 1111 1111"])
    assert report == {"card": {"masked": 1, "different": 1}, "email": {"masked": 3, "different": 2}}


def test_patterns_of_the_settings_are_masked_and_slow_ones_hide_the_text() -> None:
    assert (
        Redaction(patterns=(("licence", r"L-\d+"),)).numbered("L-1, L-2, L-1")
        == "[licence 1], [licence 2], [licence 1]"
    )
    slow = Redaction(patterns=(("slow", r"(a|a)+b"),))
    assert slow.mask("a" * 60) == "[slow]"
    greedy = Redaction(patterns=(("all", r"[a-z0-9]+"),))
    once = greedy.numbered("mail a@b.example now")
    assert greedy.numbered(once) == once


def test_a_cut_parts_nothing_that_is_masked() -> None:
    text = (
        "Mail anna.schmidt@example.com or +44 20 7946 0958, card 4111 1111 1111 1111, says Anna Schmidt of "
        f"DE89 3704 0044 0532 0130 00; the key is sk-{'proj4'}-{'abcde12345' * 4}, bye."
    )
    hide = Redaction(NAMES)
    whole, lengths = hide.mask(text), set()
    for most in range(len(text) + 2):
        cut = hide.cut(text, most)
        assert len(cut) <= most and text.startswith(cut)
        assert whole.startswith(hide.mask(cut)), cut
        lengths.add(len(cut))
    assert len(text) in lengths and len(lengths) > 40  # as long as it may be
    far = "word " * 2_000
    assert hide.cut(far + text, len(far) + 12) == far + "Mail" and hide.cut(far + text, 7) == "word wo"
