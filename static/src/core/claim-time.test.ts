import { describe, expect, it } from "vitest";
import { left, span } from "./claim-time";

const HOUR = 3_600_000;

describe("the time left of a claim", () => {
  const at = (hours: number) => left(24 * HOUR, 24 * HOUR, hours * HOUR);

  it("goes through its phases", () => {
    expect(at(0).phase).toBe("fresh");
    expect(at(11.9).phase).toBe("fresh");
    expect(at(12).phase).toBe("half");
    expect(at(21.5).phase).toBe("half");
    expect(at(21.6).phase).toBe("last");
    expect(at(24)).toEqual({ ms: 0, phase: "over", prominent: true });
    expect(at(30).ms).toBe(0);
  });

  it("is prominent below a quarter", () => {
    expect(at(18).prominent).toBe(false);
    expect(at(18.1).prominent).toBe(true);
  });

  it("is fresh where a manager lets it stand longer than the claim time", () => {
    expect(left(48 * HOUR, 24 * HOUR, 0)).toEqual({
      ms: 48 * HOUR,
      phase: "fresh",
      prominent: false,
    });
  });

  it("is told in hours and minutes, at last in seconds", () => {
    expect(span(23.5 * HOUR + 59_000)).toEqual({ hours: 23, minutes: 30, seconds: 0 });
    expect(span(10 * 60_000 + 59_000)).toEqual({ hours: 0, minutes: 10, seconds: 0 });
    expect(span(9 * 60_000 + 59_900)).toEqual({ hours: 0, minutes: 9, seconds: 59 });
  });
});
