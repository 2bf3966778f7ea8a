"""Did it work? What came after an event, beside the forecast made from the days before it."""

from analytics.effects.of_event import Effect, EffectDay, effect_of

__all__ = ["Effect", "EffectDay", "effect_of"]
