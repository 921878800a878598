import { describe, expect, it } from "vitest";
import { addressesOf, hrefOf } from "./links";

describe("addresses out of data", () => {
  it("may be opened if they are of the web or of mail", () => {
    expect(hrefOf(" https://example.com/a?b=1#c ")).toBe("https://example.com/a?b=1#c");
    expect(hrefOf("http://example.com")).toBe("http://example.com/");
    expect(hrefOf("mailto:a@example.com")).toBe("mailto:a@example.com");
  });

  it("are texts otherwise, however the scheme is written", () => {
    const bad = [
      "javascript:alert(1)",
      " JaVaScRiPt:alert(1)",
      "java\nscript:alert(1)",
      "\u0001javascript:alert(1)",
      "data:text/html,<script>1</script>",
      "vbscript:x",
      "file:///etc/passwd",
      "blob:https://example.com/1",
      "//example.com",
      "/admin/",
      "oss://bucket/key",
      "example.com",
    ];
    for (const text of bad) expect(hrefOf(text), text).toBeNull();
  });

  it("come alone or in a list; what is no text is left out", () => {
    expect(addressesOf(["https://a.example", 7, "", "x"])).toEqual([
      { text: "https://a.example", href: "https://a.example/" },
      { text: "x", href: null },
    ]);
    expect(addressesOf(null)).toEqual([]);
  });
});
