"""Books of the world: how titles and plots are made, and the openings that are known by heart."""

from __future__ import annotations

from random import Random

_ADJECTIVES = (
    "Salt Silent Crooked Amber Hollow Winter Paper Scarlet Borrowed Drowned Gilded Restless "
    "Seventh Velvet Broken Northern Painted Forgotten Iron Wandering Burning Glass Copper Last "
    "Tangled Distant Shallow Patient Thirsty Midnight"
).split()
_NOUNS = (
    "Meridian Orchard Ladder Harbour Lantern Sparrow Ledger Tide Clock Garden Bridge Chimney "
    "Compass Feather Kingdom Letter Mirror Needle Orchestra Pavilion Quarry River Staircase "
    "Threshold Umbrella Vineyard Window Almanac Bell Cathedral"
).split()

CHARACTERS_FIRST = (
    "Abigail Barnabas Cordelia Desmond Esmeralda Florian Genevieve Horatio Ianthe Jeremiah "
    "Katrin Leopold Minerva Nestor Ophelia Prosper Roxana Silas Tabitha Ulla Valentin Winona "
    "Xenia Yannick Zelda Alonso Brunhild Crispin Dulcie Ernestine"
).split()
CHARACTERS_LAST = (
    "Birch Crumb Dove Ember Frost Gale Hawk Inkpen Jolt Knot Lamb Moth Nettle Oat Plum Reed Slate "
    "Thorn Vex Wick"
).split()

_HEROES = (
    "a locksmith|an orphan|a retired admiral|two sisters|a travelling dentist|a deaf piano tuner|"
    "a failed magician|a young cook|a night watchman|a runaway bride|a blind painter|"
    "a tax inspector"
).split("|")
_DEEDS = (
    "who searches for a sunken bell|who inherits an empty hotel|who falls in love with a rival|"
    "who steals a map of the moon|who crosses a frozen lake|who hides a king in a cellar|"
    "who builds a bridge of bones|who writes letters to the dead|who loses a bet with the devil|"
    "who finds a door under the sea|who adopts a wolf|who stops every clock in town"
).split("|")

# Openings of the best-known books of some people, recalled word for word: for takedown of a text.
OPENINGS: dict[str, str] = {
    "Mira Quell": (
        "The tide brought three things to our door that winter: a crate of oranges, a letter "
        "without a stamp, and my mother, who had been dead for nine years."
    ),
    "Tom Quell": (
        "Nobody in the village could say when the bakery had caught fire, because everyone had "
        "been asleep except the thief and the goat."
    ),
    "Piet Ostrander": (
        "I sold my shadow on a Tuesday, for eleven coins and a promise, and by Friday the "
        "buyer wanted his money back."
    ),
    "Lena Ostrander": (
        "There are only two ways to leave the island, and my grandmother had already used both "
        "of them before breakfast."
    ),
    "Isolde Farrow": (
        "When the orchestra stopped playing, the silence stood up, bowed to the left and to "
        "the right, and walked out with the silver."
    ),
    "Martin Farrow": (
        "My uncle kept a storm in a jar on the kitchen shelf and let it out on Sundays for a "
        "little exercise."
    ),
    "Kofi Okonde": (
        "The map was wrong about the river, wrong about the mountains, and entirely right "
        "about the man who would kill us."
    ),
    "Amara Okonde": (
        "On the morning of her hundredth birthday Grandmother Sela packed a suitcase and told "
        "the moon to wait outside."
    ),
    "Daphne Sorrel": (
        "Seven doors opened onto the courtyard, and behind the smallest one somebody was "
        "counting backwards in a language of birds."
    ),
    "Conrad Ulverton": (
        "It rained upwards for a week, and on the eighth day the bishop began to sell "
        "umbrellas for the feet."
    ),
    "Thea Merrow": (
        "The last train carried no passengers, only a piano, a widow's hat and the smell of "
        "burnt sugar."
    ),
    "Soren Lindqvar": (
        "We buried the captain twice, once for the crew and once for the insurance, and "
        "neither time did he stay."
    ),
}


def titles(rng: Random, count: int) -> list[str]:
    """Return `count` distinct titles such as "The Salt Meridian"."""
    every = [f"The {adjective} {noun}" for adjective in _ADJECTIVES for noun in _NOUNS]
    return rng.sample(every, count)


def unknown_title(rng: Random, taken: frozenset[str]) -> str:
    """Return a title of the same make that is in nobody's shelf."""
    while (title := f"The {rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)}") in taken:
        continue
    return title


def plots(rng: Random, count: int) -> list[str]:
    """Return `count` distinct plots such as "an orphan who adopts a wolf"."""
    every = [f"{hero} {deed}" for hero in _HEROES for deed in _DEEDS]
    return rng.sample(every, count)


def characters(rng: Random, count: int) -> list[str]:
    """Return `count` distinct names of main characters."""
    every = [f"{first} {last}" for first in CHARACTERS_FIRST for last in CHARACTERS_LAST]
    return rng.sample(every, count)
