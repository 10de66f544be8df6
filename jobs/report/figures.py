"""Writes numbers as people read them: grouped thousands, shares that never round to a lie, sizes and times."""


def number(value: float | None) -> str:
    """Return a number with grouped thousands and three significant digits if it is small; a dash for None.

    >>> number(1234567), number(0.12345), number(1e-7), number(1e20), number(None)
    ('1,234,567', '0.123', '1e-07', '1e+20', '–')
    """
    if value is None:
        return "–"
    if abs(value) >= 1e15:
        return f"{value:.3g}"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.3g}"


def share(part: float, whole: float) -> str:
    """Return a percentage that says 0% and 100% only when that is exact.

    >>> share(1, 3), share(1, 5000), share(0, 7), share(4999, 5000), share(7, 7), share(1, 0)
    ('33.3%', '<0.1%', '0%', '>99.9%', '100%', '–')
    """
    if not whole:
        return "–"
    percent = 100 * part / whole
    if percent in (0, 100):
        return f"{percent:.0f}%"
    if percent < 0.1:
        return "<0.1%"
    return ">99.9%" if 99.9 < percent < 100 else f"{percent:.1f}%"


def large(value: float) -> str:
    """Return a headline number in words once its digits stop being readable.

    >>> large(471691), large(15_300_000), large(2_040_000_000)
    ('471,691', '15.3 million', '2.04 billion')
    """
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if abs(value) >= 10 * size or (size > 1e6 and abs(value) >= size):
            return f"{value / size:.3g} {word}"
    return number(round(value))


def size(count: float) -> str:
    """Return bytes in decimal units.

    >>> size(999), size(59_954_108)
    ('999 B', '60.0 MB')
    """
    for unit, word in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= unit:
            return f"{count / unit:,.1f} {word}"
    return f"{count:,.0f} B"


def duration(seconds: float | None) -> str:
    """Return seconds as a reader would say them.

    >>> duration(4.42), duration(93), duration(7260), duration(None)
    ('4.4 s', '1 min 33 s', '2 h 1 min', '–')
    """
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
