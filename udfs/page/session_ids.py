"""Session ids in URLs, told by the form of their value: a name alone says nothing, as `sid` also numbers stories and shops."""

import re

# The forms that servers give them. A value of another form is content.
_MIXED = "(?=[a-z]*[0-9])(?=[0-9]*[a-z])"  # digits and letters, so neither a number nor a word
# an md5 or a sha1 as phpBB and most shops have it, or the five bits a character of PHP 7.1 and later
_PHP = rf"{_MIXED}(?:[0-9a-f]{{40}}|[0-9a-f]{{32}}|[0-9a-v]{{26}})"
_JAVA = (
    r"(?=[a-z]*[0-9])[0-9a-z_-]{20,}(?:[.:!~+][0-9a-z_.:!~+-]*)?"  # the id, then the name of the server that has the session
)
_ASP = "[a-z]{24}"
_ASP_NET = r"/\((?:[a-z]\([0-9a-z_-]*\))*s\([a-z0-5]{24}\)(?:[a-z]\([0-9a-z_-]*\))*\)"  # a segment of its own

_NAMED = (
    rf"jsessionid={_JAVA}|(?:php)?sessid={_PHP}|aspsessionid[a-z]{{8}}={_ASP}|(?:sid|session_?id|oscsid|zenid|xtcsid)={_PHP}"
)
_PARAMETER = re.compile(_NAMED, re.IGNORECASE)
_IN_PATH = re.compile(rf";(?:{_NAMED})(?=[;/]|$)|{_ASP_NET}(?=/|$)", re.IGNORECASE)


def is_session(parameter: str) -> bool:
    """Tell whether a parameter of a query names a session, and its value has the form of a session's id.

    >>> is_session("sid=c613f07a94d24ae130f878df2f758925"), is_session("sid=12"), is_session("session_id=2024-01")
    (True, False, False)
    """
    return _PARAMETER.fullmatch(parameter) is not None


def without_sessions(path: str) -> str:
    """Cut `;jsessionid=…` and its like, and ASP.NET's segment `(S(…))`, from a path.

    >>> without_sessions("/a;jsessionid=6E16038CD8F33513DF6634FABA4F655F.node2/b;v=1"), without_sessions("/a;sid=7")
    ('/a/b;v=1', '/a;sid=7')
    """
    return _IN_PATH.sub("", path)
