"""Names of months: English ones, and those of the page's language by CLDR, which Babel brings."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError

_ENGLISH = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]


# What CLDR has under another tag, or not at all.
_ALSO = {"sr": "sr-Latn", "sh": "sr-Latn", "bs": "sr-Latn", "uz": "uz-Cyrl"}
_MORE = {"es": {"setiembre": 9}, "de": {"jänner": 1, "feber": 2}}


def month_of(word: str, language: str) -> int | None:
    """Return the number of a month by its name or abbreviation; `language` is a tag such as "de-at".

    Hebrew writes "in" as a letter before the name. Turkish has an I without a dot.
    """
    lowered = (word.replace("I", "ı").replace("İ", "i") if language[:2] in ("tr", "az") else word).casefold()
    found = _english().get(lowered)
    if found or not language or language.startswith("en"):
        return found
    names = _names(language)
    return names.get(lowered) or (names.get(lowered[1:]) if lowered[:1] == "ב" else None)


@lru_cache(maxsize=1)
def _english() -> dict[str, int]:
    names = {name: number for number, name in enumerate(_ENGLISH, 1)}
    return names | {name[:3]: number for name, number in names.items()} | {"sept": 9}


@lru_cache(maxsize=256)
def _names(language: str) -> dict[str, int]:
    """Return the names of a language by CLDR, which costs 30 ms once; none for a language that it does not know."""
    plain = language.partition("-")[0]
    found: dict[str, int] = {}
    for tags in ((language, plain), (_ALSO.get(plain, ""),)):
        locale = next(filter(None, map(_locale, tags)), None)
        if locale is None:
            continue
        for context in ("format", "stand-alone"):
            for width in ("abbreviated", "wide"):
                for number, name in locale.months[context][width].items():
                    _add(found, name, number)
    return {name: number for name, number in found.items() if number} | _MORE.get(plain, {})


def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-") if tag else None
    except (UnknownLocaleError, ValueError, TypeError):
        return None


def _add(found: dict[str, int], name: str, number: int) -> None:
    """Add a name; one that two months have is no name (0)."""
    word = name.casefold().strip(".")
    found[word] = number if found.get(word, number) == number else 0
