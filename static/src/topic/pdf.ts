/* PDF: regions on the pages of a document. Inside the page each object knows its `page`; results list them by page. */

import { pageId, pageOf, pageOfId } from "../core/pages";
import { register, topic } from "../core/registry";
import type { Element, Obj, Question } from "../core/types";
import type { PdfPage, PictureObject } from "../generated/schemas";
import type { Geometry } from "../surfaces/canvas/shapes";
import { shownOn } from "../surfaces/pdf/shown";
import { pageSize } from "../surfaces/pdf/sizes";
import { textBeneath } from "../surfaces/pdf/text";
import { geometryOf, placed, replaced } from "./picture";

/** The objects of all pages with their pages, and the pages' own answers. */
function read(element: Element): { objects: Obj[]; parts: Obj[] } {
  const pages = (element.pages ?? []) as PdfPage[];
  return {
    objects: pages.flatMap(({ page, data }) =>
      data.map((object) => ({ ...object, page }) as unknown as Obj),
    ),
    parts: pages.flatMap(({ page, labels }) =>
      labels ? [{ id: pageId(page), type: "page", labels }] : [],
    ),
  };
}

/** The nested question that takes the text beneath a region: the first that is typed. */
export function textChild(question: Question | undefined): Question | null {
  return question?.children?.find((child) => topic(child.type)?.value?.typed) ?? null;
}

const AREAS = new Set(["rectangle", "rotated", "polygon"]);

/** The text beneath a region, if the page's text is known; lines do not surround any. */
export function textUnder(
  question: Question | undefined,
  page: number,
  geometry: Geometry,
): string | null {
  const seen = shownOn(question?.field ?? "").peek();
  if (seen.page !== page || !seen.runs || !AREAS.has(geometry.kind)) return null;
  return textBeneath(seen.runs, geometry.points);
}

/** Labels with the text beneath the region, where nobody has typed another: `before` is what was beneath it. */
function withText(
  labels: Obj["labels"],
  question: Question | undefined,
  before: string,
  now: string | null,
): Obj["labels"] {
  const child = textChild(question);
  if (!child || now === null || (labels[child.questionId] ?? "") !== before) return labels;
  const { [child.questionId]: _, ...rest } = labels;
  return now === "" ? rest : { ...rest, [child.questionId]: now };
}

register({
  kind: "topic",
  type: "PDF",
  accepts: ["Pdf"],
  regions: {
    shell: (question, media) => ({
      questionId: question.questionId,
      type: "pdf",
      sizes: media?.sizes ?? [],
    }),
    plane: {
      geometry: geometryOf,
      create: (id, geometry, labels, question) => {
        const page = pageOf(question?.field ?? "").peek();
        const text = textUnder(question, page, geometry);
        return { id, ...placed(geometry), labels: withText(labels, question, "", text), page };
      },
      // The text beneath it goes with it, unless it was typed over.
      withGeometry: (object, geometry, question) => {
        const page = object.page as number;
        const before = textUnder(question, page, geometryOf(object)) ?? "";
        const now = textUnder(question, page, geometry);
        return {
          ...replaced(object, geometry),
          labels: withText(object.labels, question, before, now),
        };
      },
    },
    size: (media, object, question) =>
      pageSize(media, (object?.page as number) ?? pageOf(question.field ?? "").peek()),
    stay: (copy, original) => ({ ...copy, page: original.page }),
    picture: (_media, object, question) => {
      const seen = shownOn(question.field ?? "").value;
      return seen.page === object.page ? seen.picture : null;
    },
    layout: {
      read,
      isPart: (id) => pageOfId(id) !== null,
      rank: (object) => object.page as number,
      write: ({ questionId, type, sizes }, objects, parts) => {
        const pages = new Map<number, PdfPage>();
        const on = (page: number): PdfPage => {
          const size = pageSize({ url: "", type: "", sizes } as never, page);
          const found = pages.get(page) ?? {
            page,
            width: size?.width ?? 0,
            height: size?.height ?? 0,
            rotation: 0,
            data: [],
          };
          pages.set(page, found);
          return found;
        };
        for (const { page, ...object } of objects) {
          on(page as number).data.push(object as unknown as PictureObject);
        }
        for (const { id, labels } of parts) {
          const page = pageOfId(id);
          if (page !== null && Object.keys(labels).length > 0) {
            on(page).labels = labels as NonNullable<PdfPage["labels"]>;
          }
        }
        const sorted = [...pages.values()].sort((a, b) => a.page - b.page);
        return { questionId, type, pages: sorted } as unknown as Element;
      },
    },
  },
});
