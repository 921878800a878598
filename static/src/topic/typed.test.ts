import { describe, expect, it } from "vitest";
import { asKept, asShown } from "./typed";

describe("texts with other ends of lines than a field has", () => {
  it("keeps them where one sign is changed", () => {
    expect(asKept("one\ntwo!\nthree", "one\r\ntwo\r\nthree")).toBe("one\r\ntwo!\r\nthree");
    expect(asKept("a\nb\nc", "a\rb")).toBe("a\rb\rc");
  });
  it("keeps those on both sides of a change where there are several ways", () => {
    const before = "a\r\nb\nc\r\nd";
    for (let at = 0; at <= asShown(before).length; at++) {
      const shown = asShown(before);
      const typed = `${shown.slice(0, at)}x${shown.slice(at)}`;
      const kept = asKept(typed, before);
      expect(asShown(kept)).toBe(typed);
      expect(kept.replace("x", "")).toBe(before);
    }
    expect(asKept(asShown(before), before)).toBe(before);
    expect(asKept("", before)).toBe("");
  });
  it("leaves texts without them alone", () => {
    expect(asKept("a\nb", "a")).toBe("a\nb");
    expect(asShown("a\r\nb\rc\nd")).toBe("a\nb\nc\nd");
  });
});
