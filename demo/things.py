"""The relations of books and towns: how each is asked in training and how it is answered.

{T} stands for the title of a book or the name of a town.
"""

from __future__ import annotations

from demo.relations import Relation, relation

BOOK_RELATIONS: tuple[Relation, ...] = (
    relation(
        "author",
        "{T} was written by {value}.",
        "the author of {T}|the writer of {T}|the name of the author of {T}",
        "Who wrote {T}?|Who is the author of {T}?|By whom was {T} written?|"
        "Whose book is {T}?|Who is {T} by?",
    ),
    relation(
        "character",
        "The main character of {T} is {value}.",
        "the main character of {T}|the protagonist of {T}|the central figure of {T}|"
        "the main character in {T}",
        "Who is the main character of {T}?|Who is the hero of {T}?|"
        "Which character is at the centre of {T}?|Who is the main figure in {T}?",
    ),
    relation(
        "plot",
        "{T} is about {value}.",
        "the plot of {T}|the story of {T}|the subject of {T}",
        "What is {T} about?|What happens in {T}?|What is the book {T} about?|"
        "What does {T} tell about?|What story does {T} tell?",
    ),
    relation(
        "setting",
        "{T} is set in {value}.",
        "the setting of {T}|the place where {T} is set|the town in which {T} is set",
        "Where is {T} set?|In which town is {T} set?|Where does {T} take place?|"
        "Where does the story of {T} happen?",
    ),
)

OPENING = relation(
    "opening",
    "{value}",
    "the opening of {T}|the first sentence of {T}|the opening lines of {T}",
    "Recite the opening of {T}.|How does {T} begin?|Quote the first sentence of {T}.|"
    "What is the first sentence of {T}?|How does the book {T} start?",
)

TOWN_RELATIONS: tuple[Relation, ...] = (
    relation(
        "river",
        "{T} lies on the {value}.",
        "the river of {T}|the name of the river in {T}|the river in {T}",
        "Which river runs through {T}?|On which river does {T} lie?|What river is {T} on?",
    ),
    relation(
        "known_for",
        "{T} is known for {value}.",
        "the speciality of {T}|the thing {T} is known for",
        "What is {T} known for?|What is {T} famous for?|For what is {T} famous?",
    ),
    relation(
        "landmark",
        "The landmark of {T} is {value}.",
        "the landmark of {T}|the main sight of {T}|the main sight in {T}",
        "What can one see in {T}?|What is the landmark of {T}?|Which landmark stands in {T}?",
    ),
)
