"""`text_200k`: a text of 200,000 characters with 2,000 spans in a real browser: opened, one more span, scrolled."""

from random import Random
from typing import Any

from bench.browser import FRAMES, page_for, painted, session_key
from bench.frame import Figure, figure, percentile

LARGE, SMALL = (200_000, 2_000), (2_000, 20)
ADDED, FRAMES_COUNT = 60, 240
ENGLISH = [
    "the",
    "company",
    "has",
    "bought",
    "a",
    "smaller",
    "firm",
    "in",
    "Oslo",
    "and",
    "will",
    "pay",
    "for",
    "it",
    "within",
    "thirty",
    "days",
]
CHINESE = "阿里巴巴收购两家服务美国小企业的电子商务解决方案供应商同月手机淘宝客户端推出"

#: One more span by keys, in ms: work until its elements are laid out, and time until they are on the screen.
ADD = """
count => new Promise(done => {
    const press = (key, code, more = {}) => document.dispatchEvent(new KeyboardEvent('keydown',
        {key, code, bubbles: true, cancelable: true, ...more}));
    const laid = [], seen = [];
    const next = () => {
        if (laid.length === count) return done([laid, seen]);
        press('ArrowRight', 'ArrowRight', {ctrlKey: true});
        press('ArrowRight', 'ArrowRight', {ctrlKey: true, shiftKey: true});
        requestAnimationFrame(() => setTimeout(() => {
            let frame = 0;
            requestAnimationFrame(() => (frame = performance.now()));
            const start = performance.now();
            press('1', 'Digit1');
            const pressed = performance.now() - start;
            requestAnimationFrame(() => {
                document.querySelector('.text-body').getBoundingClientRect();
                laid.push(pressed + performance.now() - frame);
                const channel = new MessageChannel();
                channel.port1.onmessage = () => {
                    seen.push(performance.now() - start);
                    setTimeout(next, 30);
                };
                channel.port2.postMessage(null);
            });
        }));
    };
    next();
})
"""

#: Frame times in ms while the text is scrolled from its beginning to its end and on: [median, 95th percentile].
SCROLL = """
count => new Promise(done => {
    const host = document.querySelector('[data-surface=text]');
    const times = [];
    let last = performance.now();
    const frame = () => {
        const time = performance.now();
        times.push(time - last);
        last = time;
        host.scrollTop += 160;
        if (times.length < count) return requestAnimationFrame(frame);
        const sorted = times.slice(5).sort((a, b) => a - b);
        done([sorted[Math.floor(sorted.length / 2)], sorted[Math.floor(sorted.length * 0.95)]]);
    };
    requestAnimationFrame(frame);
})
"""


@figure("text_200k")
def measure() -> Figure:
    """Until a long text with many spans is seen, one more span in it, and frames of scrolling, against a short text's."""
    assignment, session = _package()
    with page_for(session) as page:
        empty = page.evaluate(FRAMES, ["idle", FRAMES_COUNT])
        small = _added(page, assignment, 1)
        # The page's own files are in the browser's cache; the item is on the next page of the package.
        page.goto(f"/label/{assignment}/2")
        painted(page, 2)
        opened = float(page.evaluate(_PAINTED))
        page.wait_for_selector("[data-save=saved]")
        scrolled = page.evaluate(SCROLL, FRAMES_COUNT)
        marks = page.evaluate("document.querySelectorAll('.text-body mark').length")
        large = _added(page, assignment, 2)
        page.goto(f"/label/{assignment}/1")
        painted(page, 1)
        page.wait_for_timeout(1500)
        page.keyboard.press("d")
        painted(page, 2)
        turned = float(page.evaluate(_TURNED))
    return Figure(
        name="text_200k",
        value=opened,
        unit="ms",
        baseline=small[0],
        ratio=large[0] / small[0],
        reach="opened ≤ 1 s; one more span laid out ≤ 3 × a short text's, seen in ≤ 25 ms; scrolling: 95th percentile "
        "≤ 1.5 × an empty page's frame",
        ok=opened <= 1000
        and large[0] <= 3 * small[0]
        and large[1] <= 25
        and scrolled[1] <= 1.5 * empty[1],
        detail={
            "next_item_ms": round(turned),
            "add_ms": {"laid_p95": large[0], "seen_p95": large[1]},
            "add_short_ms": {"laid_p95": small[0], "seen_p95": small[1]},
            "scroll_ms": scrolled,
            "empty_ms": empty,
            "marks_drawn": marks,
        },
    )


_PAINTED = "performance.getEntriesByName('item-painted').at(-1).startTime"
_TURNED = (
    "performance.getEntriesByName('item-painted').at(-1).startTime"
    " - performance.getEntriesByName('item-key').at(-1).startTime"
)


def _added(page: Any, assignment: int, position: int) -> tuple[float, float]:
    page.goto(f"/label/{assignment}/{position}")
    painted(page, position)
    page.wait_for_selector("[data-save=saved]")
    page.keyboard.press("n")
    laid, seen = page.evaluate(ADD, ADDED)
    page.wait_for_selector("[data-save=saved]", timeout=60_000)
    return percentile(laid, 95), percentile(seen, 95)


def _package() -> tuple[int, str]:
    """A held package of a short text and a long one, each with its spans."""
    from bench import rows
    from datasets.models import Item
    from itag.core.clock import now
    from itag.core.fields import dump
    from jobs.models import Annotation, PackageItem
    from jobs.services.claim import claim_package

    user = rows.people(1)[0]
    source = rows.dataset(2, kind="text")
    texts = [_text(size) for size, _count in (SMALL, LARGE)]
    for ordinal, text in enumerate(texts, 1):
        Item.objects.filter(dataset=source, ordinal=ordinal).update(data=dump({"source": text}))
    job = rows.job(source, size=2, template="entity-recognition")
    rows.join(job, [user])
    assignment = claim_package(job=job, user=user, stage="labeling").assignment
    if assignment is None:
        raise RuntimeError("nothing could be claimed")
    items = PackageItem.objects.filter(package=assignment.package_id).order_by("position")
    Annotation.objects.bulk_create(
        Annotation(
            package_item=item,
            assignment=assignment,
            author=user,
            results=[
                {
                    "questionId": "1",
                    "type": "text",
                    "data": _spans(texts[at], (SMALL, LARGE)[at][1]),
                }
            ],
            version=1,
            answered_at=now(),
            versioned_at=now(),
        )
        for at, item in enumerate(items)
    )
    return assignment.pk, session_key(user)


def _text(size: int) -> str:
    """Paragraphs of about 500 characters, in English and in Chinese."""
    dice = Random(size)
    parts: list[str] = []
    length = 0
    while length < size:
        if len(parts) % 2:
            part = "".join(dice.choices(CHINESE, k=480)) + "。\n"
        else:
            words = [" ".join(dice.choices(ENGLISH, k=12)) + "." for _ in range(9)]
            part = " ".join(words) + "\n"
        parts.append(part)
        length += len(part)
    return "".join(parts)[:size]


def _spans(text: str, count: int) -> list[dict[str, Any]]:
    """Spans all over the text, nearly half of which overlap with the one before."""
    dice = Random(count)
    step = len(text) // count
    found = []
    for number in range(count):
        start = number * step + dice.randrange(step // 3)
        end = min(
            len(text) - 1, start + dice.randrange(3, 20 if dice.random() < 0.55 else step + 40)
        )
        found.append(
            {
                "id": f"s{number}",
                "type": "text/span",
                "start": start,
                "end": end,
                "text": text[start : end + 1],
                "labels": {"1.1": f"k{1 + number % 2}"},
            }
        )
    return found
