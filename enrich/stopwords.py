"""Words that never name a topic: function words of four languages, and the small talk of support."""

from __future__ import annotations

_ENGLISH = """
a able about above actually after afterwards again ago ain ain't all almost along already also although always am among an
and another any anybody anymore anyone anything anyway anywhere are aren't around as ask asked asking at away back bad be
became because become been before began behind being believe best better between big bit both but by came can can't cannot
cant come comes could couldn't day days did didn't didnt different do does doesn't doesnt doing don't done dont down during
each either else enough especially etc even ever every everybody everyone everything exactly far feel few find fine first
for found from full further gave get gets getting give given go goes going gone gonna good got great guess had hadn't has
hasn't have haven't having he her here hers him his hour hours how however i'd i'll i'm i've idea if im in instead into is
isn't isnt it it's its itself ive just keep keeps kind knew know known last lately later least less let let's like little
long look looking looks lot lots made make makes making many may maybe me mean means might minute minutes month months more
morning most much must my myself near nearly need needed needs neither never new next nice no nobody none nor not nothing
now nowhere of off often oh ok okay old on once one ones only onto or other others otherwise our ours out over own part
people perhaps person probably put quite rather really recently right said same saw say saying says see seem seems seen
several shall she should shouldn't show shows side similar simply since so some somebody somehow someone something sometimes
somewhere soon sort still stuff such suddenly supposed sure take taken takes taking tell than that that's thats the their
theirs them then there there's theres these they they're thing things think thinking this those though thought three
through till time times to today together told tomorrow too took top toward tried tries truly try trying turn two ugly
under until unless unfortunately up upon us use used uses using usually various very via want wanted wants was wasn't way
we we're we've week weeks well went were weren't what what's whatever when whenever where whether which while who whole whom
whose why will with within without won't wont wonder wondering work works worked would wouldn't yeah year years yep yes yesterday yet
you you'd you'll you're you've your yours yourself isn aren wasn weren doesn didn don hasn haven hadn couldn wouldn shouldn
"""
_TALK = """
hello hey hi dear thanks thank please kindly help helps helping helped issue issues problem problems question questions
trouble support team customer agent regards best cheers sincerely morning afternoon evening sorry appreciate appreciated
anyone does anybody advance advise advice assist assistance urgent asap let know update reply response contact wrote
message messages email mail sent send sending subject ticket case request requests hope happening happen happens happened
started starts start keeps keeps noticed seems wondering possible able welcome bye greetings fyi btw lol hmm umm gonna
"""
_GERMAN = """
aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bin bis bist bitte da dabei
dadurch dafür damit dann daran darauf das dass davon dazu dein dem den denn der des deshalb die dies diese diesem diesen
dieser dieses doch dort du durch ein eine einem einen einer eines einfach er erst es etwas euch euer für ganz gar gegen
gerade gern gibt habe haben hat hatte hatten hallo heute hier hin ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in
ist ja jede jeder jedes jetzt kann kannst kein keine keinen können könnte könnten leider machen mal man mehr mein meine
meinem meinen meiner mich mir mit muss müssen nach nicht nichts noch nun nur ob oder ohne schon sehr sein seine seit selbst
sich sie sind so soll sollte sondern sonst über um und uns unser unter viel vielen vom von vor wann war waren warum was weil
welche wenn wer werde werden wie wieder will wir wird wo wollen wurde wurden zu zum zur zwar zwei dank danke guten tag
morgen abend freundliche freundlichen grüße grüßen hilfe helfen problem probleme frage geehrte damen herren
"""
_SPANISH = """
acerca además ahora al algo algún alguna alguno algunos allí ante antes aquí así aún aunque ayer bien buen buenas buenos
cada casi como cómo con cosa cual cuál cualquier cuando cuándo cuánto de del desde después dice días día donde dónde dos
durante el él ella ellos en entonces entre era eran es esa ese eso esta está están este esto estos estoy fue gracias ha hace
hacer había han hasta hay he hola hoy la las le les lo los luego más me mejor mi mis mismo mucho muchas muchos muy nada ni
ningún no nos nosotros nuestra nuestro nunca otra otro para pero poco por porque puede pueden puedo pues que qué quien
quién quiero saludos se sea según ser si sí sido siempre sin sobre sólo solo son soy su sus también tan tanto te tengo tiene
tienen todo todos tu tus un una uno unos usted ustedes va vez voy ya yo favor ayuda ayudar problema problemas tardes noches
"""
_FRENCH = """
ai aie ainsi alors après as au aucun aucune aujourd aussi autre autres aux avait avant avec avez avoir avons bien bon bonjour
bonsoir car ce cela celle celui ces cet cette ceux chaque chez comme comment contre dans de déjà depuis dernier des deux
doit donc dont du elle elles en encore entre es est et étaient était être eu fait faire fois font hier ici il ils je jour
jours jusqu la là le les leur leurs lui ma mais me même merci mes moi moins mon ne ni non nos notre nous on ont ou où par
parce pas pendant peu peut peux plus plusieurs pour pourquoi pouvez puis qu quand que quel quelle quelque quelques qui quoi
sa sans se sera ses si son sont sous suis sur ta te tes toi ton toujours tous tout toute toutes très trop tu un une va vais
vers veuillez voici voilà vos votre vous cordialement madame monsieur aide aider problème problèmes svp plaît
"""
STOP_WORDS: frozenset[str] = frozenset((_ENGLISH + _TALK + _GERMAN + _SPANISH + _FRENCH).split())
