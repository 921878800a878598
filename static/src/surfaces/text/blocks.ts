/* A text cut into blocks: paragraphs, and longer ones at the end of a sentence. Joined they are the text again. */

export interface Block {
  /** Where the block begins, in UTF-16 units of the text. */
  start: number;
  text: string;
}

const MOST = 1000;
/** What may end a sentence, in Latin and in Chinese script. */
const ENDS = /[.!?。！？；;\n]/;

export function blocks(text: string): Block[] {
  const found: Block[] = [];
  let start = 0;
  while (start < text.length) {
    const line = text.indexOf("\n", start);
    const paragraph = line < 0 ? text.length : line + 1;
    const end = paragraph - start <= MOST ? paragraph : sentenceEnd(text, start);
    found.push({ start, text: text.slice(start, end) });
    start = end;
  }
  return found;
}

/** The last end of a sentence within the longest block, else its last blank, else the longest block. */
function sentenceEnd(text: string, start: number): number {
  const most = start + MOST;
  for (let at = most - 1; at > start + MOST / 2; at--) {
    if (ENDS.test(text[at] ?? "")) return at + 1;
  }
  const blank = text.lastIndexOf(" ", most - 1);
  if (blank > start) return blank + 1;
  // Not between the halves of a character outside the basic plane.
  const half = text.charCodeAt(most - 1);
  return half >= 0xd800 && half <= 0xdbff ? most - 1 : most;
}
