"""Conversations per 1,000 customers and day, or per 1,000 orders."""

from analytics.base import AT_CREATION, Metric
from analytics.catalogue import add

CONTACT_RATE = add(
    Metric(
        name="contact_rate",
        title="Contact rate, per 1,000",
        unit="rate",
        better="lower",
        kind="rate",
        words=(
            "contact rate",
            "contacts per customer",
            "contacts per order",
            "tickets per customer",
            "tickets per order",
            "conversations per customer",
            "conversations per order",
        ),
        description="Conversations per 1,000 of a daily number that a source brings: active customers, or the "
        "one named by `--per` (orders). Both are added up over the days that have the number, so that periods "
        "of different length can be compared: per 1,000 active customers a day, per 1,000 orders.",
        population_text="Counted conversations created on days that have a denominator greater than 0.",
        bucket="created_local",
        counted_on="creation",
        null_when="no day of the period has a denominator",
        missing="no denominator for the day, or the day is not over",
        source="Supportlens: conversations / daily customers or orders x 1,000",
        needs=("denominators",),
        attribution=AT_CREATION,
    )
)
