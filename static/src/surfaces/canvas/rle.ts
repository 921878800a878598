/* COCO's run lengths: columns from the left, each from top to bottom, runs of 0 and 1 in turns beginning with 0,
   written as the text of pycocotools (maskApi.c, rleToString / rleFrString). */

import type { Box } from "./geometry";
import type { Rle } from "./shapes";

/** The lengths of the runs. Throws RangeError for a text that is none. */
export function decodeRuns(text: string): number[] {
  const runs: number[] = [];
  let at = 0;
  while (at < text.length) {
    let value = 0;
    let shift = 0;
    let more = true;
    while (more) {
      const code = text.charCodeAt(at++) - 48;
      if (!(code >= 0 && code < 64)) throw new RangeError("not run lengths");
      // Not by bit operations where a run is longer than 31 bits hold.
      value += shift < 25 ? (code & 31) << shift : (code & 31) * 2 ** shift;
      more = (code & 32) !== 0;
      shift += 5;
      if (!more && (code & 16) !== 0) value -= 2 ** shift;
    }
    if (runs.length > 2) value += runs[runs.length - 2] as number;
    if (value < 0) throw new RangeError("not run lengths");
    runs.push(value);
  }
  return runs;
}

const letters = new TextDecoder("latin1");

/** The text of these run lengths. */
export function encodeRuns(runs: readonly number[]): string {
  // A number takes up to eleven letters, most take one or two.
  let text = new Uint8Array(2 * runs.length + 16);
  let end = 0;
  for (let at = 0; at < runs.length; at++) {
    let value = (runs[at] as number) - (at > 2 ? (runs[at - 2] as number) : 0);
    if (end + 16 > text.length) {
      const longer = new Uint8Array(2 * text.length);
      longer.set(text);
      text = longer;
    }
    for (;;) {
      // Not by bit operations where a run is longer than 31 bits hold.
      const small = value === (value | 0);
      const low = small ? value & 31 : ((value % 32) + 32) % 32;
      value = small ? value >> 5 : (value - low) / 32;
      const more = (low & 16) !== 0 ? value !== -1 : value !== 0;
      text[end++] = low + (more ? 32 : 0) + 48;
      if (!more) break;
    }
  }
  return letters.decode(text.subarray(0, end));
}

const boxes = new WeakMap<Rle, Box>();

/** The box around a mask, its far edges behind the last pixel; of an empty one a box without size. */
export function maskBox(mask: Rle): Box {
  const known = boxes.get(mask);
  if (known) return known;
  const [height] = mask.size;
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  let at = 0;
  decodeRuns(mask.counts).forEach((run, index) => {
    if (index % 2 === 1 && run > 0) {
      const first = Math.floor(at / height);
      const last = Math.floor((at + run - 1) / height);
      box.minX = Math.min(box.minX, first);
      box.maxX = Math.max(box.maxX, last + 1);
      const whole = first !== last;
      box.minY = Math.min(box.minY, whole ? 0 : at % height);
      box.maxY = Math.max(box.maxY, whole ? height : ((at + run - 1) % height) + 1);
    }
    at += run;
  });
  const found = box.minX === Infinity ? { minX: 0, minY: 0, maxX: 0, maxY: 0 } : box;
  boxes.set(mask, found);
  return found;
}
