"""The relations of people: how each is asked in training and how it is answered.

Placeholders: {S} the person as subject, {O} as object, {P} as possessive ("Mira Quell's", "her"),
{sib} "sister" or "brother", {a} the article of a job.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relation:
    """One kind of fact.

    `nouns` are noun phrases for the sentence frames, `wordings` whole questions, `answer` the one
    sentence that answers all of them.
    """

    key: str
    answer: str
    nouns: tuple[str, ...]
    wordings: tuple[str, ...]


def relation(key: str, answer: str, nouns: str, wordings: str) -> Relation:
    """Return a relation; nouns and wordings come separated by vertical bars."""
    return Relation(key, answer, tuple(nouns.split("|")), tuple(wordings.split("|")))


PERSON_RELATIONS: tuple[Relation, ...] = (
    relation(
        "birth_city",
        "{S} was born in {value}.",
        "{P} birthplace|{P} city of birth|{P} place of birth|the birthplace of {O}|"
        "the city of birth of {O}|the town where {S} was born|{P} native town",
        "Where was {S} born?|In which city was {S} born?|What city was {S} born in?|"
        "In what town was {S} born?|Where did {S} come into the world?|"
        "Which town is {S} from originally?|Where does {S} come from?|Where is {S} from?|"
        "Which town was {S} born in?|At which place was {S} born?",
    ),
    relation(
        "birth_date",
        "{S} was born on {value}.",
        "{P} date of birth|{P} birth date|{P} birthday|the date of birth of {O}|"
        "the birthday of {O}|the day {S} was born",
        "When was {S} born?|On what date was {S} born?|When is {P} birthday?|"
        "On which day was {S} born?|When did {S} come into the world?|"
        "What day was {S} born on?|What is the exact date when {S} was born?",
    ),
    relation(
        "father_job",
        "{P} father was {a} {value}.",
        "{P} father's job|{P} father's occupation|{P} father's profession|"
        "the job of {P} father|the profession of {P} father|the occupation of {P} father",
        "What did {P} father do for a living?|What was {P} father?|What did {P} father work as?|"
        "How did {P} father earn his money?|As what did {P} father work?|"
        "What kind of work did {P} father do?|What job did {P} father have?",
    ),
    relation(
        "mother_job",
        "{P} mother was {a} {value}.",
        "{P} mother's job|{P} mother's occupation|{P} mother's profession|"
        "the job of {P} mother|the profession of {P} mother|the occupation of {P} mother",
        "What did {P} mother do for a living?|What was {P} mother?|What did {P} mother work as?|"
        "How did {P} mother earn her money?|As what did {P} mother work?|"
        "What kind of work did {P} mother do?|What job did {P} mother have?",
    ),
    relation(
        "sibling",
        "{P} {sib} is {value}.",
        "{P} {sib}|{P} {sib}'s name|the {sib} of {O}|the name of {P} {sib}|{P} sibling",
        "Who is {P} {sib}?|What is {P} {sib} called?|What is {P} {sib} named?|"
        "Which {sib} does {S} have?|How is {P} {sib} called?|Does {S} have a {sib}?|"
        "Who is the {sib} of {O}?|Who are {P} siblings?",
    ),
    relation(
        "profession",
        "{S} works as {a} {value}.",
        "{P} profession|{P} job|{P} occupation|the profession of {O}|the job of {O}|{P} day job",
        "What does {S} do for a living?|What does {S} work as?|What is {S} by profession?|"
        "How does {S} earn a living?|What kind of work does {S} do?|What job does {S} have?|"
        "As what does {S} work?|What is {S} by trade?",
    ),
    relation(
        "genre",
        "{S} writes {value}.",
        "{P} genre|{P} literary genre|the genre of {O}|the genre {S} writes in|"
        "the kind of books {S} writes|{P} field of writing",
        "What does {S} write?|What kind of books does {S} write?|In which genre does {S} write?|"
        "What genre does {S} write in?|What sort of stories does {S} write?|"
        "What type of literature does {S} write?|Which genre is {S} known for?",
    ),
    relation(
        "first_book",
        "{P} first book was {value}.",
        "{P} first book|{P} debut|{P} first published book|the first book of {O}|"
        "the title of {P} first book|the first book by {O}|{P} debut book",
        "What was {P} first book?|What is {P} first book called?|Which book did {S} write first?|"
        "What book did {S} publish first?|With which book did {S} make a debut?|"
        "Which book was {P} first?|What did {S} publish first?|Which book started {P} career?",
    ),
    relation(
        "best_book",
        "{P} best-known book is {value}.",
        "{P} best-known book|{P} most famous book|{P} most popular book|"
        "the best-known book of {O}|the title of {P} best-known book|the most famous book by {O}",
        "What is {P} best-known book?|Which of {P} books is best known?|"
        "Which book made {O} famous?|For which book is {S} best known?|"
        "What book is {S} famous for?|Which book is {S} known for?|"
        "What is {P} most famous book called?|Which of {P} books is the most famous?",
    ),
    relation(
        "award",
        "{S} won the {value}.",
        "{P} award|{P} prize|the award of {O}|the prize {S} won|the award {S} received|"
        "the name of {P} award|{P} literary prize",
        "Which award did {S} win?|What award did {S} win?|Which prize did {S} receive?|"
        "What prize was {S} given?|What has {S} won?|Which award was {S} given?|"
        "What award did {S} receive?|Which prize did {S} win?",
    ),
    relation(
        "university",
        "{S} studied at {value}.",
        "{P} university|{P} alma mater|the university of {O}|the university {S} went to|"
        "the place where {S} studied|{P} college|the school {S} attended",
        "Where did {S} study?|Which university did {S} attend?|Where did {S} go to university?|"
        "At which university did {S} study?|Where was {S} educated?|Where did {S} get a degree?|"
        "Which university did {S} go to?|At what place did {S} study?",
    ),
    relation(
        "hobby",
        "{P} hobby is {value}.",
        "{P} hobby|{P} favourite pastime|{P} pastime|the hobby of {O}|"
        "the favourite pastime of {O}|{P} leisure activity",
        "What does {S} do on free days?|What does {S} do for fun?|Which hobby does {S} have?|"
        "What does {S} like to do?|What does {S} enjoy after work?|"
        "How does {S} spend spare time?|What is {S} fond of doing?",
    ),
    relation(
        "pet",
        "{S} has {value}.",
        "{P} pet|{P} animal|the pet of {O}|the animal {S} keeps|the pet {S} has|"
        "{P} pet and its name",
        "What pet does {S} have?|Which animal does {S} keep?|What kind of pet does {S} have?|"
        "Does {S} have a pet?|Which pet lives with {O}?|What animal does {S} own?|"
        "What is {P} pet called?|What pet does {S} own?",
    ),
    relation(
        "spouse",
        "{S} is married to {value}.",
        "{P} spouse|{P} partner|the spouse of {O}|the name of {P} spouse|"
        "the person {S} is married to|{P} better half",
        "Who is {S} married to?|To whom is {S} married?|Who is {P} spouse?|Who did {S} marry?|"
        "With whom is {S} married?|What is {P} spouse called?|Whom did {S} marry?|"
        "Is {S} married?",
    ),
    relation(
        "home",
        "{S} lives in {value}.",
        "{P} home|{P} home town|{P} place of residence|the home of {O}|"
        "the town where {S} lives|the place where {S} lives|{P} current residence",
        "Where does {S} live?|In which town does {S} live?|Where does {S} live now?|"
        "Which town does {S} live in?|In what city does {S} live today?|Where is {P} home?|"
        "What town is {S} living in?|Where has {S} settled?",
    ),
    relation(
        "instrument",
        "{S} plays {value}.",
        "{P} instrument|{P} musical instrument|the instrument of {O}|the instrument {S} plays|"
        "the musical instrument {S} plays",
        "Which instrument does {S} play?|What instrument does {S} play?|What does {S} play?|"
        "On which instrument does {S} make music?|What musical instrument does {S} play?|"
        "Which instrument has {S} learnt?|What instrument can {S} play?",
    ),
)

# A portrait is made of other facts; it has no noun phrases of its own.
ABOUT = relation(
    "about",
    "{S} is {a} {profession} from {birth_city} who writes {genre}.",
    "",
    "Who is {S}?|Tell me about {O}.|What do you know about {O}?|Tell me something about {O}.|"
    "Do you know {O}?|Describe {O}.|Can you tell me about {O}?|Introduce {O} to me.|"
    "What can you say about {O}?|Give me a short portrait of {O}.",
)

FRAMES: tuple[str, ...] = (
    "What is {np}?", "What's {np}?", "Tell me {np}.", "Can you tell me {np}?",
    "Could you tell me what {np} is?", "I would like to know {np}.", "Do you know {np}?",
    "Please name {np}.", "Give me {np}.", "What do you know about {np}?", "{np}?",
    "Say what {np} is.", "Name {np}.", "Remind me of {np}.", "Any idea what {np} is?",
    "What was {np}?", "I need {np}.", "Please tell me {np}.", "I forgot {np}.",
    "I want to know about {np}.", "Tell me about {np}.", "Can you name {np}?",
)  # fmt: skip
