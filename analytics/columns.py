"""The columns of what can be exported, each with its type and meaning: docs/export.md is written from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "seconds", "instant", "local", "flag", "list", "date"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export: its name, what kind of values it holds, and what they mean."""

    name: str
    kind: Kind
    text: str


def _columns(lines: str) -> tuple[Column, ...]:
    """Columns from lines of `name | kind | meaning`."""
    parts = [line.split(" | ", 2) for line in lines.strip().splitlines()]
    return tuple(Column(name.strip(), kind.strip(), text.strip()) for name, kind, text in parts)  # type: ignore[arg-type]


FACTS = _columns("""
source_id | text | the source; with conversation_id the key of the row
conversation_id | text | the source's own id of the conversation
facts_version | number | the version of the rules that computed the row
subject | text | the subject line
channel | text | email, web, chat, voice, social, api, file or other
status | text | now: new, open, pending, hold, solved, closed, deleted or unknown
priority | text | now: low, normal, high, urgent or none
type | text | the source's type, such as question or incident
product | text | the product it is about
brand | text | the brand it came in through
language | text | the language of the customer's words, as a code
team | text | the team that holds it now
agent | text | the agent who holds it now
requester_id | text | the source's id of the person who asked
requester | text | that person's name, or the id where there is no name
organization | text | the organization of the requester
tags | list | the tags of now
created_at | instant | when it was created
created_local | local | the same in the reporting zone
created_team | text | the team that held it at creation
created_priority | text | the priority at creation
last_activity_at | instant | the last message or event
last_activity_local | local | the same in the reporting zone
first_reply_at | instant | the first public message by a human agent
first_reply_local | local | the same in the reporting zone
first_reply_s | seconds | from creation to the first reply
first_reply_business_s | seconds | the same in working time
first_reply_zendesk_s | seconds | the variant in which a second message answers an outbound first one
first_reply_agent | text | who wrote the first reply
first_reply_team | text | the team that held the conversation at that moment
first_reply_priority | text | the priority at that moment
reopened_reply_at | instant | the first reply after the last reopen
reopened_reply_local | local | the same in the reporting zone
reopened_reply_s | seconds | from the last reopen to that reply
reopened_reply_business_s | seconds | the same in working time
reopened_reply_agent | text | who wrote that reply
reopened_reply_team | text | the team at that moment
reopened_reply_priority | text | the priority at that moment
first_solved_at | instant | the first solve
first_solved_local | local | the same in the reporting zone
first_resolution_s | seconds | from creation to the first solve
first_resolution_business_s | seconds | the same in working time
first_solve_agent | text | who solved it first, or held it then
first_solve_team | text | the team at the first solve
first_solve_priority | text | the priority at the first solve
first_reopened_at | instant | the first reopen after the first solve; not by thanks
first_reopened_local | local | the same in the reporting zone
first_reopened_s | seconds | from the first solve until then
last_solved_at | instant | the last solve
last_solved_local | local | the same in the reporting zone
full_resolution_s | seconds | from creation to the last solve; of conversations that are solved now
full_resolution_business_s | seconds | the same in working time
last_solve_agent | text | who solved it last, or held it then
last_solve_team | text | the team at the last solve
last_solve_priority | text | the priority at the last solve
last_status_at | instant | the last change of status
last_status_local | local | the same in the reporting zone
requester_wait_s | seconds | in new, open and on hold; of conversations that are solved now
requester_wait_business_s | seconds | the same in working time
agent_work_s | seconds | in new and open; of conversations that are solved now
agent_work_business_s | seconds | the same in working time
agent_wait_s | seconds | in pending; of conversations that are solved now
agent_wait_business_s | seconds | the same in working time
on_hold_s | seconds | on hold; of conversations that are solved now
on_hold_business_s | seconds | the same in working time
handling_s | seconds | working on it, as far as that is known
handling_kind | text | how that was found: tracked, average or gaps
reopens | number | moves from solved back to an unsolved status; not by thanks
thanks_reopens | number | reopens in which the customer only said thanks
agent_replies | number | public replies by human agents; a chat session is one
customer_messages | number | messages by the customer
message_count | number | all messages
one_touch | flag | solved with one reply and never reopened
one_touch_lt2 | flag | the variant with fewer than two replies
one_touch_eq1 | flag | the variant with exactly one reply, reopened or not
one_touch_messaging | flag | the variant for messaging: replied, never waiting, never reopened
next_contact_at | instant | the requester's next conversation after the last solve
next_contact_same_topic_at | instant | the next one about the same topic
next_contact_s | seconds | from the last solve until the next conversation
next_contact_same_topic_s | seconds | the same, until the next one about the same topic
agent_stations | number | how many agents held it
team_stations | number | how many teams held it
handoffs | number | changes of agent or team
bot_messages | number | public messages by bots
bot_handoff | flag | a bot spoke in public, then a human agent replied
waiting_since_at | instant | the oldest customer message that has no reply
waiting_since_local | local | the same in the reporting zone
last_customer_at | instant | the customer's last message
last_customer_local | local | the same in the reporting zone
is_solved | flag | solved or closed now
is_outbound | flag | begun by an agent
is_counted | flag | whether it is in numbers
excluded_because | text | why it is not: merged, spam, deleted, test, automatic, duplicate or outbound
csat_score | number | the last satisfaction rating, 0 to 1
csat_rated_at | instant | when it was given
csat_local | local | the same in the reporting zone
csat_kind | text | its scale: how many points it has
csat_ratings | number | how many ratings there were
csat_first_score | number | the first rating, 0 to 1
csat_unusable | number | ratings outside of their scale, which are not used
csat_agent | text | who held the conversation at the rating
csat_team | text | the team at the rating
csat_priority | text | the priority at the rating
surveyed_at | instant | when the first survey was sent
surveyed_local | local | the same in the reporting zone
nps_score | number | would recommend, 0 to 10
nps_at | instant | when that was given
nps_local | local | the same in the reporting zone
ces_score | number | was easy, 1 to 7
ces_at | instant | when that was given
ces_local | local | the same in the reporting zone
sentiment_score | number | mood of the customer's words, -1 to 1
sentiment | text | the same as negative, neutral or positive, or what somebody corrected it to
sentiment_start | number | mood at the start
sentiment_end | number | mood at the end
missed_targets | number | SLA targets that were breached for good
open_due_at | instant | when the next SLA target that still runs is due
open_due_local | local | the same in the reporting zone
topic_id | number | the topic's number within its version
topic | text | the topic's name, or what somebody corrected it to
calendar | text | the calendar whose working time counts; empty: none
clamped_events | number | events whose clock ran backwards
contradicts | text | the row's status, where it is not that of the last event
""")

CONVERSATIONS = _columns("""
source_id | text | the source; with conversation_id the key of the row
conversation_id | text | the source's own id
url | text | where it can be opened in the source
channel | text | email, web, chat, voice, social, api, file or other
native_channel | text | the source's own word for it
subject | text | the subject line
status | text | new, open, pending, hold, solved, closed, deleted or unknown
native_status | text | the source's own word for it
priority | text | low, normal, high, urgent or none
native_priority | text | the source's own word for it
type | text | the source's type
product | text | the product it is about
requester_id | text | who asked
submitter_id | text | who wrote it down
assignee_id | text | the agent who holds it
team_id | text | the team that holds it
organization_id | text | the requester's organization
brand | text | the brand it came in through
language | text | the language, where the source says it
created_at | instant | when it was created
updated_at | instant | when the source changed it last
due_at | instant | when the source says that it is due
first_agent_reply_at | instant | as the source gives it; facts hold the computed one
first_solved_at | instant | as the source gives it
last_solved_at | instant | as the source gives it
closed_at | instant | as the source gives it
last_message_at | instant | as the source gives it
parent_id | text | the conversation it follows up
merged_into | text | the conversation it was merged into
is_public | flag | whether anybody can read it, as on social media
is_spam | flag | spam, where the source says it
is_automatic | flag | written by a machine, where the source says it
is_test | flag | a test, where the source says it
is_outbound | flag | begun by an agent, where the source says it
custom_fields | text | the source's own fields, as JSON
vendor_metrics | text | the source's own measurements, as JSON
time_precision | text | how exact its times are: ms, s, min or day
source_file | text | the file it was read from
""")

MESSAGES = _columns("""
source_id | text | the source; with message_id the key of the row
conversation_id | text | the conversation it belongs to
message_id | text | the source's own id of the message
seq | number | its place in the conversation, from 1
created_at | instant | when it was written
author_id | text | who wrote it
author | text | that person's name, where it is known
author_role | text | customer, agent, bot, system or unknown
is_public | flag | whether the customer can read it
kind | text | message, note, voice or event
in_reply_to | text | the message it answers
body_text | text | the text
own_text | text | what its author said: without quoted mail, signatures, notices and macros
word_count | number | the words of own_text
language | text | its language, as a code
sentiment_score | number | its mood, -1 to 1
edited_at | instant | when it was changed last
""")

METRIC = _columns("""
bucket | date | with --grain: the first day of the bucket; a local time for hours
(dimension) | text | with --by: a column a dimension, named like it
value | number | the metric, in its unit: count, seconds, a share from 0 to 1, …
n | number | how many conversations (replies, solves, targets) it rests on
low | number | lower end of a share's 95 % interval
high | number | upper end
small | flag | n is under 5: the number says nothing
partial | flag | the bucket is not over, or cut by the period: not to be compared with full ones
immature | flag | too young to be judged, wholly or in part: not to be compared either
previous_value | number | with --compare: the value in the period before, or a year ago
previous_n | number | and how many that rests on
target | number | with [[targets]] in the settings: the one in force when the bucket began
reached | flag | whether it was reached; empty where the bucket cannot be judged
""")
