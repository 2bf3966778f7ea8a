"""How lines of mail that their author did not write look, in the languages that support mail comes in.

Each pattern is held against one line or a few, never against a whole message, and is bounded.
"""

from __future__ import annotations

import re
from functools import cache

from enrich.words import phrases

LONGEST_LINE = 300  # longer lines are prose
_MARKS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|hat geschrieben|a écrit|escribi[oó]|scrisse|ha scritto|escreveu|schreef|napisał(?:\(a\))?|"
    r"skrev|kirjoitti|napsal(?:\(a\))?|пишет|писал(?:\(а\))?|написал(?:\(а\))?|yazdı|a scris)\b|写道|寫道|كتب|כתב|作成:",
    re.IGNORECASE,
)
_OWN_WROTE = re.compile(r"\b(?:I|we|ich|wir|j['’]ai|nous|ho|abbiamo|escribí|escrevi)\b", re.IGNORECASE)
_STARTS = re.compile(
    r"(?:on|am|le|el|il|em|op|den|dne|dnia|在|في|بتاريخ|בתאריך|(?:mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|pon|wt"
    r"|śr|czw|pt|sob|niedz|пн|вт|ср|чт|пт|сб|вс)\w{0,8}[.,]*|\d{1,4}[-/.年])\s*\S",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w.-]{1,80}")
_TIME = re.compile(r"(?<!\d)(?:\d{1,2}\s?[:.h]\s?\d{2}|(?:19|20)\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})(?!\d)")
_FROM = r"From|Von|De|Da|Van|Od|Från|Fra|Lähettäjä|Kimden|Expéditeur|Remitente|От|差出人|发件人|寄件者|מאת|من"
_SENT = (
    r"Sent|Date|Gesendet(?: am)?|Datum|Envoyé(?: le)?|Enviado(?: el)?|Enviada(?: em)?|Fecha|Inviato|Data|Verzonden|Wysłano|"
    r"Skickat|Sendt|Dato|Lähetetty|Päivämäärä|Odesláno|Gönderildi|Tarih|Отправлено|Дата|送信日時|日時|发送时间|日期|נשלח|تاريخ"
)
_TO = r"To|An|À|Para|A|Aan|Do|Till|Til|Vastaanottaja|Komu|Kime|Destinataire|Кому|宛先|收件人|אל|إلى"
_SUBJECT = (
    r"Subject|Betreff|Objet|Asunto|Oggetto|Assunto|Onderwerp|Temat|Ämne|Emne|Aihe|Předmět|Konu|Тема|件名|主题|主題|"
    r"נושא|الموضوع"
)
_OTHER = r"CC|Cc|Bcc|Kopie|Copia|Kopia|Kopi|Reply-To|Antwort an|Importance|Priorität|Attachments|Anlagen|Pièces jointes"
_LABEL = re.compile(
    rf"[*\s_]{{0,4}}(?:(?P<origin>{_FROM})|(?P<sent>{_SENT})|(?P<to>{_TO})|(?P<subject>{_SUBJECT})|(?:{_OTHER}))"
    r"\s?[*_]{0,2}\s?[:：][*_]{0,2}(?:\s|$)"
)
_FORWARDED = re.compile(
    r"[-—\s>]{0,30}(?:(?:Begin )?forwarded (?:message|by)|(?:Anfang der )?weitergeleitete(?:n)? (?:Nachricht|E-?Mail)|"
    r"(?:début du )?(?:message|réexpédié|courriel|mail) (?:transféré|réexpédié)|transféré|(?:inicio del? )?mensaje reenviado|"
    r"(?:inizio )?messaggio inoltrato|(?:início da )?mensagem (?:reencaminhada|encaminhada)|doorgestuurd bericht|"
    r"wiadomość przekazana|vidarebefordrat meddelande|videresendt (?:besked|melding)|пересылаемое сообщение|"
    r"转发(?:的)?邮件|転送されたメッセージ)\s?:?[-—\s]{0,30}",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"[-—_*\s]{1,30}(?:original (?:message|e?-?mail|appointment)|ursprüngliche (?:nachricht|e-?mail)|originalnachricht|"
    r"message d['’]origine|(?:message|mail|courriel) original|mensaje original|messaggio originale|mensagem original|"
    r"oorspronkelijk bericht|wiadomość oryginalna|ursprungligt meddelande|oprindelig meddelelse|"
    r"original-?nachricht|исходное сообщение|原始邮件|元のメッセージ)[-—_*\s]{0,30}",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    r"\W{0,12}(?:please )?(?:(?:type|write|enter) your )?(?:reply|respond|respuesta|responda|antwort\w*|répon\w+|rispond\w+|"
    r"bitte antworten sie|escriba su respuesta|veuillez répondre|scrivi la tua risposta|responda)\s?[\w\s]{0,20}"
    r"(?:above|oberhalb|über|au-dessus|por encima|encima|sopra|acima)\b[\w\s]{0,20}"
    r"(?:line|zeile|ligne|línea|riga|linha)\W{0,12}",
    re.IGNORECASE,
)
_MOBILE = re.compile(
    r"(?:sent from (?:my |the )?(?:[\w' -]{0,25}\b)?(?:iphone|ipad|android|galaxy|pixel|samsung|huawei|blackberry|mobile|phone"
    r"|smartphone|tablet|device|mail|outlook|yahoo|proton|gmx|aol|windows|app)\b.{0,50}|get \w{3,15} for (?:android|"
    r"ios|mobile|windows|mac).{0,5}|"
    r"sent (?:with|via|using) .{0,30}\b(?:mail|app|outlook|spark|superhuman|aquamail|protonmail|mobile)\b.{0,40}|"
    r"(?:von|aus|mit) .{0,40}\b(?:gesendet|verschickt|geschickt)|gesendet (?:von|mit|aus|über) .{2,60}|"
    r"diese nachricht wurde von .{3,50} gesendet|"
    r"outlook (?:für|pour|para|per) .{2,15}(?:herunterladen|télécharger|scarica)?|holen sie sich outlook für .{2,20}|"
    r"(?:télécharger|obtener|scarica|obter|obtenez|baixar) outlook (?:pour|para|per) .{2,20}|"
    r"envoyé (?:de|depuis|à partir) .{2,60}|enviado (?:desde|do|a partir|de|con) .{2,60}|inviato (?:da|dal|con) .{2,60}|"
    r"verstuurd vanaf .{2,40}|verzonden (?:vanaf|met|via) .{2,40}|wysłan[eo] z .{2,40}|skickat från .{2,40}|"
    r"sendt fra .{2,40}|lähetetty .{2,40}(?:sta|stä|lta|ltä)|odesláno z .{2,40}|отправлено с .{2,40}|从我的.{2,20}发送|"
    r"iphoneから送信|.{2,20}から送信|أرسلت من .{2,30}|נשלח מה.{2,30})\s?[.!]?",
    re.IGNORECASE,
)
_DISCLAIMER_STARTS = re.compile(
    r"\W{0,6}(?:this (?:e-?mail|message|communication|transmission)(?: message)?,?(?: \(?(?:and|including)[^.]{1,60}?)? "
    r"(?:is|are|may be|may contain|contains?|was intended|has been sent) (?:\w+ ){0,5}(?:confidential|privileged|intended|private"
    r"|proprietary|information)|"
    r"(?:the )?(?:information|contents?) (?:contained )?(?:in|of) this (?:e-?mail|message|communication)|"
    r"confidentiality (?:notice|note)|(?:legal )?disclaimer|privileged (?:and|/) ?confidential|"
    r"if you (?:are not|have received this|received this) (?:\w+ ){0,4}(?:intended|addressee|in error|by mistake)|"
    r"please (?:consider|think of|think about) the environment|virus-free\b|"
    r"(?:caution|external(?: e-?mail)?|warning)\W{1,4}(?:\w+\W+){0,4}(?:this )?(?:e-?mail|message) (?:originated|came|"
    r"was sent|is from)|"
    r"diese (?:e-?mail|nachricht|mitteilung)(?:\W\w+){0,6} (?:enthält|ist|sind|enthalten|"
    r"kann) (?:\w+ ){0,5}(?:vertraulich|rechtlich"
    r"|ausschließlich|nur für|informationen)|"
    r"(?:der inhalt|die informationen) (?:dieser|in dieser) (?:e-?mail|nachricht)|vertraulichkeitshinweis|haftungsausschluss|"
    r"wenn sie nicht der (?:richtige|beabsichtigte|vorgesehene)|bitte (?:denken sie an|"
    r"prüfen sie,? ob)(?: \w+){0,5} (?:umwelt|ausdruck\w*|e-?mail)|"
    r"ce (?:message|courriel|mail|courrier)(?: électronique)?(?:,| et| \(et|ainsi)? ?(?:[^.]{0,60}) (?:confidentiel|"
    r"destin|exclusivement|réserv)|"
    r"(?:avis|clause) de confidentialité|pensez à l['’]environnement|si vous (?:n['’]êtes pas|avez reçu ce)|"
    r"(?:este|esta) (?:mensaje|correo|mensagem|e-?mail|comunicación|comunicação)[^.]{0,70} (?:confidencia|destinatari|"
    r"exclusiv|dirig|privilegi|dirigid)|"
    r"aviso (?:legal|de confidencialidad\w*)|antes de imprimir|"
    r"(?:questo|questa|il presente|la presente) (?:messaggio|e-?mail|comunicazione)[^.]{0,70} (?:riservat|"
    r"confidenzial|destinat|esclusiv)|"
    r"(?:le informazioni contenute|avviso di riservatezza|avvertenza)|prima di stampare|"
    r"dit (?:bericht|e-?mail)[^.]{0,60} (?:vertrouwelijk|bestemd))",
    re.IGNORECASE,
)
_DISCLAIMER_PARTS = (
    ("intended recipient", "confidential"), ("intended solely", "confidential"), ("intended recipient", "delete"),
    ("vertraulich", "empfänger"), ("irrtümlich", "vernichten"), ("irrtümlich", "löschen"), ("confidentiel", "destinataire"),
    ("confidencial", "destinatario"), ("confidencial", "destinatário"), ("riservat", "destinatari"),
)  # fmt: skip
_NOTICE = re.compile(
    r"\W{0,4}(?:you (?:are receiving|received|have received) this (?:e-?mail|message|notification) (?:because|as)|"
    r"(?:this is an )?auto(?:mated|matic)(?:ally generated)? (?:message|e-?mail|reply|response|notification)|"
    r"this (?:e-?mail|message) was (?:sent|generated) (?:automatically|by an automated)|"
    r"(?:please )?do not reply to this (?:e-?mail|message)|to unsubscribe\b\W{0,2}(?:from|click|visit|use|reply|send)|"
    r"your request \(?#?\w{1,20}\)? has been (?:received|updated|solved|closed)|to add additional comments|"
    r"this (?:e-?mail|message) is a service (?:from|of)|\[?ref:_?\w{5,40}|message-id:\s?\S{5,80}|ticket-?id:\s?\S{2,40}$|"
    r"view (?:this )?(?:e-?mail|message|ticket|request) (?:in|online)|"
    r"\[?[A-Z0-9]{6}-[A-Z0-9]{4,5}\]?$|dies(?:e ist eine| ist eine) automatisch|diese (?:e-?mail|nachricht) wurde automatisch|"
    r"bitte antworten sie nicht auf diese|ihre anfrage \(?#?\w{1,20}\)? wurde (?:aktualisiert|empfangen|gelöst)|"
    r"um (?:weitere )?kommentare hinzuzufügen|ceci est un (?:message|e-?mail) automatique|"
    r"(?:merci de )?ne (?:pas répondre|répondez pas) à ce|votre demande \(?#?\w{1,20}\)? a été|pour ajouter des commentaires|"
    r"este es un (?:mensaje|correo) (?:automático|generado)|(?:por favor,? )?no responda a este|"
    r"su solicitud \(?#?\w{1,20}\)? (?:ha sido|se ha)|para añadir comentarios|questo è un messaggio automatico|"
    r"(?:si prega di )?non rispondere a (?:questo|questa)|la (?:tua|sua) richiesta \(?#?\w{1,20}\)? è stata|"
    r"esta é uma mensagem automática|não responda a est[ea]|sua solicitação \(?#?\w{1,20}\)? foi)",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\b(?:tel|telefon|telephone|phone|fon|fax|mobile?|mobil|móvil|handy|cell|tél|téléphone|portable|telefono|cellulare|"
    r"telemóvel|web|www|e-?mail|mail|http)s?\b\s?\.?\s?[:.|]|[|•·]|\b(?:t|m|f|e|p)\s?[:|]|www\.|https?://|@|\+\d{2}|"
    r"\b(?:gmbh|ltd|inc|llc|s\.?a\.?r?l?\b|s\.?p\.?a|s\.?l|ag|b\.?v|ug|kg|plc|corp)\b\.?|\b\d{4,5}(?:-\d{3})?\s[A-ZÀ-Ý]|"
    r"\b(?:str(?:aße|asse|\.)|street|road|avenue|rue|calle|via|rua|platz|straße|weg)\b",
    re.IGNORECASE,
)
_LOG = re.compile(
    r"\b(?:error|exception|traceback|warn(?:ing)?|fatal|failed|failure|errno|fehler|erreur|errore|erro|debug|info|denied|"
    r"undefined|null|stack|panic|segfault|timeout|refused|cannot|http/\d|status(?: code)?)\b|\bat \S+[.(:]|[a-z)]:\d{1,6}\b|"
    r"0x[0-9a-f]{2,}|[/\\]\w+[/\\]|\b[45]\d\d\b|^\s*(?:\$|#|npm|pip|sudo|curl|ping|git|select|import|def|file \")|"
    r"[{};=]|\d{4}-\d\d-\d\d",
    re.IGNORECASE,
)
_PS = re.compile(r"\W{0,3}(?:p\.?\s?s\.?|n\.?\s?b\.?)\s?[:.,-]?\s", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]")


def bare(text: str) -> str:
    """A line without unseen marks, ready to be looked at."""
    return (text if text.isascii() else _MARKS.sub("", text)).strip()


def is_reply_header(text: str) -> bool:
    """Whether a line says when somebody wrote what follows: a date or time, and a verb or an address, up to a colon."""
    if text[-1:] not in ":：" or len(text) > LONGEST_LINE or not any(char.isdigit() for char in text):
        return False
    has_verb, has_address = _WROTE.search(text), _ADDRESS.search(text)
    if (has_verb is None and has_address is None) or _TIME.search(text) is None:
        return False
    if has_address:
        return True
    return _OWN_WROTE.search(text) is None


def may_begin_header(text: str) -> bool:
    """Whether a line may be the first of a header that a mail program broke."""
    return _STARTS.match(text) is not None or (_ADDRESS.search(text) is not None and "<" in text)


def label(text: str) -> str | None:
    """Which field of a mail's head a line gives: origin, sent, to, subject, other; None for no field."""
    found = _LABEL.match(text)
    return (found.lastgroup or "other") if found else None


def has_address(text: str) -> bool:
    """Whether it holds a mail address."""
    return "@" in text and _ADDRESS.search(text) is not None


def is_forward(text: str) -> bool:
    """Whether a line says that a forwarded message follows."""
    return _FORWARDED.fullmatch(text) is not None


def is_original(text: str) -> bool:
    """Whether a line says that the message that is answered follows."""
    return _ORIGINAL.fullmatch(text) is not None


def is_above(text: str) -> bool:
    """Whether a line asks to write above it."""
    return _ABOVE.fullmatch(text) is not None


def is_mobile(text: str) -> bool:
    """Whether a line is the footer of a mail program."""
    return _MOBILE.fullmatch(text) is not None


def is_disclaimer(paragraph: str) -> bool:
    """Whether a paragraph is a legal or environmental notice."""
    if _DISCLAIMER_STARTS.match(paragraph):
        return True
    low = paragraph.lower()
    return len(low) > 120 and any(one in low and other in low for one, other in _DISCLAIMER_PARTS)


def is_notice(text: str) -> bool:
    """Whether a line was put there by a helpdesk or a list."""
    return _NOTICE.match(text) is not None


def is_contact(text: str) -> bool:
    """Whether a line tells how to reach somebody."""
    return _CONTACT.search(text) is not None


def is_log(text: str) -> bool:
    """Whether a line looks like output of a program."""
    return _LOG.search(text) is not None


def is_postscript(text: str) -> bool:
    """Whether a line begins a postscript."""
    return _PS.match(text) is not None


def closing(text: str) -> str | None:
    """What of a closing phrase a line is: `regards`, `thanks`, or None."""
    words = re.sub(r"[^\w\s'/]", " ", text.replace("’", "'")).lower()
    parts = [" ".join(part.split()) for part in words.split("/")]
    for kind in ("regards", "thanks"):
        if all(part in _closings(kind) for part in parts):
            return kind
    return None


@cache
def _closings(kind: str) -> frozenset[str]:
    return phrases(f"mail_{kind}")


def has_letters(text: str) -> bool:
    """Whether anything in it is a letter."""
    return _LETTERS.search(text) is not None
