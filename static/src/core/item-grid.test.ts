import { describe, expect, it } from "vitest";
import { commonOf, LEAST, MOST, pageSize } from "./item-grid";
import { topic, type ValueSpec } from "./registry";
import "../topic/choice";
import "../topic/input";

const [radio, checkbox, input] = ["RADIO", "CHECKBOX", "INPUT"].map(
  (type) => topic(type)?.value as ValueSpec,
) as [ValueSpec, ValueSpec, ValueSpec];

describe("pages of the grid", () => {
  it("are whole rows of what fits, within limits", () => {
    expect(pageSize(7, 5)).toBe(35);
    expect(pageSize(4, 3)).toBe(LEAST);
    expect(pageSize(5, 3)).toBe(25);
    expect(pageSize(7, 20)).toBe(56);
    for (let columns = 1; columns <= 30; columns++) {
      for (let rows = 1; rows <= 20; rows++) {
        const size = pageSize(columns, rows);
        expect(size >= LEAST && size <= MOST).toBe(true);
      }
    }
  });
});

describe("answers to many at once", () => {
  it("show what all have in common", () => {
    expect(commonOf(radio, ["a", "a"])).toBe("a");
    expect(commonOf(radio, ["a", null])).toBeNull();
    expect(commonOf(input, ["x", "x"])).toBe("x");
    expect(commonOf(input, [])).toBeNull();
    expect(
      commonOf(checkbox, [
        ["b", "a", "c"],
        ["a", "b"],
      ]),
    ).toEqual(["b", "a"]);
    expect(commonOf(checkbox, [["a"], null])).toBeNull();
  });

  it("follow a change of several choices and keep what else each had", () => {
    expect(checkbox.follow?.(["x", "a"], ["a"], ["a", "b"])).toEqual(["x", "a", "b"]);
    expect(checkbox.follow?.(["x", "a"], ["a"], null)).toEqual(["x"]);
    expect(checkbox.follow?.(["a"], ["a"], null)).toBeNull();
    expect(checkbox.follow?.(null, null, ["b"])).toEqual(["b"]);
  });
});
