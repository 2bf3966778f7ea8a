"""`python -m bench.topic_languages`: whether conversations in other languages lie in the topic of their matter.

Samples are generated and refreshed. What agents tagged says the matter; its topic is the one that most English
conversations with that tag lie in.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from core import clock
from core.home import Home
from core.viewer import EVERYTHING
from jobs import cli
from jobs.sample import generate
from store.reader import open_reader

# Tags that say what was done or who wrote, not what it is about.
NO_MATTER: Final = ("follow-up", "vip", "escalated", "callback", "refund-given", "bug")
MAIN: Final = "en"
_ROWS = """
    SELECT g.tag, t.topic_id AS topic, m.language
    FROM {conversation_tags} g
    JOIN {conversation_topics} t USING (source_id, conversation_id)
    JOIN (SELECT m.source_id, m.conversation_id, arg_min(e.language, m.seq) AS language
          FROM {messages} m JOIN {message_enrichment} e USING (source_id, message_id)
          WHERE m.author_role = 'customer' AND e.language IS NOT NULL GROUP BY ALL) m
      ON m.source_id = g.source_id AND m.conversation_id = g.conversation_id"""

Told = tuple[str, int, str]  # a tag, the topic it lies in, and the language it is written in


def shares(rows: Iterable[Told]) -> dict[str, Any]:
    """Per language: conversations with a tag of a matter (`n`), and the share of them in that matter's topic."""
    told = [row for row in rows if row[0] not in NO_MATTER]
    home = _homes(told)
    hits: Mapping[str, Counter[bool]] = defaultdict(Counter)
    astray: Counter[tuple[str, int]] = Counter()
    for tag, topic, language in told:
        is_home = topic == home.get(tag)
        hits[language][is_home] += 1
        if language != MAIN and not is_home:
            astray[tag, topic] += 1
    others = sum((found for language, found in hits.items() if language != MAIN), Counter[bool]())
    return {
        "languages": {language: _share(found) for language, found in sorted(hits.items())},
        "others": _share(others),
        "astray": [{"tag": tag, "topic": topic, "n": n} for (tag, topic), n in astray.most_common(5)],
    }


def _homes(told: Iterable[Told]) -> dict[str, int]:
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for tag, topic, language in told:
        if language == MAIN:
            counts[tag][topic] += 1
    return {tag: found.most_common(1)[0][0] for tag, found in counts.items()}


def _share(found: Counter[bool]) -> dict[str, Any]:
    n = found.total()
    return {"n": n, "share": round(found[True] / n, 3) if n else None}


def measure(home: Home, seed: int, conversations: int) -> dict[str, Any]:
    """Generate and refresh one sample below `home`. Raises RuntimeError when the refresh fails."""
    end = clock.now().date() - timedelta(days=1)
    generate(home.sample, conversations=conversations, seed=seed, end=end, planted=True)
    settings = str(home.sample / "settings.toml")
    with redirect_stdout(sys.stderr):  # what is printed is the answer alone
        code = cli.main(["refresh", "--home", str(home.root), "--settings", settings, "--quiet"])
    if code:
        raise RuntimeError(f"the refresh of seed {seed} failed")
    found = open_reader(home).query(_ROWS, viewer=EVERYTHING).to_pylist()
    return shares((row["tag"], row["topic"], row["language"]) for row in found)


def main() -> int:
    """Print the shares of each seed as one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", nargs="+", type=int, default=[7, 11, 12], metavar="SEED")
    parser.add_argument("--n", type=int, default=2_000, metavar="N", help="conversations of each sample")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = {seed: measure(Home(Path(folder) / str(seed)), seed, args.n) for seed in args.seeds}
    json.dump(found, sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
