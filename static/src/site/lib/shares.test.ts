import { expect, test } from "vitest";
import { evenly, majority, sum, typedNumber } from "./shares";

test("shares make a hundred, however many there are", () => {
  for (const count of [1, 2, 3, 7, 99, 100, 130]) {
    const shares = evenly(count);
    expect(shares.length).toBe(count);
    expect(sum(shares)).toBe(100);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
  }
  expect(evenly(0)).toEqual([]);
  expect(evenly(3)).toEqual([34, 33, 33]);
});

test("what is typed is a whole number, something else, or nothing", () => {
  expect([" 7 ", "", "7.5", "-1", "x"].map(typedNumber)).toEqual([7, null, "7.5", "-1", "x"]);
  expect(sum([40, null, "x", 60])).toBe(100);
});

test("more than half", () => {
  expect([1, 2, 3, 4, 9].map(majority)).toEqual([1, 2, 2, 3, 5]);
});
