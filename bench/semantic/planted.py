"""Texts that say the same in other words, in another language, or in one frame: written for this measurement."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """One text, the same told in other words, and translated."""

    text: str
    paraphrase: str
    translation: str


STORIES = (
    Story(
        "The old lighthouse at the northern point was switched off for good last Friday. Its keeper had climbed the 212 steps every "
        "evening for thirty-one years. From now on an automatic lamp on a steel mast will warn the ships. The town wants to turn the tower "
        "into a small museum about the fishing fleet.",
        "After more than three decades of nightly climbs up its 212 stairs, the man who looked after the northern beacon has retired, and "
        "the light itself went dark on Friday. Vessels will be guided by a self-operating light on a metal pole instead. Local authorities "
        "plan to open a little exhibition on the history of fishing in the building.",
        "Der alte Leuchtturm an der Nordspitze wurde am vergangenen Freitag für immer abgeschaltet. Sein Wärter war einunddreißig Jahre lang "
        "jeden Abend die 212 Stufen hinaufgestiegen. Von nun an warnt eine automatische Lampe auf einem Stahlmast die Schiffe. Die Stadt "
        "möchte aus dem Turm ein kleines Museum über die Fischerei machen.",
    ),
    Story(
        "To make this soup, cut two leeks and three potatoes into thin slices and let them soften in butter. Add a litre of vegetable stock "
        "and let everything simmer for twenty minutes. Blend the soup, season it with salt and nutmeg, and serve it with a spoon of cream.",
        "Slice a couple of leeks and a few potatoes finely and sweat them gently in some butter. Pour in one litre of broth made from "
        "vegetables, cook on a low heat for about a third of an hour, then purée. A pinch of nutmeg, some salt and a little cream finish it.",
        "Pour cette soupe, coupez deux poireaux et trois pommes de terre en fines tranches et faites-les fondre dans du beurre. Ajoutez un "
        "litre de bouillon de légumes et laissez mijoter vingt minutes. Mixez la soupe, assaisonnez-la de sel et de muscade, et servez-la "
        "avec une cuillerée de crème.",
    ),
    Story(
        "The company will close its plant in the valley at the end of the year, the management told the staff on Monday. About 340 people "
        "will lose their jobs. The unions speak of a breach of trust, because an agreement from 2023 had promised investments. Talks about "
        "a redundancy plan are to begin in two weeks.",
        "Some 340 employees are going to be out of work when the factory in the valley shuts down in December. Managers broke the news at a "
        "staff meeting on Monday. Worker representatives feel betrayed: three years ago they had been assured that money would flow into "
        "the site. Negotiations on compensation start in a fortnight.",
        "La empresa cerrará su planta del valle a finales de año, comunicó la dirección a la plantilla el lunes. Unas 340 personas perderán "
        "su empleo. Los sindicatos hablan de una ruptura de la confianza, porque un acuerdo de 2023 había prometido inversiones. Las "
        "negociaciones sobre un plan social empezarán dentro de dos semanas.",
    ),
    Story(
        "Bees find their way home by the sun, even under a cloudy sky. Their eyes see how light is polarised, and the pattern of it betrays "
        "where the sun stands. In an experiment researchers turned the pattern with a filter. The insects then flew off by exactly the same "
        "angle.",
        "Overcast days do not stop honeybees from navigating by the sun. They can perceive the polarisation of daylight, from which its "
        "position follows. When scientists rotated this pattern artificially, the animals changed their heading by the corresponding angle.",
        "Le api trovano la strada di casa grazie al sole, anche sotto un cielo nuvoloso. I loro occhi vedono come la luce è polarizzata, e il "
        "disegno che ne risulta rivela dove sta il sole. In un esperimento i ricercatori hanno ruotato il disegno con un filtro. Gli insetti "
        "hanno poi deviato esattamente dello stesso angolo.",
    ),
    Story(
        "My laptop would no longer start after the last update: the screen stayed black and the fan ran at full speed. What helped was to "
        "hold the power button for thirty seconds, take out the battery and start in safe mode. Then I removed the new graphics driver and "
        "installed the version from March.",
        "Since the recent update I only got a dark display and a roaring fan when I switched my notebook on. I fixed it like this: press the "
        "power key for half a minute, remove the battery, boot into safe mode, uninstall the current video driver and go back to the one "
        "released in March.",
        "Mein Laptop startete nach dem letzten Update nicht mehr: Der Bildschirm blieb schwarz und der Lüfter lief mit voller Drehzahl. "
        "Geholfen hat, die Einschalttaste dreißig Sekunden zu halten, den Akku herauszunehmen und im abgesicherten Modus zu starten. Dann "
        "habe ich den neuen Grafiktreiber entfernt und die Version vom März installiert.",
    ),
    Story(
        "Rents in the capital rose by 7.4 percent last year, more than twice as fast as wages. The sharpest rise was in the districts along "
        "the new metro line. The senate now wants to extend the cap on rents by five years. Landlords have announced that they will go to "
        "court.",
        "Tenants in the capital paid 7.4 percent more than a year before, while pay grew less than half as much. Flats near the recently "
        "opened underground line became dearer most of all. Politicians intend to prolong the limit on rents for another five years; owners "
        "of property say they will sue.",
        "Les loyers dans la capitale ont augmenté de 7,4 % l'an dernier, plus de deux fois plus vite que les salaires. La hausse la plus forte "
        "a touché les quartiers situés le long de la nouvelle ligne de métro. Le sénat veut prolonger de cinq ans le plafonnement des loyers. "
        "Les propriétaires ont annoncé qu'ils saisiraient la justice.",
    ),
)

_FRAME = (
    "Welcome to the page of {town}. Here you find opening hours, directions and the latest news of our branch in {town}. Our friendly team "
    "looks forward to your visit. We advise you free of charge and without obligation. This week we recommend {thing}, now {price} euros. "
    "Order by phone, in our app or here online, and collect your goods the next morning. You can return everything within thirty days. "
    "Subscribe to our newsletter and never miss an offer again. Parking is free for the first hour. See you soon in {town}!"
)
_TOWNS = ("Ashford", "Brackley", "Carlow")
_THINGS = ("a garden hose", "oak shelves", "winter tyres", "a rice cooker", "running shoes", "blue paint")


def template_page(town: str, thing: str, price: int) -> str:
    """Return one page of the frame."""
    return _FRAME.format(town=town, thing=thing, price=price)


def template_pages() -> list[str]:
    """Return pages of one frame that differ in town, article and price."""
    return [
        template_page(town, thing, 3 + 7 * at + 11 * place)
        for place, town in enumerate(_TOWNS)
        for at, thing in enumerate(_THINGS)
    ]
