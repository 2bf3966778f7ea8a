"""Vendors' words for status, priority, channel and role, in ours."""

from __future__ import annotations

from collections.abc import Mapping

STATUS: Mapping[str, str] = {
    native: ours
    for ours, words in {
        "new": "new|unconfirmed|untriaged|created|submitted|neu|nouveau|nuevo|nowe|unassigned|received|triage|backlog|to do|todo",
        "open": "open|opened|reopened|re-opened|assigned|active|in progress|in-progress|in_progress|inprogress|working|"
        "work in progress|accepted|confirmed|under review|started|offen|in bearbeitung|ouvert|en cours|abierto|"
        "en curso|en progreso|aperto|in corso|aberto|em andamento|2|escalated|waiting on us|waiting for support|"
        "customer replied|needs response|triaged",
        "pending": "pending|waiting|awaiting reply|awaiting customer|waiting on customer|waiting for customer|snoozed|"
        "awaiting response|pending customer|needinfo|need info|needs info|awaiting your reply|wartend|en attente|"
        "pendiente|in attesa|pendente|3|customer action",
        "hold": "hold|on hold|on-hold|on_hold|onhold|waiting on third party|waiting on vendor|waiting for third party|"
        "blocked|paused|postponed|deferred|angehalten|suspended|6|7|waiting for vendor",
        "solved": "solved|resolved|fixed|done|complete|completed|answered|gelöst|geloest|erledigt|résolu|resolu|"
        "resuelto|risolto|resolvido|rozwiązane|4|verified fixed|finished",
        "closed": "closed|verified|archived|cancelled|canceled|rejected|wontfix|won't fix|duplicate|invalid|geschlossen|"
        "fermé|ferme|clos|cerrado|chiuso|fechado|zamknięte|5|closed - no response|abandoned",
        "deleted": "deleted|trash|trashed|removed|gelöscht|supprimé|eliminado",
    }.items()
    for native in (*words.split("|"), ours)
}
PRIORITY: Mapping[str, str] = {
    native: ours
    for ours, words in {
        "urgent": "urgent|critical|blocker|highest|p1|p0|sev1|sev 1|severity 1|1 - critical|emergency|very high|dringend|"
        "kritisch|urgente|crítica|critique|showstopper|immediate",
        "high": "high|major|p2|sev2|sev 2|severity 2|2 - high|important|hoch|élevée|haute|alta|alto",
        "normal": "normal|medium|moderate|p3|sev3|sev 3|severity 3|3 - medium|3 - moderate|default|standard|mittel|"
        "moyenne|normale|media|média|medio|regular",
        "low": "low|minor|trivial|lowest|p4|p5|sev4|sev5|4 - low|5 - planning|planning|niedrig|gering|basse|faible|baja|"
        "bassa|baixa|enhancement",
        "none": "none|--|-|---|not set|unset|unprioritized|n/a|keine|ohne|aucune|ninguna|no priority|undefined",
    }.items()
    for native in (*words.split("|"), ours)
}
CHANNEL: Mapping[str, str] = {
    native: ours
    for ours, words in {
        "email": "email|e-mail|mail|outbound email|inbound email|correo|courriel|inbox|smtp|imap|email_in",
        "web": "web|web form|webform|web_form|form|portal|website|web widget|widget|web_widget|help center|helpcenter|"
        "customer portal|contact form|self-service|self service|site|formular|formulaire",
        "chat": "chat|live chat|livechat|messaging|messenger|native_messaging|chat_transcript|whatsapp|in-app|in_app|"
        "sms|slack|teams|irc|discord|telegram|conversation|bot|facebook messenger|line|wechat|mobile_sdk",
        "voice": "voice|phone|call|telephone|telefon|téléphone|teléfono|phone call|phone_call_inbound|hotline|"
        "phone_call_outbound|voicemail|inbound call|outbound call|telefono",
        "social": "social|twitter|x|facebook|instagram|linkedin|reddit|tweet|facebook_post|youtube|social media|forum|"
        "community|any_channel|trustpilot|app store|google play",
        "api": "api|rest|integration|import|web_service|webhook|feedback widget|automation",
        "file": "file|csv|upload",
        "other": "other|walk-in|in person|letter|fax|sonstige|autre|otro",
    }.items()
    for native in (*words.split("|"), ours)
}
ROLE: Mapping[str, str] = {
    native: ours
    for ours, words in {
        "customer": "customer|user|end-user|end user|enduser|requester|client|contact|consumer|lead|visitor|guest|buyer|"
        "reporter|kunde|kundin|cliente|utilisateur|inbound|incoming|true customer|caller|member",
        "agent": "agent|support|staff|admin|administrator|operator|teammate|employee|representative|rep|advisor|"
        "technician|mitarbeiter|assistant agent|outbound|outgoing|assignee|internal|owner|support agent|brand",
        "bot": "bot|assistant|ai|chatbot|automation|automated|virtual agent|fin|answer bot|operator bot",
        "system": "system|trigger|workflow|rule|server|service|macro",
    }.items()
    for native in (*words.split("|"), ours)
}
KIND: Mapping[str, str] = {
    "message": "message", "comment": "message", "reply": "message", "public": "message", "note": "note",
    "private": "note", "internal": "note", "private note": "note", "internal note": "note", "private_note": "note",
    "internal_note": "note", "private-note": "note", "internal-note": "note", "voice": "voice",
    "voicecomment": "voice", "call": "voice", "event": "event", "system": "event",
}  # fmt: skip
FIELD: Mapping[str, str] = {
    "status": "status", "state": "status", "assignee": "assignee", "assignee_id": "assignee", "owner": "assignee",
    "agent": "assignee", "team": "team", "group": "team", "group_id": "team", "team_id": "team", "queue": "team",
    "priority": "priority", "tag": "tag", "tags": "tag", "csat": "csat", "satisfaction": "csat", "sla": "sla",
    "schedule": "schedule",
}  # fmt: skip
SCORE: Mapping[str, str] = {
    "good": "1", "bad": "0", "satisfied": "1", "dissatisfied": "0", "happy": "1", "unhappy": "0", "neutral": "0.5",
    "positive": "1", "negative": "0", "thumbs up": "1", "thumbs down": "0", "great": "1", "amazing": "1",
    "okay": "0.5", "ok": "0.5", "terrible": "0", "extremely happy": "1", "extremely unhappy": "0", "gut": "1",
    "schlecht": "0", "👍": "1", "👎": "0", "😍": "1", "🤩": "1", "😃": "0.75", "😐": "0.5", "😠": "0", "🙁": "0.25",
}  # fmt: skip

VALUE_MAPS: Mapping[str, Mapping[str, str]] = {
    "status": STATUS, "priority": PRIORITY, "channel": CHANNEL, "kind": KIND, "field": FIELD,
}  # fmt: skip
