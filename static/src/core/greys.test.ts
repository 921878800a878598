import { describe, expect, it } from "vitest";
import { joined, rangeOf, table } from "./greys";

describe("greys of 16 bits", () => {
  it("are joined of their lower and upper bytes", () => {
    expect([...joined(new Uint8Array([0x34, 0xff, 0x12, 0x00]))]).toEqual([0x1234, 0x00ff]);
  });

  it("are black below the window, white above it, even between", () => {
    const colors = table(1000, 1510);
    const grey = (sample: number) => (colors[sample] as number) & 255;
    expect([grey(0), grey(1000), grey(1255), grey(1510), grey(65535)]).toEqual([
      0, 0, 128, 255, 255,
    ]);
    // One step of 16 bits is a step of what is shown, where the window is narrow enough.
    expect(grey(1102) - grey(1100)).toBe(1);
    expect((colors[1255] as number) >>> 24).toBe(255);
  });

  it("are fitted without the few at the ends", () => {
    const samples = new Uint16Array(10_000).map((_, n) => 2000 + (n % 1000));
    samples[0] = 0;
    samples[1] = 65535;
    expect(rangeOf(samples)).toEqual({ least: 0, most: 65535, low: 2001, high: 2999 });
    const flat = rangeOf(new Uint16Array(16).fill(700));
    expect(flat.high).toBeGreaterThan(flat.low);
    expect(flat.least).toBe(700);
    expect(rangeOf(new Uint16Array([3, 9]))).toEqual({ least: 3, most: 9, low: 3, high: 9 });
  });
});
