import { describe, expect, it } from "vitest";
import { blocks } from "./blocks";
import { findAll, nextOf } from "./find";
import { Offsets, pieceOf, rangeOf } from "./offsets";
import { segmentsOf } from "./segments";
import { type Span, SpanStore } from "./spans";
import { lanesOf, meets } from "./stack";
import { Words } from "./words";

const wordsOf = (text: string) => new Words(text, blocks(text));
const storeOf = (text: string) => {
  const words = wordsOf(text);
  return new SpanStore(text, words.blocks, (at) => words.blockAt(at));
};
const span = (id: string, start: number, end: number, label = ""): Span => ({
  id,
  start,
  end,
  label,
  color: "#123456",
});

/** The same random numbers every time. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

describe("offsets", () => {
  it("count a character outside the basic plane once", () => {
    const text = "a😀b👩‍👩‍👧 c𠮷";
    const offsets = new Offsets(text);
    const characters = [...text];
    let unit = 0;
    for (const [at, character] of characters.entries()) {
      expect(offsets.toUnit(at)).toBe(unit);
      expect(offsets.toCharacter(unit)).toBe(at);
      unit += character.length;
    }
    expect(offsets.toUnit(characters.length)).toBe(text.length);
    expect(offsets.toCharacter(text.length)).toBe(characters.length);
  });

  it("are those of units where all characters are in the basic plane, carriage returns counted", () => {
    const text = "一\r\n二";
    const offsets = new Offsets(text);
    expect(rangeOf(text, offsets, { start: 1, end: 4 })).toEqual({
      start: 1,
      end: 3,
      text: "\r\n二",
    });
  });

  it("go to ranges of which the last character is included, and back", () => {
    const text = "阿里巴巴 😀😀 Vendio";
    const offsets = new Offsets(text);
    const range = rangeOf(text, offsets, { start: 5, end: 9 });
    expect(range).toEqual({ start: 5, end: 6, text: "😀😀" });
    expect(pieceOf(offsets, { start: 5, end: 6 })).toEqual({ start: 5, end: 9 });
    expect(rangeOf(text, offsets, { start: 3, end: 3 })).toBeNull();
  });
});

describe("words", () => {
  it("are what one means, in Latin and in Chinese script", () => {
    const text = "Ann's boat, 阿里巴巴收购公司。";
    const words = wordsOf(text);
    const at = (place: number) => {
      const found = words.at("word", place);
      return found && text.slice(found.start, found.end);
    };
    expect(at(0)).toBe("Ann's");
    expect(at(7)).toBe("boat");
    // A blank belongs to the word that ends there.
    expect(at(5)).toBe("Ann's");
    expect(at(text.indexOf("收"))).toBe("收购");
    expect(at(text.length)).toBeNull();
  });

  it("are stepped over forth to their ends and back to their beginnings, across blocks", () => {
    const text = "one two\n\nthree";
    const words = wordsOf(text);
    const ends: number[] = [];
    for (let at = 0; at < text.length; at = ends.at(-1) as number) {
      ends.push(words.step("word", at, 1));
    }
    expect(ends).toEqual([3, 7, 14]);
    const starts: number[] = [];
    for (let at = text.length; at > 0; at = starts.at(-1) as number) {
      starts.push(words.step("word", at, -1));
    }
    expect(starts).toEqual([9, 4, 0]);
    expect(words.step("word", 14, 1)).toBe(14);
  });

  it("snap what was dragged over to whole words without blanks", () => {
    const text = "  The quick fox. ";
    const words = wordsOf(text);
    const snapped = (start: number, end: number) => {
      const found = words.snap({ start, end });
      return found && text.slice(found.start, found.end);
    };
    expect(snapped(4, 8)).toBe("The quick");
    expect(snapped(8, 4)).toBe("The quick");
    expect(snapped(5, 6)).toBeNull();
    expect(snapped(12, 16)).toBe("fox.");
    expect(words.trim({ start: 0, end: 7 })).toEqual({ start: 2, end: 7 });
  });

  it("never leave half a character, and step over what is seen as one", () => {
    const text = "x👩‍👩‍👧y";
    const words = wordsOf(text);
    expect(words.step("character", 1, 1)).toBe(text.length - 1);
    expect(words.step("character", text.length - 1, -1)).toBe(1);
    expect(words.settle(2)).toBe(1);
    expect(words.trim({ start: 2, end: 4 })?.start).toBe(1);
  });

  it("make sentences, of which blanks at the end are no part", () => {
    const text = "First one.  Second one! 第三句。第四句。";
    const words = wordsOf(text);
    const sentence = (place: number) => {
      const found = words.at("sentence", place);
      return found && text.slice(found.start, found.end);
    };
    expect(sentence(3)).toBe("First one.");
    expect(sentence(14)).toBe("Second one!");
    expect(sentence(text.indexOf("第三") + 1)).toBe("第三句。");
    expect(words.step("sentence", 0, 1)).toBe(10);
    expect(words.step("sentence", text.length, -1)).toBe(text.indexOf("第四"));
  });
});

describe("segments", () => {
  it("are the stretch, with exactly the spans that cover each", () => {
    const roll = dice(7);
    for (let round = 0; round < 50; round++) {
      const spans = Array.from({ length: 12 }, (_, at) => {
        const start = roll(90);
        return span(`s${at}`, start, start + 1 + roll(20));
      });
      const segments = segmentsOf({ start: 10, end: 80 }, spans);
      expect(segments[0]?.start).toBe(10);
      expect(segments.at(-1)?.end).toBe(80);
      for (const [at, { start, end, spans: over }] of segments.entries()) {
        expect(end).toBeGreaterThan(start);
        expect(segments[at + 1]?.start ?? 80).toBe(end);
        for (let place = start; place < end; place++) {
          const covering = spans.filter((one) => one.start <= place && place < one.end);
          expect(over.map(({ id }) => id)).toEqual(covering.map(({ id }) => id));
        }
      }
    }
  });
});

describe("lanes", () => {
  const stacked = (id: string, start: number, end: number, reach = end) => ({
    id,
    start,
    end,
    reach,
  });

  it("of spans that meet differ, and an inner span's is above its outer one's", () => {
    const roll = dice(3);
    for (let round = 0; round < 40; round++) {
      const spans = Array.from({ length: 15 }, (_, at) => {
        const start = roll(60);
        return stacked(`s${at}`, start, start + 1 + roll(15));
      });
      const lanes = lanesOf(spans);
      for (const a of spans) {
        for (const b of spans) {
          if (a === b || !meets(a, b)) continue;
          expect(lanes.get(a.id)).not.toBe(lanes.get(b.id));
          const inside = a.start >= b.start && a.end <= b.end && a.end - a.start < b.end - b.start;
          if (inside) expect(lanes.get(a.id)).toBeLessThan(lanes.get(b.id) as number);
        }
      }
      expect(lanesOf([...spans].reverse())).toEqual(lanes);
    }
  });

  it("leave room for labels that are wider than their words", () => {
    const lanes = lanesOf([stacked("a", 0, 2, 9), stacked("b", 3, 5)]);
    expect(new Set(lanes.values()).size).toBe(2);
  });
});

describe("the spans of a text", () => {
  it("stand in the same lanes however they came, and say which blocks look different", () => {
    const text = Array.from({ length: 40 }, (_, at) => `Line number ${at} of the text.\n`).join("");
    const roll = dice(11);
    const store = storeOf(text);
    const now = new Map<string, Span>();
    const looks = () =>
      store.blocks.map((_, block) =>
        JSON.stringify(store.inBlock(block).map((one) => [one, store.laneOf(one.id)])),
      );
    for (let round = 0; round < 300; round++) {
      const id = `s${roll(60)}`;
      const before = looks();
      let touched: Set<number>;
      if (now.has(id) && roll(3) === 0) {
        now.delete(id);
        touched = store.remove(id);
      } else {
        const start = roll(text.length - 60);
        const next = span(
          id,
          start,
          start + 1 + roll(roll(5) === 0 ? 200 : 12),
          "PER".repeat(roll(3)),
        );
        now.set(id, next);
        touched = store.put(next);
      }
      const after = looks();
      for (const [block, look] of after.entries()) {
        if (look !== before[block]) expect(touched.has(block)).toBe(true);
      }
    }
    const fresh = storeOf(text);
    fresh.load([...now.values()]);
    expect(fresh.size).toBe(now.size);
    for (const id of now.keys()) expect(store.laneOf(id)).toBe(fresh.laneOf(id));
  });

  it("are found by place, the innermost first, those of other answers not at all", () => {
    const store = storeOf("one two three");
    store.load([span("all", 0, 13), span("two", 4, 7), { ...span("vote", 4, 7), ghost: true }]);
    expect(store.at(5).map(({ id }) => id)).toEqual(["two", "all"]);
    expect(store.at(7).map(({ id }) => id)).toEqual(["all"]);
    expect(store.lanesIn(0)).toBe(3);
  });
});

describe("finding", () => {
  const found = (text: string, words: string, whole: boolean, exact = false) => {
    const all = wordsOf(text);
    return findAll(text, words, { whole, exact }, (at) => all.isEdge(at)).map(({ start }) => start);
  };

  it("takes words as they stand, never as a pattern", () => {
    expect(found("a.c abc A.C", "a.c", false)).toEqual([0, 8]);
    expect(found("a.c abc A.C", "a.c", false, true)).toEqual([0]);
    expect(found("(x|y) [z]-{1}", "[z]-{1}", false)).toEqual([6]);
    expect(found("text", "", false)).toEqual([]);
  });

  it("takes whole words alone where it is asked to, in Chinese too", () => {
    expect(found("cat concat cat's cat", "cat", true)).toEqual([0, 17]);
    expect(found("公司收购公司,分公司", "公司", false)).toEqual([0, 4, 8]);
    expect(found("收购公司", "购公", true)).toEqual([]);
  });

  it("goes round and round", () => {
    const pieces = [span("a", 2, 3), span("b", 8, 9)];
    expect(nextOf(pieces, 3, 1)).toBe(1);
    expect(nextOf(pieces, 9, 1)).toBe(0);
    expect(nextOf(pieces, 2, -1)).toBe(1);
    expect(nextOf([], 0, 1)).toBe(-1);
  });
});
