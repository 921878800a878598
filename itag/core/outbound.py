"""The one way out: addresses that people chose are asked here only, and never on a private network.

Every name is resolved once and the connection goes to the very address that was looked at, so that a name which
answers differently a moment later (DNS rebinding) gains nothing. Redirects are not followed: whoever needs one asks
again, and is looked at again. Proxies of the environment are not used.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore
from django.conf import settings
from django.utils.translation import gettext_lazy as _

#: At most so many bytes of an answer are read.
MAX_ANSWER = 64 * 1024

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutboundError(Exception):
    """The request could not be made; `code` is one word for logs and pages, never text of the other side."""

    MESSAGES = {
        "address": _("The address must begin with https:// or http:// and name a host."),
        "forbidden": _("The address lies in a private network that is not allowed."),
        "unresolved": _("The host's name was not found."),
        "unreachable": _("The host could not be reached."),
        "timeout": _("The host did not answer in time."),
        "protocol": _("The host did not speak HTTP."),
    }

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def message(self) -> str:
        return str(self.MESSAGES[self.code])


@dataclass(frozen=True)
class Answer:
    """Status and the first MAX_ANSWER bytes of the body."""

    status: int
    body: bytes


def allowed_networks() -> list[Network]:
    """The private networks that services set up by an administrator may lie in (ITAG_ALLOW_NETWORKS)."""
    return [ipaddress.ip_network(text, strict=False) for text in settings.ITAG_ALLOW_NETWORKS]


def is_allowed(address: str, networks: Iterable[Network] = ()) -> bool:
    """Whether a connection may go to this IP address: a public one, or one within `networks`."""
    ip: Address = ipaddress.ip_address(address.split("%")[0])
    # ::ffff:10.0.0.1, 64:ff9b::10.0.0.1 and 2002:… are the IPv4 address that they carry.
    for inner in _carried(ip):
        if not is_allowed(str(inner), networks):
            return False
    if any(ip in network for network in networks if network.version == ip.version):
        return True
    return ip.is_global and not ip.is_multicast


def check_url(url: str) -> None:
    """Raise OutboundError `address` unless the text is an http(s) address without user name, with a usual port."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise OutboundError("address") from exc
    plain = parts.scheme in ("http", "https") and parts.hostname and not parts.username
    if not plain or parts.password or port == 0 or any(c.isspace() or ord(c) < 32 for c in url):
        raise OutboundError("address")


def post(
    url: str,
    *,
    body: bytes,
    headers: dict[str, str],
    timeout: float = 10,
    trusted: bool = False,
) -> Answer:
    """POST the body; `trusted`: an administrator set the address up, ITAG_ALLOW_NETWORKS holds.

    `timeout` holds for the whole exchange, in seconds. Raises OutboundError.
    """
    return request("POST", url, body=body, headers=headers, timeout=timeout, trusted=trusted)


def request(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: dict[str, str],
    timeout: float = 10,
    trusted: bool = False,
) -> Answer:
    """Ask once, without following redirects; see `post`."""
    check_url(url)
    end = time.monotonic() + timeout
    limits = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
    networks = allowed_networks() if trusted else []
    try:
        with (
            httpcore.ConnectionPool(
                ssl_context=ssl.create_default_context(), network_backend=_Guarded(networks)
            ) as pool,
            pool.stream(
                method,
                url.encode("ascii") if url.isascii() else _ascii(url),
                headers=[(name.encode(), value.encode()) for name, value in headers.items()],
                content=body,
                extensions={"timeout": limits},
            ) as response,
        ):
            read = b""
            for chunk in response.iter_stream():
                read += chunk
                if len(read) >= MAX_ANSWER:
                    break
                if time.monotonic() > end:
                    raise OutboundError("timeout")
            return Answer(response.status, read[:MAX_ANSWER])
    except httpcore.TimeoutException as exc:
        raise OutboundError("timeout") from exc
    except (httpcore.NetworkError, OSError) as exc:
        raise OutboundError("unreachable") from exc
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError) as exc:
        raise OutboundError("protocol") from exc


class _Guarded(httpcore.NetworkBackend):
    """Resolves a name, looks at every address, and connects to one of those that it looked at."""

    def __init__(self, networks: list[Network]) -> None:
        self._networks = networks
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as exc:
            raise OutboundError("unresolved") from exc
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        # One forbidden address among several is a trick, not a misconfiguration.
        if not all(is_allowed(address, self._networks) for address in addresses):
            raise OutboundError("forbidden")
        failure: Exception = OutboundError("unresolved")
        for address in addresses[:4]:
            try:
                return self._inner.connect_tcp(address, port, timeout, local_address)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failure = exc
        raise failure

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise OutboundError("forbidden")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def _carried(ip: Address) -> list[ipaddress.IPv4Address]:
    """IPv4 addresses that an IPv6 address stands for."""
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    carried = [ip.ipv4_mapped, ip.sixtofour]
    if ip in ipaddress.ip_network("64:ff9b::/96"):
        carried.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    if ip.teredo:
        carried.extend(ip.teredo)
    return [inner for inner in carried if inner is not None]


def _ascii(url: str) -> bytes:
    """The address with its host in IDNA and the rest percent-encoded."""
    import httpx

    return str(httpx.URL(url)).encode("ascii")
