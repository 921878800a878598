"""Media of items: who asks gets a link that opens one file for at most ten minutes, or twelve hours where it is played.

The link is a capability, as a bucket's presigned address is: whoever holds it may open that one file until it ends, and
nothing else. Whether a person may have the link is asked where it is handed out. It is the same within each five
minutes, so that what a page fetched ahead is in the browser's cache when it is shown.
"""

import hashlib
import json
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from datasets.av import formats
from datasets.models import Item
from datasets.services import images, pdfs, products, recordings, tiles
from datasets.services.paths import UnsafePath, open_file
from datasets.services.storages import storage_root
from itag.core.errors import NotFound

#: A link lives for one to two of these.
BUCKET_SECONDS = 300
#: The same for sounds and videos: who plays one asks for parts of it as long as it is on the page.
PLAYING_SECONDS = 6 * 3600
PLAYED = ("audio", "video")
VIEW, THUMBNAIL, TILES, COPY = "view", "thumb", "tiles", "copy"
#: Members of Item.media that pages and the API are told.
KNOWN = (
    *("type", "width", "height", "format", "pages", "sizes"),
    *("duration", "rate", "channels", "fps", "frames", "variable", "has_audio", "playable"),
)
#: A file of the cache that is being written goes only when nobody has written to it for so many seconds.
PART_SECONDS = 3600


class LinkExpired(NotFound):
    """The link was good once."""

    code = "link_expired"
    status = 410


@dataclass(frozen=True)
class Opened:
    """A file ready to be sent; `expires`: seconds until its link ends. `content_type` is None for what may not be shown."""

    file: BinaryIO
    path: Path
    size: int
    etag: str
    content_type: str | None
    name: str
    expires: int


def _signer() -> signing.Signer:
    return signing.Signer(sep=".", salt="itag.media")


def media_token(*, item: Item, field: str, variant: str = VIEW) -> str:
    """What opens this field's file, as shown or as a thumbnail, for one to two buckets of time."""
    played = item.media[field]["type"] in PLAYED
    bucket = PLAYING_SECONDS if played else BUCKET_SECONDS
    expires = (int(time.time()) // bucket + 2) * bucket
    payload = json.dumps([item.pk, field, variant, expires], separators=(",", ":"))
    return _signer().sign(urlsafe_base64_encode(payload.encode()))


def media_link(*, item: Item, field: str, variant: str = VIEW) -> str:
    """The address below /media/file/, as long as `media_token` says. Raises NotFound if the item has no such media."""
    if field not in item.media:
        raise NotFound(_("The item has no media of this name."))
    return reverse("media-file", args=[media_token(item=item, field=field, variant=variant)])


def media_response(request: HttpRequest, *, item: Item, field: str) -> HttpResponse:
    """Send a person who may see the item on to its file; `?size=thumb` to its thumbnail and so on."""
    asked = request.GET.get("size")
    variant = asked if asked in (THUMBNAIL, TILES, *products.MADE) else VIEW
    response = HttpResponseRedirect(media_link(item=item, field=field, variant=variant))
    response.headers["Cache-Control"] = "no-store"
    return response


def media_payload(item: Item, field: str, url: str) -> dict[str, Any]:
    """What a page is told of the item's media: {"url", "type", "format"}, and KNOWN as far as they are known."""
    return {"url": url, **known(item.media[field])}


def known(media: dict[str, Any]) -> dict[str, Any]:
    """What of Item.media[field] anybody may know who sees the item; `tiles`: to be shown in tiles."""
    found = {key: media[key] for key in KNOWN if key in media}
    if media.get("type") == "image" and tiles.is_tiled(media):
        found["tiles"] = True
    return found


def read_token(token: str) -> tuple[int, str, str, int]:
    """(item, field, variant, seconds left). Raises NotFound, or LinkExpired when its time is over."""
    try:
        payload = json.loads(urlsafe_base64_decode(_signer().unsign(token)))
        item, field, variant, expires = payload
    except (signing.BadSignature, ValueError) as exc:
        raise NotFound(_("Not found.")) from exc
    left = int(expires - time.time())
    if left <= 0:
        raise LinkExpired(_("This link has expired; open the page again."))
    return item, field, variant, left


def open_media(token: str) -> Opened:
    """The file that the token opens. Raises NotFound, LinkExpired, images.Busy, or NotAnImage and its like.

    The row says where it lies and what it was at its import; the first bytes say what it is now.
    """
    found = _found(token)
    media, file, path = found.media, found.file, found.path
    if found.variant == COPY:
        file.close()
        return _played(found)
    state = os.fstat(file.fileno())
    if found.variant == THUMBNAIL or media.get("upright") is False:
        with file:
            return _copy(found)
    content_type = _content_type(media, file)
    return Opened(file, path, state.st_size, found.etag, content_type, path.name, found.left)


def open_tiles(token: str) -> tuple[dict[str, Any], int]:
    """What tiles there are, and the seconds until the link ends. Raises as open_media does."""
    found = _tiled(token)
    return tiles.manifest(file=found.file, base=_kept(found.etag), made=prune), found.left


def open_tile(token: str, *, level: int, column: int, row: int) -> tuple[bytes, str, str, int]:
    """A tile, its content type, its etag, and the seconds until the link ends. Raises as open_media does."""
    found = _tiled(token)
    place = {"level": level, "column": column, "row": row}
    content, kind = tiles.tile(file=found.file, base=_kept(found.etag), made=prune, **place)
    return content, kind, f"{found.etag}-{level}-{column}-{row}", found.left


def open_product(token: str) -> tuple[dict[str, Any], int]:
    """How far what is made of a sound or a video is, what there is of it, and the seconds until the link ends.

    Raises NotFound or LinkExpired.
    """
    found = _found(token)
    found.file.close()
    order = _order(found)
    playable = found.media["playable"]
    if found.variant == products.PLAY:
        if playable:
            state: dict[str, Any] = {"state": "ready"}
        else:
            state = products.state_of(order)
        if state["state"] == "ready":
            variant = VIEW if playable else COPY
            token = media_token(item=found.item, field=found.field, variant=variant)
            path = None if playable else order.done()
            kind = (
                products.COPIES[path.suffix[1:]] if path else recordings.content_type(found.media)
            )
            state |= {
                "url": reverse("media-file", args=[token]),
                "type": kind,
                "copy": not playable,
            }
        return state, found.left
    state = products.state_of(order)
    if order.what != found.variant and state["state"] == "ready":
        return {"state": "making", "done": 0.99}, found.left  # the copy came just now
    return state, found.left


def open_chunk(token: str, key: str) -> tuple[bytes, str, str, int]:
    """A part of what was made: as `open_tile`."""
    found = _found(token)
    found.file.close()
    order = _order(found)
    content = products.chunk_of(order, key) if order.what in products.PACKED else None
    if content is None:
        raise NotFound(_("Not found."))
    kind = "image/webp" if found.variant == products.SPECTRUM else tiles.SAMPLES
    return content, kind, f"{found.etag}-{key.replace('/', '-')}", found.left


@dataclass(frozen=True)
class _Found:
    """What a token opens; whoever gets it closes the file."""

    item: Item
    field: str
    media: dict[str, Any]
    file: BinaryIO
    root: Path
    path: Path
    stamp: str
    variant: str
    left: int

    @property
    def etag(self) -> str:
        return self.etag_of(self.variant)

    def etag_of(self, variant: str) -> str:
        """A changed file has another one for each of its variants."""
        return hashlib.sha256(f"{self.stamp}\0{variant}".encode()).hexdigest()[:32]


def _order(found: _Found) -> products.Order:
    """What the token asks to be made. Raises NotFound where the file has no such thing."""
    media, what = found.media, found.variant
    heard = media["type"] == "audio" or media.get("has_audio", False)
    seen = media["type"] == "video"
    fits = {
        products.PEAKS: heard,
        products.SPECTRUM: heard,
        products.FRAMES: seen,
        products.PLAY: heard or seen,
        COPY: heard or seen,
    }
    if not fits.get(what, False):
        raise NotFound(_("Not found."))
    what = products.PLAY if what == COPY else what
    order = products.Order(
        what, media, found.root, media["path"], _kept(found.etag_of(what)), prune
    )
    if what != products.FRAMES or media["playable"]:
        return order
    # The frames that are seen are those of the copy.
    copy = replace(order, what=products.PLAY, base=_kept(found.etag_of(products.PLAY)))
    done = copy.done()
    if done is None:
        return copy
    copied = {**media, "format": done.suffix[1:].replace("m4a", "mp4"), "start": 0.0}
    return replace(order, media=copied, root=cache_root(), path=str(done.relative_to(cache_root())))


def _played(found: _Found) -> Opened:
    """The copy that browsers play. Raises NotFound where it is not there, or not any more."""
    path = _order(found).done()
    if path is None:
        raise NotFound(_("The file is not there any more."))
    kind = products.COPIES[path.suffix[1:]]
    copy = path.open("rb")
    size = os.fstat(copy.fileno()).st_size
    return Opened(copy, path, size, found.etag, kind, path.name, found.left)


def _tiled(token: str) -> _Found:
    """As _found, of a token for tiles of a picture that has them."""
    found = _found(token)
    if found.variant != TILES or not tiles.is_tiled(found.media):
        found.file.close()
        raise NotFound(_("Not found."))
    return found


def _found(token: str) -> _Found:
    """The token's file, and what its row says of it. Raises NotFound or LinkExpired."""
    pk, field, variant, left = read_token(token)
    item = (
        Item.objects.select_related("dataset__storage")
        .only(
            "media", "dataset__deleted_at", "dataset__storage__root", "dataset__storage__is_upload"
        )
        .filter(pk=pk, dataset__deleted_at=None)
        .first()
    )
    media = item.media.get(field) if item else None
    if item is None or media is None or item.dataset.storage is None:
        raise NotFound(_("Not found."))
    root = storage_root(item.dataset.storage)
    try:
        file = open_file(root, media["path"])
    except (UnsafePath, OSError) as exc:
        raise NotFound(_("The file is not there any more.")) from exc
    state = os.fstat(file.fileno())
    stamp = f"{root}/{media['path']}\0{state.st_size}\0{state.st_mtime_ns}"
    path = root / media["path"]
    return _Found(item, field, media, file, root, path, stamp, variant, left)


def _content_type(media: dict[str, Any], file: BinaryIO) -> str | None:
    """As what the file may be shown; None where browsers do not show it, or it is not what it was at its import."""
    expected = media["format"]
    if media["type"] in PLAYED:
        return recordings.content_type(media) if formats.sniff(file) == expected else None
    head = file.read(pdfs.HEAD)
    file.seek(0)
    if expected == "pdf":
        return pdfs.CONTENT_TYPE if pdfs.sniff(head) else None
    found = images.sniff(head)
    return images.CONTENT_TYPES[found] if found == expected else None


# --- copies -------------------------------------------------------------------------------------------------------


def cache_root() -> Path:
    """ITAG_HOME/cache/media; may be deleted at any time."""
    root = Path(settings.ITAG_HOME) / "cache" / "media"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


def _kept(etag: str) -> Path:
    """Where what is made of a file is kept, without its end; a changed file has another etag."""
    return cache_root() / etag[:2] / etag


def _copy(found: _Found) -> Opened:
    """The small or the displayable copy, made at first use."""
    file, etag, variant, left = found.file, found.etag, found.variant, found.left
    folder = _kept(etag).parent
    kept = next(
        (
            folder / f"{etag}.{form}"
            for form in ("webp", "jpeg", "png")
            if (folder / f"{etag}.{form}").is_file()
        ),
        None,
    )
    if kept is None:
        if variant == THUMBNAIL:
            content, form = _small(found), "webp"
        else:
            content, form = images.displayable(file)
        folder.mkdir(mode=0o700, exist_ok=True)
        kept = folder / f"{etag}.{form}"
        part = folder / f"{etag}.{os.getpid()}.{time.monotonic_ns()}.part"
        part.write_bytes(content)
        part.replace(kept)
    else:
        os.utime(kept)
    copy = kept.open("rb")
    size = os.fstat(copy.fileno()).st_size
    return Opened(copy, kept, size, etag, images.CONTENT_TYPES[kept.suffix[1:]], kept.name, left)


def _small(found: _Found) -> bytes:
    """A small picture of the file as a WebP."""
    kind = found.media["type"]
    if kind == "pdf":
        return pdfs.thumbnail(found.file)
    if kind == "video":
        return recordings.poster(found.file, found.media)
    if kind == "audio":
        raise NotFound(_("There is no picture of a sound."))
    return images.thumbnail(found.file)


def prune(limit: int | None = None) -> int:
    """Remove the copies that were used least recently until the rest is within the limit; answers how many."""
    limit = settings.MEDIA_CACHE_BYTES if limit is None else limit
    found = []
    moment = time.time()
    for path in cache_root().glob("*/*"):
        try:
            state = path.stat()
        except FileNotFoundError:
            continue
        found.append((state.st_mtime, state.st_size, path))
    found.sort(reverse=True)
    used = removed = 0
    for at, size, path in found:
        used += size
        if used > limit and not (path.suffix == ".part" and at > moment - PART_SECONDS):
            path.unlink(missing_ok=True)
            removed += 1
    return removed
