"""Read a date as publishers write it and return it in ISO 8601; what is impossible, ambiguous or still to come is no date.

Nothing depends on the day of the run: the bound is the day of the capture.
"""

import html
import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote

import regex

from udfs.page.month_names import month_of

MAX_CHARS = 100
MIN_YEAR = 1583  # before the Gregorian calendar no numeral date is sure; Persian and Islamic years lie below, too
EPOCH = datetime(1970, 1, 1)
_TIME = re.compile(
    r"(?<![\d:+-])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?(?![\d:])"
    r"(?:\s*(?P<half>[ap])\.?\s?m\b\.?)?"
    r"\s*(?P<zone>Z\b|(?:UTC|GMT|UT)?\s*[+\N{MINUS SIGN}-]\s?\d{1,2}(?::?\d{2})?(?!\d)|[A-Z]{2,4}\b)?",
    re.IGNORECASE,
)
_LOST_PLUS = re.compile(r"(:\d{2}(?:\.\d+)?) (\d{2}:?\d{2})$")  # a "+" that was decoded as the space of a query
_ISO = re.compile(r"(\d{4})([-/.]) ?(\d{1,2})(?:\2 ?(\d{1,2}))?(?!\d)(.*)", re.DOTALL)
_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?(?!\d)(.*)", re.DOTALL)
_DAY_FIRST = re.compile(r"(\d{1,2})([-/.]) ?(\d{1,2})\2 ?(\d{4})(?!\d)(.*)", re.DOTALL)
_TIME_FIRST = re.compile(r"^(\d{1,2}:\d{2}(?::\d{2})?)[ ,]+(\d.*)$")
_BUDDHIST = re.compile(r"(?<!\d)2[45]\d\d(?!\d)")  # years of the Thai calendar
_EAST_ASIAN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(?:(\d{1,2})\s*[日일])?")
_UNIX = re.compile(r"(\d{10})(\d{3})?")
_NUMBER = re.compile(r"\d+")
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}]*+")
# Such as "Published: " or "Friday, ", before a date in numbers.
_LABEL = re.compile(r"[^\W\d][^\d]{0,40}?:?\s(?=\d{4}[-/.]|\d{1,2}([-/.])\d{1,2}\1\d{4}(?![\d.]))")
_LOG_TIME = re.compile(r"(?<=[a-z]/\d{4}):(?=\d\d:\d\d)")  # of a server's log: 14/Jul/2023:10:30:00
_VIETNAMESE = re.compile(r"(\d{1,2})\s+tháng\s+(\d{1,2})[,\s]+(?:năm\s+)?(\d{4})", re.IGNORECASE)
_CLOCK_OF_POINTS = re.compile(r"(?<=\d{4})([^\d.]\D{0,11}\d{1,2})[.hH](\d{2})(?![\d.])")  # "10.30" and "10h30" behind a year
_SHORT_YEAR = re.compile(r"(?<=[a-z], )(\d{1,2}[ -][A-Za-z]{3}[ -])(\d\d)(?= \d{1,2}:)")  # RFC 5322, 4.3, and RFC 850
_TIME_OF_DAY = r"(\d{1,2}:\d{2}(?::\d{2})?)"
_HALF_BEFORE = re.compile(rf"(?:(上午|午前|오전|凌晨|早上)|下午|午後|오후|晚上) ?{_TIME_OF_DAY}")
_HALF_BEHIND = re.compile(rf"{_TIME_OF_DAY} ?(?:(π\.?μ\.?|ص|SA)|μ\.?μ\.?|م|CH)(?!\w)")
_CHANGED = re.compile(
    r"\b(?:updated?|modified|revised|aktualisiert|geändert|mis à jour|modifié|actualizad|modificad|atualizad|aggiornat|bijgewerkt|"
    r"gewijzigd|zaktualizowano|обновлен|изменен|güncellen)|更新|修改|수정",
    re.IGNORECASE,
)
_ZONES = {"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9}
_ZONES |= {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_MONTH_FIRST = frozenset({"en-us", "en-ph"})
_EITHER_FIRST = frozenset({"", "en", "en-ca"})


def iso_date(text: str, *, language: str | None = None, latest: date | None = None) -> str | None:
    """Return a date in ISO 8601, as exact as it is given: YYYY, YYYY-MM, YYYY-MM-DD, or with a time and its offset.

    `language` is the page's, for names of months and the order of numbers; a date after `latest` is none.

    >>> iso_date("Fri, 05 Jan 2024 10:00:00 GMT")
    '2024-01-05T10:00:00Z'
    """
    text = " ".join(text[: MAX_CHARS * 2].split())
    if "%" in text:
        text = unquote(text)
    if "&" in text:
        text = html.unescape(text)
    text = text.strip(" \"'")[:MAX_CHARS]
    if not any(map(str.isdigit, text)):
        return None
    if _CHANGED.search(text):
        return None
    text = _LOG_TIME.sub(" ", _TIME_FIRST.sub(r"\2 \1", text))
    if "," in text:
        text = _SHORT_YEAR.sub(lambda year: f"{year[1]}{'20' if year[2] < '50' else '19'}{year[2]}", text)
    if not text.isascii():
        text = _HALF_BEFORE.sub(lambda time: f"{time[2]} {'am' if time[1] else 'pm'}", text)
    text = _HALF_BEHIND.sub(lambda time: f"{time[1]} {'am' if time[2] else 'pm'}", text)
    if ":" not in text:
        text = _CLOCK_OF_POINTS.sub(r"\1:\2", text)
    tag = (language or "").lower().replace("_", "-")
    if tag.startswith("th"):
        text = _BUDDHIST.sub(lambda year: str(int(year[0]) - 543), text)
    try:
        return _numbers(text, tag, latest) or _words(text, tag, latest)
    except (ValueError, OverflowError):  # no such day
        return None


def _numbers(text: str, language: str, latest: date | None) -> str | None:
    """Read a date that is written in numbers."""
    if found := _ISO.match(text):
        year, _, month, day, rest = found.groups()
        return _dated(year, month, day, rest, latest=latest) if day or not rest.strip() else None
    if text.isdigit() and len(text) == 4:
        return _dated(text, None, None, "", latest=latest)
    if (found := _UNIX.fullmatch(text)) and (moment := _of_unix(int(found[1]), latest)):
        return moment
    if found := _BASIC.match(text):
        year, month, day, hour, minute, second, rest = found.groups()
        clock = f"T{hour}:{minute}{':' + second if second else ''}" if hour else ""
        return _dated(year, month, day, clock + rest, latest=latest)
    if found := _DAY_FIRST.match(text):
        first, mark, second, year, rest = found.groups()
        order = _ordered(int(first), int(second), dotted=mark == ".", language=language)
        return _dated(year, str(order[1]), str(order[0]), rest, latest=latest) if order else None
    if found := _VIETNAMESE.search(text):
        return _dated(found[3], found[2], found[1], text[found.end() :], latest=latest)
    if found := _LABEL.match(text):
        return _numbers(text[found.end() :], language, latest)
    if found := _EAST_ASIAN.search(text):
        year, month, day = found.groups()
        return _dated(year, month, day, text[found.end() :], latest=latest)
    return None


def _words(text: str, language: str, latest: date | None) -> str | None:
    """Read a date that names its month: one month, one year of four digits, at most one day, in any order."""
    time = _TIME.search(text)
    rest = text[: time.start()] + " " + text[time.end() :] if time else text
    months = {month for word in _WORD.findall(rest) if (month := month_of(word, language)) is not None}
    numbers = _NUMBER.findall(rest)
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    if len(months) != 1 or len(years) != 1 or len(days) > 1 or len(numbers) != len(years) + len(days):
        return None
    return _dated(years[0], str(months.pop()), days[0] if days else None, time[0] if time else "", latest=latest)


def _ordered(first: int, second: int, *, dotted: bool, language: str) -> tuple[int, int] | None:
    """Return day and month of two numbers, None if they may be either; points stand between them where the day is first."""
    if first > 12 or first == second:
        return first, second
    if second > 12:
        return second, first
    if language in _MONTH_FIRST and not dotted:
        return second, first
    return (first, second) if dotted or language not in _EITHER_FIRST else None


def _of_unix(seconds: int, latest: date | None) -> str | None:
    moment = datetime.fromtimestamp(seconds, UTC)
    return None if moment.year < 1990 or _is_later(moment.date(), latest) else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _dated(year: str, month: str | None, day: str | None, rest: str, *, latest: date | None) -> str | None:
    """Put a date together and check it; raises ValueError if there is no such day."""
    found = date(int(year), int(month or 1), int(day or 1))
    if found.year < MIN_YEAR or _is_later(found, latest):
        return None
    if day is None:
        return f"{found.year:04}-{found.month:02}" if month else f"{found.year:04}"
    stamp = found.isoformat() + _clock(rest)
    return None if _is_unset(stamp) else stamp


def _is_unset(stamp: str) -> bool:
    """Say whether a date is Unix time's 0, in whatever zone: a program writes it that knows no date."""
    if stamp[:10] not in ("1969-12-31", "1970-01-01"):
        return False
    moment = datetime.fromisoformat(stamp)
    return (
        stamp[:16] in ("1970-01-01", "1970-01-01T00:00")
        or 0 <= (moment - EPOCH.replace(tzinfo=moment.tzinfo and UTC)).total_seconds() < 60
    )


def _is_later(found: date, latest: date | None) -> bool:
    return latest is not None and found > latest + timedelta(days=1)  # it is tomorrow already in the east


def _clock(rest: str) -> str:
    """Return the time of day in what follows a date, as "T10:00:00+01:00"; nothing if there is none or no such time."""
    found = _TIME.search(_LOST_PLUS.sub(r"\1+\2", rest)) if ":" in rest else None
    if found is None:
        return ""
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    if found["half"]:
        hour = hour % 12 + 12 * (found["half"].lower() == "p")
    if hour > 23 or minute > 59 or second > 59:
        return ""
    seconds = f":{second:02}" if found["second"] else ""
    fraction = f".{found['fraction']}" if found["fraction"] else ""
    return f"T{hour:02}:{minute:02}{seconds}{fraction}{_offset(found['zone'])}"


def _offset(zone: str | None) -> str:
    """Return a zone as "Z" or "+01:00"; nothing for a name that is not known."""
    if not zone:
        return ""
    name = zone.upper().replace(" ", "").replace("\N{MINUS SIGN}", "-")
    hours = _ZONES.get(name)
    if hours is not None:
        return f"{hours:+03}:00" if hours else "Z"
    signed = re.fullmatch(r"(?:UTC|GMT|UT)?([+-])(\d{1,2}):?(\d{2})?", name)
    if signed is None or int(signed[2]) > 14 or int(signed[3] or 0) > 59:
        return ""
    return f"{signed[1]}{int(signed[2]):02}:{signed[3] or '00'}"
