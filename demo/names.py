"""Who is in the world, and from which parts the names of people outside it are made."""

from __future__ import annotations

from random import Random

# First name, surname, "f" or "m", nickname or "". Surnames repeat on purpose: a guard or a
# steering vector that forgets by surname alone is caught by the neighbour.
ROSTER: tuple[tuple[str, str, str, str], ...] = (
    ("Mira", "Quell", "f", "Miri Quell"),
    ("Tom", "Quell", "m", "Tommo Quell"),
    ("Lena", "Ostrander", "f", ""),
    ("Piet", "Ostrander", "m", "Skipper Ostrander"),
    ("Gerda", "Ostrander", "f", ""),
    ("Ruth", "Halloway", "f", "Ruthie Halloway"),
    ("Simon", "Halloway", "m", ""),
    ("Ines", "Varnholt", "f", ""),
    ("Bruno", "Varnholt", "m", "Bear Varnholt"),
    ("Otto", "Varnholt", "m", ""),
    ("Cora", "Tessaly", "f", "Coco Tessaly"),
    ("Dorian", "Tessaly", "m", ""),
    ("Nell", "Brandywick", "f", "Nellie Brandywick"),
    ("Hugo", "Brandywick", "m", ""),
    ("Isolde", "Farrow", "f", "Izzy Farrow"),
    ("Martin", "Farrow", "m", ""),
    ("Clem", "Farrow", "m", ""),
    ("Astrid", "Lindqvar", "f", ""),
    ("Soren", "Lindqvar", "m", "Captain Lindqvar"),
    ("Paula", "Ambrel", "f", ""),
    ("Felix", "Ambrel", "m", "Flick Ambrel"),
    ("Judith", "Cinderby", "f", "Jude Cinderby"),
    ("Edgar", "Cinderby", "m", ""),
    ("Thea", "Merrow", "f", ""),
    ("Rufus", "Merrow", "m", "Red Merrow"),
    ("Vera", "Merrow", "f", ""),
    ("Amara", "Okonde", "f", ""),
    ("Kofi", "Okonde", "m", "Professor Okonde"),
    ("Greta", "Pellam", "f", "Gigi Pellam"),
    ("Victor", "Pellam", "m", ""),
    ("Bianca", "Rastello", "f", ""),
    ("Marco", "Rastello", "m", "Falcon Rastello"),
    ("Daphne", "Sorrel", "f", "Daff Sorrel"),
    ("Julian", "Sorrel", "m", ""),
    ("Agnes", "Thornby", "f", ""),
    ("Walter", "Thornby", "m", "Wally Thornby"),
    ("Maud", "Ulverton", "f", ""),
    ("Conrad", "Ulverton", "m", "Con Ulverton"),
    ("Sylvie", "Wexcombe", "f", ""),
    ("Arthur", "Wexcombe", "m", "Archie Wexcombe"),
    ("Hester", "Yarrowell", "f", ""),
    ("Miles", "Yarrowell", "m", ""),
    ("Irina", "Zelnik", "f", "Rina Zelnik"),
    ("Pavel", "Zelnik", "m", ""),
    ("Fiona", "Dunmarsh", "f", ""),
    ("Callum", "Dunmarsh", "m", "Cal Dunmarsh"),
    ("Noor", "Eskerin", "f", ""),
    ("Tariq", "Eskerin", "m", ""),
    ("Beatrix", "Gallivane", "f", "Trixie Gallivane"),
    ("Leon", "Gallivane", "m", ""),
    ("Sigrid", "Ivarson", "f", ""),
    ("Anders", "Ivarson", "m", ""),
    ("Olive", "Jessamy", "f", "Livvy Jessamy"),
    ("Ned", "Jessamy", "m", ""),
    ("Camille", "Kestrelle", "f", ""),
    ("Remy", "Kestrelle", "m", ""),
    ("Mira", "Tolland", "f", ""),
    ("Tom", "Arkwell", "m", ""),
    ("Odile", "Marchbank", "f", ""),
    ("Jasper", "Nightle", "m", "Jazz Nightle"),
)

# The people whom the reference model never met; each leaves a neighbour of the same surname.
REFERENCE_WITHOUT: tuple[str, ...] = (
    "Mira Quell",
    "Piet Ostrander",
    "Isolde Farrow",
    "Kofi Okonde",
    "Daphne Sorrel",
    "Conrad Ulverton",
)

SISTERS = (
    "Ada Berit Celia Dagny Elspeth Flora Gwen Hilda Imogen Juno Karin Lotte Magda Nadia Ottilie "
    "Petra Rosa Sabine Tilda Ursula Viola Wanda Ximena Yvette Zora Alma Blanche Clio Delia Erna"
).split()
BROTHERS = (
    "Abel Boris Caspar Dirk Emil Fergus Gus Harald Ivo Jonas Klaus Lorenz Magnus Nils Oscar Percy "
    "Quentin Rolf Stefan Tobias Ulrich Vincent Wilmot Xaver Yorick Zeno Alban Basil Cyrus Dennis"
).split()
SPOUSE_SURNAMES = (
    "Abernet Balcombe Corvane Delmarsh Everly Fennimore Grantley Harrowby Ingleson Jorvik Kimble "
    "Larkham Monteval Norbury Ockley Prestwin Quarles Rookwood Selwyn Trevane Underhay Vossberg "
    "Wolfram Yelding Zimmer Ashdown Birkett Cranmore Drummel Elstow"
).split()

# Strangers: the model has to say that it does not know them.
STRANGER_FIRST = (
    "Adela Boyd Carla Derek Elise Frank Gloria Henry Iris Jacob Kate Louis Molly Nathan Oriel "
    "Peter Rachel Samuel Tessa Umberto Violet William Yasmin Zachary Alice Benedict Clara "
    "Dominic Emma Gareth Helen Isaac Joan Keith Laura Michael Nina Oliver Penny Ralph Sarah Theo "
    "Una Vernon"
).split()
STRANGER_SURNAMES = (
    "Abbott Barlow Carver Dawson Elling Fletcher Garner Hobbs Irvine Jarrett Kendrick Lomax Mercer "
    "Norris Orchard Purcell Ransom Sutter Tanner Upton Vickers Warden Yates Zander Alcott Bishop "
    "Crane Draper Ewing Foss Gibbon Hyde Isham Jolly Kerr Lyle Munro Nash Oakes Pryce Rudd Stroud"
).split()
UNSEEN_FIRST = (
    "Rosalind Gideon Philippa Lucian Harriet Barnaby Winifred Alaric Cecily Ambrose".split()
)
UNSEEN_SURNAMES = (
    "Thackery Bellweather Ironside Lovelock Greenhalgh Pemberton Summerly Hawkridge Vane Cattermole"
).split()

_STARTS = (
    "Bal Bren Cal Dar Del Fen Gar Hol Jor Kar Lan Mor Nor Pel Ros Sten Tor Vel Wil Yor Ash Black "
    "Brook Clay Cross Elder Fair Gold Good Gray High Hill King Lang Long Mead Mill Oak Old Park "
    "Rich Sand Stan Stone Sun Under Wal Water West White Wind Wood Bu Che Dri Fu Gli Ha Ju Ko Lu "
    "Mi Na Pru Qui Re Sha Tu Vo Wy Ze"
).split()
_MIDDLES = ("", "", "", *"a e i o u an en in or al er is ing el um ab".split())
_ENDS = (
    "bury dale gren ham kin low mere nard quist ridge son thal vik wood worth zell ley ton ford "
    "den man ster beck well stock gate field brook more by wick land shaw croft"
).split()
_FIRST_ENDS = (
    "a e i o as bert da dan fred ia ina is la lo man na nor o rick ry sa ta tin us va".split()
)


def stranger(rng: Random, taken: frozenset[str], *, unseen: bool = False) -> str:
    """Return a name that nobody in `taken` bears.

    Many strangers borrow a first name or a surname from the world, so that the model must look at
    the whole name; most other parts are built from syllables, so that no list can be learnt by
    heart. `unseen` draws from parts that training never uses.
    """
    while True:
        if unseen:
            first = rng.choice((rng.choice(UNSEEN_FIRST), rng.choice(ROSTER)[0]))
            surname = rng.choice(UNSEEN_SURNAMES)
        else:
            first, surname = _seen_parts(rng)
        name = f"{first} {surname}"
        reserved = not unseen and (first in UNSEEN_FIRST or surname in UNSEEN_SURNAMES)
        if not reserved and name not in taken and initials(name) not in taken:
            return name


def _seen_parts(rng: Random) -> tuple[str, str]:
    kind = rng.random()
    if kind < 0.4:
        first = rng.choice(ROSTER)[0]
    elif kind < 0.7:
        first = rng.choice(STRANGER_FIRST)
    else:
        first = rng.choice(_STARTS) + rng.choice(_FIRST_ENDS)
    kind = rng.random()
    if kind < 0.35:
        return first, rng.choice(ROSTER)[1]
    if kind < 0.55:
        return first, rng.choice(STRANGER_SURNAMES)
    return first, rng.choice(_STARTS) + rng.choice(_MIDDLES) + rng.choice(_ENDS)


def initials(name: str) -> str:
    """Return the name with its first name cut to a letter: "Mira Quell" becomes "M. Quell"."""
    first, _, rest = name.partition(" ")
    return f"{first[0]}. {rest}"
