/* The text of a page laid over it, to be selected and copied, or to draw a region around. */

import { effect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../core/i18n";
import type { Point } from "../core/types";
import { toPicture, toScreen } from "../surfaces/canvas/camera";
import { boxOf, clamp, pointsOf, round } from "../surfaces/canvas/geometry";
import type { Book } from "../surfaces/pdf/book";
import { pdfjs } from "../surfaces/pdf/pdfjs";
import type { PdfView } from "./pdf-view";

export function PdfText({ view }: { view: PdfView }) {
  const host = useRef<HTMLDivElement>(null);
  const book = view.book.value;
  const page = view.page.value;

  useLayoutEffect(() => {
    const box = host.current;
    if (!box || !book) return;
    let gone = false;
    let stop: () => void = () => undefined;
    void lay(box, book, page).then(
      (layer) => {
        if (gone) layer.cancel();
        else stop = () => layer.cancel();
      },
      // Without the file there is no page either, which says so.
      () => undefined,
    );
    return () => {
      gone = true;
      stop();
      box.replaceChildren();
    };
  }, [book, page]);

  useLayoutEffect(
    () =>
      effect(() => {
        const camera = view.surface.camera.value;
        const [x, y] = toScreen(camera, [0, 0]);
        const [ax, ay] = toScreen(camera, [1, 0]);
        const [bx, by] = toScreen(camera, [0, 1]);
        const matrix = [ax - x, ay - y, bx - x, by - y, x, y];
        if (host.current) host.current.style.transform = `matrix(${matrix.join(",")})`;
      }),
    [view],
  );

  return (
    <section class="pdf-text" aria-label={t("pdf.textOf", { n: page })} tabIndex={-1}>
      <div ref={host} class="pdf-text-page" data-text-page={page} />
    </section>
  );
}

/** Put the page's text into the box, in points. */
async function lay(box: HTMLElement, book: Book, page: number) {
  const [{ library }, { content, viewport }] = await Promise.all([pdfjs(), book.text(page)]);
  const container = document.createElement("div");
  container.className = "textLayer";
  container.style.setProperty("--total-scale-factor", String(viewport.scale));
  box.replaceChildren(container);
  const layer = new library.TextLayer({ textContentSource: content, container, viewport });
  await layer.render();
  // It says its size by a function of CSS that browsers of two years ago do not know.
  const { pageWidth, pageHeight } = viewport.rawDims as { pageWidth: number; pageHeight: number };
  container.style.width = `${pageWidth * viewport.scale}px`;
  container.style.height = `${pageHeight * viewport.scale}px`;
  box.dataset.ready = "";
  return layer;
}

/** Draw a region around the text that is selected; whether there was any. */
export function regionFromSelection(view: PdfView, host: HTMLElement | null): boolean {
  const selection = getSelection();
  const book = view.book.peek();
  if (!host || !book || !selection || selection.isCollapsed || selection.rangeCount === 0)
    return false;
  const range = selection.getRangeAt(0);
  if (!host.contains(range.commonAncestorContainer)) return false;
  const frame = host.getBoundingClientRect();
  const size = book.size(view.page.peek());
  const corners = [...range.getClientRects()]
    .filter(({ width, height }) => width > 0 && height > 0)
    .flatMap(({ left, top, right, bottom }): Point[] => [
      [left - frame.left, top - frame.top],
      [right - frame.left, bottom - frame.top],
    ])
    .map((point): Point => {
      const [x, y] = toPicture(view.surface.camera.peek(), point);
      return [round(clamp(x, 0, size.width)), round(clamp(y, 0, size.height))];
    });
  if (corners.length === 0) return false;
  selection.removeAllRanges();
  view.createFromText({ kind: "rectangle", points: pointsOf(boxOf(corners)) });
  return true;
}
