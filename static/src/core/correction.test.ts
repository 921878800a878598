import { describe, expect, it } from "vitest";
import { collected } from "./correction";
import { Document } from "./document";
import { OpLog, setElement, setObject } from "./oplog";
import type { Element, Obj, Question } from "./types";

const QUESTIONS: Question[] = [
  { questionId: "1", type: "REGIONS", markTitle: "regions" },
  { questionId: "2", type: "VALUE", markTitle: "value" },
];
const object = (id: string, value: unknown): Obj => ({ id, type: "box", labels: {}, value });
const value = (data: unknown): Element => ({ questionId: "2", type: "survey/value", data });

function made() {
  const shell = { questionId: "1", type: "image", width: 9 };
  const document = new Document(
    QUESTIONS,
    (question) => (question.type === "REGIONS" ? shell : null),
    [{ ...shell, data: [object("a", 1), object("b", 1), object("c", 1)] }, value("x")],
  );
  const log = new OpLog(document);
  const put = (id: string, next: unknown) => log.commit([setObject(document, "1", id, next)]);
  const say = (data: string) => log.commit([setElement(document, "2", value(data))]);
  return { log, put, say };
}

describe("the operations of a correction", () => {
  it("are the last value of everything that was changed, once", () => {
    const { log, put, say } = made();
    put("a", object("a", 2));
    say("y");
    put("a", object("a", 3));
    say("z");
    put("b", null);
    expect(collected(log)).toEqual([
      { questionId: "1", id: "a", value: object("a", 3) },
      { questionId: "2", id: null, value: value("z") },
      { questionId: "1", id: "b", value: null },
    ]);
  });

  it("leave out what was taken back, and what was made and deleted again", () => {
    const { log, put, say } = made();
    expect(collected(log)).toEqual([]);
    put("new", object("new", 1));
    put("new", null);
    expect(collected(log)).toEqual([]);
    put("b", null);
    say("y");
    log.undo();
    log.undo();
    expect(collected(log)).toEqual([]);
    log.redo();
    expect(collected(log)).toEqual([{ questionId: "1", id: "b", value: null }]);
  });
});
