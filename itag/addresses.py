"""Addresses of database and broker, and what Django, the cache and Celery each want to hear of them."""

from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from psycopg.conninfo import conninfo_to_dict


def database_address(*, sockets: str, user: str, password: str, name: str) -> str:
    """A libpq address of a server that listens on a Unix socket in the folder `sockets`."""
    return f"postgresql://{quote(user)}:{quote(password, safe='')}@/{quote(name)}?host={quote(sockets, safe='')}"


def redis_address(*, socket: str, password: str) -> str:
    """A redis-py address of a server that listens on the Unix socket `socket`."""
    return f"unix://:{quote(password, safe='')}@{quote(socket)}"


def django_database(url: str) -> dict[str, Any]:
    """NAME, USER, PASSWORD, HOST, PORT and OPTIONS of any address that libpq understands."""
    for alias in ("psql://", "pgsql://", "postgis://"):
        if url.startswith(alias):
            url = f"postgresql://{url.removeprefix(alias)}"
    found = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": found.pop("dbname", "itag"),
        "USER": found.pop("user", ""),
        "PASSWORD": found.pop("password", ""),
        "HOST": found.pop("host", ""),
        "PORT": str(found.pop("port", "")),
        "OPTIONS": found,
    }


def redis_url(url: str, number: int) -> str:
    """The same server, `number` databases above the one that the address names (redis-py's spelling)."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    path = parts.path
    if parts.scheme == "unix":
        query["db"] = str(int(query.get("db", 0)) + number)
    else:
        path = f"/{int(query.pop('db', 0) or path.strip('/') or 0) + number}"
    return _join(parts.scheme, parts.netloc, path, query)


def broker_url(url: str, number: int) -> str:
    """The same for Celery, which spells a socket redis+socket:// and its database virtual_host."""
    found = redis_url(url, number)
    parts = urlsplit(found)
    if parts.scheme != "unix":
        return found
    query = dict(parse_qsl(parts.query))
    query["virtual_host"] = query.pop("db")
    return _join("redis+socket", parts.netloc, parts.path, query)


def _join(scheme: str, netloc: str, path: str, query: dict[str, str]) -> str:
    # Not urlunsplit, which drops the slashes of an empty netloc.
    return f"{scheme}://{netloc}{path}" + (f"?{urlencode(query)}" if query else "")
