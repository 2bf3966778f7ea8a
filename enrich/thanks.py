"""Is a text nothing but thanks? Decides whether a reopened conversation counts as reopened."""

from __future__ import annotations

MOST_WORDS = 14

_THANKS = (
    r"thanks|thank you|thank u|thankyou|thx|tysm|ty|cheers|much appreciated|appreciate it|appreciated|"
    r"danke|dankeschön|vielen dank|besten dank|gracias|muchas gracias|merci|grazie|obrigado|obrigada|bedankt|"
    r"that worked|it works|works now|perfect|awesome|great help"
)
# Words with which people ask for more, report a problem or take the thanks back.
_MORE = (
    r"but|however|still|again|not|cannot|can|could|would|please|pls|also|another|how|what|why|when|where|need|"
    r"error|problem|issue|wrong|unless|except|nothing|no|never|[a-z]+n't|dont|doesnt|didnt|isnt|cant|"
    r"aber|noch|nicht|kein|keine|bitte|wie|warum|wann|leider|fehler|können|"
    r"pero|todavía|aún|sin embargo|por favor|cómo|cuándo|necesito|puede|"
    r"mais|encore|pas|toujours|comment|quand|pourquoi|pouvez|erreur"
)


def is_thanks_sql(column: str) -> str:
    """A DuckDB condition: `column` thanks, asks nothing, is short, and brings no new matter."""
    text = f"lower(coalesce({column}, ''))"
    word = r"(^|[^\p{L}])"
    end = r"($|[^\p{L}])"
    thanks, more = (f"{word}({words}){end}".replace("'", "''") for words in (_THANKS, _MORE))
    return (
        f"(regexp_matches({text}, '{thanks}') AND NOT regexp_matches({text}, '{more}') "
        f"AND position('?' IN {text}) = 0 AND position('¿' IN {text}) = 0 "
        f"AND len(regexp_split_to_array(trim({text}), '\\s+')) <= {MOST_WORDS})"
    )
