"""What figures measured in a real browser share: a held package of real pictures, the built page, frame times."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.http import web_server

WIDTH, HEIGHT = 1280, 800

#: Frame times in ms while something is done on the surface, one input a frame: [median, 95th percentile].
FRAMES = """
([act, count]) => new Promise(done => {
    const times = [];
    let last = performance.now(), step = 0;
    const host = document.querySelector('[data-surface=image]') ?? document.documentElement;
    const rect = host.getBoundingClientRect();
    const at = (x, y) => ({clientX: rect.left + x, clientY: rect.top + y, pointerId: 1, isPrimary: true,
                           pointerType: 'mouse', bubbles: true, cancelable: true});
    host.setPointerCapture = () => undefined;
    const middle = [rect.width / 2, rect.height / 2];
    const button = act === 'pan' ? 1 : 0;
    const send = (name, dx = 0, dy = 0) => host.dispatchEvent(new PointerEvent(name, {
        ...at(middle[0] + dx, middle[1] + dy), button, buttons: name === 'pointerup' ? 0 : act === 'pan' ? 4 : 1,
        pressure: 0.5}));
    const moves = act === 'pan' || act === 'drag';
    if (moves) send('pointerdown');
    const frame = () => {
        const time = performance.now();
        times.push(time - last);
        last = time;
        step++;
        const reach = act === 'pan' ? 220 : 60;
        if (moves) send('pointermove', reach * Math.sin(step / 20), reach * Math.sin(step / 13) / 2);
        if (act === 'zoom') host.dispatchEvent(new WheelEvent('wheel',
            {...at(...middle), deltaY: step % 80 < 40 ? -60 : 60}));
        if (step < count) return requestAnimationFrame(frame);
        if (moves) send('pointerup', 60, 30);
        const sorted = times.slice(5).sort((a, b) => a - b);
        done([sorted[Math.floor(sorted.length / 2)], sorted[Math.floor(sorted.length * 0.95)]]);
    };
    requestAnimationFrame(frame);
})
"""


@contextlib.contextmanager
def page_for(session: str) -> Iterator[Any]:
    """A page of the web server, signed in by a session's key."""
    from playwright.sync_api import sync_playwright

    # Playwright's synchronous API runs an event loop in this thread; Django's ORM is used beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with web_server() as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            address = f"http://127.0.0.1:{port}"
            context = browser.new_context(
                base_url=address, viewport={"width": WIDTH, "height": HEIGHT}
            )
            context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
            yield context.new_page()
        finally:
            browser.close()


def chromium() -> str:
    found = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if not found:
        raise RuntimeError("No Chromium: `apt-get install chromium`, or set CHROMIUM.")
    return found


def held_package(
    *,
    items: int,
    name: str = "a.jpg",
    size: tuple[int, int] = (1280, 960),
    answer: list[dict[str, Any]] | None = None,
) -> tuple[int, str]:
    """A held package of items that all show one picture, and the key of its holder's session."""
    from django.conf import settings

    from bench import rows
    from datasets.models import Storage
    from itag.core.clock import now
    from jobs.models import Annotation, PackageItem
    from jobs.services.claim import claim_package

    user = rows.people(1)[0]
    root = f"bench/{os.urandom(6).hex()}"
    path = Path(settings.FILES_ROOT) / root / name
    draw(path, size)
    media = {
        "type": "image",
        "format": "png" if name.endswith(".png") else "jpeg",
        "width": size[0],
        "height": size[1],
        "size": path.stat().st_size,
        "path": name,
    }
    source = rows.dataset(items, media=media)
    source.storage = Storage.objects.create(
        workspace=source.workspace, name=f"bench {source.pk}", root=root
    )
    source.save(update_fields=["storage"])
    job = rows.job(source, size=items, template="object-detection")
    rows.join(job, [user])
    assignment = claim_package(job=job, user=user, stage="labeling").assignment
    if assignment is None:
        raise RuntimeError("nothing could be claimed")
    if answer is not None:
        Annotation.objects.bulk_create(
            Annotation(
                package_item=item,
                assignment=assignment,
                author=user,
                results=answer,
                version=1,
                answered_at=now(),
                versioned_at=now(),
            )
            for item in PackageItem.objects.filter(package=assignment.package_id)
        )
    return assignment.pk, session_key(user)


def session_key(user: Any) -> str:
    """The key of a session in which this person is signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def draw(path: Path, size: tuple[int, int]) -> None:
    """A picture with as much detail as a photograph."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    least = (min(size[0], 3000), min(size[1], 2100))
    picture = Image.effect_mandelbrot(least, (-2.2, -1.2, 1.0, 1.2), 100).resize(size)
    noise = Image.effect_noise(size, 60)
    image = Image.merge("RGB", (picture, noise, Image.blend(picture, noise, 0.5)))
    image.save(path, quality=85, compress_level=1)


def painted(page: Any, position: int) -> None:
    page.wait_for_selector(f"html[data-painted='{position}']", timeout=60_000)
