"""The part of X's search words that the fake understands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Tweet = Mapping[str, Any]
Test = Callable[[Tweet, Mapping[str, str]], bool]
_TOKEN = re.compile(r'\(|\)|-?"[^"]*"|[^\s()]+')


class BadQuery(ValueError):
    """X would answer 400."""


def parse(query: str) -> Test:
    """A test of a tweet and the handles by user id: words stand for AND, `OR` and brackets as usual."""
    tokens = _TOKEN.findall(query)
    if not tokens:
        raise BadQuery("query is empty")
    test, left = _any_of(tokens)
    if left:
        raise BadQuery(f"there is a ) too many near {left[0]}")
    return test


def _any_of(tokens: list[str]) -> tuple[Test, list[str]]:
    choices = []
    while True:
        test, tokens = _all_of(tokens)
        choices.append(test)
        if not tokens or tokens[0] != "OR":
            return (lambda tweet, names: any(c(tweet, names) for c in choices)), tokens
        tokens = tokens[1:]


def _all_of(tokens: list[str]) -> tuple[Test, list[str]]:
    needed = []
    while tokens and tokens[0] not in (")", "OR"):
        if tokens[0] == "(":
            test, tokens = _any_of(tokens[1:])
            if not tokens:
                raise BadQuery("a ) is missing")
            tokens = tokens[1:]
        else:
            test, tokens = _word(tokens[0]), tokens[1:]
        needed.append(test)
    if not needed:
        raise BadQuery("nothing is asked for")
    return (lambda tweet, names: all(n(tweet, names) for n in needed)), tokens


def _word(word: str) -> Test:
    if word.startswith("-"):
        inner = _word(word[1:])
        return lambda tweet, names: not inner(tweet, names)
    name, _, value = word.partition(":")
    if name == "from" and value:
        return lambda tweet, names: names.get(str(tweet.get("author_id")), "").lower() == value.lower()
    if name == "conversation_id" and value:
        return lambda tweet, _: str(tweet.get("conversation_id")) == value
    if word in ("is:reply", "is:retweet", "is:quote"):
        kind = {"is:reply": "replied_to", "is:retweet": "retweeted", "is:quote": "quoted"}[word]
        return lambda tweet, _: any(r.get("type") == kind for r in tweet.get("referenced_tweets") or ())
    if ":" in word and name in ("is", "has", "lang", "to", "url"):
        raise BadQuery(f"this fake does not know the operator {word}")
    if word.startswith("@"):
        return lambda tweet, _: word[1:].lower() in _mentioned(tweet)
    wanted = word.strip('"').lower()
    return lambda tweet, _: wanted in str(tweet.get("text") or "").lower()


def _mentioned(tweet: Tweet) -> set[str]:
    told = (tweet.get("entities") or {}).get("mentions") or ()
    return {str(one.get("username")).lower() for one in told} | {
        name.lower() for name in re.findall(r"@(\w+)", str(tweet.get("text") or "")[:10_000])
    }
