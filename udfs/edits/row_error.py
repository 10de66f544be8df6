"""What a row that raised says in its column `error`: its neighbours go on."""

MAX_CHARACTERS = 500


def costs_a_row(error: BaseException) -> bool:
    """Say whether what was raised is the fault of a row: an Exception, or a panic in the Rust of a tokenizer, which is none.

    A stop by the user is nobody's fault.
    """
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def row_error(error: BaseException) -> str:
    """Return type and text of an exception, in a form that Arrow and Parquet can hold."""
    words = f"{type(error).__name__}: {error}".replace("\0", "")
    return words.encode("utf-8", "replace").decode("utf-8")[:MAX_CHARACTERS]
