"""`next_item`: from the key press to the next item on the screen, in a real browser on the built page."""

from typing import Any

from bench.browser import held_package, page_for, painted
from bench.frame import Figure, figure, percentile

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
    from bench import rows

    answer = rows.boxes(BOXES, width=WIDTH, height=HEIGHT)
    assignment, session = held_package(items=ITEMS, size=(WIDTH, HEIGHT), answer=answer)
    with page_for(session) as page:
        page.goto(f"/label/{assignment}/1")
        painted(page, 1)
        times = [_next(page, position) for position in range(2, ITEMS + 1)]
        objects = page.locator(".wb-side").inner_text().split(" regions")[0].split()[-1]
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
    painted(page, position)
    return float(page.evaluate(BETWEEN, position))
