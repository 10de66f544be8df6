"""Where a server is: its host, port and path, taken from the URL that a recipe gives."""

from dataclasses import dataclass
from urllib.parse import urlsplit

CHAT = "/chat/completions"
FORM = "write http://host:port/v1"
SECRET = "a server's URL holds a name, a password or a query: keys come from the variable that key_env names"


class AddressError(ValueError):
    """A URL that names no server."""


@dataclass(frozen=True)
class Address:
    """Say where requests go: `path` is that of the chat completions; `shown` is the URL, for messages."""

    host: str
    port: int
    tls: bool
    path: str
    shown: str


def address_of(url: str) -> Address:
    """Read the base URL of an OpenAI-compatible server; raises AddressError.

    A URL with a name or password in it is refused: it would stand in recipe.json and in messages. A password with a / in it is read as a
    port or path, so an @ anywhere is one.

    >>> address_of("http://localhost:8000/v1").path, address_of("https://api.example.org/v1/").port
    ('/v1/chat/completions', 443)
    """
    if "@" in url:
        raise AddressError(SECRET)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its words may quote a password
        raise AddressError(f"a server's URL has a host or port that is none: {FORM}") from None
    if parts.query or parts.fragment:
        raise AddressError(SECRET)
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise AddressError(f"{url!r} is no URL of a server: {FORM}")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise AddressError(f"{url!r} holds a space or a letter that is not ASCII, which no request can: {FORM}")
    base = parts.path.rstrip("/")
    if base.endswith(CHAT):
        raise AddressError(f"{url!r} ends in {CHAT}, which is added to it: {FORM}")
    tls, path = parts.scheme == "https", base + CHAT
    return Address(parts.hostname, port or (443 if tls else 80), tls, path, url)
