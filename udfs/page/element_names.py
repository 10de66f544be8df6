"""The names of HTML's elements, and those that stand within a line of text. Source: the HTML Standard, and its obsolete elements."""

_INLINE = """
a abbr acronym b bdi bdo big br cite code data del dfn em font i img ins kbd mark nobr q rp rt ruby s samp small span strike strong
sub sup time tt u var wbr
"""
_BLOCK = """
address applet area article aside audio base basefont bgsound blink blockquote body button canvas caption center col colgroup datalist
dd details dialog dir div dl dt embed fencedframe fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header
hgroup hr html iframe input isindex keygen label legend li link listing main map marquee math menu menuitem meta meter nav noembed
noframes noindex noscript object ol optgroup option output p param picture plaintext pre progress rb rtc script search section select
slot source style summary svg table tbody td template textarea tfoot th thead title tr track ul use video xmp
"""
_FOREIGN = """
path g defs clippath circle rect polygon polyline line ellipse lineargradient radialgradient stop symbol mask filter text tspan desc
image pattern mi mo mn mrow msup msub mfrac msqrt mtext mstyle mtable mtr mtd semantics annotation mover munder mspace munderover
msubsup mroot mfenced mpadded mphantom menclose merror
"""  # within svg and math
INLINE_NAMES = frozenset(_INLINE.split())
HTML_NAMES = INLINE_NAMES | frozenset(_BLOCK.split()) | frozenset(_FOREIGN.split())
