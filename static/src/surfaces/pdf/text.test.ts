import { describe, expect, it } from "vitest";
import type { Point } from "../../core/types";
import { clampPage, pageCount, pageSize } from "./sizes";
import { type Run, textBeneath } from "./text";

function run(text: string, x: number, y: number, width = text.length * 6): Run {
  return { text, at: [x, y], along: [1, 0], width, height: 12 };
}

function box(left: number, top: number, right: number, bottom: number): Point[] {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

describe("the text beneath an outline", () => {
  const page = [
    run("second line", 10, 40),
    run("First", 10, 20),
    run("words", 48, 20),
    run("aside", 200, 20),
  ];

  it("is read line by line, whatever the order in the file", () => {
    expect(textBeneath(page, box(0, 0, 120, 60))).toBe("First words\nsecond line");
    expect(textBeneath(page, box(0, 0, 400, 25))).toBe("First words aside");
    expect(textBeneath(page, box(0, 100, 400, 200))).toBe("");
    expect(textBeneath([], box(0, 0, 9, 9))).toBe("");
  });

  it("ends where the outline ends, between two signs", () => {
    expect(textBeneath([run("abcdef", 0, 20)], box(11, 0, 25, 30))).toBe("cd");
    expect(textBeneath([run("one two", 0, 20)], box(0, 0, 23, 30))).toBe("one");
  });

  it("has no blanks between Chinese signs, and needs none in the file between words", () => {
    const chinese = [run("中文", 0, 20, 24), run("标注", 25, 20, 24), run("平台", 70, 20, 24)];
    expect(textBeneath(chinese, box(0, 0, 200, 30))).toBe("中文标注 平台");
    expect(textBeneath([run("a", 0, 20), run("b", 6.5, 20)], box(0, 0, 99, 30))).toBe("ab");
  });

  it("follows text that runs up the page, and outlines that are no boxes", () => {
    const upwards: Run = { text: "abc", at: [20, 100], along: [0, -1], width: 18, height: 12 };
    const beside: Run = { ...upwards, text: "def", at: [40, 100] };
    expect(textBeneath([beside, upwards], box(0, 0, 100, 200))).toBe("abc\ndef");
    expect(textBeneath([beside, upwards], box(0, 0, 25, 200))).toBe("abc");
    const triangle: Point[] = [
      [0, 0],
      [40, 0],
      [0, 40],
    ];
    expect(textBeneath([run("abcdef", 0, 20)], triangle)).toBe("abcd");
  });
});

describe("pages", () => {
  const media = {
    url: "",
    type: "pdf",
    pages: 3,
    sizes: [
      [600, 800, 2],
      [300, 200, 1],
    ],
  };

  it("have the sizes of their runs", () => {
    const sizes = [0, 1, 2, 3, 4].map((page) => pageSize(media as never, page)?.width ?? null);
    expect(sizes).toEqual([null, 600, 600, 300, null]);
    expect(pageCount(media as never)).toBe(3);
    expect([pageSize(undefined, 1), pageCount(undefined)]).toEqual([null, 0]);
  });

  it("are numbered from 1 to the last", () => {
    expect([-3, 0, 2.4, 99, Number.NaN].map((n) => clampPage(n, 7))).toEqual([1, 1, 2, 7, 1]);
    expect(clampPage(3, 0)).toBe(1);
  });
});
