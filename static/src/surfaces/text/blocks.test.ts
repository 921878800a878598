import { describe, expect, it } from "vitest";
import { blocks } from "./blocks";

const joined = (text: string) =>
  blocks(text)
    .map((block) => block.text)
    .join("");

describe("text blocks", () => {
  it("are the text again when joined, whatever its line ends", () => {
    for (const text of [
      "",
      "one",
      "a\n\nb\r\nc\n",
      `${"x".repeat(3000)}\n`,
      "句子。".repeat(900),
    ]) {
      expect(joined(text)).toBe(text);
    }
  });

  it("are paragraphs, and longer ones end with a sentence", () => {
    expect(blocks("a\nb\n").map((block) => block.text)).toEqual(["a\n", "b\n"]);
    const long = blocks(`${"A sentence of some length. ".repeat(100)}`);
    expect(long.every((block) => block.text.length <= 1000)).toBe(true);
    expect(long[0]?.text.endsWith(".")).toBe(true);
  });

  it("know where they begin and never cut a character in two", () => {
    const text = "😀".repeat(1200);
    const found = blocks(text);
    expect(joined(text)).toBe(text);
    for (const block of found) {
      expect(text.slice(block.start, block.start + block.text.length)).toBe(block.text);
      expect(block.text.length % 2).toBe(0);
    }
  });
});
