import { describe, expect, it } from "vitest";
import { type Contact, Fingers, type Meaning } from "./fingers";

const at = (id: number, x: number, y: number, more: Partial<Contact> = {}): Contact => ({
  id,
  pointer: "touch",
  screen: [x, y],
  time: 0,
  width: 20,
  ...more,
});
const kinds = (found: Meaning[]) => found.map(({ kind }) => kind);

describe("one finger", () => {
  it("works as the mouse once it is clear that no second one comes", () => {
    const fingers = new Fingers();
    expect(fingers.down(at(1, 10, 10))).toEqual([]);
    expect(fingers.move(at(1, 12, 10))).toEqual([]);
    const found = fingers.move(at(1, 30, 10));
    expect(kinds(found)).toEqual(["down", "move"]);
    expect(found[0]).toMatchObject({ at: { screen: [10, 10] } });
    expect(kinds(fingers.move(at(1, 40, 10)))).toEqual(["move"]);
    expect(kinds(fingers.up(at(1, 40, 10)))).toEqual(["up"]);
  });

  it("taps", () => {
    const fingers = new Fingers();
    fingers.down(at(1, 10, 10));
    expect(kinds(fingers.up(at(1, 11, 10)))).toEqual(["down", "up"]);
  });

  it("is no palm", () => {
    const fingers = new Fingers();
    expect(fingers.down(at(1, 10, 10, { width: 90 }))).toEqual([]);
    expect(fingers.move(at(1, 90, 10, { width: 90 }))).toEqual([]);
    expect(fingers.up(at(1, 90, 10, { width: 90 }))).toEqual([]);
  });
});

describe("two fingers", () => {
  it("move and zoom the picture, and draw nothing", () => {
    const fingers = new Fingers();
    const found = [
      ...fingers.down(at(1, 100, 100)),
      ...fingers.down(at(2, 200, 100)),
      ...fingers.move(at(1, 90, 110)),
      ...fingers.move(at(2, 290, 110)),
      ...fingers.up(at(1, 90, 110)),
      ...fingers.move(at(2, 250, 150)),
      ...fingers.up(at(2, 250, 150)),
    ];
    expect(kinds(found)).toEqual(["pinch", "pinch"]);
    const total = found.reduce(
      (product, one) => product * (one.kind === "pinch" ? one.factor : 1),
      1,
    );
    expect(total).toBeCloseTo(2, 6);
    expect(found.at(-1)).toMatchObject({ about: [190, 110] });
    // A new finger works again.
    fingers.down(at(3, 0, 0));
    expect(kinds(fingers.up(at(3, 0, 0)))).toEqual(["down", "up"]);
  });

  it("take back what the first one has begun", () => {
    const fingers = new Fingers();
    fingers.down(at(1, 100, 100));
    fingers.move(at(1, 130, 100));
    expect(kinds(fingers.down(at(2, 200, 100)))).toEqual(["restore"]);
    expect(kinds(fingers.move(at(2, 220, 100)))).toEqual(["pinch"]);
  });

  it("and a third one rest", () => {
    const fingers = new Fingers();
    for (const id of [1, 2, 3]) fingers.down(at(id, id * 50, 10));
    expect(fingers.move(at(1, 80, 10))).toEqual([]);
  });
});

describe("a pen", () => {
  const pen = { pointer: "pen" as const };
  it("works at once; the hand beside it does nothing, before and after", () => {
    const fingers = new Fingers();
    fingers.down(at(1, 300, 300));
    fingers.move(at(1, 320, 300));
    expect(kinds(fingers.down(at(9, 100, 100, { ...pen, time: 10 })))).toEqual(["restore", "down"]);
    expect(fingers.move(at(1, 360, 300))).toEqual([]);
    expect(fingers.down(at(2, 310, 300, { time: 20 }))).toEqual([]);
    expect(kinds(fingers.move(at(9, 140, 100, { ...pen, time: 30 })))).toEqual(["move"]);
    expect(kinds(fingers.up(at(9, 140, 100, { ...pen, time: 40 })))).toEqual(["up"]);
    expect(fingers.up(at(1, 360, 300, { time: 50 }))).toEqual([]);
    expect(fingers.down(at(3, 0, 0, { time: 500 }))).toEqual([]);
    fingers.down(at(4, 0, 0, { time: 900 }));
    expect(kinds(fingers.up(at(4, 0, 0, { time: 910 })))).toEqual(["down", "up"]);
  });

  it("that only hovers keeps fingers away too", () => {
    const fingers = new Fingers();
    fingers.move(at(9, 100, 100, { ...pen, time: 1000 }));
    expect(fingers.down(at(1, 0, 0, { time: 1300 }))).toEqual([]);
    expect(fingers.up(at(1, 0, 0, { time: 1310 }))).toEqual([]);
  });

  it("taken away by the browser leaves nothing", () => {
    const fingers = new Fingers();
    fingers.down(at(9, 1, 1, pen));
    expect(kinds(fingers.cancel(at(9, 1, 1, pen)))).toEqual(["restore"]);
  });
});
