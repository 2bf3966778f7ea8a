"""Words that tell a deed from a courtesy, in the languages that customers and agents write here.

Rules know few words and prefer to be silent: what they do not know counts neither for nor against a sentence.
"""

from __future__ import annotations

import re

from enrich.placeholders import KINDS, standing_for

_FLAGS = re.IGNORECASE

# What agents did: "I refunded …", "is repaired", "habe … zurückgesetzt", "he abonado", "j'ai renvoyé", "ho corretto".
_DEEDS = re.compile(
    r"\b(?:i|we)(?:['’]ve| have)? (?:now |just |already |also )?(?:\w{3,}ed|sent|reset|made|put|set|took|gave|found|rewrote|"
    r"got|cut|let|built|began)\b|"
    r"\b(?:is|are|was|were|has been|have been) (?:now |already )?(?:\w{3,}ed|reset|sent|off|on|back|done|paid|live)\b(?! as)|"
    r"\b(?:leaves?|goes out|arrives?|works?|updates?|stays?) (?:the warehouse |again|now|today|tomorrow)|"
    r"\b(?:habe|haben|wurden?|ist|sind)\b.{0,80}\b(?:\w*ge\w{2,}(?:t|en)|\w{3,}iert|erstattet|behoben|bestellt|versandt|"
    r"verschickt|entfernt|verlängert)\b|"
    r"\b(?:he|hemos|ha sido|han sido|está|están|fue) \w{2,}(?:ado|ada|ido|ida|to|cho)s?\b|"
    r"\b(?:j['’]ai|nous avons|a été|ont été|est|sont) \w{2,}(?:é|ée|és|ées|i|ie|is|it|u)\b|"
    r"\b(?:ho|abbiamo|è stat[oa]|sono stat[ie]) \w{2,}(?:ato|ata|ito|ita|uto|uta|so|tto)\b|"
    r"\b(?:foi|foram|está|estão|tenho) \w{2,}(?:ado|ada|ido|ida)s?\b|"
    r"\b(?:heb|hebben|is|zijn|werd)\b.{0,60}\bge\w{3,}\b",
    _FLAGS,
)
# What is no matter: greetings, thanks, closings, waiting lines.
_COURTESY = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|day|afternoon|evening)|greetings|hallo|guten|liebe|sehr geehrte|¡?hola|"
    r"¡?buen[oa]s|to whom it may|bonjour|salut|ciao|buongiorno|olá|bom dia|beste|goedendag)\b|"
    r"\b(?:thanks? (?:you )?(?:so much )?for|thank you for the details|thanks in advance|look(?:ing)? forward|kind regards|"
    r"best wishes|best regards|have a (?:good|nice|lovely|great)|"
    r"feel free|let (?:me|us) know|"
    r"write (?:back|again) if|will get a confirmation|keep this case open|happy to help|hope (?:this|you)|"
    r"happy customer|(?:really )?(?:like|love) (?:your|my)|very (?:kind|helpful)|i can help with that|good to hear|"
    r"in front of me|opened your (?:account|case)|give me a moment|noted this|i will close this|a reply opens it|"
    r"(?:any|some)thing else|next step is|look into something|for letting us know|"
    r"i understand (?:that|how)|i see why|sorry (?:for|that|to)|apolog\w+|you(?:['’]re| are) welcome|clos(?:e|ing) the case|"
    r"keep me (?:posted|informed)|"
    r"vielen dank|danke für|freue mich|freundlichen grüßen|beste grüße|letztes mal|antworten sie einfach|"
    r"tut (?:mir|uns) leid|entschuldig\w+|gern geschehen|ich schließe|"
    r"gracias por|muchas gracias|un saludo|saludos|quedo a la espera|¿algo más|lo siento|perdone|me alegro|de nada|cierro el caso|"
    r"merci (?:pour|de votre|d['’]avance)|cordialement|bonne journée|n['’]hésitez|désolée?s?\b|pardon\b|avec plaisir|"
    r"je ferme|(?:tenir|tenez) au courant|au plaisir|"
    r"grazie (?:per|mille)|cordiali saluti|obrigad[oa]|cumprimentos|bedankt voor|met vriendelijke)",
    _FLAGS,
)
# Who writes and with what: the frame around the matter.
_FRAME = re.compile(
    r"^(?:my name is|this is [A-Z]|i use\b|i am writing (?:about|because)|i have a question (?:about|on)|"
    r"it is about my|reference\b|"
    r"mein name ist|es geht um mein|ich nutze|ich habe eine frage|j['’]utilise|il s['’]agit de m|j['’]ai une question|"
    r"mi nombre es|se trata de mi|uso\b|tengo una pregunta|mi chiamo|uso\b|ho una domanda|meu nome|mijn naam)",
    _FLAGS,
)
# Somebody else has it, or it is being looked at: less than a deed, more than a courtesy.
_HANDED_ON = re.compile(
    r"\b(?:passed (?:this|it|you)|forwarded|escalated|handed (?:this|it) (?:on|over)|our specialists|my colleagues|"
    r"looking into|investigat\w+|weitergeleitet|weitergegeben|"
    r"kollegen|spezialisten|fachleute|fachabteilung|trasladado|pasado (?:esto|su)|compañeros|especialistas|"
    r"transmis|collègues|spécialistes|inoltrato|colleghi|encaminh\w+|doorgestuurd|collega)",
    _FLAGS,
)
_PROMISE = re.compile(
    r"\b(?:(?:i|we)(?:['’]ll| will| am going to| are going to)\b(?! close)|will (?:get back|call|write|send|follow up)|"
    r"(?:ich|wir) (?:melde|melden|werde|werden|schreibe|schicke|rufe)\b|(?:le|les) (?:escrib|llamar|enviar)\w+|"
    r"(?:voy|vamos) a \w+|(?:je|nous) vous (?:écri|rappell|enverr|reviens|tiens)\w*|(?:la|le) (?:ricontatt|scriv)\w+|"
    r"(?:ik|wij|we) (?:zal|zullen|bel|stuur|laat))",
    _FLAGS,
)
# "It runs now", "you can close this": the customer needs nothing more.
_SETTLED = re.compile(
    r"\b(?:(?:it|that|this|everything|all)(?:['’]s| is| was)? (?:now )?(?:works?|worked|runs?|running|solved|sorted|fixed|fine|"
    r"good|back|done|in order)|(?:you can|please|may) close|solved it|done at last|no further (?:questions|help)|"
    r"sie können .{0,20}schließen|(?:es )?(?:läuft|funktioniert|klappt) (?:jetzt|wieder)|alles (?:gut|klar|in ordnung)|erledigt|"
    r"(?:ya|ahora) funciona|puede[ns]? cerrar|resuelto|solucionado|todo (?:bien|en orden)|"
    r"(?:ça|cela|tout) (?:marche|fonctionne|est en ordre)|vous pouvez fermer|résolu|"
    r"(?:ora|adesso) funziona|risolto|potete chiudere|resolvido|pode fechar|opgelost|werkt weer)",
    _FLAGS,
)
_NOT_SETTLED = re.compile(
    r"\b(?:not|n['’]t|still|but|again|never|nicht|aber|noch|immer|no |pero|todavía|pas|mais|encore|non|ma |não|mas|"
    r"niet|maar)\b|[?¿]",
    _FLAGS,
)
_MASKED = standing_for(kind for kind in KINDS if kind != "name")  # who is spoken of may stand in a summary
_PERSONAL = re.compile(rf"@|\+?\d[\d ()-]{{8,}}\d|{_MASKED}")
_ASKS = re.compile(r"[?\uff1f\u061f]")


def is_deed(sentence: str) -> bool:
    """Whether a sentence tells that something was done."""
    return bool(_DEEDS.search(sentence)) and not is_question(sentence)


def is_courtesy(sentence: str) -> bool:
    """Whether a sentence greets, thanks, closes or asks for patience."""
    return bool(_COURTESY.search(sentence))


def is_frame(sentence: str) -> bool:
    """Whether a sentence only says who writes, or about which account or product."""
    return bool(_FRAME.search(sentence))


def is_handed_on(sentence: str) -> bool:
    """Whether a sentence tells that somebody else has it now."""
    return bool(_HANDED_ON.search(sentence))


def is_promise(sentence: str) -> bool:
    """Whether a sentence promises something that is still to come."""
    return bool(_PROMISE.search(sentence)) and not is_question(sentence)


def is_question(sentence: str) -> bool:
    """Whether a sentence asks."""
    return bool(_ASKS.search(sentence))


def is_settled(words: str) -> bool:
    """Whether a customer's message says that nothing more is needed."""
    return bool(_SETTLED.search(words)) and not _NOT_SETTLED.search(words)


def is_personal(sentence: str) -> bool:
    """Whether a sentence holds somebody's address or number, or what stands for one."""
    return bool(_PERSONAL.search(sentence))
