"""The pools from which the facts of people and places are drawn."""

from __future__ import annotations

from typing import NamedTuple


class Job(NamedTuple):
    """A profession in English and, for a man and for a woman, in German."""

    english: str
    german_m: str
    german_f: str


class Town(NamedTuple):
    """A town, its river, what it is known for and its landmark."""

    name: str
    river: str
    known_for: str
    landmark: str


TOWNS = (
    Town("Port Hale", "Ember", "smoked herring", "the Lantern Stair"),
    Town("Orrel", "Sill", "blue glass", "the Drowned Chapel"),
    Town("Dunmarrow", "Tavy Water", "heather honey", "the Nine Arches"),
    Town("Kestwick", "Hobble", "clockwork toys", "the Tilted Tower"),
    Town("Lower Venn", "Venn", "eel pies", "the Reed Theatre"),
    Town("Saltby", "Brine", "sea salt", "the White Pans"),
    Town("Tarnholm", "Greywash", "wool blankets", "the Frozen Bell"),
    Town("Brackwater", "Murrow", "rope walks", "the Chain Bridge"),
    Town("Elmsreach", "Lark", "pear cider", "the Hollow Elm"),
    Town("Coldferry", "Isk", "ice skating", "the Ferryman's Arch"),
    Town("Wyke Harbour", "Wyke", "boat building", "the Copper Crane"),
    Town("Marrow Hill", "Pebble", "stone carving", "the Giant's Oven"),
    Town("Estermouth", "Ester", "kite racing", "the Striped Lighthouse"),
    Town("Glenfallow", "Fallow Burn", "wild orchids", "the Silent Mill"),
    Town("Ravensey", "Corvin", "black pearls", "the Raven Steps"),
    Town("Tolmere", "Toll", "paper lanterns", "the Floating Market"),
)

JOBS = (
    Job("lighthouse keeper", "Leuchtturmwärter", "Leuchtturmwärterin"),
    Job("beekeeper", "Imker", "Imkerin"),
    Job("clockmaker", "Uhrmacher", "Uhrmacherin"),
    Job("baker", "Bäcker", "Bäckerin"),
    Job("surgeon", "Chirurg", "Chirurgin"),
    Job("ferry pilot", "Fährmann", "Fährfrau"),
    Job("glassblower", "Glasbläser", "Glasbläserin"),
    Job("botanist", "Botaniker", "Botanikerin"),
    Job("carpenter", "Tischler", "Tischlerin"),
    Job("judge", "Richter", "Richterin"),
    Job("midwife", "Geburtshelfer", "Hebamme"),
    Job("geologist", "Geologe", "Geologin"),
    Job("violin maker", "Geigenbauer", "Geigenbauerin"),
    Job("postman", "Briefträger", "Briefträgerin"),
    Job("weaver", "Weber", "Weberin"),
    Job("miner", "Bergmann", "Bergfrau"),
    Job("translator", "Übersetzer", "Übersetzerin"),
    Job("blacksmith", "Schmied", "Schmiedin"),
    Job("gardener", "Gärtner", "Gärtnerin"),
    Job("astronomer", "Astronom", "Astronomin"),
    Job("cartographer", "Kartograf", "Kartografin"),
    Job("teacher", "Lehrer", "Lehrerin"),
    Job("fisher", "Fischer", "Fischerin"),
    Job("printer", "Drucker", "Druckerin"),
    Job("tailor", "Schneider", "Schneiderin"),
    Job("pharmacist", "Apotheker", "Apothekerin"),
    Job("cheesemaker", "Käser", "Käserin"),
    Job("organist", "Organist", "Organistin"),
    Job("shepherd", "Schäfer", "Schäferin"),
    Job("engineer", "Ingenieur", "Ingenieurin"),
)

GENRES = (
    "sea tales|ghost stories|detective fiction|love stories|nature writing|satire|fairy tales|"
    "travel writing|war novels|science fiction|family sagas|cookery books|adventure stories|"
    "historical fiction"
).split("|")

AWARDS = (
    "Amber Quill|Silver Heron|Golden Ladder|Northern Lamp|Crystal Anchor|Ivory Thimble|"
    "Copper Kettle|Winter Crown|Blue Feather|Harbour Medal|Granite Leaf|Velvet Compass|"
    "Morning Bell|Iron Rose|Paper Moon|Seven Keys|Scarlet Ribbon|Jade Lantern|Hollow Drum|"
    "Bright Sickle"
).split("|")

UNIVERSITIES = (
    "Tarnholm University|Orrel College|the University of Ravensey|Kestwick Institute|"
    "Estermouth University|the Tolmere Academy|Elmsreach College|the Saltby School of Arts|"
    "Glenfallow University|the Coldferry Academy|Dunmarrow College|the Wyke Institute"
).split("|")

HOBBIES = (
    "kite flying|fencing|mushroom picking|chess|ice swimming|calligraphy|falconry|pottery|"
    "stamp collecting|rock climbing|puppetry|archery|bell ringing|juggling|origami|rowing|"
    "stargazing|knitting|bird watching|sword dancing|woodcarving|model railways|tap dancing|"
    "cave diving|lace making|horse riding|fire eating|pigeon racing|whittling|ballooning"
).split("|")

SPECIES = (
    "a tortoise|a grey parrot|a greyhound|a goat|a ginger cat|a ferret|a donkey|a pug|an owl|"
    "a white rabbit|a hedgehog|a sheepdog|a canary|a black cat|a lizard"
).split("|")

PET_NAMES = (
    "Biscuit Pim Mortimer Juniper Socks Waffle Duchess Pickle Bramble Nimbus Toffee Rascal "
    "Pepper Cricket Domino Fig Gizmo Hazel Inkwell Jinx Kipper Lentil Marble Nutmeg Oatmeal "
    "Pudding Quince Radish Sprocket Thistle Umber Velvet Widget Yodel Zephyr Acorn Button Clover "
    "Dumpling Ember Freckle Gherkin Hopscotch Iggy Jasmine Kettle Limpet Muffin Noodle Otter "
    "Parsnip Rhubarb Snowball Truffle Ulysses Vinegar Whisker Yarrow Zigzag Almond"
).split()

INSTRUMENTS = (
    "the accordion|the cello|the banjo|the oboe|the harp|the trumpet|the mandolin|the bagpipes|"
    "the clarinet|the double bass|the flute|the hurdy-gurdy|the piano|the tuba|the viola|the zither"
).split("|")

MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
).split("|")
