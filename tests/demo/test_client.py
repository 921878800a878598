"""The API client: errors, retries, paging, polling, files; the server is a function."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from itag.client.api import ApiError, Client

Handler = Callable[[httpx.Request], httpx.Response]


class Pauses(list[float]):
    """A sleep that only remembers how long it was asked for."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def client(handler: Handler, **options: Any) -> Client:
    options.setdefault("sleep", Pauses())
    return Client("http://itag.test", transport=httpx.MockTransport(handler), **options)


def failing(*outcomes: Any) -> tuple[Handler, list[httpx.Request]]:
    """A server whose answers, or lost connections, come in this order."""
    seen: list[httpx.Request] = []
    left = list(outcomes)

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return handle, seen


def test_address_must_be_one() -> None:
    with pytest.raises(ValueError, match="not an address"):
        Client("ftp://itag.test")


def test_token_goes_with_every_request_after_signing_in() -> None:
    handle, seen = failing(
        httpx.Response(201, json={"token": "itag_x", "expires_at": "…", "id": 1}),
        httpx.Response(200, json={"username": "ada"}),
    )
    with client(handle) as api:
        assert api.sign_in("ada", "secret") == "itag_x"
        assert api.get("/me") == {"username": "ada"}
    assert "authorization" not in seen[0].headers
    assert seen[1].headers["authorization"] == "Bearer itag_x"
    assert seen[1].url.path == "/api/v1/me"


def test_refusal_is_an_error_with_code_detail_and_fields() -> None:
    body = {
        "code": "invalid",
        "detail": "name: too long",
        "errors": [{"field": "name", "message": "too long"}],
    }
    handle, _seen = failing(httpx.Response(400, json=body))
    with pytest.raises(ApiError) as caught:
        client(handle).post("/jobs", {})
    error = caught.value
    assert (error.status, error.code, error.detail) == (400, "invalid", "name: too long")
    assert error.errors == body["errors"]
    assert "name: too long" in str(error)


def test_answer_of_something_else_is_an_error_with_its_status() -> None:
    handle, _seen = failing(httpx.Response(502, text="<html>bad gateway</html>"))
    with pytest.raises(ApiError) as caught:
        client(handle).get("/me")
    assert (caught.value.status, caught.value.code) == (502, "http")


def test_lost_connection_is_repeated_for_reading() -> None:
    handle, seen = failing(
        httpx.ReadError("gone"), httpx.ReadTimeout("slow"), httpx.Response(200, json={"ok": 1})
    )
    pauses = Pauses()
    assert client(handle, sleep=pauses).get("/me") == {"ok": 1}
    assert len(seen) == 3
    assert pauses == sorted(pauses)
    assert len(pauses) == 2


def test_lost_connection_is_not_repeated_where_it_could_do_it_twice() -> None:
    handle, seen = failing(httpx.ReadError("gone"))
    with pytest.raises(ApiError) as caught:
        client(handle).post("/jobs", {})
    assert caught.value.code == "unreachable"
    assert len(seen) == 1


def test_post_is_repeated_where_nothing_was_sent_or_the_caller_says_so() -> None:
    handle, seen = failing(httpx.ConnectError("refused"), httpx.Response(201, json={"id": 1}))
    assert client(handle).post("/jobs", {}) == {"id": 1}
    handle, seen = failing(httpx.ReadError("gone"), httpx.Response(200, json={"id": 2}))
    assert client(handle).post("/claim", {}, repeatable=True) == {"id": 2}
    assert len(seen) == 2


def test_it_gives_up_after_so_many_lost_connections() -> None:
    handle, seen = failing(*[httpx.ConnectError("refused")] * 3)
    with pytest.raises(ApiError, match="does not answer"):
        client(handle, retries=2).get("/me")
    assert len(seen) == 3


def test_limit_in_time_is_waited_for() -> None:
    limited = httpx.Response(429, headers={"retry-after": "7"}, json={"code": "throttled"})
    handle, _seen = failing(limited, httpx.Response(201, json={"token": "t"}))
    pauses = Pauses()
    client(handle, sleep=pauses).sign_in("ada", "secret")
    assert pauses == [7.0]


def test_longer_limit_than_the_patience_is_an_error() -> None:
    limited = httpx.Response(
        429, headers={"retry-after": "700"}, json={"code": "throttled", "detail": "later"}
    )
    handle, _seen = failing(limited)
    with pytest.raises(ApiError) as caught:
        client(handle).get("/me")
    assert caught.value.status == 429


def test_empty_answer_is_none() -> None:
    handle, _seen = failing(httpx.Response(204))
    assert client(handle).delete("/tokens/1") is None


def test_pages_follow_the_cursor_and_never_another_host() -> None:
    handle, seen = failing(
        httpx.Response(
            200,
            json={
                "next": "http://evil.test/api/v1/jobs?cursor=c2&state=running",
                "previous": None,
                "results": [1, 2],
            },
        ),
        httpx.Response(200, json={"next": None, "previous": None, "results": [3]}),
    )
    assert list(client(handle, token="t").pages("/jobs", state="running")) == [1, 2, 3]
    assert seen[1].url.host == "itag.test"
    assert dict(seen[1].url.params) == {"cursor": "c2", "state": "running"}


def test_files_are_uploaded_with_their_paths() -> None:
    handle, seen = failing(httpx.Response(201, json={"id": 5}))
    made = client(handle).upload_dataset(
        workspace=1, name="d", kind="image", files=[("a/one.png", b"1"), ("b/one.png", b"2")]
    )
    assert made == {"id": 5}
    body = seen[0].read().decode()
    assert seen[0].headers["content-type"].startswith("multipart/form-data")
    assert 'name="origin"\r\n\r\nupload' in body
    assert json.dumps(["a/one.png", "b/one.png"]) in body
    assert body.count('name="files"; filename="one.png"') == 2


def test_manifest_is_uploaded_as_one_file() -> None:
    handle, seen = failing(httpx.Response(201, json={"id": 5}))
    client(handle).upload_dataset(workspace=1, name="d", kind="text", manifest=b'{"data":{}}\n')
    body = seen[0].read().decode()
    assert 'name="origin"\r\n\r\nmanifest' in body
    assert 'name="manifest"; filename="d.manifest"' in body


def test_run_is_polled_until_it_ends() -> None:
    states = [("queued", 0), ("running", 50), ("succeeded", 100)]
    handle, _seen = failing(
        *[httpx.Response(200, json={"state": s, "percent": p}) for s, p in states]
    )
    seen: list[int] = []
    run = client(handle).wait_for_run("/exports/1", progress=lambda r: seen.append(r["percent"]))
    assert run["state"] == "succeeded"
    assert seen == [0, 50, 100]


def test_failed_run_is_an_error_with_its_reason() -> None:
    handle, _seen = failing(httpx.Response(200, json={"state": "failed", "error": "disk full"}))
    with pytest.raises(ApiError, match="disk full") as caught:
        client(handle).wait_for_run("/exports/1")
    assert caught.value.code == "run_failed"


def test_waiting_ends() -> None:
    with pytest.raises(ApiError) as caught:
        client(lambda request: httpx.Response(200, json={"state": "queued"})).wait_for_run(
            "/exports/1", timeout=0
        )
    assert caught.value.code == "timeout"


def test_download_is_whole_or_not_there(tmp_path: Path) -> None:
    content = b"line\n" * 1000
    handle, _seen = failing(
        httpx.Response(200, content=content),
        httpx.Response(404, json={"code": "not_found", "detail": "Not found.", "errors": []}),
    )
    api = client(handle)
    target = tmp_path / "a.manifest"
    assert api.download("/exports/1/file", target) == hashlib.sha256(content).hexdigest()
    assert target.read_bytes() == content
    with pytest.raises(ApiError, match="Not found"):
        api.download("/exports/2/file", tmp_path / "b.manifest")
    assert [path.name for path in tmp_path.iterdir()] == ["a.manifest"]


def test_media_follows_redirects_of_this_server_only() -> None:
    handle, seen = failing(
        httpx.Response(302, headers={"location": "/media/file/abc?x=1"}),
        httpx.Response(200, content=b"png"),
    )
    assert client(handle, token="t").media("/media/1/1/source") == b"png"
    assert seen[1].url.path == "/media/file/abc"
    assert seen[1].url.query == b"x=1"
    handle, seen = failing(httpx.Response(302, headers={"location": "http://evil.test/x"}))
    with pytest.raises(ApiError) as caught:
        client(handle, token="t").media("/media/1/1/source")
    assert caught.value.code == "elsewhere"
    assert len(seen) == 1


def test_media_in_parts_is_put_together() -> None:
    content = b"0123456789"

    def handle(request: httpx.Request) -> httpx.Response:
        first = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        part = content[first : first + 4]
        span = f"bytes {first}-{first + len(part) - 1}/{len(content)}"
        return httpx.Response(206, headers={"content-range": span}, content=part)

    assert client(handle).media("/media/file/x") == content


def test_media_that_ends_early_is_an_error() -> None:
    handle, _seen = failing(
        httpx.Response(206, headers={"content-range": "bytes 0-3/10"}, content=b"0123"),
        httpx.Response(206, headers={"content-range": "bytes 4-4/10"}, content=b""),
    )
    with pytest.raises(ApiError) as caught:
        client(handle).media("/media/file/x")
    assert caught.value.code == "incomplete"


def test_busy_media_is_asked_for_again() -> None:
    handle, _seen = failing(
        httpx.Response(503, headers={"retry-after": "1"}), httpx.Response(200, content=b"png")
    )
    pauses = Pauses()
    assert client(handle, sleep=pauses).media("/media/file/x") == b"png"
    assert pauses == [1.0]


def test_redirect_of_the_api_is_an_error() -> None:
    handle, _seen = failing(httpx.Response(301, headers={"location": "https://itag.test/"}))
    with pytest.raises(ApiError) as caught:
        client(handle).get("/me")
    assert caught.value.status == 301
