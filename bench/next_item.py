"""`next_item`: from the key press to the next item on the screen, in a real browser on the built page."""

import os
import shutil
from pathlib import Path
from typing import Any

from bench.frame import Figure, figure, percentile
from bench.http import web_server

ITEMS, BOXES, REACH = 40, 200, 50.0
WIDTH, HEIGHT = 1280, 960
#: How long a person looks at an item; meanwhile the page fetches the next ones.
LOOK_MS = 400

BETWEEN = """position => {
    const at = (name, edge) => performance.getEntriesByName(name)
        .filter(mark => mark.detail.position === position).at(edge).startTime;
    return at('item-painted', 0) - at('item-key', 0);
}"""


@figure("next_item")
def measure() -> Figure:
    from playwright.sync_api import sync_playwright

    assignment, session = _package()
    # Playwright's synchronous API runs an event loop in this thread; Django's ORM is used beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with web_server() as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            context = browser.new_context(
                base_url=f"http://127.0.0.1:{port}", viewport={"width": 1280, "height": 800}
            )
            context.add_cookies(
                [{"name": "sessionid", "value": session, "url": f"http://127.0.0.1:{port}"}]
            )
            page = context.new_page()
            page.goto(f"/label/{assignment}/1")
            page.wait_for_selector("html[data-painted='1']")
            times = [_next(page, position) for position in range(2, ITEMS + 1)]
            objects = page.locator(".wb-side").inner_text().split(" regions")[0].split()[-1]
        finally:
            browser.close()
    if objects != str(BOXES):
        raise RuntimeError(f"the page shows {objects} regions instead of {BOXES}")
    value = percentile(times, 95)
    return Figure(
        name="next_item",
        value=value,
        unit="ms",
        reach="≤ 50 ms from key press to paint, 200 objects, media fetched",
        ok=value <= REACH,
        detail={
            "median_ms": percentile(times, 50),
            "worst_ms": max(times),
            "items": len(times),
            "objects": BOXES,
            "picture": f"{WIDTH} × {HEIGHT}",
        },
    )


def _next(page: Any, position: int) -> float:
    page.wait_for_timeout(LOOK_MS)
    page.keyboard.press("d")
    page.wait_for_selector(f"html[data-painted='{position}']")
    return float(page.evaluate(BETWEEN, position))


def _package() -> tuple[int, str]:
    """A held package of pictures with 200 boxes each, and the key of its holder's session."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from bench import rows
    from datasets.models import Storage
    from itag.core.clock import now
    from jobs.models import Annotation, PackageItem
    from jobs.services.claim import claim_package

    user = rows.people(1)[0]
    source = rows.dataset(ITEMS)
    source.storage = Storage.objects.create(
        workspace=source.workspace, name=f"bench {source.pk}", root=f"bench/{source.pk}"
    )
    source.save(update_fields=["storage"])
    _draw(Path(settings.FILES_ROOT) / source.storage.root / "a.jpg")
    job = rows.job(source, size=ITEMS, template="object-detection")
    rows.join(job, [user])
    assignment = claim_package(job=job, user=user, stage="labeling").assignment
    if assignment is None:
        raise RuntimeError("nothing could be claimed")
    answer = rows.boxes(BOXES, width=WIDTH, height=HEIGHT)
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
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return assignment.pk, str(session.session_key)


def _draw(path: Path) -> None:
    """A picture with as much detail as a photograph."""
    from PIL import Image

    path.parent.mkdir(parents=True)
    picture = Image.effect_mandelbrot((WIDTH, HEIGHT), (-2.2, -1.2, 1.0, 1.2), 100)
    noise = Image.effect_noise((WIDTH, HEIGHT), 60)
    Image.merge("RGB", (picture, noise, Image.blend(picture, noise, 0.5))).save(path, quality=85)


def _chromium() -> str:
    found = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if not found:
        raise RuntimeError("No Chromium: `apt-get install chromium`, or set CHROMIUM.")
    return found
