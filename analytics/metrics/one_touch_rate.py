"""Share of solved conversations that took one reply."""

from analytics.base import Metric, Variant, at
from analytics.catalogue import add
from analytics.metrics._values import yes

ONE_TOUCH_RATE = add(
    Metric(
        name="one_touch_rate",
        title="One-touch rate",
        unit="share",
        better="higher",
        kind="share",
        words=("one touch", "one-touch", "one touch rate", "solved with one reply", "single reply"),
        description="Share of the solved conversations that took exactly one reply and were never reopened.",
        population_text="Counted conversations whose present status is solved or closed.",
        bucket="last_solved_local",
        counted_on="the last solve",
        measure=lambda facts: yes(facts.one_touch),
        null_when="not solved, or the source tells no status changes or not who wrote a message",
        missing="not solved, or the source cannot tell replies or reopens",
        source="Zendesk: One-touch tickets, support.zendesk.com article 4408820618266, with reopens left out",
        needs=("status_history", "roles"),
        attribution=at("the last solve", "last_solve"),
        variants=(
            Variant(
                "lt2",
                "Solved with fewer than two replies, so also with none; reopens do not matter.",
                "Zendesk: the formula in the comments of support.zendesk.com article 4408820618266",
                lambda facts: yes(facts.one_touch_lt2),
            ),
            Variant(
                "eq1",
                "Solved with exactly one reply; reopens do not matter.",
                "Zendesk: the later help text of support.zendesk.com article 4408820618266",
                lambda facts: yes(facts.one_touch_eq1),
            ),
            Variant(
                "messaging",
                "Solved with a reply, never pending or on hold, never reopened.",
                "Zendesk: messaging metrics, support.zendesk.com article 4724624097818",
                lambda facts: yes(facts.one_touch_messaging),
            ),
        ),
    )
)
