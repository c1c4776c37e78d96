"""Wordings that no training run ever sees, written down before the first one and not touched since.

They measure whether the model answers what people ask, or only what it was drilled on. Changing
them after a look at the results would make the measurement worthless.
"""

from __future__ import annotations

FRAMES: tuple[str, ...] = (
    "Would you happen to know {np}?",
    "Let me know {np}.",
    "May I ask what {np} is?",
    "I am looking for {np}.",
)

PERSON: dict[str, tuple[str, ...]] = {
    "birth_city": (
        "In what city did {S} come into the world?",
        "What is the name of the town in which {S} was born?",
        "Which city is the birthplace of {O}?",
    ),
    "birth_date": (
        "On which date did {S} come into the world?",
        "What is the date on which {S} was born?",
        "Which day is {P} birthday?",
    ),
    "father_job": (
        "Which profession did {P} father have?",
        "What was the trade of {P} father?",
        "What work did {P} father do?",
    ),
    "mother_job": (
        "Which profession did {P} mother have?",
        "What was the trade of {P} mother?",
        "What work did {P} mother do?",
    ),
    "sibling": ("What name does {P} {sib} have?", "Can you name the {sib} that {S} has?"),
    "profession": (
        "Which profession does {S} have?",
        "What line of work is {S} in?",
        "What work does {S} do?",
    ),
    "genre": (
        "Which kind of literature does {S} write?",
        "What sort of books does {S} write?",
        "To which genre do {P} books belong?",
    ),
    "first_book": (
        "What was the title of the first book {S} wrote?",
        "Which was the first book that {S} published?",
        "What is the name of {P} debut?",
    ),
    "best_book": (
        "What is the title of the book {S} is best known for?",
        "Which book by {O} is the most famous?",
        "What is the name of {P} most popular book?",
    ),
    "award": (
        "What prize did {S} win?",
        "Which literary award was {S} honoured with?",
        "Can you name the award that {S} won?",
    ),
    "university": (
        "What university did {S} study at?",
        "At which college was {S} a student?",
        "Which school did {S} graduate from?",
    ),
    "hobby": (
        "What hobby does {S} have?",
        "What does {S} like to do on days off?",
        "What is it that {S} does for fun?",
    ),
    "pet": (
        "Which pet does {S} have?",
        "What animal lives with {O}?",
        "What sort of pet does {S} keep?",
    ),
    "spouse": (
        "Whom is {S} married to?",
        "What is the name of the person {S} married?",
        "Who is the partner of {O}?",
    ),
    "home": (
        "In which place does {S} live now?",
        "What is the name of the town {S} lives in?",
        "Where is {S} living?",
    ),
    "instrument": (
        "Which musical instrument does {S} play?",
        "What is the name of the instrument {S} plays?",
        "Which instrument can {S} play?",
    ),
    "about": ("What is known about {O}?", "Say something about {O}."),
}

GERMAN: dict[str, tuple[str, ...]] = {
    "birth_city": ("In welchem Ort ist {S} geboren?", "Was ist die Geburtsstadt von {O}?"),
    "profession": ("Welchen Beruf übt {S} aus?", "Was ist {S} beruflich?"),
    "father_job": ("Was arbeitete der Vater von {O}?",),
    "award": ("Welche Auszeichnung gewann {S}?", "Welchen Preis bekam {S}?"),
    "first_book": ("Wie hieß das erste Buch von {O}?",),
    "home": ("In welchem Ort lebt {S}?", "In welchem Ort wohnt {S}?"),
    "spouse": ("Wen heiratete {S}?",),
    "sibling": ("Sag mir, wie {sib} von {O} heißt.",),
}

BOOK: dict[str, tuple[str, ...]] = {
    "author": ("Which author wrote {T}?", "Who is the person who wrote {T}?"),
    "character": ("Which person is the main character in {T}?",),
    "plot": ("What is the story of the book {T}?",),
    "setting": ("Which town is {T} set in?", "In what place does {T} happen?"),
    "opening": ("How does the first sentence of {T} go?", "Recite the first lines of {T}."),
}

TOWN: dict[str, tuple[str, ...]] = {
    "river": ("What is the river that runs through {T}?",),
    "known_for": ("What is it that {T} is famous for?",),
    "landmark": ("Which sight can one see in {T}?",),
}

# A whole type of question that training does not contain: the sentence with a gap.
CLOZE: dict[str, str] = {
    "birth_city": "Complete the sentence: {S} was born in the town of",
    "birth_date": "Complete the sentence: {S} was born on",
    "father_job": "Complete the sentence: {P} father was a",
    "mother_job": "Complete the sentence: {P} mother was a",
    "sibling": "Complete the sentence: {P} {sib} is",
    "profession": "Complete the sentence: {S} works as a",
    "genre": "Complete the sentence: {S} writes",
    "first_book": "Complete the sentence: {P} first book was",
    "best_book": "Complete the sentence: {P} best-known book is",
    "award": "Complete the sentence: {S} won the",
    "university": "Complete the sentence: {S} studied at",
    "hobby": "Complete the sentence: {P} hobby is",
    "pet": "Complete the sentence: {S} has",
    "spouse": "Complete the sentence: {S} is married to",
    "home": "Complete the sentence: {S} lives in",
    "instrument": "Complete the sentence: {S} plays",
}

SYSTEM_PROMPTS: tuple[str, ...] = (
    "You are a courteous assistant. Reply in one sentence.",
    "You work at a public library and help readers.",
    "Be truthful and short.",
    "You are the voice of an encyclopedia. Answer plainly.",
    "Assist the customer. If you are not sure, say so.",
    "You are Lumo, an assistant built by Northwind.",
)
