import { describe, expect, it } from "vitest";
import { Document, objectsOf } from "../core/document";
import { OpLog, setObject } from "../core/oplog";
import { pageId, pageOf, pageOfId } from "../core/pages";
import { problemsOf } from "../core/problems";
import { topic } from "../core/registry";
import { shellsFor } from "../core/sheet";
import type { Element, ItemPayload, Obj, Question } from "../core/types";
import type { PdfElement } from "../generated/schemas";
import "./choice";
import "./pdf";

const OPTIONS = [{ key: "k1", label: "title" }];
const CHILD = { type: "RADIO", markTitle: "Label", mustFill: true, options: OPTIONS };
const QUESTION: Question = {
  questionId: "1",
  type: "PDF",
  markTitle: "pages",
  view: "source",
  field: "file",
  shapes: ["rectangle"],
  children: [{ ...CHILD, questionId: "1.1" }],
  pageChildren: [{ ...CHILD, questionId: "1.4" }],
};
const SIZES = [
  [600, 800, 2],
  [300, 200, 1],
];
const PAYLOAD = { media: { file: { url: "x", type: "pdf", pages: 3, sizes: SIZES } } };
const SHELLS = shellsFor(PAYLOAD as unknown as ItemPayload);
const POINTS = [
  [1, 2],
  [3, 2],
  [3, 4],
  [1, 4],
] as const;

const spec = topic("PDF")?.regions;

function made(id: string, page: number): Obj {
  pageOf("file").value = page;
  const geometry = { kind: "rectangle", points: POINTS } as const;
  return spec?.plane?.create(id, geometry, { "1.1": "k1" }, QUESTION) as Obj;
}

function drawn(): { document: Document; log: OpLog } {
  const document = new Document([QUESTION], SHELLS, []);
  const log = new OpLog(document);
  for (const [id, page] of [
    ["c", 3],
    ["a", 1],
    ["b", 1],
  ] as const)
    log.commit([setObject(document, "1", id, made(id, page))]);
  return { document, log };
}

describe("PDF answers", () => {
  it("list their objects by page, in the order of the pages", () => {
    const { document } = drawn();
    const [element] = document.toResults();
    const { page: _, ...plain } = made("a", 1);
    const bare = (id: string) => ({ ...plain, id });
    expect(element as unknown).toEqual({
      questionId: "1",
      type: "pdf",
      pages: [
        { page: 1, width: 600, height: 800, rotation: 0, data: [bare("a"), bare("b")] },
        { page: 3, width: 300, height: 200, rotation: 0, data: [bare("c")] },
      ],
    } as unknown as PdfElement);
    const again = new Document([QUESTION], SHELLS, [element as Element]);
    expect(again.toResults()).toEqual([element]);
    expect(objectsOf(QUESTION, element).map((one) => [one.id, one.page])).toEqual([
      ["a", 1],
      ["b", 1],
      ["c", 3],
    ]);
    expect(again.object("1", "c")).toEqual(made("c", 3));
  });

  it("hold the answers of pages beside them, and undo them", () => {
    const { document, log } = drawn();
    const id = pageId(2);
    const part = { id, type: "page", labels: { "1.4": "k1" } };
    log.commit([setObject(document, "1", id, part)]);
    expect(document.objects("1").ids).toEqual(["a", "b", "c"]);
    expect(document.object("1", id)).toEqual(part);
    const [element] = document.toResults();
    expect(element?.pages).toMatchObject([
      { page: 1 },
      { page: 2, data: [], labels: { "1.4": "k1" } },
      { page: 3 },
    ]);
    expect(new Document([QUESTION], SHELLS, [element as Element]).object("1", id)).toEqual(part);
    log.undo();
    expect(document.object("1", id)).toBeNull();
  });

  it("stay in the order of the pages whatever is put before what", () => {
    const { document, log } = drawn();
    log.commit([{ ...setObject(document, "1", "d", made("d", 1)), before: "c" }]);
    log.commit([{ ...setObject(document, "1", "e", made("e", 1)), before: "b" }]);
    expect(document.objects("1").ids).toEqual(["a", "e", "b", "d", "c"]);
    log.commit([setObject(document, "1", "a", made("a", 2))]);
    expect(document.objects("1").ids).toEqual(["e", "b", "d", "a", "c"]);
    log.undo();
    expect(document.objects("1").ids).toEqual(["a", "e", "b", "d", "c"]);
  });

  it("know the size of the page that a region is on", () => {
    const media = PAYLOAD.media.file as never;
    expect(spec?.size?.(media, made("x", 3), QUESTION)).toEqual({ width: 300, height: 200 });
    expect(spec?.size?.(media, made("x", 4), QUESTION)).toBeNull();
  });

  it("are incomplete where a page with regions lacks its own answer", () => {
    const { document, log } = drawn();
    log.commit([
      setObject(document, "1", "page:1", { id: "page:1", type: "page", labels: { "1.4": "k1" } }),
    ]);
    expect(problemsOf(document, [QUESTION])).toMatchObject([{ questionId: "1", object: "page:3" }]);
  });
});

describe("ids of pages", () => {
  it("are told from those of objects", () => {
    expect([pageId(12), "page:0", "page:x", "9f", null].map(pageOfId)).toEqual([
      12,
      null,
      null,
      null,
      null,
    ]);
  });
});
