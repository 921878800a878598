/* PDF: regions on the pages of a document. Inside the page each object knows its `page`; results list them by page. */

import { pageId, pageOf, pageOfId } from "../core/pages";
import { register } from "../core/registry";
import type { Element, Obj } from "../core/types";
import type { PdfPage, PictureObject } from "../generated/schemas";
import { pageSize } from "../surfaces/pdf/sizes";
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
    geometry: geometryOf,
    create: (id, geometry, labels, question) => ({
      id,
      ...placed(geometry),
      labels: labels as PictureObject["labels"],
      page: pageOf(question?.field ?? "").peek(),
    }),
    withGeometry: replaced,
    size: (media, object) => pageSize(media, object.page as number),
    layout: {
      read,
      isPart: (id) => pageOfId(id) !== null,
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
