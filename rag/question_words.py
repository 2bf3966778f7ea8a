"""The words that questions are made of: what tells their kind, their steps and their direction, and what is sought by nobody.

They are general English (a few of German, French and Spanish). What a workspace has is in `rag.vocabulary`.
"""

from __future__ import annotations

import re

from core.clock import WEEKDAYS
from core.filters import Grain
from rag.answer import Intent

FEEDBACK = (
    r"feedback|reviews?|comments?|opinions?|impressions?|reactions?|praises?d?|compliments?|criticisms?|critiques?|"
    r"testimonials?|pain points?|frustrations?|gripes?|concerns?"
)
_SUPERLATIVE = (
    "biggest|largest|highest|lowest|worst|best|least|fewest|longest|shortest|slowest|fastest|quickest|busiest|quietest|"
    "calmest|oldest"
)
_MOOD = "happiest|unhappiest|angriest"
_INTENTS: tuple[tuple[Intent, str], ...] = (
    ("forecast", r"\bforecast|\bpredict|\bprojection\b|\bproject(ed)?\b|\b(expect|expected|expecting)\b|"
                 r"\bwill\b.{0,60}\b(be|go|come|get|have|rise|fall|grow|arrive|receive|need)\b"),
    ("top_n", r"\b(top|main|most (?:common|frequent)|biggest) (?:\d+ )?(reasons?|causes?|drivers?)\b(?! (?:for|of|behind) "
              r"(?:the |our )?(?:reopen|negativ|bad|low|drop|rise|increase|decrease|spike|change|delay))"),
    ("why_change", r"\bwhy\b|\bwhat (caused|happened|explains|is behind|was behind|went wrong)|\breasons?\b|"
                   r"\bcauses?\b(?! (?:the )?most\b)|\banomal|\bunusual\b|\bexplain\b|"
                   r"\bany(thing)? (incidents?|odd|strange|weird|off|out of the ordinary)\b|"
                   r"\b(any|were there|was there|are there|is there) .{0,30}\b(spikes?|peaks?|outliers?|surges?)\b|"
                   r"\bworr(y|ied|ying|isome)\b|\bstands? out\b|\bstood out\b|"
                   r"\broot cause|\bwarum\b|\bpor qué\b|\bpourquoi\b"),
    ("driver", r"\bdriv(es|ers?|ing)\b|\bassociated with\b|\bleads? to\b|\bcorrelat|(?<!-)\bfactors?\b|\bwhat makes\b"),
    ("compare", r"\bcompar|\bversus\b|\bvs\b|\bdifference between\b|\bthan\b(?! (?:an?|one|once|twice|\d+)\b)|"
                r"\bbetter or worse\b"),
    ("trend", r"\btrend|\bover time\b|\bris(e|es|en|ing)\b|\brose\b|\bgrow|\bincreas|\bdecreas|\bdeclin|\bdropp|"
              r"\bgo(ing|ne)? (up|down)\b|\bwent (up|down)\b|\bdevelop|\bevol|\b(per|each|by|every) (hour|day|week|"
              r"month|quarter)\b|\b(daily|weekly|monthly)\b|\bchang(e|ed|es|ing)\b|\bgetting (better|worse|slower|"
              r"faster|quicker|busier|quieter|more|less|fewer)\b|\bsteps? up\b|\bslower\b|\bfaster\b|\bquicker\b|"
              r"\b(disappear|vanish|shrink|improv|worsen|deteriorat)\w*|\bshrank\b|\bdid\b.{1,60}\bdrop\b"),
    ("top_n", rf"\btop\b|\bmost\b|\b(?:{_SUPERLATIVE})\b|\brank|\bmain (topics?|themes?|issues?|problems?)\b|"
              r"\bwhich (weekday|day of the week|hour)\b"),
    ("summarise", r"\bsummar|\boverview\b|\bwhat (do|are|did|were) (the |our )?(customers?|clients?|people|users|requesters) |"
                  r"\bwhat (do|did|does) .{1,40} (say|said|think|want|complain)\b|\bcomplain(ing|ed|ts)? about\b|"
                  r"\btell me about\b|\bthemes\b|\bhow (are|is|was|were) .{0,40}\bdoing\b"),
    ("count", r"\bhow many\b|\bnumber of\b"),
    ("lookup", r"\bshow( me)?\b|\bfind\b|\bexamples?\b|\b(conversations?|tickets?|cases|chats|emails) (about|where|with|"
               r"that|mentioning|regarding|on)\b|\bwho (wrote|complained|asked|said)\b|\bany(one|body)?\b.*\b(mention|"
               r"complain|ask|report)|\bsearch\b|\blist\b"),
    ("summarise", rf"\b(?:{FEEDBACK})\b"),
    ("count", r"\bhow (many|much|long|often|fast|quickly)\b|\bnumber of\b|\bcount\b|\bwhat (is|was|are|were) (the|our)\b"),
)  # fmt: skip
INTENT_RULES = tuple((intent, re.compile(pattern)) for intent, pattern in _INTENTS)
_ADVERBS: tuple[tuple[Grain, str], ...] = (
    ("hour", "hourly"), ("day", "daily"), ("week", "weekly"), ("month", "monthly"), ("quarter", "quarterly"),
    ("year", "yearly"),
)  # fmt: skip
# "By day of the week" and "per hour of the day" are dimensions, no steps.
GRAIN_RULES: tuple[tuple[Grain, re.Pattern[str]], ...] = tuple(
    (grain, re.compile(rf"\b(?:per|each|by|every)\s+{grain}\b(?! of the (?:day|week))|\b{adverb}\b"))
    for grain, adverb in _ADVERBS
)
ENGLISH = re.compile(
    r"\b(the|what|how|is|are|was|were|of|for|about|many|did|do|does|why|which|show|who|with)\b"
)
LOWEST = re.compile(r"\b(lowest|least|fewest|smallest|fastest|quickest|quietest|calmest|shortest)\b")
FALLING = re.compile(
    r"\b(fall\w*|fell|decreas\w*|declin\w*|dropp\w*|shrink\w*|shrank|disappear\w*|vanish\w*|"
    r"go(?:ing|es)? down|went down|less|faster|quicker)\b"
)
BY_DAY = re.compile(
    rf"\b(?:which|what|(?:{_SUPERLATIVE}|{_MOOD})) (?:\d+ |two |three )?(day|week|month|quarter)s?\b(?! of the (?:week|month))"
)
PACED = re.compile(rf"\b(?:{_SUPERLATIVE}|{_MOOD})\b")
TOP = re.compile(r"\btop \d+\b")
WHEN = re.compile(r"^(?:and |so )?when\b")
SLOW_DAY = re.compile(r"\bslow(?:est)? days?\b")
SPLIT = (
    rf"by|per|each|every|across|which|what|top(?: \d+)?|most common|main|hot|frequent|popular|current|rank|"
    rf"(?:most|least) \w+|new|{_SUPERLATIVE}|{_MOOD}"
)
WHO = re.compile(r"^who\b.*\b(most|fewest|least|best|worst|fastest|slowest|quickest)\b", re.IGNORECASE)
BEFORE = re.compile(r"\bthe (day|week|month|quarter|year) before\b")
JOINT = re.compile(r"^\s*(?:(?:in|on|during|the|of)\s+)*$")
VERSUS = re.compile(
    r"\b(?:compared? (?:to|with)|versus|vs\.?|than(?! (?:an?|one|once|twice|\d+)\b)|against|relative to)\b"
)
# A limit of a number: no number of the catalogue is cut at one. Limits in time are in rag.thresholds.
THRESHOLD = re.compile(
    r"\b(?:(?:more|less|fewer|longer|older|younger|quicker|faster|slower) than|at least|at most|within|under|over) "
    r"(?:an?|one|once|twice|two|three|\d+)(?: (?:full )?(?:minutes?|hours?|days?|weeks?|months?|times))?\b"
)
# "Growing fastest" tells how much, not how quickly somebody was answered.
PACE_OF_CHANGE = re.compile(
    r"(?<=\b)(?:grow|ris|increas|improv|fall|declin|decreas|shrink|chang|worsen)\w* (?:the )?((?:fast|slow|quick)\w*)\b"
)
# What people call numbers that have other names, and how it is read.
PHRASES: tuple[tuple[re.Pattern[str], tuple[str, ...], str], ...] = (
    (
        re.compile(r"\b(?:our|support|service|overall|is|is the|has the|did the|does) quality\b(?! of)"),
        ("csat_share", "reopen_rate", "experience_score"),
        "“Quality” is read as customer satisfaction, the reopen rate and the experience score together.",
    ),
    (
        re.compile(
            r"\b(?:gave|give|gives|given|left|leave|leaves) (?:us )?(?:any |some )?(?:feedback|reviews?|ratings?)\b"
        ),
        ("csat_response_rate", "csat_share"),
        "“Feedback” is read as ratings: how many who were asked gave one, and how many of those were good.",
    ),
    (
        re.compile(
            r"\b(?:transferred|handed over|handed|passed on|passed|moved|reassigned) to (?:another|other|a different) "
            r"(?:team|group|department)s?\b"
        ),
        ("handoffs",),
        "“To another team” is read as handoffs, from one agent or team to another: teams alone are not counted.",
    ),
    (
        re.compile(
            r"\b(?:what|which (?:things|parts|features|topics)) (?:do|did|does) (?:the |our |most )?"
            r"(?:people|customers?|users?|clients?|they|everyone|everybody) (?:really |most |especially )?"
            r"(?:love|like|enjoy|appreciate|praise|value)(?: (?:the )?most| best)?(?: about)?\b|"
            r"\bwhat (?:are|were|is) (?:the |our |most )?(?:people|customers?|users?|clients?|they|everyone|everybody) "
            r"(?:most |really )?(?:happy|happiest|pleased|delighted|satisfied|thrilled|praising|enjoying|loving)"
            r"(?: (?:about|with))?\b"
        ),
        ("sentiment_positive_share",),
        "What is liked is looked for in conversations whose words are positive; what friendly customers report is not praise.",
    ),
    (
        re.compile(
            r"\b(?:unanswered|unreplied|without (?:an? |any )?(?:first |initial )?(?:answer|reply|response)|"
            r"(?:not|never|nobody|no one|no-one)(?: has| have)?(?: yet)?(?: been)? (?:answered|replied(?: to)?|responded(?: to)?)|"
            r"(?:have|has|had)n't(?: yet)?(?: been)? (?:answered|replied(?: to)?|responded(?: to)?)|"
            r"(?:have |has |had |with |got |gotten |received )?no (?:first )?(?:answer|reply|response)s?|"
            r"(?:await\w*|waiting (?:for|on)) (?:an? |our |the )?(?:first |initial )?(?:answer|reply|response))(?: yet)?\b"
        ),
        ("unanswered",),
        "“Unanswered” is read as open without a first reply by an agent: what was solved without one, or waits for a "
        "further reply, is not counted.",
    ),
    (
        re.compile(r"\bescalat\w+"),
        ("reassigned_rate", "handoffs"),
        "“Escalated” is read as passed on to another agent or team: the data knows no other escalations.",
    ),
)
LEVELS = ("unanswered", "backlog")  # what is open at a moment: over a period they are looked at as they went
LISTED = re.compile(
    r"\b(?:conversations?|tickets?|cases|chats|e-?mails|calls|messages?|requests?|examples?|who|list|ratings?|reviews?)\b"
)
STARS = re.compile(r"\b(?:one|two|three|four|five|\d)[ -]stars?\b")
# "Is the new release causing problems?": how many speak of it can be told, and not what it causes.
CAUSES = re.compile(
    r"^(?:and |so )?(?:is|are|was|were|has|have|had|did|does|do|could) (?P<what>.{3,60}?) "
    r"(?P<how>(?:be |been )?(?:caus(?:ing|ed?|es)|creat(?:ing|ed?|es)|behind|responsible for|le(?:ad|ads|ading|d) to|"
    r"bring(?:ing)?|trigger(?:ing|ed|s)?) (?:us |any |more |new |many |so |a lot of |extra |these |the )*"
    r"(?:problems?|issues?|troubles?|complaints?|tickets?|contacts?|conversations?|errors?|bugs?))\b"
)
LATELY = re.compile(r"\b(?:new|newest|latest|recent|recently|last|current)\b")
OUTSIDE_HOURS = re.compile(
    r"\b(?:(?:outside|out)(?: of)? (?:our |the |normal |regular |usual )*(?:business|working|work|office|opening|support) "
    r"?-?(?:hours|time)|after[ -]hours|out[- ]of[- ]hours)\b"
)
INSIDE_HOURS = re.compile(
    r"\b(?:during|within|inside|in) (?:our |the |normal |regular |usual )*(?:business|working|work|office|opening|support) hours\b"
)
TIMED = re.compile(
    r"\b(?:time|long|quick\w*|fast\w*|slow\w*|sla|wait\w*)\b"
)  # whose clock may be the calendar's
SHARE = re.compile(r"\b(?:share|percentage|percent|proportion|what part)\b|%")
MOST_OF_WHOM = re.compile(
    r"\b(?:which|what|top(?: \d+)?|who are (?:our|the) (?:top|biggest)) (?:customers|clients|requesters|people|users)\b"
    r".{0,40}\b(?:most|often|top|biggest)\b|\btop(?: \d+)? (?:customers|clients|requesters)\b"
)
REPLYING = re.compile(r"\b(?:repl|respon|answer)")
UNASSIGNED = re.compile(
    r"\bunassigned\b|\b(?:without|no) (?:an? )?(?:agent|assignee|owner)\b|\bassigned to (?:nobody|no one)\b"
)
IN_STATUS = re.compile(r"\b(?:is|are|still|currently|now|as|tickets|conversations) (pending|on hold)\b")
WITHOUT = r"\b(?:without|no|lack|lacks|lacking) (?:an? |any )?"
WEEKENDS = re.compile(r"\b(?:at|on|over|during) (?:the )?weekends?\b|\bweekends\b")
_DAYS = tuple(day.lower() for day in WEEKDAYS)
MANY_DAYS = re.compile(rf"\b(?:on )?({'|'.join(_DAYS)})s\b")  # in the plural: one alone is a date
WEEKDAY = re.compile(r"\b(?:(?:by|per|each|every|across|which|what) )?(?:weekdays?|days? of the week)\b")
HOUR = re.compile(
    r"\b(?:which|what) hours?\b(?: of the day)?|\bhours? of (?:the )?day\b|\btimes? of (?:the )?day\b"
)
CONTRAST = re.compile(r"\b(more|fewer|less|slower|faster|quieter|busier|worse|better|weekdays)\b")
SUPPORT = re.compile(
    r"\b(customers?|clients?|conversations?|tickets?|complain\w*|agents?|support|cases?|requests?|anomal\w*|unusual|"
    r"incidents?|chats?|e-?mails?|calls?|messages?|users?|issues?|problems?|refunds?)\b"
)
NOISE = frozenset(
    """why what which who when where how show find list give tell me us our we the a an is are was were be been did do
    does has have had having in on at of for to from by with and or not any there this that these those many much number
    count about among over per each last past next most top common biggest largest main highest lowest worst best compare
    compared versus vs than trend time change changed changing rise rising increase increasing increased decrease
    grow growing develop developed happened cause caused reason explain example examples summarise summarize
    customer customers people user users say said saying complain complaining complained complaint conversation
    conversations ticket tickets case cases case's day days week weeks month months year years today yesterday now
    day's i you it they their please can could would should more less up down go going get getting got gets became become comes
    right all doing out doing came come still question questions issue issues problem problems topic topics team
    channel product agent priority language status mention mentioned mentioning mentions regarding search overview
    during since until between off across split into went go if average mean median total share rate percent
    percentage and's slower faster better worse than's really like look looks against
    volume created spike spiked drive drives driving higher lower high low slow fast slowest fastest busy busiest asked
    ask asking asks happen happening tell said doing written write wrote so such other another same use used using
    need needs want wants also still just me my
    quiet quieter quietest calm calmest busier slowest quick quicker quickest client clients think thinks thought
    often frequent frequently usual usually normally typical typically generally currently recently overall
    whats whos wheres hows gave give gives given
    what's who's where's how's when's it's that's there's we're they're i'm we've don't isn't aren't""".split()
)
# How people speak of any conversation: sought by nobody who asks for a number, and by some who ask for words.
MANNER = frozenset(
    """contact contacts contacted contacting reach reached reaching call called calling writing speak speaks speaking spoke
    talk talks talking talked arrive arrives arrived arriving receive receives received receiving handle handles
    handled handling take takes taking took taken make makes making made send sends sending sent submit submitted
    filed raised open opened being met meet keep keeps kept feel feels feeling felt believe perform performs performed
    performing work works working worked deal dealing dealt spend spends seem seems appear appears appeared see sees
    seeing saw seen know let hear hears heard buyer buyers caller callers everyone everybody anyone anybody someone
    nobody anything something everything thing things way ways lot lots regular regularly exactly roughly
    approximately actually ever always never again already yet too very quite far even while because its his her them
    either neither some few several spike spikes peak peaks outlier outliers long well numbers figures stats
    statistics metrics kpis new hot weekday weekdays weekend weekends hour hours time times within after teams
    channels products agents languages priorities statuses tags organizations companies breakdown break strange odd
    weird wrong bad good report reports one two three four five ten before place places sort sorts kind kinds type
    types""".split()
)
ABOUT = re.compile(
    r"\b(about|mention\w*|regarding|concerning|with the words?|say\w*|contain\w*)\b", re.IGNORECASE
)
FEEDBACK_RULE = re.compile(FEEDBACK)
NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b([A-Z][\w&'-]+(?:\s+[A-Z][\w&'-]+)*)")
ID = re.compile(r"\b(?=[\w-]*\d)[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)+\b|#\d+|\b\d{4,}\b|\b[a-z]+\d+\b")
AFTER_DIMENSION = r"(?:called |named |is |= ?|: ?)?[\"“']?([A-Z0-9][\w&'./-]*(?: [A-Z0-9][\w&'./-]*)*)"
