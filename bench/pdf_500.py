"""`pdf_500`: a PDF of 500 pages in a real browser: its first page, jumps between pages, memory after visiting all."""

import contextlib
import os
from pathlib import Path
from random import Random

from bench.browser import page_for, session_key
from bench.frame import Figure, figure, percentile

PAGES, JUMPS = 500, 120
FIRST_S, JUMP_MS, HEAP_MB = 2.0, 300.0, 300.0
#: How long a person looks at a page; meanwhile the page fetches the next ones.
LOOK_MS = 150
WORDS = [
    "invoice",
    "total",
    "amount",
    "of",
    "the",
    "delivery",
    "within",
    "thirty",
    "days",
    "after",
    "receipt",
    "customer",
    "number",
    "tax",
]
CHINESE = "数据标注平台将文档逐页显示并提取所选区域下的文字"

#: From the key press to the page on the screen, in ms.
JUMP = """
number => new Promise(done => {
    const host = document.querySelector('[data-surface=pdf]');
    const input = document.querySelector('.page-number');
    const seen = new MutationObserver(() => {
        if (host.dataset.page !== String(number)) return;
        seen.disconnect();
        const channel = new MessageChannel();
        channel.port1.onmessage = () => done(performance.now() - start);
        channel.port2.postMessage(null);
    });
    seen.observe(host, {attributes: true, attributeFilter: ['data-page']});
    input.focus();
    input.value = String(number);
    input.dispatchEvent(new InputEvent('input', {bubbles: true}));
    const start = performance.now();
    setTimeout(() => input.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true})));
})
"""


@figure("pdf_500")
def measure() -> Figure:
    assignment, session, size = _package()
    numbers = Random(500)
    with page_for(session) as page:
        # The page's own files are in the browser's cache, nothing of PDFs is.
        page.goto("/")
        page.goto(f"/label/{assignment}/1")
        page.wait_for_selector("html[data-painted='1']", timeout=60_000)
        first = page.evaluate("performance.getEntriesByName('item-painted')[0].startTime / 1000")
        page.wait_for_timeout(1500)
        before = _memory()
        jumps = []
        for _ in range(JUMPS):
            jumps.append(page.evaluate(JUMP, numbers.randrange(2, PAGES)))
            page.wait_for_timeout(LOOK_MS)
        for number in range(1, PAGES + 1):
            page.evaluate(JUMP, number)
        page.wait_for_timeout(3000)
        grown = _memory() - before
        heap = page.evaluate("performance.memory.usedJSHeapSize / 2 ** 20")
    value = percentile(jumps, 95)
    return Figure(
        name="pdf_500",
        value=value,
        unit="ms",
        reach="page jump p95 ≤ 300 ms; first page ≤ 2 s; memory grown ≤ 300 MB after visiting all",
        ok=value <= JUMP_MS and first <= FIRST_S and grown <= HEAP_MB,
        detail={
            "first_page_s": first,
            "jump_median_ms": percentile(jumps, 50),
            "jump_worst_ms": max(jumps),
            "grown_mb": grown,
            "heap_mb": heap,
            "pages": PAGES,
            "file_mb": size / 2**20,
        },
    )


def _memory() -> float:
    """MB in use by the processes that run pages, whatever they use them for: scripts, workers, bitmaps."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            if b"--type=renderer" in (folder / "cmdline").read_bytes() and _is_ours(folder.name):
                total += int((folder / "statm").read_text().split()[1])
    return total * os.sysconf("SC_PAGE_SIZE") / 2**20


def _is_ours(process: str) -> bool:
    """Whether the process descends from this one."""
    while process not in ("0", "1"):
        if process == str(os.getpid()):
            return True
        process = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1]
    return False


def _package() -> tuple[int, str, int]:
    """A held package of one PDF, the key of its holder's session, and the file's size."""
    from django.conf import settings

    from bench import rows
    from datasets.models import Storage
    from itag.client.pdfs import A4, PdfPage, TextLine, write_pdf
    from jobs.services.claim import claim_package

    words = Random(1)
    pages = []
    for number in range(1, PAGES + 1):
        lines = [TextLine(50, 50, f"Page {number}", 16)]
        lines += [
            TextLine(50, 80 + 13 * row, " ".join(words.choices(WORDS, k=14)), 10)
            for row in range(50)
        ]
        lines += [TextLine(50, 745 + 16 * row, CHINESE, 12) for row in range(4)]
        boxes = [(50 + 60 * place, 735, 40, 4) for place in range(8)]
        pages.append(PdfPage(lines, boxes=boxes))
    content = write_pdf(pages)
    user = rows.people(1)[0]
    root = f"bench/{os.urandom(6).hex()}"
    path = Path(settings.FILES_ROOT) / root / "a.pdf"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    sizes = [[*A4, PAGES]]
    media = {"type": "pdf", "format": "pdf", "pages": PAGES, "sizes": sizes, "size": len(content)}
    source = rows.dataset(1, kind="pdf", media={**media, "path": "a.pdf"})
    source.storage = Storage.objects.create(
        workspace=source.workspace, name=f"bench {source.pk}", root=root
    )
    source.save(update_fields=["storage"])
    job = rows.job(source, size=1, template="pdf")
    rows.join(job, [user])
    assignment = claim_package(job=job, user=user, stage="labeling").assignment
    if assignment is None:
        raise RuntimeError("nothing could be claimed")
    return assignment.pk, session_key(user), len(content)
