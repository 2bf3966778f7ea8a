"""Did it work? What came after an event, beside the forecast made from the days before it."""

from analytics.effects.of_event import Effect, EffectDay, around, effect_of, within

__all__ = ["Effect", "EffectDay", "around", "effect_of", "within"]
