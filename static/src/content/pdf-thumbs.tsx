/* Small pictures of a document's pages, with how much is marked on each. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../core/i18n";
import type { RegionQuestion } from "../core/regions";
import type { Session } from "../core/session";
import type { Book } from "../surfaces/pdf/book";
import { VirtualList } from "../ui/virtual-list";
import type { PdfView } from "./pdf-view";

const ROW = 152;
const WIDE = 104;
const TALL = 112;

export function PdfThumbs({ view, session }: { view: PdfView; session: Session }) {
  const book = view.book.value;
  const page = view.page.value;
  const document = session.sheet.value?.document;
  void document?.changed.value;
  if (!book) return null;
  const counts = countsOf(view.questions, session);
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    view.go(page + step);
  };
  return (
    <nav class="pdf-thumbs" aria-label={t("pdf.thumbs")}>
      <VirtualList
        count={book.count}
        rowHeight={ROW}
        active={page - 1}
        role="listbox"
        label={t("pdf.pages")}
        activeId={`pdf-page-${page}`}
        onFocusKey={onKey}
        row={(index) => (
          <Thumb
            key={index}
            book={book}
            page={index + 1}
            current={index + 1 === page}
            marked={counts.get(index + 1) ?? 0}
            onPick={() => view.go(index + 1)}
          />
        )}
      />
    </nav>
  );
}

function countsOf(questions: readonly RegionQuestion[], session: Session): Map<number, number> {
  const counts = new Map<number, number>();
  const document = session.sheet.peek()?.document;
  for (const { question } of questions) {
    for (const { page } of document?.objects(question.questionId).byId.values() ?? [])
      counts.set(page as number, (counts.get(page as number) ?? 0) + 1);
  }
  return counts;
}

interface ThumbProps {
  book: Book;
  page: number;
  current: boolean;
  marked: number;
  onPick: () => void;
}

function Thumb({ book, page, current, marked, onPick }: ThumbProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = book.size(page);
  const k = Math.min(WIDE / width, TALL / height);

  useLayoutEffect(
    () =>
      book.thumb(page, (bitmap) => {
        const target = canvas.current;
        if (!target) return;
        target.width = bitmap.width;
        target.height = bitmap.height;
        target.getContext("2d")?.drawImage(bitmap, 0, 0);
      }),
    [book, page],
  );

  return (
    <div
      id={`pdf-page-${page}`}
      class="pdf-thumb"
      role="option"
      aria-selected={current}
      aria-setsize={book.count}
      aria-posinset={page}
      data-thumb={page}
      onClick={onPick}
    >
      <span class="pdf-thumb-sheet">
        <canvas
          ref={canvas}
          width={1}
          height={1}
          style={{ inlineSize: `${width * k}px`, blockSize: `${height * k}px` }}
        />
      </span>
      <span class="num">
        <span class="visually-hidden">{t("pdf.pageWord")} </span>
        {page}
        {marked > 0 && (
          <span class="badge info" title={t("pdf.marked", { n: marked })}>
            {marked}
          </span>
        )}
      </span>
    </div>
  );
}
