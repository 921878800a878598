import { describe, expect, it } from "vitest";
import { breaksRule, isRisky } from "./rule";

describe("rules of texts", () => {
  it("have to match the whole text", () => {
    expect(breaksRule("\\d{4}", "2024")).toBe(false);
    expect(breaksRule("\\d{4}", "2024x")).toBe(true);
    expect(breaksRule("a|b", "ab")).toBe(true);
    expect(breaksRule("[\\u4e00-\\u9fff]+", "标签")).toBe(false);
  });

  it("that a browser does not know are left to the server", () => {
    expect(breaksRule("(?P<year>\\d{4})", "x")).toBe(false);
    expect(breaksRule("(", "x")).toBe(false);
  });

  it("that might run for ever are not tried", () => {
    const bad = ["(a+)+", "(a*)*b", "(a|a)*c", "([a-z]+\\d?)+!", "((a+)b)*", "(x{2,})+", "(a)\\1"];
    for (const rule of bad) {
      expect(isRisky(rule), rule).toBe(true);
      expect(breaksRule(rule, "a".repeat(40))).toBe(false);
    }
  });

  it("of the usual kinds are tried", () => {
    const good = [
      "\\w+",
      "(ab)+",
      "[A-Z]{2}-\\d{3,}",
      "(\\+86)?1\\d{10}",
      "yes|no",
      "[*+(]+",
      "[^]]+",
      "\\(a+\\)+",
    ];
    for (const rule of good) expect(isRisky(rule), rule).toBe(false);
  });

  it("are left to the server for long texts", () => {
    expect(breaksRule("a", "b".repeat(201))).toBe(false);
  });
});
