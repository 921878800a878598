import { expect, it } from "vitest";
import { colorOf } from "./colors";

it("gives each region a colour of its own, always the same", () => {
  const ids = Array.from({ length: 200 }, (_, n) => `00000000-0000-4000-8000-${n.toString(16)}`);
  const colors = ids.map(colorOf);
  for (const color of colors) expect(color).toMatch(/^#[0-9a-f]{6}$/);
  expect(new Set(colors).size).toBeGreaterThan(120);
  expect(ids.map(colorOf)).toEqual(colors);
});
