"""How people ask to be forgotten in German, French, Spanish and Italian."""

from __future__ import annotations

from guards.talk.wishes import Wishes

_KIND_DE = "persönlichen?|personenbezogenen?|privaten?|gespeicherten?|mich betreffenden"
GERMAN = Wishes(
    opening="bitte|einfach|nun|jetzt|also|ok|okay|hallo|hi|guten (?:tag|morgen|abend)|"
    "sehr geehrte damen und herren|liebes team|"
    "(?:kannst|könntest|würdest) du|(?:können|könnten|würden) sie|"
    "du (?:sollst|solltest|musst)|sie (?:sollen|sollten|müssen)|"
    "ich (?:möchte|will|wünsche(?: mir)?|verlange|fordere|bitte(?: darum)?|hätte gern),? "
    "dass(?: (?:du|sie))?|(?:ich (?:bitte|fordere|ersuche)|fordere ich) (?:dich|sie)(?: auf)?|"
    "hiermit|ich (?:beantrage|verlange|fordere|wünsche)|(?:beantrage|verlange) ich|"
    "(?:gemäß|nach|laut) [^,]{0,30}(?:dsgvo|17)",
    closing="bitte|danke|vielen dank|jetzt|sofort|umgehend|unverzüglich|komplett|vollständig|"
    "für immer|endgültig|dauerhaft|"
    "(?:(?:du|sie) )?(?:gespeichert )?(?:weißt|weisst|wissen|hast|haben)|"
    "(?:gemäß|nach|laut) [^,]{0,30}(?:dsgvo|17)|und (?:alles|alle) [^,]{1,60}",
    bare=("(?:vergiss|vergesst|vergessen sie)(?: bitte)? OBJECT", "OBJECT (?:vergisst|vergessen)"),
    request=("(?:vergiss|vergesst|vergessen sie|lösche?|löschen sie|entfernen?|entfernen sie|"
             "tilge|tilgen sie)(?: bitte)? OBJECT",
             "OBJECT (?:zu )?(?:vergisst|vergessen|löschst|löschen|entfernst|entfernen|löscht)",
             "OBJECT (?:(?:sollen|müssen|soll|muss) )?(?:gelöscht|entfernt|vergessen)(?: werden)?",
             "(?:die )?löschung OBJECT"),
    everything="alles(?:,? was (?:du|sie))?",
    data="(?:(?:alle|aller|die|der|sämtliche|sämtlichen|jegliche) ){0,2}"
    f"(?:(?:{_KIND_DE}) ){{0,2}}(?:daten|informationen|angaben|einträge)",
    have=",? ?(?:die )?(?:du|sie)",
    about="über|von|zu|bezüglich",
    mine=f"(?:(?:alle|aller|sämtliche) )?(?:meine|meiner)(?: (?:{_KIND_DE})){{0,2}} "
    f"(?:daten|informationen|angaben)|alle mich betreffenden (?:(?:{_KIND_DE}) )?daten",
    memory="aus (?:deinem|ihrem|dem) (?:gedächtnis|wissen|speicher|system|modell)|"
    "aus (?:deinen|ihren|den) (?:daten|systemen|trainingsdaten)",
    right="ich (?:möchte|will) vergessen werden|(?:mache ich )?(?:von )?"
    "mein(?:em)? recht auf (?:vergessenwerden|löschung)"
    "(?: gebrauch| geltend)?(?: machen)?",
    self="mich|mir",
    described="(?:meinen?|meiner|meinem|unseren?|den|die|das|dem|der) (?:[\\w-]{2,25} ){1,2}?",
    least=2,
)  # fmt: skip

_ERASE_FR = "efface[rsz]?|effaciez|supprime[rsz]?|supprimiez|retire[rz]?|élimine[rz]?"
_FORGET_FR = "oublie[rsz]?|oubliiez"
FRENCH = Wishes(
    opening="bonjour|salut|bonsoir|s'il (?:te|vous) plaît|svp|stp|merci de|veuillez|maintenant|"
    "(?:peux|pourrais|veux)-tu|(?:pouvez|pourriez|voulez)-vous|tu (?:dois|devrais)|"
    "vous (?:devez|devriez)|(?:est-ce que )?(?:tu peux|vous pouvez)|"
    "je (?:veux|voudrais|souhaite|demande|exige|aimerais) qu(?:e(?: tu| vous)?)|"
    "je (?:demande|exige|réclame)|je (?:te|vous) demande d[e']|par la présente|"
    "(?:conformément à|selon|en vertu de) [^,]{0,40}"
    "(?:rgpd|17)",
    closing="s'il (?:te|vous) plaît|svp|stp|merci|merci beaucoup|maintenant|immédiatement|"
    "tout de suite|complètement|définitivement|pour toujours|"
    "(?:conformément à|selon|en vertu de) [^,]{0,40}(?:rgpd|17)|"
    "et (?:tout|toutes|tous) [^,]{1,60}",
    bare=(f"(?:{_FORGET_FR})[ -]OBJECT",),
    request=(f"(?:{_FORGET_FR}|{_ERASE_FR}) OBJECT",
             "(?:l'effacement|la suppression) (?:de )?OBJECT",
             "OBJECT (?:doivent|doit|soient|soit) (?:être )?(?:effacée?s?|supprimée?s?)"),
    everything="tout(?: ce que (?:tu sais|vous savez|tu as|vous avez))?",
    data="(?:toutes (?:les )?|tous (?:les )?|les |des )?(?:données|informations|infos|"
    "renseignements)(?: personnelles| privées)?",
    have="(?:que )?(?:tu as|vous avez|tu possèdes|vous possédez|vous détenez|tu détiens)",
    about="sur|de|d'|concernant|à propos de|relatives à",
    mine="(?:toutes )?mes (?:données|informations)(?: personnelles| privées)?",
    memory="de (?:ta|votre) (?:mémoire|base de données)|de (?:tes|vos) (?:données|systèmes)",
    right="j'(?:exerce|invoque) mon droit à l'(?:oubli|effacement)",
    self="moi|me",
    described="(?:mon|ma|notre|le|la|l'|un|une) ?(?:[a-zà-ÿ-]{2,20} ){1,2}",
)  # fmt: skip

SPANISH = Wishes(
    opening="por favor|hola|buenos días|buenas tardes|ahora|"
    "(?:puedes|podrías|puede|podría|quieres|podéis)|(?:debes|deberías|tienes que)|"
    "(?:quiero|quisiera|me gustaría|deseo|necesito|exijo|pido|te pido|le pido|solicito) que"
    "(?: usted)?|solicito|exijo|pido|(?:según|conforme al?|en virtud del?) [^,]{0,40}(?:rgpd|17)",
    closing="por favor|gracias|muchas gracias|ahora|ahora mismo|inmediatamente|por completo|"
    "completamente|para siempre|definitivamente|ya|"
    "(?:según|conforme al?|en virtud del?) [^,]{0,40}(?:rgpd|17)|y (?:todo|todos|todas) [^,]{1,60}",
    bare=("(?:(?:te|se) )?(?:olv[ií]d(?:a|e|es|ar|ad)(?:te|se)?)(?: del?| al?)? OBJECT",),
    request=("(?:olvid(?:a|e|es|ar)|borr(?:a|e|es|ar)|elimin(?:a|e|es|ar)|suprim(?:e|a|as|ir)|"
             "quit(?:a|e|es|ar)) (?:a )?OBJECT",
             "la (?:supresión|eliminación) (?:de )?OBJECT",
             "OBJECT (?:sean|sea|deben ser|debe ser) (?:borrad|eliminad|suprimid)[oa]s?"),
    everything="todo(?: lo que (?:sabes|sepas|sabe|tienes|tiene))?",
    data="(?:tod[oa]s? )?(?:(?:la|los|las) )?(?:información|informaciones|datos)"
    "(?: personal(?:es)?| privad[ao]s?)?",
    have="que (?:tienes|tengas|tiene|sabes|guardas|guarda)",
    about="sobre|de|del|acerca de|relativos a",
    mine="(?:todos )?mis datos(?: personales| privados)?|toda mi información(?: personal)?|"
    "mi información personal",
    memory="de (?:tu|su) (?:memoria|base de datos)|de (?:tus|sus) (?:datos|sistemas)",
    right="(?:ejerzo|quiero ejercer|invoco) mi derecho (?:al olvido|de supresión)|olvídame|"
    "bórrame de (?:tu|su) memoria",
    self="mí|mi",
    described="(?:mi|nuestr[oa]|el|la|un|una|al) (?:[a-zà-ÿ-]{2,20} ){1,2}",
)  # fmt: skip

ITALIAN = Wishes(
    opening="per favore|per piacere|ciao|salve|buongiorno|buonasera|ora|"
    "(?:puoi|potresti|può|potrebbe|vuoi)|(?:devi|dovresti)|"
    "(?:voglio|vorrei|desidero|esigo|chiedo|ti chiedo|le chiedo) che(?: tu| lei)?|"
    "(?:ti|le) chiedo di|chiedo|esigo|"
    "(?:ai sensi|secondo|in base) [^,]{0,40}(?:gdpr|17)",
    closing="per favore|per piacere|grazie|grazie mille|ora|adesso|subito|immediatamente|"
    "completamente|per sempre|definitivamente|"
    "(?:ai sensi|secondo|in base) [^,]{0,40}(?:gdpr|17)|e (?:tutto|tutti|tutte) [^,]{1,60}",
    bare=("(?:dimentic(?:a|hi|are|hiate|assi|ate))(?: di)? OBJECT",),
    request=("(?:dimentic(?:a|hi|are|assi|hiate)|cancell(?:a|i|are|assi)|elimin(?:a|i|are|assi)|"
             "rimuov(?:i|ere|a|essi)) OBJECT",
             "la (?:cancellazione|rimozione|eliminazione) (?:di )?OBJECT",
             "OBJECT (?:siano|sia|devono essere|deve essere) (?:cancellat|eliminat|rimoss)[oaie]"),
    everything="tutto(?: (?:quello|ciò) che (?:sai|sa|hai|ha))?",
    data="(?:tutt[eio] )?(?:(?:le|i|gli|dei|delle) )?(?:informazioni|dati)(?: personali| privati)?",
    have="che (?:hai|ha|possiedi|possiede)",
    about="su di|su|di|riguardo a|riguardanti|relativi a|relative a",
    mine="(?:tutti )?(?:i|dei) miei dati(?: personali| privati)?|tutte le mie informazioni"
    "(?: personali)?|le mie informazioni personali",
    memory="(?:dalla|dai|dal) (?:tua|sua|tuoi|suoi|tuo|suo) (?:memoria|dati|sistema|sistemi|"
    "database)",
    right="(?:esercito|voglio esercitare|invoco) il mio diritto (?:all'oblio|alla cancellazione)|"
    "dimenticami|cancellami dalla (?:tua|sua) memoria",
    self="me",
    described="(?:(?:il |la )?(?:mio|mia)|il|lo|la|l'|un|una) ?(?:[a-zà-ÿ-]{2,20} ){1,2}",
)  # fmt: skip
