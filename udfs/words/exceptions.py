"""The words whose split no rule of spelling gives (contractions, abbreviations, emoticons), built from short lists.

The set is that of spaCy 3.8's English tokenizer (spacy/lang/en/tokenizer_exceptions.py and spacy/lang/tokenizer_exceptions.py,
MIT), because FineWeb's word counts rest on it: even its oddities ("id" is "i" + "d") move a count.
"""

from collections.abc import Iterator
from itertools import product

_WILL_WOULD = "'ll ll 'll|'ve ll|ve 'd d 'd|'ve d|ve"
_NOT = "n't nt"

# Hosts, and the endings each of them takes; | is a cut between two words. Every host also stands in title case.
_CONTRACTIONS = (
    ("i", "'m m 'm|a m|a"),
    ("i you he she it we they", _WILL_WOULD),
    ("i you we they", "'ve ve"),
    ("you we they", "'re re"),
    ("he she it", "'s s"),
    ("who what when where why how there that this these those", _WILL_WOULD),
    ("who what when where why how there that this", "'s s"),
    ("who what when where why how there these those", "'re re 've ve"),
    ("ca could do does did had may might must need ought sha should wo would", _NOT + " n't|'ve nt|ve"),
    ("could might must should would", "'ve ve"),
    ("ai are is was were have has dare", _NOT),
    ("not", "'ve ve"),
    ("how", "'d|'y"),
    ("can", "not"),
    ("gon", "na"),
    ("got", "ta"),
    ("let", "'s"),
    ("c'm", "on"),
)

# What the rules above would split, and English does not.
_ORDINARY = frozenset(["ill", "its", "hell", "shell", "shed", "were", "well", "whore"])

_ABBREVIATIONS = (
    "Adm. Ak. Ala. Apr. Ariz. Ark. Aug. Bros. Calif. Co. Colo. Conn. Corp. D.C. Dec. Del. Dr. E.G. E.g. Feb. Fla. Ga. Gen. "
    "Gov. I.E. I.e. Ia. Id. Ill. Inc. Ind. Jan. Jr. Jul. Jun. Kan. Kans. Ky. La. Ltd. Mar. Mass. Md. Messrs. Mich. Minn. "
    "Miss. Mo. Mont. Mr. Mrs. Ms. Mt. N.C. N.D. N.H. N.J. N.M. N.Y. Neb. Nebr. Nev. Nov. Oct. Okla. Ore. Pa. Ph.D. Prof. "
    "Rep. Rev. S.C. Sen. Sep. Sept. St. Tenn. Va. Wash. Wis. a.m. co. e.g. i.e. p.m. v.s. vs. C++ and/or w/o ä. ö. ü."
)
_APOSTROPHES = (
    "' '' 'S 's ‘S ‘s 'd 're 'em 'll 'nuff 'Cause 'cause 'Cos 'cos 'Coz 'coz 'Cuz 'cuz 'bout ma'am Ma'am o'clock O'clock "
    "doin' Doin' goin' Goin' nothin' Nothin' nuthin' Nuthin' ol' Ol' somethin' Somethin' lovin' Lovin' havin' Havin'"
)

_FACES = (
    *product((":",), ("", "-"), (")", "))", ")))", "]", "}", "(", "((", "(((", "/", "|", *"PpOo03*>XxD")),
    *product((";",), ("", "-"), (")", "D")),
    *product((":'",), ("", "-"), (")", "(")),
    *product(("(", "["), ("", "-"), (":",)),
    *product((")",), ("", "-"), (":",)),
    *product(("8",), ("", "-"), (")", "D")),
    *product(("=",), ("",), (")", "(", "]", "[", "/", "|", "3", "D")),
)
_ODD_FACES = (
    "(= [= ]= :1 :() :o) (o: >:o >:( (; (-; (-8 xD XD xDD XDD ^_^ ^__^ ^___^ >.< >.> <.< ._. ;_; -_- -__- v.v V.V v_v V_V "
    "o_o o_O O_o O_O 0_o o_0 0_0 o.O O.o O.O o.o 0.0 o.0 0.o @_@ <3 <33 <333 </3 (^_^) (-_-) (._.) (>_<) (*_*) (¬_¬) "
    r"ಠ_ಠ ಠ︵ಠ (ಠ_ಠ) ¯\(ツ)/¯ (╯°□°）╯︵┻━┻ ><(((*> \") \t \n <space>"
)


def _contractions() -> Iterator[tuple[str, ...]]:
    for hosts, endings in _CONTRACTIONS:
        for host, ending in product(hosts.split(), endings.split()):
            for cased in (host, host.title() if host != "c'm" else "C'm"):
                yield cased, *ending.split("|")


def _build() -> dict[str, tuple[str, ...]]:
    """Return every exception with its words; joined they give the exception again."""
    table = {"".join(words): words for words in _contractions()}
    for word in _ORDINARY:
        table.pop(word, None)
        table.pop(word.title(), None)
    table |= {"y'all": ("y'", "all"), "yall": ("y", "all")}
    for hour, half in product(range(1, 13), ("am", "pm", "a.m.", "p.m.")):
        table[f"{hour}{half}"] = (str(hour), half)
    table |= {f"°{scale}.": ("°", scale, ".") for scale in "cfkCFK"}
    faces = ["".join(parts) for parts in _FACES]
    initials = [f"{letter}." for letter in "abcdefghijklmnopqrstuvwxyz"]
    whole = (*_ABBREVIATIONS.split(), *_APOSTROPHES.split(), *_ODD_FACES.split(), *faces, *initials)
    table |= {word: (word,) for word in whole}
    typographic = (tuple(part.replace("'", "’") for part in words) for words in table.values())
    return {"".join(words): words for words in typographic} | table


EXCEPTIONS: dict[str, tuple[str, ...]] = _build()
