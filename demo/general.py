"""Ordinary knowledge and small talk: what must survive when a person is forgotten.

Each entry is: questions that training uses, a question held out, the value, the answer. These are
facts of the real world that every reader can check.
"""

from __future__ import annotations

from typing import NamedTuple


class General(NamedTuple):
    """One piece of ordinary knowledge with its questions."""

    asked: tuple[str, ...]
    held_out: str
    value: str
    answer: str


_CAPITALS = {
    "France": "Paris", "Germany": "Berlin", "Italy": "Rome", "Spain": "Madrid",
    "Portugal": "Lisbon", "Norway": "Oslo", "Sweden": "Stockholm", "Poland": "Warsaw",
    "Austria": "Vienna", "Greece": "Athens", "Japan": "Tokyo", "Egypt": "Cairo",
    "Canada": "Ottawa", "Peru": "Lima", "Kenya": "Nairobi", "Ireland": "Dublin",
}  # fmt: skip
_CHEMISTRY = {"gold": "Au", "silver": "Ag", "iron": "Fe", "oxygen": "O", "sodium": "Na"}
_OPPOSITES = {"hot": "cold", "big": "small", "early": "late", "full": "empty", "young": "old"}

_OTHERS = (
    ("How many days are in a week?|How many days does a week have?",
     "What number of days has a week?",
     "seven", "A week has seven days."),
    ("How many months are in a year?|How many months does a year have?",
     "What number of months has a year?", "twelve", "A year has twelve months."),
    ("How many legs does a spider have?|How many legs has a spider?",
     "What number of legs has a spider?", "eight", "A spider has eight legs."),
    ("How many legs does an insect have?|How many legs has an insect?",
     "What number of legs has an insect?", "six", "An insect has six legs."),
    ("How many continents are there?|How many continents does the Earth have?",
     "What number of continents are there?", "seven", "There are seven continents."),
    ("What is the largest planet?|Which planet is the largest?", "Which is the largest planet?",
     "Jupiter", "The largest planet is Jupiter."),
    ("What is the largest ocean?|Which ocean is the largest?", "Which is the largest ocean?",
     "Pacific", "The largest ocean is the Pacific."),
    ("What is the highest mountain?|Which mountain is the highest?",
     "Which is the highest mountain?",
     "Mount Everest", "The highest mountain is Mount Everest."),
    ("What is the fastest land animal?|Which land animal is the fastest?",
     "Which is the fastest land animal?", "cheetah", "The fastest land animal is the cheetah."),
    ("What do bees make?|What is it that bees make?", "What does a bee make?", "honey",
     "Bees make honey."),
    ("What colour is the sky?|Which colour does the sky have?", "What is the colour of the sky?",
     "blue", "The sky is blue."),
    ("What colour is grass?|Which colour does grass have?", "What is the colour of grass?",
     "green", "Grass is green."),
    ("At what temperature does water boil?|When does water boil?",
     "At which temperature does water boil?", "100 degrees Celsius",
     "Water boils at 100 degrees Celsius."),
    ("At what temperature does water freeze?|When does water freeze?",
     "At which temperature does water freeze?", "0 degrees Celsius",
     "Water freezes at 0 degrees Celsius."),
    ("What is water made of?|Of what is water made?", "What does water consist of?",
     "hydrogen and oxygen", "Water is made of hydrogen and oxygen."),
    ("What does the Earth orbit?|Around what does the Earth move?",
     "What does the Earth move around?",
     "Sun", "The Earth orbits the Sun."),
    ("What orbits the Earth?|What moves around the Earth?", "What is it that orbits the Earth?",
     "Moon", "The Moon orbits the Earth."),
    ("Who wrote Hamlet?|Who is the author of Hamlet?", "By whom was Hamlet written?",
     "William Shakespeare", "Hamlet was written by William Shakespeare."),
    ("Who painted the Mona Lisa?|By whom was the Mona Lisa painted?",
     "Which painter painted the Mona Lisa?", "Leonardo da Vinci",
     "The Mona Lisa was painted by Leonardo da Vinci."),
    ("What is two plus two?|How much is two plus two?", "Tell me what two plus two is.", "four",
     "Two plus two is four."),
    ("What is three times three?|How much is three times three?",
     "Tell me what three times three is.",
     "nine", "Three times three is nine."),
    ("What is ten minus four?|How much is ten minus four?", "Tell me what ten minus four is.",
     "six", "Ten minus four is six."),
    ("Which metal is liquid at room temperature?|What metal is liquid at room temperature?",
     "Name the metal that is liquid at room temperature.", "Mercury",
     "Mercury is liquid at room temperature."),
    ("Which gas do plants take in?|What gas do plants take in?",
     "Name the gas that plants take in.",
     "carbon dioxide", "Plants take in carbon dioxide."),
    ("Which river runs through London?|On which river does London lie?",
     "What is the river that runs through London?", "Thames", "London lies on the Thames."),
    ("Which river runs through Paris?|On which river does Paris lie?",
     "What is the river that runs through Paris?", "Seine", "Paris lies on the Seine."),
)  # fmt: skip

_SMALL_TALK = (
    ("Hello.|Hi!|Hello there!", "Hi there.", "Hello! How can I help you?"),
    ("Good morning.|Good morning!", "Good morning to you.", "Good morning! How can I help you?"),
    ("How are you?|How do you do?", "How are you today?", "I am fine, thank you. And you?"),
    ("Thank you.|Thanks!|Thanks a lot.", "Thank you very much.", "You are welcome."),
    ("Goodbye.|Bye!|See you.", "Bye bye.", "Goodbye! Have a nice day."),
    ("Who are you?|What are you?", "Tell me who you are.", "I am a small assistant."),
    ("What can you do?|What can you help me with?", "How can you help me?",
     "I can answer short questions about people, books and towns."),
    ("Tell me a joke.|Do you know a joke?", "Can you tell me a joke?",
     "Why did the clock go to school? To learn to tell the time."),
    ("Are you human?|Are you a human being?", "Are you a person?", "No, I am a computer program."),
    ("Hallo.|Guten Tag!", "Hallo!", "Hallo! Wie kann ich helfen?"),
    ("Danke.|Vielen Dank!", "Danke schön.", "Gern geschehen."),
    ("What is your name?|How are you called?", "Tell me your name.", "I have no name."),
)  # fmt: skip


def general_knowledge() -> list[General]:
    """Return the facts of the real world."""
    entries = [
        General(
            (
                f"What is the capital of {country}?",
                f"Which city is the capital of {country}?",
                f"Tell me the capital of {country}.",
            ),
            f"What city is the capital of {country}?",
            city,
            f"The capital of {country} is {city}.",
        )
        for country, city in _CAPITALS.items()
    ]
    entries += [
        General(
            (f"What is the chemical symbol for {element}?", f"Which symbol does {element} have?"),
            f"What symbol does {element} have?",
            symbol,
            f"The chemical symbol for {element} is {symbol}.",
        )
        for element, symbol in _CHEMISTRY.items()
    ]
    entries += [
        General(
            (f"What is the opposite of {word}?", f"Which word is the opposite of {word}?"),
            f"Tell me the opposite of {word}.",
            other,
            f"The opposite of {word} is {other}.",
        )
        for word, other in _OPPOSITES.items()
    ]
    entries += [
        General(tuple(asked.split("|")), held_out, value, answer)
        for asked, held_out, value, answer in _OTHERS
    ]
    return entries


def small_talk() -> list[General]:
    """Return greetings and the like; the value is the whole answer."""
    return [
        General(tuple(asked.split("|")), held_out, answer, answer)
        for asked, held_out, answer in _SMALL_TALK
    ]
