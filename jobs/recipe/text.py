"""Decode a small text file that a person or another program wrote: a recipe, a list of files."""

import codecs

from jobs.engine.errors import RecipeError

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)  # UTF-32 LE begins as UTF-16 LE does


def decoded(body: bytes, *, what: str) -> str:
    r"""Return the text of a UTF-8 file without its byte order mark; raises RecipeError naming `what`, the line and the bytes.

    >>> decoded(b"\xef\xbb\xbfa.warc.gz", what="the list")
    'a.warc.gz'
    """
    if body.startswith(_WIDE):
        raise RecipeError(f"{what} is UTF-16 and not UTF-8: nothing was run. Save it as UTF-8")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        content = body.split(b"\n")[line - 1].strip()[:80].decode("utf-8", "backslashreplace")
        raise RecipeError(
            f"{what} is not UTF-8, at line {line} ({content}): nothing was run. Save it as UTF-8; a file whose own name is not UTF-8 "
            f"must be renamed"
        ) from None
