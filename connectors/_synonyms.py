"""Header names that mean a canonical column, in several vendors' words and languages.

Names are compared in lower case, without accents, with one space between words.
"""

# ruff: noqa: E501 - one line per column reads better than wrapped word lists
from __future__ import annotations

from collections.abc import Mapping

_CONVERSATION_ID = (
    "conversation id|ticket id|case id|case number|ticket number|ticket no|ticket nr|ticket|case|case no|issue id|"
    "issue key|bug id|thread id|chat id|dialog id|dialogue id|session id|request id|incident id|incident number|"
    "interaction id|conversation|thread|vorgangsnummer|fallnummer|ticketnummer|id ticket|numero de ticket|"
    "numero ticket|id del ticket|conv id|case reference|reference number|task id|conversation part of|chat session id"
)
_CREATED = (
    "created at|created|creation date|created date|date created|created time|created on|create time|opened at|opened|"
    "open date|date opened|opened date|submitted|submitted at|submit date|reported|reported at|start time|started at|"
    "start date|date|datetime|timestamp|time|erstellt|erstellt am|erstelldatum|eroffnet|eroffnet am|datum|cree le|"
    "date de creation|fecha|fecha de creacion|creado|data creazione|data de criacao|conversation created at|"
    "conversation started at|ticket created|created at utc|creation time|sys created on|received|received at"
)
_AUTHOR_ID = (
    "author id|sender id|from id|user id|commenter id|actor id|author|sender|from|user|username|user name|nick|"
    "nickname|handle|speaker|participant|participant id|commenter|posted by|poster|von|absender|autor|auteur|"
    "expediteur|remitente|mittente|autore|screen name|writer|created by|agent or customer id|replied by"
)
_BODY = (
    "body text|text|message|body|comment|content|message text|message body|comment body|comment text|utterance|"
    "transcript|description|plain body|msg|reply|post|details|nachricht|text der nachricht|kommentar|inhalt|"
    "beschreibung|mensaje|contenido|descripcion|texto|commentaire|corps|contenu|messaggio|testo|descrizione|"
    "descricao|mensagem|tweet|full text|chat text|conversation text|issue description|problem description|"
    "long description|ticket description|question|customer message|query|inquiry|narrative|consumer complaint narrative"
)
_STATUS = "status|state|ticket status|case status|ticket state|conversation state|issue status|stage|zustand|statut|etat|estado|stato"
_PRIORITY = "priority|ticket priority|severity|urgency|importance|prioritat|dringlichkeit|priorite|prioridad|priorita|prioridade"
_CHANNEL = (
    "channel|source|via|via channel|origin|case origin|contact channel|ticket channel|contact type|medium|kanal|canal|"
    "canale|ticket source|source type|initiated channel"
)
_PRODUCT = (
    "product|product name|component|category|product category|product purchased|service|module|area|produkt|kategorie|"
    "produit|categorie|producto|categoria|prodotto|application|app"
)
_TEAM = "team id|team|group|group id|group name|assigned group|assignment group|queue|department|team name|team assigned|gruppe|abteilung|equipe|equipo|squadra|team assignee id"
_ASSIGNEE = (
    "assignee id|assignee|agent|agent id|agent name|owner|assigned to|assigned agent|case owner|responder id|responder|"
    "handled by|bearbeiter|zugewiesen an|assigne a|asignado a|agente|assegnato a|admin assignee id|teammate assigned|"
    "assignee name|current assignee"
)
_REQUESTER = (
    # An address tells two people of one name apart, and finds them in a customer list.
    "requester id|customer id|contact id|client id|requester email|customer email|contact email|user email|"
    "requester|customer|contact|client|requester name|customer name|contact name|reporter|reported by|"
    "submitter name|caller|caller id|kunde|kundennummer|client name|cliente|full name|opened by"
)
_TAGS = (
    "tags|tag|labels|label|ticket tags|conversation tags|keywords|schlagworter|etiquettes|etiquetas|etichette"
)

CONVERSATION: Mapping[str, str] = {
    "conversation_id": f"{_CONVERSATION_ID}|id|key|number|nr|#",
    "created_at": _CREATED,
    "subject": "subject|title|summary|ticket subject|short description|betreff|titel|objet|sujet|titre|asunto|titulo|oggetto|titolo|assunto|headline|topic title|issue title|email subject",
    "status": _STATUS,
    "priority": _PRIORITY,
    "channel": _CHANNEL,
    "product": _PRODUCT,
    "team_id": _TEAM,
    "assignee_id": _ASSIGNEE,
    "requester_id": _REQUESTER,
    "tags": _TAGS,
    "body_text": _BODY,
    "type": "type|ticket type|issue type|case type|request type|art|tipo",
    "organization_id": "organization id|organization|organisation|company|account|account name|company name|company id|firma|societe|empresa|azienda",
    "brand": "brand|brand id|brand name|marke|marque|marca",
    "language": "language|locale|lang|sprache|langue|idioma|lingua|ticket language|conversation language",
    "url": "url|link|permalink|ticket url|conversation url",
    "updated_at": "updated at|updated|last updated|last update|modified|last modified|modified at|date updated|update date|last updated at|aktualisiert|geandert|mis a jour|actualizado|aggiornato|last update time|sys updated on",
    "last_solved_at": "solved at|last solved at|resolved at|resolved|resolution date|resolved date|date resolved|resolved on|resolved time|date of resolution|solved|gelost am|resolu le|fecha de resolucion|risolto il|resolution time stamp|solved date",
    "closed_at": "closed at|closed|closed date|date closed|close date|closed time|closed on|geschlossen am|ferme le|cerrado|chiuso il|last closed at|end time|ended at",
    "first_agent_reply_at": "first agent reply at|first response at|first reply at|first response date|initial response time|first responded at|agent responded at",
    "due_at": "due at|due date|due by|due by time|due|fallig am|resolution due by",
    "last_message_at": "last message at|last comment at|last activity|last activity at",
    "merged_into": "merged into|merged into id|duplicate of",
    "parent_id": "parent id|parent|parent ticket|parent case",
    "submitter_id": "submitter id|submitter",
    "is_spam": "is spam|spam",
}
MESSAGE: Mapping[str, str] = {
    **{
        k: v
        for k, v in CONVERSATION.items()
        if k not in ("conversation_id", "requester_id", "type", "assignee_id")
    },
    "message_id": "message id|comment id|msg id|tweet id|post id|part id|utterance id|reply id|conversation part id|id|entry id|nachrichten id",
    "conversation_id": _CONVERSATION_ID,
    "created_at": f"message created at|comment created at|sent at|sent|sent time|sent date|posted at|message time|message date|part created at|message timestamp|comment date|gesendet|envoye le|enviado|inviato|{_CREATED}",
    "author_id": _AUTHOR_ID,
    "author_name": "author name|sender name|from name|commenter name|user display name|display name|name",
    "author_email": "author email|sender email|from email|from address|commenter email|email|e mail|author e mail",
    "author_role": "author role|role|sender type|author type|from type|user type|user role|speaker role|commenter role|direction|incoming|inbound|rolle|sender role|message type direction|is agent|participant type|from role",
    "is_public": "is public|public|visibility|is private|private|internal|is internal",
    "kind": "kind|message kind|message type|part type|comment type|conversation part type",
    # A sequence beats time, so words that can as well count the file's rows (index, position, order, line) are not here.
    "seq": "seq|sequence|message index|message no|message number|turn|turn id|turn number|utterance no|message order",
    "in_reply_to": "in reply to|in response to tweet id|reply to|in reply to id|parent message id",
    "body_html": "body html|html body|html|comment html",
    "edited_at": "edited at|edited",
    "requester_id": "requester id|requester|customer id",
    "assignee_id": "assignee id|assignee|assigned to",
}
STREAMS: Mapping[str, Mapping[str, str]] = {
    "conversation_events": {
        "event_id": "event id|id|audit id|history id",
        "conversation_id": f"{_CONVERSATION_ID}|parent id",
        "occurred_at": f"occurred at|changed at|change date|event time|changed on|change time|modified at|updated at|updated|at|assigned at|{_CREATED}",
        "field": "field|field name|attribute|event type|change type|property|feld|champ|campo",
        "old_value": "old value|from|previous value|old|from status|from string|before|status from|old status|previous status",
        "new_value": "new value|to|value|new|to status|to string|after|status to|new status|status|state|changed to|assignee|assignee id|agent|agent id|owner|assigned to|team|team id|group|group id|priority",
        "actor_id": "actor id|actor|changed by|author|author id|user id|user|updated by|by|created by",
        "actor_role": "actor role|role|actor type",
    },
    "csat": {
        "csat_id": "csat id|id|rating id|survey id|response id|satisfaction rating id",
        "conversation_id": _CONVERSATION_ID,
        "score": "score|rating|csat|csat score|satisfaction|satisfaction score|satisfaction rating|stars|result|bewertung|note|valoracion|valutazione|customer satisfaction|survey result|ces|happiness",
        "comment": "comment|feedback|remark|comments|kommentar|commentaire|comentario|rating comment|satisfaction comment|remarks",
        "reason": "reason|satisfaction reason",
        "person_id": "person id|customer id|requester id|user id|customer|contact id|respondent",
        "agent_id": "agent id|agent|assignee id|assignee|responder id",
        "team_id": _TEAM,
        "rated_at": f"rated at|responded at|response date|submitted at|rating date|survey date|updated at|{_CREATED}",
        "offered_at": "offered at|sent at|survey sent at",
        "scale": "scale",
    },
    "conversation_tags": {
        "conversation_id": _CONVERSATION_ID,
        "tag": "tag|tags|label|labels|name|schlagwort|etiquette|etiqueta|etichetta",
        "valid_from": "valid from|added at|tagged at|created at",
        "valid_to": "valid to|removed at",
    },
    "people": {
        "person_id": "person id|user id|id|agent id|customer id|contact id|requester id|external user id",
        "kind": "kind|role|type|user type|user role|rolle",
        "name": "name|full name|display name|user name|username|nom|nombre|nome",
        "email": "email|e mail|email address|mail|work email|primary email",
        "handle": "handle|screen name|nickname|nick",
        "native_role": "native role|custom role",
        "active": "active|is active|enabled|aktiv",
        "timezone": "timezone|time zone|tz|zeitzone",
        "organization_id": "organization id|organization|organisation|company|company id|account id|account",
        "external_id": "external id|crm id",
        "created_at": "created at|created|signed up at|joined at",
        "updated_at": "updated at|updated|last updated",
    },
    "person_roles": {"person_id": "person id|user id", "kind": "kind|role", "valid_from": "valid from|from|since", "valid_to": "valid to|to|until"},
    "teams": {"team_id": "team id|id|group id|queue id|department id", "name": "name|team|team name|group|group name|queue|department"},
    "team_members": {
        "team_id": "team id|group id|team|group", "person_id": "person id|user id|agent id|member id|agent|member",
        "valid_from": "valid from|from|since|joined at|created at", "valid_to": "valid to|to|until|left at",
    },
    "organizations": {
        "organization_id": "organization id|id|company id|account id", "name": "name|company|organization|company name|account name",
        "domains": "domains|domain|domain names|website",
    },
    "attachments": {
        "attachment_id": "attachment id|id|file id", "message_id": "message id|comment id", "conversation_id": _CONVERSATION_ID,
        "file_name": "file name|filename|name", "mime_type": "mime type|content type|type", "size_bytes": "size bytes|size|file size",
        "url": "url|content url|link", "inline": "inline",
    },
    "schedules": {
        "schedule_id": "schedule id|id", "name": "name", "iana_tz": "iana tz|time zone|timezone", "native_tz": "native tz",
        "intervals": "intervals|hours", "holidays": "holidays", "valid_from": "valid from|from", "valid_to": "valid to|to",
    },
    "sla_policies": {
        "policy_id": "policy id|id", "name": "name|policy|title", "metric": "metric|target metric", "priority": "priority",
        "target_seconds": "target seconds|target s|seconds", "business_hours": "business hours", "schedule_id": "schedule id|schedule",
        "filter": "filter", "position": "position|order|rank", "valid_from": "valid from|from", "valid_to": "valid to|to",
    },
    "denominators": {
        "day": "day|date|datum|tag|jour|fecha|giorno|dia|report date|calendar date",
        "name": "name|denominator|metric|measure|series", "value": "value|number|amount|wert|valeur|valor",
    },
}  # fmt: skip

# File name words that name a stream.
FILE_WORDS: Mapping[str, str] = {
    "conversation_events": "conversation events|events|status events|status history|status changes|history|audits|ticket events|ticket history|field history|assignments|assignment|changelog",
    "csat": "csat|ratings|rating|satisfaction|satisfaction ratings|surveys|survey|feedback|bewertungen",
    "conversation_tags": "conversation tags|tags|ticket tags|labels",
    "people": "people|users|agents|customers|contacts|end users|requesters|persons|personen",
    "person_roles": "person roles|roles",
    "teams": "teams|groups|queues|departments",
    "team_members": "team members|group members|group memberships|memberships|team memberships",
    "organizations": "organizations|organisations|companies|accounts",
    "attachments": "attachments|files",
    "denominators": "denominators|denominator|daily totals|daily numbers|daily customers|active customers|customers per day",
    "schedules": "schedules|business hours",
    "sla_policies": "sla policies|slas|sla|sla targets",
    "conversations": "conversations|tickets|cases|issues|incidents|bugs|requests|conversation|ticket",
    "messages": "messages|comments|replies|chats|transcripts|conversation parts|posts|tweets|utterances|ticket comments",
}  # fmt: skip
