"""A small client of itag's API: one person's connection to one server.

    with Client("http://127.0.0.1:8000") as client:
        client.sign_in("leader", "…")
        for job in client.pages("/jobs"):
            ...

Every answer is the decoded JSON of the API (docs/api.md). What the server refuses is an ApiError with its code,
detail and field errors. Paths are given without `/api/v1`.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

PREFIX = "/api/v1"
#: Verbs that may be sent again after a lost connection: the second one changes nothing that the first did not.
IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

File = tuple[str, bytes]


class ApiError(Exception):
    """What the server refused, or that it could not be reached (`status` 0, code `unreachable`).

    `errors` is a list of {"field"?, "line"?, "message"}; `body` the whole decoded answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        body: Any = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors = list(errors)
        self.body = body

    def __str__(self) -> str:
        places = "; ".join(
            f"{error.get('field') or error.get('line', '')}: {error.get('message', '')}"
            for error in self.errors
        )
        return f"{self.detail} [{self.status} {self.code}]" + (f" ({places})" if places else "")


class Client:
    """Speaks to one server as one person; not to be shared between threads.

    `retries` lost connections in a row are repeated where the verb is idempotent, or where the caller says that the
    request is (`repeatable=True`: a save with its own write id, a claim). An answer 429 or 503 with `Retry-After` is
    waited for, at most `patience` seconds a request.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        timeout: float = 60.0,
        retries: int = 4,
        patience: float = 90.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an address such as http://127.0.0.1:8000")
        self.url = url.rstrip("/")
        self.retries, self.patience, self._sleep = retries, patience, sleep
        self._http = httpx.Client(
            base_url=self.url,
            timeout=timeout,
            transport=transport,
            trust_env=parts.hostname not in LOOPBACK,  # no proxy stands before one's own machine
            headers={"Accept": "application/json"},
        )
        self.token = token

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    # --- requests ---------------------------------------------------------------------------------------------

    def get(self, path: str, **params: Any) -> Any:
        return self.send("GET", path, params=params)

    def post(self, path: str, body: Any = None, *, repeatable: bool = False) -> Any:
        return self.send("POST", path, json=body or {}, repeatable=repeatable)

    def patch(
        self,
        path: str,
        body: Any,
        *,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> Any:
        return self.send("PATCH", path, json=body, headers=headers, repeatable=repeatable)

    def put(self, path: str, body: Any) -> Any:
        return self.send("PUT", path, json=body)

    def delete(self, path: str) -> Any:
        return self.send("DELETE", path)

    def send(self, verb: str, path: str, *, repeatable: bool = False, **options: Any) -> Any:
        """Send a request below /api/v1 and answer its decoded JSON (None for an empty answer)."""
        response = self._exchange(verb, PREFIX + path, repeatable=repeatable, **options)
        return response.json() if response.content else None

    def _exchange(
        self,
        verb: str,
        path: str,
        *,
        repeatable: bool = False,
        redirects: bool = False,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> httpx.Response:
        """The server's answer to a request, after waiting and trying again; `redirects` are answers too."""
        may_repeat = repeatable or verb in IDEMPOTENT
        lost, waited = 0, 0.0
        all_headers = {**self._authorization(), **(headers or {})}
        while True:
            try:
                response = self._http.request(verb, path, headers=all_headers, **options)
            except httpx.TransportError as exc:
                # A connection that was never made has changed nothing, whatever the verb.
                lost += 1
                if lost > self.retries or not (may_repeat or isinstance(exc, httpx.ConnectError)):
                    raise ApiError(
                        0, "unreachable", f"{self.url} does not answer: {exc or type(exc).__name__}"
                    ) from exc
                self._sleep(min(0.2 * 2**lost, 3.0))
                continue
            pause = _retry_after(response)
            if pause is not None and waited + pause <= self.patience:
                waited += pause
                self._sleep(pause)
                continue
            if response.is_success or (redirects and response.has_redirect_location):
                return response
            raise _error(response)

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    # --- helpers ----------------------------------------------------------------------------------------------

    def sign_in(self, username: str, password: str, *, name: str = "") -> str:
        """Fetch a token (12 hours) and use it from now on."""
        body = {"username": username, "password": password, "name": name}
        self.token = self.send("POST", "/tokens", json=body)["token"]
        return self.token

    def pages(self, path: str, **params: Any) -> Iterator[Any]:
        """Every row of a list, page by page.

        Only the query of a page's `next` is used, so that an answer cannot lead the token to another host.
        """
        query: dict[str, Any] | None = params
        while query is not None:
            page = self.get(path, **query)
            yield from page["results"]
            after = page["next"]
            query = dict(parse_qsl(urlsplit(after).query)) if after else None

    def upload_dataset(
        self,
        *,
        workspace: int,
        name: str,
        kind: str,
        files: Iterable[File] | None = None,
        manifest: bytes | None = None,
        storage: int | None = None,
    ) -> Any:
        """Create a dataset from files ((name, bytes) each), or from a manifest's bytes that names files of a storage."""
        form = {"workspace": str(workspace), "name": name, "kind": kind}
        if storage is not None:
            form["storage"] = str(storage)
        if manifest is not None:
            form["origin"] = "manifest"
            parts: list[tuple[str, Any]] = [("manifest", (f"{name}.manifest", manifest))]
        else:
            uploads = list(files or [])
            form["origin"] = "upload"
            form["paths"] = json.dumps([path for path, _content in uploads])
            parts = [("files", (Path(path).name, content)) for path, content in uploads]
        return self.send("POST", "/datasets", data=form, files=parts)

    def wait(
        self,
        path: str,
        until: Callable[[Any], bool],
        *,
        timeout: float = 300.0,
        progress: Callable[[Any], None] | None = None,
    ) -> Any:
        """Ask for the object until `until` holds, at growing distances; `progress` sees every answer."""
        end = time.monotonic() + timeout
        pause = 0.1
        while True:
            found = self.get(path)
            if progress:
                progress(found)
            if until(found):
                return found
            if time.monotonic() > end:
                raise ApiError(
                    0, "timeout", f"{path} was not ready within {timeout:.0f} s", body=found
                )
            self._sleep(pause)
            pause = min(pause * 1.4, 1.0)

    def wait_for_run(
        self,
        path: str,
        *,
        timeout: float = 300.0,
        progress: Callable[[Any], None] | None = None,
    ) -> Any:
        """Wait for a background run to end; a run that failed is an ApiError with its reason."""
        run = self.wait(
            path,
            lambda found: found["state"] not in ("queued", "running"),
            timeout=timeout,
            progress=progress,
        )
        if run["state"] != "succeeded":
            raise ApiError(0, f"run_{run['state']}", run.get("error") or run["state"], body=run)
        return run

    def media(self, address: str) -> bytes:
        """The bytes behind an item's media address; redirects are followed on this server only.

        A large file comes in parts (206), which are put together.
        """
        for _hop in range(4):
            response = self._follow(address)
            if not response.has_redirect_location:
                return self._whole(address, response)
            address = response.headers["location"]
        raise ApiError(0, "redirects", f"{address} redirects too often")

    def _whole(self, address: str, response: httpx.Response) -> bytes:
        content = bytearray(response.content)
        while response.status_code == 206:
            total = int(response.headers["content-range"].rpartition("/")[2])
            if len(content) >= total:
                break
            response = self._follow(address, first=len(content))
            if response.status_code != 206 or not response.content:
                raise ApiError(0, "incomplete", f"{address} ended at {len(content)} of {total}")
            content += response.content
        return bytes(content)

    def _follow(self, address: str, *, first: int = 0) -> httpx.Response:
        parts = urlsplit(address)
        here = urlsplit(self.url)
        if parts.netloc and parts.netloc != here.netloc:
            raise ApiError(0, "elsewhere", f"{address} is not on {self.url}")
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"Range": f"bytes={first}-"} if first else {}
        return self._exchange("GET", path, headers=headers, redirects=True)

    def download(self, path: str, target: Path) -> str:
        """Write a file of the API to `target`, whole or not at all, and answer its SHA-256."""
        digest = hashlib.sha256()
        part = target.with_name(target.name + ".part")
        with self._http.stream("GET", PREFIX + path, headers=self._authorization()) as response:
            if not response.is_success:
                response.read()
                raise _error(response)
            with part.open("wb") as file:
                for block in response.iter_bytes():
                    digest.update(block)
                    file.write(block)
        part.replace(target)
        return digest.hexdigest()


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds that a 429 or 503 asks to wait, or None."""
    if response.status_code not in (429, 503):
        return None
    try:
        return max(0.1, float(response.headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def _error(response: httpx.Response) -> ApiError:
    """The error that an answer carries, whatever stands between us and the server."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return ApiError(response.status_code, "http", f"HTTP {response.status_code}")
    return ApiError(
        response.status_code,
        str(body.get("code", "http")),
        str(body.get("detail", f"HTTP {response.status_code}")),
        errors=body.get("errors") or [],
        body=body,
    )
