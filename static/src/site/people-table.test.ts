import { expect, test } from "vitest";
import { decodeTable } from "./people-table";

test("a table is read in either spelling of Chinese", () => {
  const utf8 = new TextEncoder().encode("username\n王伟");
  expect(decodeTable(utf8.buffer)).toBe("username\n王伟");
  // 王伟 as GB 18030 has it.
  const gb = new Uint8Array([0xcd, 0xf5, 0xce, 0xb0]);
  expect(decodeTable(gb.buffer)).toBe("王伟");
});
