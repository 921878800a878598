import { effect } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { Selection } from "./selection";

const of = (selection: Selection) => [...selection.all.peek()];

describe("the chosen regions", () => {
  it("are one when one is written", () => {
    const selection = new Selection();
    selection.many(["a", "b", "c"]);
    expect(selection.peek()).toBe("c");
    selection.value = "b";
    expect(of(selection)).toEqual(["b"]);
    selection.value = null;
    expect(of(selection)).toEqual([]);
    expect(selection.value).toBeNull();
  });

  it("keep the primary one while it is among them", () => {
    const selection = new Selection();
    selection.value = "a";
    selection.many(["a", "b"]);
    expect(selection.peek()).toBe("a");
    selection.many(["b", "c"], "b");
    expect(selection.peek()).toBe("b");
    selection.many(["c"]);
    expect(selection.peek()).toBe("c");
  });

  it("are joined and left by toggling, several at once", () => {
    const selection = new Selection();
    selection.toggle(["a"]);
    selection.toggle(["b", "c"]);
    expect(of(selection)).toEqual(["a", "b", "c"]);
    expect(selection.peek()).toBe("c");
    selection.toggle(["c", "b"]);
    expect(of(selection)).toEqual(["a"]);
    expect(selection.peek()).toBe("a");
    selection.toggle(["a", "d"]);
    expect(of(selection)).toEqual(["a", "d"]);
    selection.clear();
    expect(of(selection)).toEqual([]);
  });

  it("tell their readers once, with the primary one among them", () => {
    const selection = new Selection();
    const seen: [string | null, string[]][] = [];
    effect(() => void seen.push([selection.value, [...selection.all.value]]));
    selection.many(["a", "b"]);
    selection.many(["a", "b"]);
    expect(seen).toEqual([
      [null, []],
      ["b", ["a", "b"]],
    ]);
  });
});
