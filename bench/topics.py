"""`python -m bench.topics --clinc DIR`: how well topics follow labelled intents, and how much a re-fit keeps.

DIR holds `data_full.json.gz` of CLINC150 (github.com/clinc/oos-eval, CC BY 3.0). NMI is the normalised mutual
information of topics and intents, 1 where they are the same partition.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import normalized_mutual_info_score

from enrich.concepts import common_words
from enrich.language import detect
from enrich.topic_fit import UNNAMED, Before, Fit, Sample, fit
from enrich.topic_groups import find
from enrich.topic_space import shape
from enrich.topic_texts import Compared
from enrich.topic_versions import NONE
from llm.embed import local_embedder

SEED = 11
ADDED = 0.2


def measure(texts: list[str], intents: list[str]) -> dict[str, Any]:
    """Figures of one set of texts."""
    texts = _compared(texts)
    began = time.perf_counter()
    vectors = local_embedder().embed(texts)
    given = find(shape(texts, vectors), count=len(set(intents))).groups
    seconds = time.perf_counter() - began
    chosen = _fit(texts, vectors, np.full(len(texts), NONE), Before())
    return {
        "texts": len(texts),
        "intents": len(set(intents)),
        "nmi_given": float(normalized_mutual_info_score(intents, given)),
        "topics_chosen": len(chosen.topics),
        "agreement": chosen.found.agreement,
        "nmi_chosen": float(normalized_mutual_info_score(intents, chosen.ids)),
        "assigned": float((chosen.ids != NONE).mean()),
        "kept_after_a_fifth_more": _kept(texts, vectors),
        "seconds_given": seconds,
    }


def _compared(texts: list[str]) -> list[str]:
    """The texts as a refresh compares them: those that are taken for another language are read in that of most."""
    languages = [detect(text)[0] for text in texts]
    main = Counter(filter(None, languages)).most_common(1)[0][0]
    common = common_words(text for text, language in zip(texts, languages, strict=True) if language == main)
    return list(map(Compared(main, common).read, texts, languages))


def _fit(texts: list[str], vectors: np.ndarray, old: np.ndarray, before: Before) -> Fit:
    return fit(Sample(texts, texts, vectors, old), before)


def _kept(texts: list[str], vectors: np.ndarray) -> float | None:
    """The share of texts that stay in their topic when a fifth more come."""
    order = np.random.default_rng(SEED).permutation(len(texts))
    texts, vectors = [texts[i] for i in order], vectors[order]
    early = int(len(texts) / (1 + ADDED))
    first = _fit(texts[:early], vectors[:early], np.full(early, NONE), Before())
    old = np.concatenate([first.ids, np.full(len(texts) - early, NONE)])
    groups = {topic.id: topic.group for topic in first.topics}
    unnamed = next((topic.id for topic in first.topics if topic.label == UNNAMED), None)
    return _fit(texts, vectors, old, Before(groups, unnamed, max(groups) + 1)).kept


def main() -> int:
    """Print the figures of each part as one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clinc", type=Path, required=True, metavar="DIR")
    parser.add_argument("--parts", nargs="+", default=["test", "val"], metavar="PART")
    args = parser.parse_args()
    with gzip.open(args.clinc / "data_full.json.gz", "rt", encoding="utf-8") as file:
        data = json.load(file)
    found = {part: measure(*map(list, zip(*data[part], strict=True))) for part in args.parts}
    json.dump(found, sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
