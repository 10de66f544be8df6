"""What a text has that its page does not say, and what it has left out: numbers, quantities, names, links and markup."""

import re

from udfs.gates.plain_words import words

_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:[,.\u00a0\u202f ]\d{3})+(?:[.,]\d+)?(?!\w)|\d+(?:[.,]\d+)?")
_NUMBERING = re.compile(r"^[\s*_#]*(?:\d{1,3}[.)](?:\s+|$)|[^\W\d_]{1,12} \d{1,3}\s*[:.)]\s)", re.M)
_SPELLED = dict(
    zip(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
            "thirty",
            "forty",
            "fifty",
            "sixty",
            "seventy",
            "eighty",
            "ninety",
            "hundred",
            "thousand",
            "million",
        ],
        [*range(21), *range(30, 100, 10), 100, 1000, 1_000_000],
        strict=True,
    )
) | {"once": 1, "twice": 2, "dozen": 12, "first": 1, "second": 2, "third": 3, "half": 2}
_UNITS = {
    unit: names[0]
    for names in (
        ("km", "kilometre", "kilometer", "kilometres", "kilometers"), ("m", "metre", "meter", "metres", "meters"),
        ("cm", "centimetre", "centimeter", "centimetres", "centimeters"), ("mm", "millimetre", "millimeter", "millimetres", "millimeters"),
        ("kg", "kilogram", "kilograms", "kilo", "kilos"), ("g", "gram", "grams"), ("mg", "milligram", "milligrams"),
        ("t", "tonne", "tonnes", "ton", "tons"), ("l", "litre", "liter", "litres", "liters"), ("ml", "millilitre", "milliliter", "millilitres", "milliliters"),
        ("%", "percent", "per cent"), ("mile", "miles", "mi"), ("foot", "feet", "ft"), ("inch", "inches"), ("pound", "pounds", "lb", "lbs"),
        ("ounce", "ounces", "oz"), ("year", "years"), ("month", "months"), ("week", "weeks"), ("day", "days"), ("hour", "hours", "h"),
        ("minute", "minutes", "min"), ("second", "seconds", "s"), ("°c", "degrees celsius", "° c"), ("°f", "degrees fahrenheit", "° f"),
        ("dollar", "dollars", "usd", "$"), ("euro", "euros", "eur", "€"), ("mw", "megawatt", "megawatts"), ("kw", "kilowatt", "kilowatts"),
        ("w", "watt", "watts"), ("v", "volt", "volts"), ("kb", "kilobytes"), ("mb", "megabyte", "megabytes"), ("gb", "gigabyte", "gigabytes"),
        ("km/h", "kph"), ("mph",), ("hectare", "hectares", "ha"), ("acre", "acres"),
    )
    for unit in names
}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_QUANTITY = re.compile(
    rf"(?P<n>{_NUMBER.pattern})[ \u00a0-]?(?P<u>{_UNIT})(?![\w/])|(?P<c>[$€])\s?(?P<m>{_NUMBER.pattern})", re.I
)
_SPEED = re.compile(r"\b(?:(?P<km>km|kilomet(?:re|er)s?)|miles?) (?:an|per) hour\b", re.I)
_LINK = re.compile(
    r"https?://[^\s)>\]\"']+|\bwww\.[^\s)>\]\"']+|[\w.+-]+@[\w-]+\.[\w.]+|</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.I
)
_SENTENCE_START = re.compile(r"(?:^[\W_]*|[.!?:;|]['\")\]”’]*\s|[-*•]\s|\d[.)]\s|[\"“‘(\[]|[A-D]\)\s)\s*$")
_HEADING = re.compile(r"\s*(?:#|\W*title\W*:|\*\*[^*]+\*\*\W*$)", re.I)
_I = re.compile(r"I['’]")  # I'm, I've
_LONG = 4  # letters of words that English capitalises in headings
_CAPITAL = re.compile(r"[^\W\d_][^\W_]*(?:['’-][^\W_]+)*")


def numbers(text: str) -> set[str]:
    """Return the distinct numbers that a text has in digits, without the numbering of its lines.

    >>> sorted(numbers("1. In 1,234 or 3,50 of 2.0\\n2) 7 mills"))
    ['1234', '2', '3.5', '7']
    """
    return {_plain(found) for found in _NUMBER.findall(_NUMBERING.sub("", text))}


def spelled(text: str) -> set[str]:
    """Return the numbers that a text has in English words."""
    return {str(_SPELLED[word]) for word in words(text) if word in _SPELLED}


def quantities(text: str) -> set[tuple[str, str]]:
    """Return the distinct numbers with their units, the units under one name each."""
    found = set()
    for match in _QUANTITY.finditer(_SPEED.sub(lambda speed: "km/h" if speed["km"] else "mph", text)):
        if match["c"]:
            found.add((_plain(match["m"]), _UNITS[match["c"]]))
        else:
            found.add((_plain(match["n"]), _UNITS[match["u"].casefold()]))
    return found


def names(text: str) -> set[str]:
    """Return the distinct capitalised words that begin no sentence, line, cell or quotation; two letters at least.

    A heading in which each long word is capitalised has none. In languages that capitalise every noun, such as German, all nouns are
    among them.
    """
    found = set()
    for line in text.split("\n"):
        capitals = _CAPITAL.findall(line)
        if _HEADING.match(line) and all(word[0].isupper() for word in capitals if len(word) >= _LONG):
            continue
        for match in _CAPITAL.finditer(line):
            word = match[0]
            if word[0].isupper() and len(word) > 1 and not _I.match(word) and not _SENTENCE_START.search(line[: match.start()]):
                found.add(_stem(word))
    return found


def stems(text: str) -> set[str]:
    """Return the distinct words of a text as `names` writes them: case folded, without the ending of a possessive or plural."""
    return {_stem(word) for word in words(text)}


def new_names(answer: str, parent: str) -> int:
    """Count the names of the answer that are no word of the page, in any case."""
    known = stems(parent) | {_stem(part) for word in _CAPITAL.findall(parent) for part in (word, *word.split("-"))}
    return sum(name not in known and not all(part in known for part in name.split("-")) for name in names(answer))


def kept(wanted: set[str], there: set[str]) -> float:
    """Return the part of what is wanted that is there; all of nothing is there."""
    return len(wanted & there) / len(wanted) if wanted else 1.0


def new_links(answer: str, parent: str) -> int:
    """Count the distinct links, addresses and tags of the answer that the page does not have."""
    return len(
        {found.rstrip(".,;:").casefold() for found in _LINK.findall(answer)}
        - {found.rstrip(".,;:").casefold() for found in _LINK.findall(parent)}
    )


def _plain(number: str) -> str:
    """Write a number in one way: no separators of thousands, a point, no zeros behind it."""
    digits = (
        re.sub(r"[,.\u00a0\u202f ](?=\d{3}(?!\d))(?<!\d{4}.)", "", number)
        if re.fullmatch(r"\d{1,3}(?:[,.\u00a0\u202f ]\d{3})+(?:[.,]\d+)?", number)
        else number
    )
    digits = digits.replace(",", ".")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits.lstrip("0") or "0"


def _stem(word: str) -> str:
    """Fold the case, and take off the ending of a possessive or plural."""
    folded = word.casefold().replace("’", "'")
    return folded.removesuffix("'s").removesuffix("'").removesuffix("s")
