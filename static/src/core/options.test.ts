import { describe, expect, it } from "vitest";
import { foldedAtFirst, foundRows, optionRows, UNFOLDED, unfoldedRows } from "./options";

const TREE = [
  {
    key: "a",
    label: "Animal",
    children: [
      { key: "c", label: "Cat", children: [{ key: "p", label: "Persian" }] },
      { key: "d", label: "Dog" },
    ],
  },
  { key: "v", label: "Véhicule" },
  { key: "x", label: "Catalogue" },
];
const ROWS = optionRows(TREE);

function keys(rows: readonly { option: { key: string } }[]): string {
  return rows.map((row) => row.option.key).join("");
}

describe("options", () => {
  it("are rows with what stands above them", () => {
    expect(keys(ROWS)).toBe("acpdvx");
    expect(ROWS[2]).toMatchObject({
      depth: 2,
      parent: "c",
      path: ["Animal", "Cat"],
      branch: false,
    });
  });

  it("fold with all that is below", () => {
    expect(keys(unfoldedRows(ROWS, new Set(["c"])))).toBe("acdvx");
    expect(keys(unfoldedRows(ROWS, new Set(["a"])))).toBe("avx");
    expect(unfoldedRows(ROWS, new Set(["a"]))[0]?.folded).toBe(true);
    expect(keys(unfoldedRows(ROWS, new Set()))).toBe("acpdvx");
  });

  it("are folded at first where they are many, but for what is chosen", () => {
    expect(foldedAtFirst(ROWS, []).size).toBe(0);
    const many = Array.from({ length: UNFOLDED }, (_, n) => ({ key: `n${n}`, label: `n ${n}` }));
    const rows = optionRows([...TREE, ...many]);
    expect(foldedAtFirst(rows, [])).toEqual(new Set(["a", "c"]));
    expect(foldedAtFirst(rows, ["p"])).toEqual(new Set());
    expect(foldedAtFirst(rows, ["d"])).toEqual(new Set(["c"]));
  });

  it("are found by words of the label and its path, beginnings first", () => {
    expect(keys(foundRows(ROWS, "cat"))).toBe("cx");
    expect(keys(foundRows(ROWS, " ANIMAL per "))).toBe("p");
    expect(keys(foundRows(ROWS, "vehi"))).toBe("v");
    expect(keys(foundRows(ROWS, "log"))).toBe("x");
    expect(keys(foundRows(ROWS, "nothing"))).toBe("");
  });
});
