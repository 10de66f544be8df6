"""Which documents a rule or a step is meant for: SQL over one document, and files of hosts."""

HOSTS = "a file of hosts and domains, a line each: only pages on them, or below them, are meant"
NOT_HOSTS = "a file of hosts and domains: pages on them, or below them, are not meant"


def column_of(list_name: str) -> str:
    """Name the column that says whether a document's host is in a file of hosts."""
    return f"in {list_name}"


def meant(where: str | None, *, hosts: str | None, not_hosts: str | None) -> str | None:
    """Return SQL that is true for the documents that are meant; None if all are. All limits must hold.

    >>> meant("language = 'de'", hosts="news.txt", not_hosts=None)
    "(language = 'de') AND `in news.txt`"
    """
    if hosts is None and not_hosts is None:
        return where
    limits = [f"({where})"] if where is not None else []
    limits += [_quoted(hosts)] if hosts is not None else []
    limits += [f"NOT {_quoted(not_hosts)}"] if not_hosts is not None else []
    return " AND ".join(limits)


def _quoted(list_name: str) -> str:
    return "`" + column_of(list_name).replace("`", "``") + "`"
