"""Own texts in five languages and one more, each dressed by the mail programs that people use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Mail:
    """A message as it arrives, and what its author said in it."""

    name: str
    body: str
    own: str


@dataclass(frozen=True)
class Tongue:
    """What mail programs and people of a language put around a text."""

    code: str
    own: tuple[str, ...]
    history: tuple[str, ...]
    gmail: str
    apple: str
    thunderbird: str
    block: tuple[str, ...]  # Outlook's head of a mail
    original: str
    forward_gmail: tuple[str, ...]
    forward_apple: tuple[str, ...]
    phone: str
    outlook_app: str
    closing: str
    disclaimer: str
    paper: str
    above: str
    robot: str


TONGUES = (
    Tongue(
        "en",
        (
            "The replacement cable arrived this morning but the plug does not fit the socket.\n\nCan I send it back?",
            "I was charged twice for the March invoice. Please refund one of the payments.",
            "Hello Sara,\n\nthe export still stops at 80 percent. I tried it in two browsers.\nWhat else can I do?",
            "Yes, please go ahead and cancel the second seat.",
        ),
        ("Hello Mr. Hill,", "", "could you tell us which browser you are using?", "We will look into it today."),
        "On Mon, Mar 3, 2025 at 10:12 AM Shop Support <help@shop.example> wrote:",
        "On 3 Mar 2025, at 10:12, Shop Support <help@shop.example> wrote:",
        "On 3/3/25 10:12, Shop Support wrote:",
        ("From: Shop Support <help@shop.example>", "Sent: Monday, March 3, 2025 10:12 AM",
         "To: Tom Hill <tom@home.example>", "Subject: RE: Your question"),
        "-----Original Message-----",
        ("---------- Forwarded message ---------", "From: Shop Support <help@shop.example>",
         "Date: Mon, Mar 3, 2025 at 10:12 AM", "Subject: Your question", "To: Tom Hill <tom@home.example>"),
        ("Begin forwarded message:", "", "From: Shop Support <help@shop.example>", "Subject: Your question",
         "Date: 3 March 2025 at 10:12:00 GMT", "To: Tom Hill <tom@home.example>"),
        "Sent from my iPhone", "Get Outlook for Android", "Best regards,",
        "This e-mail and any attachments are confidential and intended solely for the addressee. If you are not the "
        "intended recipient, please notify the sender and delete this message.",
        "Please consider the environment before printing this email.",
        "##- Please type your reply above this line -##",
        "This is an automated message. Please do not reply to this email.",
    ),
    Tongue(
        "de",
        (
            "das Ersatzkabel kam heute Morgen an, aber der Stecker passt nicht in die Buchse.\n\nKann ich es zurückschicken?",
            "Mir wurde die Rechnung für März doppelt abgebucht. Bitte erstatten Sie eine der Zahlungen.",
            "Hallo Sara,\n\nder Export bleibt immer noch bei 80 Prozent stehen. Ich habe zwei Browser probiert.\n"
            "Was kann ich noch tun?",
            "Ja, bitte kündigen Sie den zweiten Platz.",
        ),
        ("Guten Tag Herr Hügel,", "", "welchen Browser verwenden Sie denn?", "Wir sehen uns das heute an."),
        "Am Mo., 3. März 2025 um 10:12 Uhr schrieb Shop Support <hilfe@shop.example>:",
        "Am 03.03.2025 um 10:12 schrieb Shop Support <hilfe@shop.example>:",
        "Am 03.03.25 um 10:12 schrieb Shop Support:",
        ("Von: Shop Support <hilfe@shop.example>", "Gesendet: Montag, 3. März 2025 10:12",
         "An: Tom Hügel <tom@zuhause.example>", "Betreff: AW: Ihre Frage"),
        "-----Ursprüngliche Nachricht-----",
        ("---------- Weitergeleitete Nachricht ---------", "Von: Shop Support <hilfe@shop.example>",
         "Datum: Mo., 3. März 2025 um 10:12 Uhr", "Betreff: Ihre Frage", "An: Tom Hügel <tom@zuhause.example>"),
        ("Anfang der weitergeleiteten Nachricht:", "", "Von: Shop Support <hilfe@shop.example>", "Betreff: Ihre Frage",
         "Datum: 3. März 2025 um 10:12:00 MEZ", "An: Tom Hügel <tom@zuhause.example>"),
        "Von meinem iPhone gesendet", "Outlook für Android herunterladen", "Mit freundlichen Grüßen",
        "Diese E-Mail enthält vertrauliche und rechtlich geschützte Informationen. Wenn Sie nicht der richtige Adressat "
        "sind, informieren Sie bitte sofort den Absender und vernichten Sie diese E-Mail.",
        "Bitte denken Sie an die Umwelt, bevor Sie diese E-Mail ausdrucken.",
        "##- Bitte antworten Sie oberhalb dieser Zeile -##",
        "Dies ist eine automatisch erzeugte Nachricht.",
    ),
    Tongue(
        "fr",
        (
            "le câble de remplacement est arrivé ce matin mais la fiche n'entre pas dans la prise.\n\nPuis-je le renvoyer ?",
            "La facture de mars a été débitée deux fois. Merci de rembourser l'un des paiements.",
            "Bonjour Sara,\n\nl'export s'arrête toujours à 80 pour cent. J'ai essayé deux navigateurs.\n"
            "Que puis-je faire d'autre ?",
            "Oui, vous pouvez résilier la deuxième place.",
        ),
        ("Bonjour Monsieur Colline,", "", "quel navigateur utilisez-vous ?", "Nous regardons cela aujourd'hui."),
        "Le lun. 3 mars 2025 à 10:12, Support Boutique <aide@boutique.example> a écrit :",
        "Le 3 mars 2025 à 10:12, Support Boutique <aide@boutique.example> a écrit :",
        "Le 03/03/2025 à 10:12, Support Boutique a écrit :",
        ("De : Support Boutique <aide@boutique.example>", "Envoyé : lundi 3 mars 2025 10:12",
         "À : Tom Colline <tom@maison.example>", "Objet : RE: Votre question"),
        "-----Message d'origine-----",
        ("---------- Forwarded message ---------", "De : Support Boutique <aide@boutique.example>",
         "Date: lun. 3 mars 2025 à 10:12", "Subject: Votre question", "To: Tom Colline <tom@maison.example>"),
        ("Début du message réexpédié :", "", "De: Support Boutique <aide@boutique.example>", "Objet: Votre question",
         "Date: 3 mars 2025 à 10:12:00 UTC+1", "À: Tom Colline <tom@maison.example>"),
        "Envoyé de mon iPhone", "Télécharger Outlook pour Android", "Cordialement,",
        "Ce message et toutes les pièces jointes sont confidentiels et établis à l'intention exclusive de leurs "
        "destinataires. Si vous avez reçu ce message par erreur, merci de le détruire.",
        "Pensez à l'environnement avant d'imprimer ce message.",
        "##- Veuillez répondre au-dessus de cette ligne -##",
        "Ceci est un message automatique.",
    ),
    Tongue(
        "es",
        (
            "el cable de repuesto llegó esta mañana, pero el enchufe no entra en la toma.\n\n¿Puedo devolverlo?",
            "Me han cobrado dos veces la factura de marzo. Por favor, devuelvan uno de los pagos.",
            "Hola Sara:\n\nla exportación sigue parándose en el 80 por ciento. Lo probé en dos navegadores.\n¿Qué más puedo hacer?",
            "Sí, por favor cancelen el segundo puesto.",
        ),
        ("Buenos días, señor Colina:", "", "¿qué navegador utiliza?", "Lo miramos hoy mismo."),
        "El lun, 3 mar 2025 a las 10:12, Soporte Tienda (<ayuda@tienda.example>) escribió:",
        "El 3 mar 2025, a las 10:12, Soporte Tienda <ayuda@tienda.example> escribió:",
        "El 3/3/25 a las 10:12, Soporte Tienda escribió:",
        ("De: Soporte Tienda <ayuda@tienda.example>", "Enviado el: lunes, 3 de marzo de 2025 10:12",
         "Para: Tomás Colina <tomas@casa.example>", "Asunto: RE: Su pregunta"),
        "-----Mensaje original-----",
        ("---------- Forwarded message ---------", "De: Soporte Tienda <ayuda@tienda.example>",
         "Date: lun, 3 mar 2025 a las 10:12", "Subject: Su pregunta", "To: Tomás Colina <tomas@casa.example>"),
        ("Inicio del mensaje reenviado:", "", "De: Soporte Tienda <ayuda@tienda.example>", "Asunto: Su pregunta",
         "Fecha: 3 de marzo de 2025, 10:12:00 CET", "Para: Tomás Colina <tomas@casa.example>"),
        "Enviado desde mi iPhone", "Obtener Outlook para Android", "Un saludo,",
        "Este mensaje y sus archivos adjuntos son confidenciales y están dirigidos exclusivamente a su destinatario. Si "
        "no es usted el destinatario, le rogamos que lo elimine y avise al remitente.",
        "Antes de imprimir este correo, piense en el medio ambiente.",
        "##- Escriba su respuesta por encima de esta línea -##",
        "Este es un mensaje automático.",
    ),
    Tongue(
        "it",
        (
            "il cavo di ricambio è arrivato stamattina, ma la spina non entra nella presa.\n\nPosso restituirlo?",
            "Mi è stata addebitata due volte la fattura di marzo. Vi prego di rimborsare uno dei pagamenti.",
            "Ciao Sara,\n\nl'esportazione si ferma ancora all'80 per cento. Ho provato con due browser.\nCos'altro posso fare?",
            "Sì, per favore annullate il secondo posto.",
        ),
        ("Buongiorno signor Colle,", "", "quale browser utilizza?", "Lo guardiamo oggi stesso."),
        "Il giorno lun 3 mar 2025 alle ore 10:12 Assistenza Negozio <aiuto@negozio.example> ha scritto:",
        "Il giorno 3 mar 2025, alle ore 10:12, Assistenza Negozio <aiuto@negozio.example> ha scritto:",
        "Il 03/03/25 10:12, Assistenza Negozio ha scritto:",
        ("Da: Assistenza Negozio <aiuto@negozio.example>", "Inviato: lunedì 3 marzo 2025 10:12",
         "A: Tommaso Colle <tommaso@casa.example>", "Oggetto: R: La sua domanda"),
        "-----Messaggio originale-----",
        ("---------- Forwarded message ---------", "Da: Assistenza Negozio <aiuto@negozio.example>",
         "Date: lun 3 mar 2025 alle ore 10:12", "Subject: La sua domanda", "To: Tommaso Colle <tommaso@casa.example>"),
        ("Inizio messaggio inoltrato:", "", "Da: Assistenza Negozio <aiuto@negozio.example>", "Oggetto: La sua domanda",
         "Data: 3 marzo 2025 alle ore 10:12:00 CET", "A: Tommaso Colle <tommaso@casa.example>"),
        "Inviato da iPhone", "Scarica Outlook per Android", "Cordiali saluti",
        "Questo messaggio e i suoi allegati sono riservati e destinati esclusivamente al destinatario. Se lo avete "
        "ricevuto per errore, siete pregati di cancellarlo e di avvisare il mittente.",
        "Prima di stampare, pensa all'ambiente.",
        "##- Scrivi la tua risposta sopra questa riga -##",
        "Questo è un messaggio automatico.",
    ),
)  # fmt: skip

Dressing = Callable[[Tongue, str], str]


def _signs(lines: tuple[str, ...], sign: str = "> ") -> str:
    return "\n".join(f"{sign}{line}".rstrip() for line in lines)


def _html(text: str) -> str:
    return "".join(f"<div>{line or '<br>'}</div>" for line in text.split("\n"))


def _escaped(line: str) -> str:
    return line.replace("<", "&lt;").replace(">", "&gt;")


def _gmail(t: Tongue, own: str) -> str:
    return f"{own}\n\n{t.gmail}\n\n{_signs(t.history)}\n"


def _gmail_wrapped(t: Tongue, own: str) -> str:
    at = t.gmail.index("<") if "(<" not in t.gmail else t.gmail.index("(<")
    return f"{own}\n\n{t.gmail[:at].rstrip()}\n{t.gmail[at:]}\n\n{_signs(t.history)}\n"


def _gmail_html(t: Tongue, own: str) -> str:
    return (
        f'<div dir="ltr">{_html(own)}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        f'{_escaped(t.gmail)}<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc">'
        f"{_html(chr(10).join(t.history))}</blockquote></div>"
    )


def _gmail_on_top_of_nothing(t: Tongue, own: str) -> str:
    return f"{own}\r\n\r\n{t.gmail}\r\n" + "\r\n".join(t.history)


def _apple(t: Tongue, own: str) -> str:
    return f"{own}\n\n{t.phone}\n\n> {t.apple}\n> \n{_signs(t.history, '>> ')}\n"


def _apple_plain(t: Tongue, own: str) -> str:
    return f"{own}\n\n> {t.apple[:-1].rstrip()}:\n> \n{_signs(t.history)}\n"


def _apple_html(t: Tongue, own: str) -> str:
    return (
        f"<html><head><meta charset=utf-8><style>p {{ margin: 0 }}</style></head><body>{_html(own)}<br>"
        f'<blockquote type="cite"><div>{_escaped(t.apple)}</div><br>{_html(chr(10).join(t.history))}</blockquote>'
        "</body></html>"
    )


def _thunderbird(t: Tongue, own: str) -> str:
    return f"{t.thunderbird}\n{_signs(t.history)}\n\n{own}\n"


def _thunderbird_html(t: Tongue, own: str) -> str:
    return (
        f'<!DOCTYPE html><html><body><p>{own.replace(chr(10), "<br>")}</p><div class="moz-cite-prefix">'
        f'{t.thunderbird}<br></div><blockquote type="cite" cite="mid:1@x"><p>{"<br>".join(t.history)}</p></blockquote>'
        '<div class="moz-signature">-- <br>Tom H., +44 20 7946 0000</div></body></html>'
    )


def _inline(t: Tongue, own: str) -> str:
    first, _, rest = own.partition("\n")
    return f"{t.gmail}\n> {t.history[2]}\n\n{first}\n\n> {t.history[3]}\n{rest}".rstrip()


def _outlook(t: Tongue, own: str) -> str:
    return f"{own}\n\n{'_' * 32}\n" + "\n".join([*t.block, "", *t.history])


def _outlook_stars(t: Tongue, own: str) -> str:
    fields = [
        f"*{name.rstrip()}:* {value.strip()}" for name, _, value in (line.partition(":") for line in t.block)
    ]
    return f"{own}\n\n" + "\n".join([*fields, "", *t.history])


def _outlook_original(t: Tongue, own: str) -> str:
    return f"{own}\n\n{t.closing}\nTom\n\n{t.original}\n" + "\n".join([*t.block, "", *t.history])


def _outlook_html(t: Tongue, own: str) -> str:
    fields = "<br>".join(
        f"<b>{_escaped(a)}:</b>{_escaped(b)}" for a, _, b in (line.partition(":") for line in t.block)
    )
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><!--[if gte mso 9]><xml><o:x/></xml><![endif]-->'
        '<style><!-- p.MsoNormal {margin:0cm} --></style></head><body lang="EN" link="#0563C1"><div class="WordSection1">'
        + "".join(
            f'<p class="MsoNormal">{line or "<o:p>&nbsp;</o:p>"}<o:p></o:p></p>' for line in own.split("\n")
        )
        + f'<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal">{fields}<o:p></o:p></p></div>'
        + "".join(f'<p class="MsoNormal">{line or "&nbsp;"}<o:p></o:p></p>' for line in t.history)
        + "</div></body></html>"
    )


def _outlook_phone(t: Tongue, own: str) -> str:
    return f"{own}\n\n{t.outlook_app}\n{'_' * 32}\n" + "\n".join([*t.block, "", *t.history])


def _forwarded(t: Tongue, own: str) -> str:
    return "\n".join([*t.forward_gmail, "", "", own])


def _forwarded_by_apple(t: Tongue, own: str) -> str:
    return "\n".join([*t.forward_apple, "", own, "", t.phone])


def _forwarded_chain(t: Tongue, own: str) -> str:
    return "\n".join(
        [*t.forward_gmail, "", own, "", t.thunderbird, _signs(t.history), ">", f"> {t.apple}", ">> ..."]
    )


def _phone(t: Tongue, own: str) -> str:
    return f"{own}\n\n{t.phone}"


def _signed(t: Tongue, own: str) -> str:
    return f"{own}\n\n{t.closing}\nTom Hill\nHill & Sons Ltd.\nTel.: +44 20 7946 0000\nwww.hill.example\n"


def _dashes(t: Tongue, own: str) -> str:
    return f"{own}\n-- \nTom Hill\n12 Long Street, Bath\n+44 20 7946 0000\n"


def _disclaimed(t: Tongue, own: str) -> str:
    return f"{own}\n\n{t.closing}\nTom\n\n{t.disclaimer}\n\n{t.paper}\n"


def _disclaimed_answer(t: Tongue, own: str) -> str:
    return f"{own}\n\n{t.disclaimer}\n\n{t.gmail}\n{_signs(t.history)}\n> {t.disclaimer}\n"


def _helpdesk(t: Tongue, own: str) -> str:
    return f"{own}\n\n{t.above}\n\n" + "\n".join(t.history)


def _helpdesk_says(t: Tongue, own: str) -> str:
    return f"{t.above}\n\n{own}\n\n{t.robot}\n[K2L9PQ-X7YZ]\n"


def _bare(t: Tongue, own: str) -> str:
    return own


DRESSINGS: tuple[Dressing, ...] = (
    _gmail, _gmail_wrapped, _gmail_html, _gmail_on_top_of_nothing, _apple, _apple_plain, _apple_html, _thunderbird,
    _thunderbird_html, _inline, _outlook, _outlook_stars, _outlook_original, _outlook_html, _outlook_phone,
    _forwarded, _forwarded_by_apple, _forwarded_chain, _phone, _signed, _dashes, _disclaimed, _disclaimed_answer,
    _helpdesk, _helpdesk_says, _bare,
)  # fmt: skip


def dressed() -> Iterator[Mail]:
    """Every dressing in every language, the texts in turn."""
    for tongue in TONGUES:
        for at, dress in enumerate(DRESSINGS):
            own = tongue.own[at % len(tongue.own)]
            yield Mail(f"{tongue.code}{dress.__name__}", dress(tongue, own), own)
