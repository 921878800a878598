import { describe, expect, it } from "vitest";
import { otherwise, ruleProblem, singlePairs } from "./job-adjust";

describe("what a job says otherwise", () => {
  it("is only what differs from the template; what is emptied is taken away", () => {
    const template = { rule: "\\d+", ruleHint: null, preOptions: ["a"], default: null };
    expect(otherwise(template, { rule: "\\d+", ruleHint: "", preOptions: ["a"] })).toBeUndefined();
    expect(
      otherwise(template, { rule: "", ruleHint: "digits", preOptions: [], default: "" }),
    ).toEqual({
      rule: null,
      ruleHint: "digits",
      preOptions: null,
    });
  });

  it("shows pairs of several labels as one row each", () => {
    expect(singlePairs([{ from: ["a", "b"], to: [], relation: ["r"] }])).toEqual([
      { from: ["a"], to: [], relation: ["r"] },
      { from: ["b"], to: [], relation: ["r"] },
    ]);
  });

  it("says what is wrong with a rule", () => {
    expect(ruleProblem("[a-z]{2}")).toBe("");
    expect(ruleProblem("(")).not.toBe("");
  });
});
