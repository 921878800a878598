import { beforeAll, describe, expect, it } from "vitest";
import { defaultOps } from "./defaults";
import { Document } from "./document";
import { OpLog } from "./oplog";
import { beginWith, labelsFor, stick } from "./regions";
import type { Question } from "./types";

beforeAll(async () => {
  await import("../topic/choice");
  await import("../topic/text-edit");
});

const questions: Question[] = [
  { questionId: "1", type: "RADIO", markTitle: "1", default: "b" },
  { questionId: "2", type: "CHECKBOX", markTitle: "2", default: ["a", "c"] },
  { questionId: "3", type: "RADIO", markTitle: "3" },
  { questionId: "4", type: "TEXT_EDIT", markTitle: "4", view: "text", field: "source" },
];

describe("defaults", () => {
  it("answer what has none and begin text edits with the item's text, in one step of undo", () => {
    const own = { questionId: "1", type: "survey/value", data: "a" };
    const log = new OpLog(new Document(questions, () => null, [own]));
    log.commit(defaultOps(log.document, questions, { source: "As given." }));
    expect(log.document.toResults().map(({ questionId, data }) => [questionId, data])).toEqual([
      ["1", "a"],
      ["2", ["a", "c"]],
      ["4", "As given."],
    ]);
    log.undo();
    expect(log.document.toResults()).toEqual([own]);
  });

  it("do nothing where the field holds no text", () => {
    const document = new Document(questions, () => null, []);
    const given = defaultOps(document, questions, { source: 7 }).map(({ q }) => q);
    expect(given).toEqual(["1", "2"]);
  });

  it("of what is asked of regions hold until another label was used", () => {
    const child = { questionId: "9.1", type: "RADIO", markTitle: "9.1", default: "x" };
    beginWith([{ questionId: "9", type: "PICTURE", markTitle: "9", children: [child] }]);
    expect(labelsFor("9")).toEqual({ "9.1": "x" });
    stick("9", "9.1", null);
    expect(labelsFor("9")).toEqual({});
  });
});
