"""The way out: private networks, rebinding, redirects, other schemes, large and slow answers."""

import socket
from typing import Any

import pytest

from itag.core import outbound
from itag.core.outbound import OutboundError, check_url, is_allowed, post
from tests.receiver import Receiver


@pytest.fixture
def house(settings: Any) -> None:
    settings.ITAG_ALLOW_NETWORKS = ["127.0.0.0/8"]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::1", "2001:0:7f00:1::", "fe80::1%eth0",
    ],
)  # fmt: skip
def test_no_private_address(address: str) -> None:
    assert not is_allowed(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111"])
def test_public_addresses(address: str) -> None:
    assert is_allowed(address)


def test_a_named_network_opens_only_itself(settings: Any) -> None:
    settings.ITAG_ALLOW_NETWORKS = ["10.2.0.0/16"]
    networks = outbound.allowed_networks()
    assert is_allowed("10.2.3.4", networks)
    assert not is_allowed("10.3.0.1", networks)
    assert not is_allowed("::ffff:10.3.0.1", networks)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://x/", "ftp://x/", "javascript:alert(1)", "//x/", "http://", "http:///x",
        "http://user@x/", "http://user:secret@x/", "http://x:0/", "http://x:99999/", "http://x/\r\nHost: y", "http://[::1",
        " http://x/", "",
    ],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(OutboundError) as error:
        check_url(url)
    assert error.value.code == "address"


def test_what_lies_in_the_house_is_refused_unless_named(receiver: Receiver, settings: Any) -> None:
    with pytest.raises(OutboundError) as error:
        post(receiver.url, body=b"{}", headers={}, trusted=True)
    assert error.value.code == "forbidden"
    settings.ITAG_ALLOW_NETWORKS = ["127.0.0.1"]
    # What data names never may.
    with pytest.raises(OutboundError):
        post(receiver.url, body=b"{}", headers={})
    assert receiver.got == []
    answer = post(receiver.url, body=b"{}", headers={"X-A": "b"}, trusted=True)
    assert (answer.status, answer.body) == (200, b"ok")
    assert receiver.got[0][1]["X-A"] == "b"


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "localhost", "[::ffff:127.0.0.1]"]
)
def test_other_spellings_of_loopback(host: str, receiver: Receiver) -> None:
    with pytest.raises(OutboundError) as error:
        post(f"http://{host}:{receiver.server_port}/", body=b"", headers={}, trusted=True)
    assert error.value.code in ("forbidden", "unresolved")
    assert receiver.got == []


def test_a_name_that_answers_differently_the_second_time_gains_nothing(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ["93.184.215.14", "127.0.0.1"]
    asked = []
    connected: list[str] = []

    def resolve(host: str, port: int, **_more: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers[len(asked) - 1], port))]

    def connect(_self: Any, address: str, *_more: Any) -> Any:
        connected.append(address)
        raise outbound.httpcore.ConnectError("nobody there")

    monkeypatch.setattr(outbound.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(outbound.httpcore.SyncBackend, "connect_tcp", connect)
    with pytest.raises(OutboundError) as error:
        post(f"http://rebind.example:{receiver.server_port}/", body=b"", headers={})
    assert error.value.code == "unreachable"
    assert asked == ["rebind.example"]
    assert connected == ["93.184.215.14"]


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, 1, 6, "", (ip, 80)) for ip in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *_a, **_k: found)
    with pytest.raises(OutboundError) as error:
        post("http://both.example/", body=b"", headers={})
    assert error.value.code == "forbidden"


def test_a_redirect_is_an_answer_not_a_way(receiver: Receiver, house: None) -> None:
    receiver.status = 302
    receiver.headers = {"Location": f"http://127.0.0.1:{receiver.server_port}/elsewhere"}
    assert post(receiver.url, body=b"", headers={}, trusted=True).status == 302
    assert [path for path, _headers, _body in receiver.got] == ["/hook"]


def test_a_large_answer_is_read_to_a_limit(receiver: Receiver, house: None) -> None:
    receiver.body = b"x" * (3 * outbound.MAX_ANSWER)
    assert len(post(receiver.url, body=b"", headers={}, trusted=True).body) == outbound.MAX_ANSWER


def test_nobody_there_and_no_http(house: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(OutboundError) as error:
            post(f"http://127.0.0.1:{taken.getsockname()[1]}/", body=b"", headers={}, trusted=True)
    assert error.value.code == "unreachable"


def test_who_does_not_answer(house: None) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(OutboundError) as error:
            post(
                f"http://127.0.0.1:{silent.getsockname()[1]}/",
                body=b"",
                headers={},
                timeout=0.2,
                trusted=True,
            )
    assert error.value.code == "timeout"


def test_the_environments_proxy_is_not_used(
    receiver: Receiver, house: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    assert post(receiver.url, body=b"", headers={}, trusted=True).status == 200
