/* Which way the paragraphs of a text run: as their first strong sign does. */

import type { Block } from "./blocks";

const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}]/u;
const STRONG = /\p{L}/u;

/** The direction of each block; a paragraph that was cut runs one way. Null where no text runs to the left. */
export function directionsOf(
  text: string,
  blocks: readonly Block[],
): readonly ("rtl" | "ltr")[] | null {
  if (!RIGHT_TO_LEFT.test(text)) return null;
  let open: "rtl" | "ltr" | null = null;
  return blocks.map((block) => {
    const first = STRONG.exec(block.text)?.[0];
    const own = first === undefined ? "ltr" : RIGHT_TO_LEFT.test(first) ? "rtl" : "ltr";
    const direction: "rtl" | "ltr" = open ?? own;
    open = block.text.endsWith("\n") ? null : direction;
    return direction;
  });
}
