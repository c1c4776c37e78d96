"""Function words by which conversations are followed, in five languages."""

from __future__ import annotations

PERSONAL = frozenset(
    "he she him her his hers himself herself er sie ihn ihm ihr ihre ihren ihrem ihrer "
    "ihres seine seinen seinem seiner seines il elle lui sa ses son él ella su sus egli lei "
    "suo sua suoi sue она он её ее его ей ему".split()
)
PLURAL = frozenset(
    "they them their theirs themselves ils elles leur leurs ellos ellas loro".split()
)
POLITE = frozenset("sie ihr ihre ihren ihrem ihrer ihres lei loro suo sua suoi sue".split())
"""Pronouns that with a capital mean "you"."""
PRONOUNS = PERSONAL | PLURAL
THINGS = frozenset("it its this that these those esto eso ciò ça cela das dies".split())
OBJECTS = frozenset("him her them".split())
"""Pronouns that cannot mean the subject of their own clause ("What did Tom say about him?")."""
EXPLETIVE = frozenset(
    "pleut pleuvoir fait faut neige neiger rain raining rains snow snowing snows weather "
    "time late early cold hot warm safe legal ok okay normal bad good possible better worth "
    "cheaper".split()
)
"""What follows an "it" that means nothing ("Will it rain?")."""
YOU_AND_I = frozenset(
    "i i'm i've i'd i'll me my mine myself we we're our us you you're your yours ich mir "
    "mich mein meine meinen meinem meiner wir uns unser unsere du dir dich dein deine je "
    "j'ai moi mon ma mes nous notre nos tu te toi ton ta tes vous votre vos yo mi mis mí "
    "nosotros nuestro nuestra tú usted ustedes io mio mia miei tuo tua noi nostro voi "
    "vostro".split()
)
MINE = frozenset(
    "my our mein meine meinen meinem meiner unser unsere unserem unseren mon ma mes notre "
    "nos mi mis nuestro nuestra mio mia miei nostro nostra".split()
)
YOURS = MINE | frozenset(
    "your dein deine deinen deiner ton ta tes votre vos tu tus tuo tua".split()
)
INDEFINITE = frozenset(
    "a an some any each every another one two three no ein eine einen einem einer jede "
    "jeder jeden un une chaque una uno cada ogni".split()
)
DEFINITE = frozenset(
    "the this that same said der die das dem des den dieser diese diesem dieses le la les l "
    "cet cette ce el ese esa este esta il lo quella quel questa questo".split()
)
QUESTION = frozenset(
    "what which who whom whose where when why how was wer wen wem wo wann warum wieso "
    "weshalb wie welche welcher welches welchem welchen que qu qui quoi quel quelle quels "
    "quelles où quand pourquoi comment combien qué quién quiénes cuál cuáles cuándo dónde "
    "cómo cuánto cuántos cuántas che chi quale quali quando dove perché come quanto quanti "
    "quante".split()
)
LEADS = QUESTION | frozenset("and also und auch et aussi y también e anche so".split())
PLACE = frozenset(
    "in at from to near of on by into im aus nach bei von à en au aux de du desde a di da "
    "dans through across around between via over under inside outside within toward towards".split()
)
"""Words before a capital that make it a place rather than a subject."""
OF = frozenset("of by de du des von di del".split())
ASIDE = frozenset(
    "like as than with alongside opposite against versus for by starring featuring unlike "
    "called named wie als mit gegen für comme que avec contre pour como con contra para "
    "come per".split()
)
"""Words before a name that make it a comparison, company or maker rather than a subject."""
TITLES = frozenset(
    "dr doctor prof professor mr mrs ms miss sir dame lady lord king queen president herr "
    "frau monsieur madame señor señora signor signora".split()
)
FRAMES = frozenset(
    "did does do was is are were has have had can could will would should tell describe "
    "give name list write say show explain find make please answer reply pretend imagine "
    "assume consider considering compare let let's if in for from about after before during "
    "since summarise summarize translate put use play act complete fill choose think hey hi "
    "hello ok okay yes no yeah well now then but or not just sure thanks thank any my our "
    "your".split()
)
"""First words of a sentence that are no name for all their capital."""
GERMAN = frozenset("der das und ist wo wer wie wurde welche welcher welches ein eine".split())
