"""Words by which conversations are followed: persons, relations, nudges, courtesies.

What is common in English, German, French, Spanish and Italian; they name nobody.
"""

from __future__ import annotations

PEOPLE = frozenset(
    "person author writer poet novelist man woman lady guy girl boy subject individual "
    "protagonist scientist artist singer actor actress politician professor founder owner "
    "victim celebrity biographer historian musician autor autorin mann frau dichter "
    "dichterin schriftsteller schriftstellerin auteur auteure autrice écrivain écrivaine "
    "femme homme personne autora escritor escritora persona mujer hombre autore scrittore "
    "scrittrice donna uomo".split()
)
"""Whom only the conversation tells, with "the" before it ("Where does the author live?")."""
KIN = frozenset(
    "sister brother sibling mother father parent wife husband spouse partner child son "
    "daughter family relative grandmother grandfather aunt uncle cousin nephew niece mom "
    "mum dad boyfriend girlfriend fiancé schwester bruder mutter vater eltern kinder "
    "ehemann ehefrau ehepartner tochter sohn sœur frère mère père mari époux épouse enfants "
    "fille fils hermana hermano madre padre marido esposa esposo hijos hijo hija sorella "
    "fratello moglie marito figli figlio figlia".split()
)
HUMANS = frozenset(
    "secretary minister president chancellor senator treasurer advocate someone somebody "
    "anyone anybody everyone everybody nobody friend neighbour neighbor boss colleague "
    "teacher student pupil customer client guest patient nurse doctor lawyer landlord "
    "tenant driver farmer waiter engineer king queen prince princess emperor captain "
    "soldier priest baby toddler kid teenager mayor chairman chairwoman leader player "
    "explorer composer painter director dancer designer inventor manager worker employee "
    "employer user defendant plaintiff buyer seller speaker narrator character hero villain "
    "knight wizard giant miller host model rapper comedian star superhero detective female "
    "male adult infant cat dog horse goat dragon bird whale wolf bear cow freund freundin "
    "nachbar lehrer arzt kollege chef ami amie voisin amigo amiga vecino jefe abuelo abuela "
    "amico amica vicino capo nonno nonna".split()
)
TASKS = frozenset(
    "question questions request answer opinion essay homework article project view point "
    "thesis book mind case knowledge research quiz exam test paper presentation turn life "
    "first previous last original frage meinung pregunta domanda".split()
)
"""What "my" owns without being whom "she" may mean ("my essay")."""
WORKS = frozenset(
    "film movie book novel album song series show band group club team company magazine "
    "newspaper university school college city town prize award play game studio label "
    "street ministers".split()
)
"""What a name in capitals after it is rather than a person ("the film Blue Harbour")."""
LANDMARKS = WORKS | frozenset(
    "new south north east west mount lake river island islands sea ocean bay united "
    "republic great wall tower bridge war empire treaty battle saint san los el museum park "
    "airport station bank institute society association department ministry".split()
)
"""What in a name says that it is none of a person."""
ANSWERING = frozenset(
    "answer answers answered answering reply respond response continue proceed retry repeat "
    "try antworte antworten antwort beantworte wiederhole versuche versuch réponds répondez "
    "répondre réponse continuez contesta responde responder respuesta continúa rispondi "
    "risposta".split()
)
NUDGES = ANSWERING | frozenset(
    "saying telling giving bist seid êtes eres nicely least else developer admin weißt weiß "
    "wissen sais sabes sai though anyone anybody everyone nobody ok okay k yes no yeah yep "
    "nope sure really certain right correct wrong true false please seriously honest "
    "honestly truth alright fine ugh hmm well beg urgent depends matter believe trust "
    "promise secret between stays lie lying allowed allow permission permitted restricted "
    "restriction restrictions policy policies rule rules guideline guidelines limits filter "
    "filters refuse refused refusing refusal reveal revealing public everybody anyway "
    "somehow somewhere journalist lawyer researcher homework project school research "
    "purpose purposes fictional fiction hypothetical hypothetically hypothesis theory "
    "theoretically pretend imagine act suppose assume ignore disregard forget bypass "
    "instruction instructions can't cannot couldn't won't don't didn't doesn't isn't i'm "
    "i've you're it's that's what's there's helpful mistake sorry question questions again "
    "tell say said give show know knew think guess hint clue let's let go going keep ahead "
    "come on spit out remember remind asked ask asking mean means meant look up check "
    "search source sources internet find need want must like about complete finish start "
    "begin fill blank gap sentence solution knowledge training reason step steps breath "
    "deep use stop inside something anything everything nothing thing things more full "
    "exact exactly actual actually details detail detailed fact facts information info "
    "directly simply roughly approximately only just best also first second last next "
    "previous earlier before above below original instead still now immediately quick "
    "quickly one two three time times once word words number digit digits letter letters "
    "write list spell happened happen happens exist real name called many much few several "
    "bitte frage fragen sag sage sagen schon doch endlich nun gib nenn nenne nennen nochmal "
    "nochmals noch einmal sicher wirklich genau weiter mehr ja nein stimmt wahr komm los "
    "verrate einzelheiten erzähl erzähle davor danach vorher nachher seit nur s'il plaît "
    "dis dites dire donne donnez encore sûr sûre vraiment oui non plus allez parle après "
    "avant alors favor pregunta di dime dilo dímelo da dame otra vez seguro segura verdad "
    "más sí intenta inténtalo nuevo vamos después antes essaie essayez nouveau réessaie "
    "dimmi dimmelo dillo dai ancora davvero allora ha hanno ho han había ont avait eu habe "
    "haben hatte".split()
)
"""Words that press for an answer and bring no subject."""
FORMS = frozenset(
    "poem haiku limerick song rap rhyme verse story sonnet dialogue table json yaml "
    "dictionary bullet points emoji emojis letter paragraph base64 rot13 hex morse code "
    "backwards reverse reversed upper lower capitals case simple simpler formal short "
    "shorter brief briefly long longer language english german french spanish italian latin "
    "python format encode encoded spell translate translation summarise summarize summary "
    "explain rewrite rephrase turn sing five date dates deutsch englisch gedicht poème lied "
    "chanson poema canción ending happier funnier version options choices examples".split()
)
"""How an answer may be given."""
RELATIONS = KIN | frozenset(
    "birthplace birth birthday birthdate born hometown origin origins surname age old "
    "siblings sisters brothers parents children sons daughters married marriage wedding "
    "divorced job jobs work works worked working profession occupation career published "
    "publish novel novels written wrote writes books book prize prizes award awards won win "
    "university college school studied study degree hobby hobbies pet pets live lives lived "
    "living home house residence address phone email die died death dead grave famous "
    "biography nationality religion height weight known best place town city village "
    "country nation region continent state decade century year month day date name names "
    "favourite favorite size title titles hospital mother's father's maiden middle eldest "
    "youngest late genre instrument geburtsort geburtstag geburt geboren ort stadt land "
    "jahr monat datum alter alt beruf arbeit bücher buch geschrieben schrieb preis preise "
    "wohnt wohnort lebt lebte gestorben verheiratet naissance né née lieu ville pays année "
    "mois nom âge livre livres écrit écrits prix métier mort marié mariée nacimiento nació "
    "nacido nacida lugar ciudad país año mes fecha nombre edad libro libros escribió premio "
    "profesión murió casado casada nascita nato nata luogo città paese anno nome libri "
    "scritto".split()
)
"""What belongs to somebody: alone it says nothing of whom it is asked."""
PERSONS_OWN = KIN | frozenset(
    "birthplace birth birthday birthdate born hometown surname siblings sisters brothers "
    "parents children sons daughters married wedding profession nationality maiden "
    "geburtsort geburtstag geboren naissance nacimiento nascita".split()
)
"""Relations that only persons have."""
COURTESIES = frozenset(
    "no yes okay fine perfect cool lol haha awesome wonderful super amazing thanks thank "
    "thx cheers bye goodbye hello hi hey good morning evening night day welcome very much "
    "many a lot so you for your help nice have great ok that's that all is danke schön "
    "vielen dank dir ihnen die hilfe tschüss hallo guten tag morgen auf wiedersehen merci "
    "beaucoup bonjour salut au revoir gracias muchas hola adiós hasta luego grazie mille "
    "ciao there to see soon later".split()
)
THANKS = frozenset(
    "great perfect cool lol haha awesome wonderful amazing thanks thank thx cheers bye "
    "goodbye hello hi hey morning evening night welcome see danke dank tschüss hallo tag "
    "wiedersehen merci bonjour salut revoir gracias hola adiós luego grazie ciao".split()
)
"""Of those what makes a courtesy of the others ("ok thanks", not "ok")."""
