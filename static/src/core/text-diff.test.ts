import { describe, expect, it } from "vitest";
import { differences } from "./text-diff";

const shown = (before: string, after: string) =>
  (differences(before, after) ?? [])
    .map(({ kind, text }) =>
      kind === "same" ? text : kind === "gone" ? `[-${text}]` : `[+${text}]`,
    )
    .join("");

describe("what was changed in a text", () => {
  it("is shown word by word, what went before what came", () => {
    expect(shown("the quick fox", "the slow fox")).toBe("the [-quick][+slow] fox");
    expect(shown("one two", "one two three")).toBe("one two[+ three]");
    expect(shown("", "new")).toBe("[+new]");
    expect(shown("same", "same")).toBe("same");
  });

  it("is shown sign by sign where words are not parted", () => {
    expect(shown("今天天气好", "今天天气很好")).toBe("今天天气[+很]好");
  });

  it("gives both texts back whatever they are", () => {
    let seed = 7;
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % n;
    };
    const words = ["a ", "b ", "c", "\n", "你", "𝄞", ". "];
    const text = () =>
      Array.from({ length: random(30) }, () => words[random(words.length)]).join("");
    for (let n = 0; n < 300; n++) {
      const [before, after] = [text(), text()];
      const pieces = differences(before, after) ?? [];
      const of = (skip: string) =>
        pieces
          .filter(({ kind }) => kind !== skip)
          .map((one) => one.text)
          .join("");
      expect([of("new"), of("gone")]).toEqual([before, after]);
    }
  });

  it("is not looked for in texts that have little in common", () => {
    const many = (word: string) => Array.from({ length: 600 }, (_, n) => `${word}${n}`).join(" ");
    expect(differences(many("a"), many("b"))).toBeNull();
  });
});
