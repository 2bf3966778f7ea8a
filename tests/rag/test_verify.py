"""What stands between quotation marks was said in a cited conversation, whatever the marks and the tricks."""

# ruff: noqa: RUF001 - the marks of many languages are the subject here
from __future__ import annotations

from datetime import date

import pytest

from rag.answer import Evidence, MetricFact, QueryPlan, Span
from rag.evidence import Pack
from rag.text import enough, fold, in_word, sentences
from rag.verify import Draft, check

SAID = {
    "e1": ["The parcel never arrived and nobody answers the phone. I clicked “Pay now” twice, it didn't help at all.",
           "I am unable to log in since Monday. We are not happy with the service, it costs 1.50 euros a day."],
    "e2": ["Das Paket ist nie angekommen und niemand geht ans Telefon.",
           "Le colis n’est jamais arrivé. C'est « vraiment lent » chez vous.",
           "我的包裹一直没有收到，客服也不回复。 荷物がまだ届いていません。"],
    "e3": ["The refund was 99 % of the price and the app crashed on error 4042 again. Rock 'n' roll was not included."],
}  # fmt: skip
SPAN = Span(start=date(2026, 10, 1), end=date(2026, 10, 31))
PLAN = QueryPlan(intent="summarise", period=SPAN, filters={"topic": ("Card declined",)})
FACT = MetricFact(
    id="m1", name="volume", title="Conversations", unit="count", label='Monitor 27" black', value=41.0, n=41,
    period=SPAN, group=('Monitor 27" black',), text="41",
)  # fmt: skip


def problems(text: str, *, cites: tuple[str, ...] = ("e1",), quotes: tuple[str, ...] = ()) -> tuple[str, ...]:
    items = [
        Evidence(id=i, kind="relevant", source_id="s", conversation_id=i, subject=None, created_at=None,
                 channel=None, product=None)
        for i in SAID
    ]  # fmt: skip
    pack = Pack(items=items, bodies={i: [fold(text) for text in texts] for i, texts in SAID.items()})
    draft = Draft(
        text=text, metric_ids=["m1"] if "{m1" in text else [], evidence_ids=[*cites], quotes=[*quotes]
    )
    (verdict,) = check([draft], {"m1": FACT}, pack, PLAN)
    return verdict.problems


INVENTED = "the boss is a thief and a liar"
REAL = "The parcel never arrived and nobody answers the phone"


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ('"', '"'), ("“", "”"), ("„", "“"), ("„", "”"), ("”", "”"), ("«", "»"), ("« ", " »"), ("«\u202f", "\u202f»"),
        ("»", "«"), ("»", "»"), ("‹", "›"), ("›", "‹"), ("'", "'"), ("‘", "’"), ("‚", "‘"), ("’", "’"), ("‛", "’"),
        ("`", "`"), ("`", "'"), ("``", "''"), ("''", "''"), ("’’", "’’"), ("´", "´"), (",,", "''"), ("<<", ">>"),
        ("「", "」"), ("『", "』"), ("《", "》"), ("〝", "〟"), ("＂", "＂"), ("″", "″"), ("❝", "❞"), ("❛", "❜"), ("⟪", "⟫"),
        ("ʺ", "ʺ"), ("＇", "＇"), ("′", "′"), ("≪", "≫"), ("״", "״"), ("｢", "｣"), ("❮", "❯"), ("‟", "”"),
    ],
)  # fmt: skip
def test_every_kind_of_quotation_mark_holds_real_words_and_refuses_invented_ones(
    opening: str, closing: str
) -> None:
    assert problems(f"A customer wrote {opening}{INVENTED}{closing} to us.")
    assert problems(f"A customer wrote {opening}{INVENTED} to us."), "unclosed"
    assert problems(f"A customer wrote {INVENTED}{closing} to us.") or closing.strip()[0] in "'’´＇′❜"
    if opening != "<<":  # with a letter behind it, that is a tag
        assert problems(f"A customer wrote {opening}{REAL}{closing} to us.") == ()


def test_a_short_real_quote_does_not_carry_invented_words() -> None:
    assert problems(f"A customer wrote “{INVENTED}”. [c:e1]", quotes=("the",))
    assert problems("A customer wrote “the”. [c:e1]", quotes=("the",))
    assert problems(f"A customer wrote “{REAL}”, “{INVENTED}”.", quotes=(REAL,))
    assert problems("Customers were “furious thieves”. [c:e1]")
    assert problems("Customers wrote “The parcel..................”. [c:e1]")


@pytest.mark.parametrize(
    "text",
    [
        f"One wrote “{REAL}.”",  # the stop is the writer's own
        f"One wrote “{REAL},” and waited.",
        "One wrote “…nobody answers the phone…”.",
        "One said “I clicked “Pay now” twice, it didn't help at all” to us.",  # marks inside are the customer's
        'One said "I clicked “Pay now” twice" to us.',
        f"“{REAL}”, one wrote; “it didn't help at all” another.",
        f"It's the customers' own words: '{REAL}'.",
        f"The old days, 'tis true, are over, don't you think: “{REAL}”.",
        f"“{REAL} [c:e1]” wrote one.",
        "A topic is “Card declined”.",
        "A product is “Monitor 27\" black”, {m1} conversations.",
        "Monitor 27\" black had {m1} conversations.",
        "It's about parcels that didn't arrive.",
    ],
)  # fmt: skip
def test_what_was_said_holds(text: str) -> None:
    assert problems(text) == ()


def test_other_languages_hold() -> None:
    for text in (
        "Eine Kundin schrieb „Das Paket ist nie angekommen“.",
        "Une cliente écrit « Le colis n’est jamais arrivé ».",
        "Une cliente écrit « C'est « vraiment lent » chez vous ».",
        "客户写道“我的包裹一直没有收到”并要求退款。",
        "お客様は「荷物がまだ届いていません」と言いました。",
    ):
        assert problems(text, cites=("e2",)) == (), text
    for text in (
        "客户写道“老板是个小偷和骗子”并要求退款。",
        "客户说'老板是个小偷和骗子'。",
        "お客様は「社長は泥棒だと思います」と言いました。",
        "Eine Kundin schrieb „Der Chef ist ein Dieb“.",
    ):
        assert problems(text, cites=("e2",)), text


@pytest.mark.parametrize(
    "text",
    [
        # joined, cut, shortened
        "One wrote “nobody answers the phone. Das Paket ist nie angekommen”.",
        "One wrote “nobody answers the phone … it didn't help at all”.",
        "One wrote “nobody answers the phone [...] it didn't help at all”.",
        "One wrote “it didn't help at all. I am unable to log in”.",  # two messages of one conversation
        "One wrote “able to log in since Monday”.",
        "One wrote “happy with the service”.",
        "One wrote “50 euros a day”.",
        "One wrote “the parcel never arrived and nobody answers”.",  # not as it stands
        # marks that hide, nest or look like others
        f"One wrote “{REAL} and {INVENTED}”.",
        f"One wrote “'{REAL}' and {INVENTED} '{REAL}'”.",
        f"One wrote \"{REAL} \"and {INVENTED}\" nobody answers the phone\".",
        f"One wrote «{REAL} »and {INVENTED}« nobody answers the phone».",
        f"One wrote “\u200b{INVENTED}\u200b”.",
        "One wrote “The parcel ne\u200bver arrived and nobody answers the phone”.",
        "One wrote “The pаrcel never arrived and nobody answers the phone”.",  # a Cyrillic letter
        f"One wrote 'cause {INVENTED}' to us.",
        f"One wrote:'{INVENTED}'",
        f"One wrote' {INVENTED} '.",
        f"One wrote ' {INVENTED} '.",
        # other ways to set words apart
        f"One wrote: {INVENTED}.",
        f"One said – {INVENTED}.",
        f"One wrote *{INVENTED}*.",
        f"One wrote **{INVENTED}**.",
        f"One wrote _{INVENTED}_.",
        f"One wrote `{INVENTED}`.",
        f"One wrote &quot;{INVENTED}&quot;.",
        f"> {INVENTED}",
        f"One wrote: \ufffc {INVENTED}.",
        f"One wrote \u202e{INVENTED}\u202c.",
        f"One wrote \u3164'{INVENTED}'.",
        # names are no speech
        "A customer wrote “Card declined”.",
        # evidence that is not cited
        "One wrote “Das Paket ist nie angekommen”.",
        f"“{INVENTED}” [c:e1, c:e2]",
    ],
)  # fmt: skip
def test_what_was_not_said_fails(text: str) -> None:
    assert problems(text)


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("The share was 99 %.", ("The refund was 99 % of the price",)),
        ("The share was 99 %.", ("99 %",)),
        ("There were “4042” conversations.", ("4042",)),
        ("There were ９９ conversations.", ()),
        ("There were ⑨ conversations.", ()),
        ("There were 9\u200b9 conversations.", ()),
        ("There were ninety-nine conversations.", ()),
        ("Ninety percent were angry.", ()),
        ("½ of them were angry.", ()),
        ("Volume rоse a lot.", ()),
        ("Volume ro\u00adse a lot.", ()),
        ("Volume ro\u0332se a lot.", ()),
    ],
)
def test_a_quote_lends_its_numbers_to_nobody_and_numbers_have_no_disguise(
    text: str, quotes: tuple[str, ...]
) -> None:
    assert problems(text, cites=("e3",), quotes=quotes)


def test_numbers_inside_a_real_quote_are_the_customers() -> None:
    assert problems("One wrote “the app crashed on error 4042 again”.", cites=("e3",)) == ()
    assert problems("{m1} conversations, forty-one in words, and two-factor login.") == ()


def test_what_is_enough_to_quote_and_where_words_end() -> None:
    assert not enough("the") and not enough("the app") and not enough("a b c")
    assert enough("it never came") and enough("包裹没有收到") and enough("Kundenservicetelefon unerreichbar")
    assert in_word("unable", 2) and in_word("can't", 3) and in_word("1.50", 2) and in_word("non-stop", 4)
    assert not in_word("no way", 2) and not in_word("包裹没有", 2) and not in_word("end. Next", 4)


def test_every_sentence_that_is_offered_for_quoting_can_be_quoted() -> None:
    from rag.quotes import is_exact

    for texts in (*SAID.values(), ["Hello there, it is me. Reference PT-536693. Where is it, please?"]):
        for text in texts:
            found = sentences(text)
            assert found and all(is_exact(sentence, [fold(text)]) for sentence in found)
    assert sentences("x" * 400) == []
    assert sentences("I am told that it is not\nworth the money at all, they say") == [
        "I am told that it is not"
    ]
