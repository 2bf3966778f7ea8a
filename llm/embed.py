"""How texts become vectors: the built-in model, or any server with an OpenAI-compatible /embeddings."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.errors import ConfigError, LLMError, LLMRefused, LLMUnavailable
from core.settings import Settings, secret_value
from llm.tokens import Tokens

if TYPE_CHECKING:
    import numpy as np

LOCAL_MODEL = "wordllama-l2-supercat-256"
LOCAL_DIMS = 256
# A vector says what a text is about; its first pages do.
MOST_CHARACTERS = 20_000
REMOTE_BATCH = 128
_TEXTS_AT_ONCE = 512


class Embedder(Protocol):
    """Texts in, unit vectors out."""

    @property
    def name(self) -> str:
        """The model's id: vectors of different names are never compared."""

    @property
    def dims(self) -> int:
        """Length of a vector."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32, one L2-normalised row a text (zeros for a text without words). Raises LLMError."""


def make_embedder(settings: Settings, *, mask: Callable[[str], str] | None = None) -> Embedder:
    """The embedder that the settings choose. A remote one never sees a text that `mask` has not seen.

    Raises ConfigError for a remote embedder without masking, unless the settings allow it by name.
    """
    chosen = settings.embeddings
    if chosen.provider == "wordllama":
        return local_embedder()
    masking = settings.masking
    if not masking.enabled and not masking.allow_unmasked_remote:
        raise ConfigError(
            "masking is off, and embeddings.provider would send texts to a server.",
            hint="Set masking.enabled = true, or masking.allow_unmasked_remote = true if you mean it.",
        )
    if masking.enabled and mask is None:
        raise ConfigError("a remote embedder needs a masking function.", hint="Pass mask= to make_embedder.")
    if not chosen.model:
        raise ConfigError("embeddings.model is not set.", hint="Name the model that the server offers.")
    return RemoteEmbedder(settings, mask=mask if masking.enabled else None)


@cache
def local_embedder() -> Embedder:
    """The built-in model, loaded once a process on first use."""
    return LocalEmbedder()


class LocalEmbedder:
    """wordllama: the mean of its word vectors. No network, nothing written."""

    name = LOCAL_MODEL
    dims = LOCAL_DIMS

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._parts: tuple[Tokens, np.ndarray] | None = None

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """One unit row a text. A row depends on its text alone, never on its neighbours."""
        import numpy as np

        tokens, table = self._model()
        rows = np.zeros((len(texts), self.dims), dtype=np.float32)
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            part = [text[:MOST_CHARACTERS] for text in texts[start : start + _TEXTS_AT_ONCE]]
            rows[start : start + len(part)] = _sums(tokens.ids(part), table)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(np.divide(rows, norms, out=rows, where=norms > 0))

    def _model(self) -> tuple[Tokens, np.ndarray]:
        with self._guard:
            if self._parts is None:
                self._parts = _load_wordllama()
            return self._parts


def _sums(ids: list[list[int]], table: np.ndarray) -> np.ndarray:
    """The sum of the word vectors of each text, one after the other, as a product with a sparse matrix of ones."""
    import numpy as np
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *map(len, ids)])
    flat = np.fromiter(chain.from_iterable(ids), dtype=np.int32, count=int(ends[-1]))
    ones = np.ones(len(flat), dtype=np.float32)
    return np.asarray(csr_matrix((ones, flat, ends), shape=(len(ids), len(table))) @ table)


def _load_wordllama() -> tuple[Tokens, np.ndarray]:
    root = logging.getLogger()
    before = list(root.handlers), root.level
    import wordllama

    # The package sets up logging when it is imported; logging is the program's own business.
    root.handlers[:], root.level = before[0], before[1]
    folder = Path(wordllama.__file__).parent
    model = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
    model.tokenizer.no_padding()
    return Tokens(model.tokenizer), model.embedding


class RemoteEmbedder:
    """A server that speaks OpenAI's /embeddings."""

    def __init__(self, settings: Settings, *, mask: Callable[[str], str] | None) -> None:
        import openai

        chosen = settings.embeddings
        self.name = f"openai:{chosen.model}"
        self._model, self._mask, self._dims = str(chosen.model), mask, 0
        self._client = openai.OpenAI(
            api_key=secret_value(chosen.api_key) if chosen.api_key else "none",
            base_url=chosen.base_url or "https://api.openai.com/v1",
            timeout=settings.llm.timeout_s,
            max_retries=settings.llm.max_retries,
        )

    @property
    def dims(self) -> int:
        """Length of a vector, asked of the server once."""
        if not self._dims:
            self._dims = len(self._ask(["dimensions"])[0])
        return self._dims

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """One unit row a text, asked for in batches of masked texts."""
        import numpy as np

        rows = np.zeros((len(texts), self.dims), dtype=np.float32)
        # A server refuses an empty text: its row stays zero.
        filled = [i for i, text in enumerate(texts) if text.strip()]
        for start in range(0, len(filled), REMOTE_BATCH):
            part = filled[start : start + REMOTE_BATCH]
            # Masked before it is cut: half of a secret is known to no rule.
            whole = (self._mask(texts[i]) if self._mask else texts[i] for i in part)
            rows[part] = self._ask([text[:MOST_CHARACTERS] for text in whole])
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(np.divide(rows, norms, out=rows, where=norms > 0))

    def _ask(self, texts: list[str]) -> list[list[float]]:
        import openai

        try:
            answer = self._client.embeddings.create(model=self._model, input=texts, encoding_format="float")
        except (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError) as error:
            raise LLMUnavailable(
                f"the embedding server did not answer ({type(error).__name__}).",
                hint="Check embeddings.base_url and the server, then refresh again.",
            ) from None
        except openai.APIStatusError as error:
            raise LLMRefused(
                f"the embedding server refused the request (HTTP {error.status_code}).",
                hint="Check embeddings.model and embeddings.api_key.",
            ) from None
        rows = [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
        if len(rows) != len(texts):
            raise LLMError(f"the embedding server sent {len(rows)} vectors for {len(texts)} texts.")
        return rows
