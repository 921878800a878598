import { describe, expect, it } from "vitest";
import { left } from "./countdown";

describe("left", () => {
  it("says the two largest units", () => {
    expect(left(2 * 86400 + 3 * 3600 + 59, "en")).toBe("2 days 3 hours");
    expect(left(3 * 3600 + 12 * 60, "en")).toBe("3 hours 12 minutes");
    expect(left(45 * 60, "en")).toBe("45 minutes");
  });

  it("leaves out what is nothing, but never everything", () => {
    expect(left(86400, "en")).toBe("1 day");
    expect(left(20, "en")).toBe("0 minutes");
  });

  it("speaks the reader's language", () => {
    expect(left(3600, "zh-hans")).toBe("1小时");
  });
});
