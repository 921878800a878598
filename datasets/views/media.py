"""Media: the way to a dataset's files for those who may see it, and the files themselves behind signed links.

With ITAG_ACCEL=nginx the bytes leave through nginx, which needs three internal locations:

    location /_itag/files/   { internal; alias ITAG_HOME/files/; }
    location /_itag/cache/   { internal; alias ITAG_HOME/cache/media/; }
    location /_itag/roots/0/ { internal; alias <the first folder of ITAG_LOCAL_ROOTS>/; }   # and 1, 2, …

each with `disable_symlinks on from=$document_root;` and `add_header X-Content-Type-Options nosniff always;` and
`add_header Content-Security-Policy "default-src 'none'; sandbox" always;`.
"""

import io
import threading
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views import View
from rest_framework.exceptions import AuthenticationFailed

from datasets.models import Dataset, Item
from datasets.services import images
from datasets.services.media import (
    TILES,
    LinkExpired,
    cache_root,
    media_response,
    open_chunk,
    open_media,
    open_product,
    open_tile,
    open_tiles,
    read_token,
)
from datasets.services.products import MADE
from datasets.services.readers import Unfit
from datasets.services.storages import files_root
from itag.core.errors import NotFound
from itag.core.policy import require
from itag.web.authentication import TokenAuthentication
from itag.web.files import on_close, serve_file, tame
from itag.web.pages import SignedIn


class DatasetMedia(SignedIn):
    """A file of a dataset for those who may see it, by session or by token.

    `?size=thumb` for a small picture of it, `?size=tiles` for a large picture's tiles; for sounds and videos
    `?size=play`, `peaks`, `spectrum` and `frames`, which are made in the background.
    """

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.refused = False
        try:
            found = TokenAuthentication().authenticate(request)  # type: ignore[arg-type]
        except AuthenticationFailed:
            self.refused = True
        else:
            if found is not None:
                request.user = found[0]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.refused:
            return _message(401, _("The token is not valid any more."))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int, ordinal: int, field: str) -> HttpResponse:
        dataset = get_object_or_404(
            Dataset.objects.alive().visible_to(request.user).select_related("workspace"), pk=pk
        )
        require(request.user, "datasets.view", dataset)
        if ordinal > dataset.item_count:
            raise Http404
        item = get_object_or_404(
            Item.objects.only("dataset_id", "ordinal", "media"), dataset=dataset, ordinal=ordinal
        )
        return media_response(request, item=item, field=field)


class MediaFile(View):
    """The file that a signed link opens, or the tiles; who holds the link needs nothing else."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, token: str, **place: int) -> HttpResponseBase:
        slots = _slots()
        if not slots.acquire():
            return _busy()
        try:
            response = self._guarded(request, token, place)
        except BaseException:
            slots.release()
            raise
        on_close(response, slots.release)
        return response

    def _guarded(self, request: HttpRequest, token: str, place: dict[str, int]) -> HttpResponseBase:
        try:
            variant = read_token(token)[2]
            if place:
                return _tile(request, token, place, variant)
            if variant == TILES:
                return _tiles(token)
            if variant in MADE:
                return _product(token)
            return self._answer(request, token)
        except LinkExpired as exc:
            return _message(410, exc.detail)
        except NotFound as exc:
            return _message(404, exc.detail)
        except Unfit as exc:
            return _message(404, str(exc))
        except images.Busy:
            # What is being made is no failure: it is asked for again.
            return _busy() if read_token(token)[2] != TILES else _soon()

    def _answer(self, request: HttpRequest, token: str) -> HttpResponseBase:
        opened = open_media(token)
        content_type = opened.content_type or "application/octet-stream"
        attachment = None if opened.content_type else opened.name
        fresh = f"private, max-age={opened.expires}"
        if settings.ITAG_ACCEL == "nginx" and (address := _internal(opened.path)):
            opened.file.close()
            response = tame(HttpResponse(), content_type, fresh, attachment)
            response.headers["X-Accel-Redirect"] = address
            return response
        return serve_file(
            request,
            opened.file,
            size=opened.size,
            etag=opened.etag,
            content_type=content_type,
            cache=fresh,
            attachment=attachment,
        )


def _tiles(token: str) -> HttpResponseBase:
    """What tiles there are, as JSON; each is at <this address>/<level>/<column>/<row>."""
    manifest, left = open_tiles(token)
    return tame(JsonResponse(manifest), "application/json", f"private, max-age={left}")


def _product(token: str) -> HttpResponseBase:
    """How far it is; where it is ready its parts are at <this address>/<level>/<chunk>/0."""
    state, left = open_product(token)
    making = state["state"] == "making"
    response = JsonResponse(state, status=202 if making else 200)
    if making:
        response.headers["Retry-After"] = "1"
    ready = state["state"] == "ready"
    # Not for long: the parts are in a cache, from which they may go.
    return tame(
        response, "application/json", f"private, max-age={min(left, 60)}" if ready else "no-store"
    )


def _tile(
    request: HttpRequest, token: str, place: dict[str, int], variant: str
) -> HttpResponseBase:
    if variant == TILES:
        content, content_type, etag, left = open_tile(token, **place)
    else:
        key = "{level}/{column}/{row}".format(**place)
        content, content_type, etag, left = open_chunk(token, key)
    return serve_file(
        request,
        io.BytesIO(content),
        size=len(content),
        etag=etag,
        content_type=content_type,
        cache=f"private, max-age={left}",
    )


class Slots:
    """Files leave on at most half of a process's threads, so that answers can always be saved.

    A page of thumbnails asks for six at once: a few more requests, a quarter of the threads, may wait a moment.
    """

    WAIT_SECONDS = 2.0

    def __init__(self, threads: int) -> None:
        self._free = threading.BoundedSemaphore(max(1, threads // 2))
        self._waiting = threading.BoundedSemaphore(max(1, threads // 4))
        self.release = self._free.release

    def acquire(self) -> bool:
        """Whether there is one, now or within the wait; who gets it calls `release` once."""
        if self._free.acquire(blocking=False):
            return True
        if not self._waiting.acquire(blocking=False):
            return False
        try:
            return self._free.acquire(timeout=self.WAIT_SECONDS)
        finally:
            self._waiting.release()


@cache
def _slots() -> Slots:
    return Slots(settings.ITAG_WEB_THREADS)


def _internal(path: Path) -> str:
    """The address of the file inside nginx, or an empty string where it has none."""
    bases = [("files", files_root()), ("cache", cache_root())]
    bases += [(f"roots/{number}", root) for number, root in enumerate(settings.ITAG_LOCAL_ROOTS)]
    real = path.resolve()
    for name, base in bases:
        if base.resolve() in real.parents:
            return f"/_itag/{name}/{quote(str(real.relative_to(base.resolve())))}"
    return ""


def _message(status: int, text: str) -> HttpResponse:
    response = HttpResponse(text, status=status)
    tame(response, "text/plain; charset=utf-8", "no-store")
    return response


def _soon() -> HttpResponse:
    response = _message(202, _("The picture is being made ready; try again in a moment."))
    response.headers["Retry-After"] = "1"
    return response


def _busy() -> HttpResponse:
    response = _message(503, _("Too many files are being sent; try again in a moment."))
    response.headers["Retry-After"] = "1"
    return response
