"""What every enricher must keep; its own test inherits one of these and sets `enricher`."""

from __future__ import annotations

from enrich.base import Enricher, MessageEnricher, Text

ANY_TEXTS = (
    "",
    " ",
    "\x00",
    "?",
    "🎉🎉🎉",
    "مرحبا كيف الحال اليوم يا صديقي",
    "a" * 100_000,
    "> quoted\n```code```",
    "My parcel never arrived and nobody answers, I am very disappointed.",
    "Mein Paket ist nicht angekommen und niemand antwortet mir seit Tagen.",
)


class EnricherContract:
    """A name, a version, and a place in the pipeline."""

    enricher: Enricher

    def test_has_a_name_and_a_version(self) -> None:
        assert self.enricher.name.isidentifier()
        assert self.enricher.version >= 1

    def test_the_pipeline_runs_it_after_what_it_builds_on(self) -> None:
        from enrich.pipeline import ALL

        names = [enricher.name for enricher in ALL]
        assert names.count(self.enricher.name) == 1
        before = names[: names.index(self.enricher.name)]
        assert set(self.enricher.builds_on) <= set(before)


class MessageEnricherContract(EnricherContract):
    """Looks at texts: any text, alone, always the same."""

    enricher: MessageEnricher

    def _texts(self) -> list[Text]:
        return [Text(body, {"language": "en", "language_confidence": 0.9}) for body in ANY_TEXTS]

    def test_gives_one_tuple_of_its_columns_per_text(self) -> None:
        found = self.enricher.enrich(self._texts())
        assert len(found) == len(ANY_TEXTS)
        assert {len(row) for row in found} == {len(self.enricher.columns)}

    def test_a_result_depends_on_the_text_alone(self) -> None:
        texts = self._texts()
        together = self.enricher.enrich(texts)
        alone = [self.enricher.enrich([text])[0] for text in reversed(texts)][::-1]
        assert together == alone

    def test_nothing_in_nothing_out(self) -> None:
        assert self.enricher.enrich([]) == []
        assert all(value is None for value in self.enricher.enrich([Text("")])[0])
