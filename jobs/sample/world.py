"""The made-up company: what it sells, who works there, when people write, and what about."""

from __future__ import annotations

from dataclasses import dataclass

ZONE = "Europe/London"
DAYS = 430

CHANNELS = ("email", "chat", "web", "voice", "social")
CHANNEL_WEIGHTS = (0.34, 0.26, 0.20, 0.12, 0.08)
CHANNEL_WEIGHTS_WEEKEND = (0.36, 0.31, 0.17, 0.02, 0.14)
PRODUCTS = ("Parcel Tracker", "Cloud Backup", "Smart Thermostat", "Payments", "Mobile App")
PRODUCT_WEIGHTS = (0.27, 0.19, 0.19, 0.20, 0.15)
BRANDS = ("Northwind", "Northwind", "Harbour Home", "Northwind", "Northwind")
TEAMS = ("Front Line", "Billing", "Technical", "Returns")
TEAM_IDS = ("T-1", "T-2", "T-3", "T-4")
LANGUAGES = ("en", "de", "es", "fr")
LANGUAGE_WEIGHTS = (0.86, 0.06, 0.04, 0.04)
MOODS = ("negative", "neutral", "positive")
PRIORITIES = ("low", "normal", "high", "urgent")
STATUSES = ("new", "open", "pending", "hold", "solved", "closed", "deleted")
NEW, OPEN, PENDING, HOLD, SOLVED, CLOSED, DELETED = range(7)
TYPES = ("question", "problem", "incident", "task")
BOT = "B-1"
BOT_NAME = "Nora (assistant)"

# Why a conversation is not part of the everyday population.
KINDS = ("ordinary", "spam", "test", "outbound", "merged", "automatic", "deleted")
KIND_WEIGHTS = (0.955, 0.012, 0.004, 0.010, 0.008, 0.006, 0.005)
ORDINARY, SPAM, TEST, OUTBOUND, MERGED, AUTOMATIC, REMOVED = range(7)

# Arrivals by weekday (Monday first) and by hour.
WEEKDAY = (1.28, 1.16, 1.10, 1.06, 1.00, 0.52, 0.44)
OFFICE_HOURS = (
    0.3, 0.2, 0.1, 0.1, 0.2, 0.5, 1.2, 2.6, 5.0, 8.0, 9.2, 9.0, 7.4, 7.8, 8.6, 8.2, 7.0, 5.0, 3.6, 3.0, 2.6,
    2.0, 1.2, 0.6,
)  # fmt: skip
EVENING_HOURS = (
    1.0, 0.6, 0.3, 0.2, 0.2, 0.4, 1.0, 2.0, 3.6, 5.0, 6.0, 6.2, 6.4, 5.8, 5.6, 5.8, 6.0, 6.4, 7.0, 7.6, 7.4,
    6.0, 4.0, 2.0,
)  # fmt: skip
CALL_HOURS = (0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 10, 10, 8, 8, 9, 9, 7, 3, 0, 0, 0, 0, 0, 0)
HOUR_WEIGHTS = (OFFICE_HOURS, EVENING_HOURS, OFFICE_HOURS, CALL_HOURS, EVENING_HOURS)

# Median seconds to the first human reply and to later ones, per channel, in the hours that apply to it.
FIRST_REPLY_S = (9_000, 95, 10_800, 20, 2_700)
NEXT_REPLY_S = (5_400, 70, 6_300, 25, 2_400)
CUSTOMER_REPLY_S = (14_000, 60, 16_000, 25, 5_400)
PRIORITY_SPEED = (1.5, 1.0, 0.55, 0.3)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a conversation is about: its weight within each product, and who deals with it."""

    name: str
    products: tuple[float, float, float, float, float]  # as PRODUCTS
    team: int
    mood: tuple[float, float, float]  # as MOODS
    tag: str


NEGATIVE = (0.19, 0.55, 0.26)
MIXED = (0.10, 0.56, 0.34)
FRIENDLY = (0.03, 0.47, 0.50)
# The last three are planted and get their weight from plan.py.
TOPICS = (
    Topic("delivery_late", (5, 0, 0.6, 0, 0), 0, NEGATIVE, "delivery"),
    Topic("tracking_stuck", (4, 0, 0, 0, 0), 0, MIXED, "tracking"),
    Topic("damaged_parcel", (2.4, 0, 0.6, 0, 0), 3, NEGATIVE, "damage"),
    Topic("return_item", (2.2, 0, 1.6, 0, 0), 3, MIXED, "return"),
    Topic("backup_failing", (0, 4.2, 0, 0, 0), 2, NEGATIVE, "backup"),
    Topic("restore_files", (0, 3, 0, 0, 0), 2, MIXED, "restore"),
    Topic("storage_quota", (0, 2.6, 0, 0, 0), 0, FRIENDLY, "storage"),
    Topic("thermostat_offline", (0, 0, 4, 0, 0), 2, MIXED, "offline"),
    Topic("thermostat_readings", (0, 0, 2.6, 0, 0), 2, MIXED, "temperature"),
    Topic("thermostat_install", (0, 0, 2.6, 0, 0), 2, FRIENDLY, "installation"),
    Topic("double_charge", (0, 0, 0, 3.2, 0.4), 1, NEGATIVE, "billing"),
    Topic("refund_missing", (0.6, 0, 0, 3, 0), 1, NEGATIVE, "refund"),
    Topic("invoice_copy", (0, 0.8, 0, 2.6, 0), 1, FRIENDLY, "invoice"),
    Topic("card_declined", (0, 0, 0, 2.6, 0.6), 1, MIXED, "payment"),
    Topic("cancel_subscription", (0, 1.2, 0, 1.8, 1), 1, MIXED, "cancellation"),
    Topic("app_crash", (0, 0, 0, 0, 4), 2, NEGATIVE, "crash"),
    Topic("password_reset", (0, 0.8, 0, 0.4, 2.6), 0, MIXED, "login"),
    Topic("feature_request", (0.5, 0.5, 0.7, 0.3, 2), 0, FRIENDLY, "idea"),
    Topic("two_factor", (0, 0, 0, 0, 0), 2, NEGATIVE, "two-factor"),
    Topic("gift_card", (0, 0, 0, 0, 0), 1, MIXED, "gift-card"),
    Topic("outage", (0, 0, 0, 0, 0), 2, NEGATIVE, "outage"),
)
TOPIC_NAMES = tuple(topic.name for topic in TOPICS)

AGENTS = (
    ("Anna Whitcombe", 0), ("Ben Okafor", 0), ("Chloe Marsden", 0), ("Dev Patel", 0), ("Ellie Forsyth", 0),
    ("Finn Gallagher", 0), ("Grace Adeyemi", 0), ("Harvey Lund", 0), ("Isla Brennan", 1), ("Jamal Reid", 1),
    ("Katya Novak", 1), ("Liam Hargreaves", 1), ("Maya Lindqvist", 1), ("Noah Whitaker", 2),
    ("Olivia Tran", 2), ("Priya Raman", 2), ("Quentin Moss", 2), ("Rosa Delgado", 2), ("Samir Haddad", 2),
    ("Tess Calloway", 2), ("Uma Chandra", 3), ("Victor Hale", 3), ("Wendy Osborne", 3), ("Yusuf Demir", 3),
)  # fmt: skip
AGENT_IDS = tuple(f"A-{number:02d}" for number in range(1, len(AGENTS) + 1))

FIRST_NAMES = (
    "James", "Sophie", "Oliver", "Emily", "Harry", "Amelia", "George", "Isabella", "Jack", "Mia", "Thomas",
    "Lucy", "William", "Hannah", "Daniel", "Zara", "Ahmed", "Fatima", "Wei", "Mei", "Lukas", "Lena", "Jonas",
    "Greta", "Pablo", "Lucia", "Diego", "Carmen", "Louis", "Camille", "Hugo", "Elise", "Aaron", "Naomi",
    "Callum", "Freya", "Owen", "Megan", "Rhys", "Bethan", "Arjun", "Anjali", "Kofi", "Ama", "Tomasz", "Zofia",
    "Marco", "Giulia", "Erik", "Astrid",
)  # fmt: skip
LAST_NAMES = (
    "Smith", "Jones", "Taylor", "Brown", "Williams", "Wilson", "Johnson", "Davies", "Patel", "Wright",
    "Walker", "White", "Edwards", "Hughes", "Green", "Hall", "Lewis", "Harris", "Clarke", "Jackson", "Turner",
    "Hill", "Cooper", "Morris", "Ward", "Khan", "Ali", "Chen", "Wong", "Singh", "Kaur", "Mueller",
    "Schneider", "Fischer", "Weber", "Garcia", "Fernandez", "Lopez", "Martin", "Bernard", "Dubois", "Moreau",
    "Kowalski", "Nowak", "Rossi", "Ferrari", "Larsen", "Nilsen", "Mensah", "Boateng",
)  # fmt: skip
ORGANIZATION_FIRST = (
    "Ashford", "Bluewater", "Cedar", "Dunmore", "Eastgate", "Fairview", "Granite", "Highfield", "Ironbridge",
    "Juniper", "Kingsway", "Lakeside", "Meridian", "Northgate", "Oakfield", "Pennine", "Quayside", "Redwood",
    "Silverline", "Thornbury",
)  # fmt: skip
ORGANIZATION_LAST = (
    "Logistics", "Dental", "Interiors", "Bakery", "Consulting", "Legal", "Clinics", "Studios", "Motors",
    "Foods", "Energy", "Schools", "Hotels", "Textiles", "Software", "Print", "Gardens", "Estates", "Tools",
    "Media",
)  # fmt: skip
