"""The characters that FineWeb's filters call punctuation and end of sentence; which they are decides what counts as a word."""


def _characters(ranges: str) -> frozenset[str]:
    """Return the characters of space-separated hexadecimal code points and ranges (both ends included)."""
    found: set[str] = set()
    for item in ranges.split():
        first, _, last = item.partition("-")
        found.update(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return frozenset(found)


# Marks that end a sentence, in every script (the set TERMINAL_PUNCTUATION of datatrove 0.10.1, utils/text.py).
# spaCy's sentencizer lacks 31 of them, all of scripts that no English page uses.
TERMINAL = _characters(
    "21 2e 3f 589 61d-61f 6d4 700-702 7f9 837 839 83d-83e 964-965 104a-104b 1362 1367-1368 166e 1735-1736 17d4-17d6 "
    "17d9-17da 1803 1809 1944-1945 1aa8-1aab 1b5a-1b5b 1b5e-1b5f 1b7d-1b7e 1c3b-1c3c 1c7e-1c7f 203c-203d 2047-2049 "
    "2e2e 2e3c 2e53-2e54 3002 a4ff a60e-a60f a6f3 a6f7 a876-a877 a8ce-a8cf a92f a9c8-a9c9 aa5d-aa5f aaf0-aaf1 abeb "
    "fe52 fe56-fe57 ff01 ff0e ff1f ff61 10a56-10a57 10f55-10f59 10f86-10f89 11047-11048 110be-110c1 11141-11143 "
    "111c5-111c6 111cd 111de-111df 11238-11239 1123b-1123c 112a9 1144b-1144c 115c2-115c3 115c9-115d7 11641-11642 "
    "1173c-1173e 11944 11946 11a42-11a43 11a9b-11a9c 11c41-11c42 11ef7-11ef8 11f43-11f44 16a6e-16a6f 16af5 "
    "16b37-16b38 16b44 16e98 1bc9f 1da88"
)

# Marks within a sentence that datatrove's set lacks: Ethiopic's, and Tibetan's shads.
CLAUSE = _characters("1360 1363-1366 f0d-f12")
WORDSPACE = "\u1361"  # of Ethiopic
TYPED_STOP = 2 * WORDSPACE  # as many type the Ethiopic full stop

# A word made of these alone is a symbol (the set PUNCTUATION_SET of the same file): control characters, the usual marks of
# Latin and CJK text, a full-width one by an upstream slip, and the terminal marks. "+" and "=" are in it, "•" and "€" are not.
# Marks of Ethiopic and Tibetan are gristmill's.
SYMBOLS = (
    TERMINAL
    | CLAUSE
    | {WORDSPACE}
    | _characters("0-8 b-1f 7f-9f")
    | frozenset("!\"#$%&'()*+,-./:=>?@[\\]^_`{|}~<;")
    | frozenset("´«»–—’“”„…∶━►、。〈〉《》「」【】！％（），．１：；？～")
)

# Marks of scripts whose letters the cuts of spaCy's English do not know: the terminal ones of Armenian, Ethiopic, Canadian syllabics,
# Mongolian, Javanese and others, and those within a sentence. English text has none of them. Arabic's and Devanagari's are spaCy's
# (udfs.words.cuts).
OF_SCRIPTS = CLAUSE | frozenset(
    mark
    for mark in TERMINAL
    if mark not in "؟۔।" and ("\u0589" <= mark < "\u2000" or mark >= "\ua4ff") and not "\ufe00" <= mark < "\U00010000"
)
