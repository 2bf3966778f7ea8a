"""`python -m bench.retrieval --clinc DIR`: how well search finds the same intent, and tells what is not there.

DIR holds `data_full.json.gz` of CLINC150 (github.com/clinc/oos-eval, CC BY 3.0). Its train part is refreshed as
conversations of one message; every text of another part is a query, for which conversations of its own intent are
right. P@1 is the share of queries whose first hit is right; AUROC is how well the score of the first hit tells
queries of the intents from those out of their scope. Keyword weights are judged on the validation part alone.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from bench.clocks import command
from core.effective import effective_settings
from core.home import Home
from core.settings import load_settings
from rag import search
from rag.context import RagContext
from rag.corpus import corpus_of
from rag.keywords import Keywords
from store.reader import open_reader

WEIGHTS = tuple(round(step / 20, 2) for step in range(21))
LEAST_AUROC = 0.945  # of the weight that is chosen
OUTSIDE = "oos"
_SETTINGS = '[[sources]]\nname = "clinc"\nkind = "files"\npath = "texts/messages.csv"\n'
_COLUMNS = ("message_id", "conversation_id", "author_id", "author_role", "body_text", "created_at")

Part = list[list[str]]


def load(home: Home, train: Part) -> None:
    """Refresh a home with a conversation a text; its id begins with its intent."""
    folder = home.root / "texts"
    folder.mkdir(parents=True, exist_ok=True)
    (home.root / "settings.toml").write_text(_SETTINGS, encoding="utf-8")
    with (folder / "messages.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(_COLUMNS)
        for i, (text, intent) in enumerate(train):
            at = f"2026-11-{1 + i % 14:02d}T10:00:00Z"
            out.writerow((f"m{i}", f"{intent}-{i}", f"u{i}", "customer", text, at))
    command("refresh", "--home", home.root)


def measure(context: RagContext, queries: Part, weights: Sequence[float]) -> dict[float, dict[str, float]]:
    """P@1 and AUROC of each weight of the keyword half, by the product's own search."""
    corpus = corpus_of(context)
    natives = corpus.places.column("conversation_id").to_pylist()
    intents = np.array([native.rsplit("-", 1)[0] for native in natives])
    texts, wanted = [text for text, _ in queries], np.array([intent for _, intent in queries])
    keywords = Keywords(context.home)
    asked = search.Search(context, corpus, keywords, None, search.CANDIDATES)
    first: dict[float, list[tuple[str, float]]] = {weight: [] for weight in weights}
    for start in range(0, len(texts), search.BATCH):
        for found in asked.candidates(texts[start : start + search.BATCH]):
            for weight in weights:
                best = asked.rank(found, weight)
                some = (str(intents[best.at[0]]), float(best.score[0])) if len(best.at) else ("", 0.0)
                first[weight].append(some)
    keywords.close()
    return {weight: _judged(one, wanted) for weight, one in first.items()}


def _judged(first: list[tuple[str, float]], wanted: np.ndarray) -> dict[str, float]:
    told, scores = np.array([intent for intent, _ in first]), np.array([score for _, score in first])
    inside = wanted != OUTSIDE
    return {
        "p_at_1": float((told == wanted)[inside].mean()),
        "auroc": float(roc_auc_score(inside, scores)),
    }


def chosen(judged: dict[float, dict[str, float]]) -> float:
    """The weight with the best first hits among those that tell what is here well enough."""
    able = {weight: one for weight, one in judged.items() if one["auroc"] >= LEAST_AUROC}
    return max(able or judged, key=lambda weight: (judged[weight]["p_at_1"], judged[weight]["auroc"]))


def report(home: Home, data: dict[str, Part]) -> dict[str, Any]:
    """The weight that the validation part chooses, and the halves and their sum on the test part."""
    settings = effective_settings(home, load_settings(home))
    context = RagContext(home, settings, open_reader(home))
    on_validation = measure(context, data["val"] + data["oos_val"], WEIGHTS)
    used = search.KEYWORD_WEIGHT
    found = measure(context, data["test"] + data["oos_test"], (1.0, 0.0, used))
    return {
        "chunks": len(corpus_of(context)),
        "weight_chosen_on_validation": chosen(on_validation),
        "weight_used": used,
        "validation": {str(weight): one for weight, one in on_validation.items()},
        "test": {"keyword": found[1.0], "vectors": found[0.0], "fused": found[used]},
    }


def main() -> int:
    """Print the figures as one JSON document."""
    parser = argparse.ArgumentParser(prog="python -m bench.retrieval", description=__doc__)
    parser.add_argument("--clinc", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--home", type=Path, metavar="DIR", help="a workspace that is kept, and used when it is there"
    )
    args = parser.parse_args()
    with gzip.open(args.clinc / "data_full.json.gz", "rt", encoding="utf-8") as file:
        data: dict[str, Part] = json.load(file)
    with tempfile.TemporaryDirectory(prefix="retrieval-") as scratch:
        home = Home(args.home.resolve() if args.home else Path(scratch))
        if not (home.root / "settings.toml").is_file():
            load(home, data["train"])
        json.dump(report(home, data), sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
