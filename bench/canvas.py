"""Figures of the picture surface in a real browser: `boxes_10k`, `picture_100mp` and `memory_1000`."""

from pathlib import Path
from typing import Any

from bench.browser import FRAMES, held_package, page_for, painted
from bench.frame import Figure, figure, say

BOXES, BOXES_SIZE = 10_000, (4000, 3000)
FRAMES_COUNT = 240
LARGE = (12_000, 8_400)
ITEMS = 1_000
#: Where memory is looked at; at the first of them the caches are full.
LOOKS = (150, 400, 700, 1_000)


@figure("boxes_10k")
def boxes() -> Figure:
    """Frames of panning, zooming and dragging one of 10,000 boxes, against those of an empty page."""
    from bench import rows
    from jobs.models import Annotation

    answer = rows.boxes(BOXES, width=BOXES_SIZE[0], height=BOXES_SIZE[1])
    assignment, session = held_package(items=1, size=BOXES_SIZE, answer=answer)
    with page_for(session) as page:
        empty = page.evaluate(FRAMES, ["idle", FRAMES_COUNT])
        page.goto(f"/label/{assignment}/1")
        painted(page, 1)
        page.wait_for_selector("[data-save=saved]")
        page.wait_for_timeout(2000)
        page.keyboard.press("v")
        found = {}
        for act in ("pan", "zoom", "drag"):
            page.keyboard.press("f")
            page.wait_for_timeout(1500)
            found[act] = page.evaluate(FRAMES, [act, FRAMES_COUNT])
        page.wait_for_timeout(2500)
        page.wait_for_selector("[data-save=saved]")
    if Annotation.objects.get(assignment=assignment).version < 2:
        raise RuntimeError("no box was dragged")
    median = max(one[0] for one in found.values())
    slowest = max(one[1] for one in found.values())
    return Figure(
        name="boxes_10k",
        value=slowest,
        unit="ms",
        baseline=empty[1],
        ratio=slowest / empty[1],
        reach="panning, zooming, dragging: median ≤ 1.1 ×, 95th percentile ≤ 1.5 × an empty page's frame",
        ok=median <= 1.1 * empty[0] and slowest <= 1.5 * empty[1],
        detail={
            "empty": _rounded(empty),
            **{act: _rounded(one) for act, one in found.items()},
            "picture": f"{BOXES_SIZE[0]} × {BOXES_SIZE[1]}",
        },
    )


@figure("picture_100mp")
def large() -> Figure:
    """A picture of 100 megapixels: until it is seen for the first time ever, and frames on it at its own size."""
    detail: dict[str, Any] = {}
    for name in ("a.jpg", "a.png"):
        say(f"  a {name[2:]} of {LARGE[0]} × {LARGE[1]} is drawn")
        assignment, session = held_package(items=1, name=name, size=LARGE)
        with page_for(session) as page:
            # The page's own files are in the browser's cache, the picture nowhere.
            page.goto("/")
            empty = page.evaluate(FRAMES, ["idle", FRAMES_COUNT])
            page.goto(f"/label/{assignment}/1")
            painted(page, 1)
            first = page.evaluate(
                "performance.getEntriesByName('item-painted').at(-1).startTime / 1000"
            )
            page.keyboard.press("Shift+F")
            _whole(page, len(detail) + 1)
            detail[name[2:]] = {
                "first_view_s": round(float(first), 2),
                "empty": _rounded(empty),
                "pan": _rounded(page.evaluate(FRAMES, ["pan", FRAMES_COUNT])),
                "zoom": _rounded(page.evaluate(FRAMES, ["zoom", FRAMES_COUNT])),
            }
    first_view = max(one["first_view_s"] for one in detail.values())
    frame = max(one[act][1] for one in detail.values() for act in ("pan", "zoom"))
    return Figure(
        name="picture_100mp",
        value=first_view,
        unit="s",
        reach="JPEG and PNG: first view ≤ 3 s, nothing prepared; 95th percentile of frames ≤ 33.4 ms at 100 %",
        ok=first_view <= 3 and frame <= 33.4,
        detail={**detail, "frame_p95_ms": frame},
    )


def _whole(page: Any, count: int) -> None:
    """Wait until the server has made all tiles of so many pictures and the view is sharp."""
    from django.conf import settings

    cache = Path(settings.ITAG_HOME) / "cache" / "media"
    for _ in range(600):
        if len(list(cache.glob("*/*.tiles"))) == count and not list(cache.glob("*/*.part")):
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(3000)


@figure("memory_1000")
def memory() -> Figure:
    """The memory of the browser's page after 1,000 pictures in a row, against that after the first 150."""
    assignment, session = held_package(items=ITEMS)
    sizes: list[float] = []
    with page_for(session) as page:
        page.goto(f"/label/{assignment}/1")
        painted(page, 1)
        for position in range(2, ITEMS + 1):
            page.keyboard.press("d")
            painted(page, position)
            if position in LOOKS:
                sizes.append(_megabytes(page))
        heap = page.evaluate("performance.memory.usedJSHeapSize / 2 ** 20")
    early, late = sizes[0], sizes[-1]
    return Figure(
        name="memory_1000",
        value=late - early,
        unit="MB",
        baseline=early,
        ratio=late / early,
        reach="after 1,000 pictures the page's process is ≤ 10 % larger than after 150",
        ok=late <= 1.1 * early,
        detail={"items": list(LOOKS), "mb": [round(one) for one in sizes], "script_heap_mb": heap},
    )


def _megabytes(page: Any) -> float:
    """What the largest renderer process holds, its garbage collected."""
    devtools = page.context.new_cdp_session(page)
    # Bitmaps that were let go are closed two seconds later.
    page.wait_for_timeout(4000)
    devtools.send("HeapProfiler.collectGarbage")
    page.wait_for_timeout(1000)
    devtools.detach()
    browser = page.context.browser.new_browser_cdp_session()
    processes = browser.send("SystemInfo.getProcessInfo")["processInfo"]
    browser.detach()
    sizes = []
    for process in processes:
        if process["type"] == "renderer":
            rows = Path(f"/proc/{process['id']}/smaps_rollup").read_text().splitlines()
            pages = next(row for row in rows if row.startswith("Pss:"))
            sizes.append(int(pages.split()[1]) / 1024)
    return max(sizes)


def _rounded(pair: list[float]) -> list[float]:
    return [round(one, 1) for one in pair]
