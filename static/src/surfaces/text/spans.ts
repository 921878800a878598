/* The spans of a text, found by block, with the lanes of their lines. A change touches the blocks near it only. */

import type { Block } from "./blocks";
import type { Piece } from "./offsets";
import { lanesOf, meets, type Stacked, widthOf } from "./stack";

/** A span as it is drawn. */
export interface Span extends Piece {
  id: string;
  color: string;
  /** The words of its labels. */
  label: string;
  /** Another answer's: shown beside the answer, met by no pointer. */
  ghost?: boolean;
  /** It cannot be changed. */
  locked?: boolean;
}

/** A label is a small print: so many signs of it are as wide as one of the text. */
const SMALL = 0.66;
/** Longer labels are cut, in widths of their own signs. */
export const WIDEST = 11;
/** A sign of a text is about so wide where it is not a wide one. */
const NARROW = 0.5;

export class SpanStore {
  private readonly byId = new Map<string, Placed>();
  private byBlock: (Set<Placed> | undefined)[] = [];

  constructor(
    readonly text: string,
    readonly blocks: readonly Block[],
    private readonly blockAt: (at: number) => number,
  ) {}

  get size(): number {
    return this.byId.size;
  }

  get(id: string): Span | null {
    return this.byId.get(id)?.span ?? null;
  }

  ids(): Iterable<string> {
    return this.byId.keys();
  }

  /** Put these in the place of all there are. */
  load(spans: readonly Span[]): void {
    this.byId.clear();
    this.byBlock = [];
    for (const span of spans) this.add(span);
    const done = new Set<Placed>();
    for (const placed of this.byId.values()) {
      if (done.has(placed)) continue;
      const cluster = this.cluster([placed]);
      this.settle(cluster);
      for (const one of cluster) done.add(one);
    }
  }

  /** Put a span, new or changed; the numbers of the blocks that look different now. */
  put(span: Span): Set<number> {
    const former = this.byId.get(span.id);
    const around = former ? this.cut(former) : [];
    return this.changed(former ? [former] : [], [this.add(span), ...around]);
  }

  remove(id: string): Set<number> {
    const former = this.byId.get(id);
    if (!former) return new Set();
    return this.changed([former], this.cut(former));
  }

  /** The spans of a block, in the order in which they lie in the text, outer ones first. */
  inBlock(block: number): Span[] {
    const spans = [...(this.byBlock[block] ?? [])].map(({ span }) => span);
    return spans.sort(
      (a, b) => a.start - b.start || b.end - a.end || this.laneOf(b.id) - this.laneOf(a.id),
    );
  }

  laneOf(id: string): number {
    return this.byId.get(id)?.lane ?? 0;
  }

  /** How many lanes lie under the lines of a block. */
  lanesIn(block: number): number {
    let lanes = 0;
    for (const { lane } of this.byBlock[block] ?? []) lanes = Math.max(lanes, lane + 1);
    return lanes;
  }

  /** The spans around a place, the shortest first; none of another answer. */
  at(place: number): Span[] {
    const here = [...(this.byBlock[this.blockAt(place)] ?? [])].map(({ span }) => span);
    return here
      .filter(({ start, end, ghost }) => !ghost && start <= place && place < end)
      .sort((a, b) => a.end - a.start - (b.end - b.start) || a.start - b.start);
  }

  /** The numbers of the first and last block of a span. */
  private reachOf({ start, end }: Piece): [number, number] {
    return [this.blockAt(start), this.blockAt(Math.max(start, end - 1))];
  }

  private add(span: Span): Placed {
    const [first, last] = this.reachOf(span);
    const placed: Placed = { span, lane: 0, first, last, ...this.stacked(span, first) };
    this.byId.set(span.id, placed);
    for (let block = first; block <= last; block++) {
      const here = this.byBlock[block] ?? new Set();
      this.byBlock[block] = here.add(placed);
    }
    return placed;
  }

  /** Take a span out; those whose lanes may be other ones without it. */
  private cut(placed: Placed): Placed[] {
    const around = this.neighbours(placed);
    this.byId.delete(placed.span.id);
    for (let block = placed.first; block <= placed.last; block++) {
      this.byBlock[block]?.delete(placed);
    }
    return around;
  }

  private changed(gone: readonly Placed[], seeds: readonly Placed[]): Set<number> {
    const blocks = new Set<number>();
    const touch = ({ first, last }: Placed) => {
      for (let block = first; block <= last; block++) blocks.add(block);
    };
    for (const placed of gone) touch(placed);
    const seen = new Set<Placed>();
    for (const seed of seeds) {
      if (seen.has(seed)) continue;
      const cluster = this.cluster([seed]);
      for (const moved of this.settle(cluster)) touch(moved);
      for (const one of cluster) seen.add(one);
      if (seed === seeds[0]) touch(seed);
    }
    return blocks;
  }

  /** Give each its lane; those whose lane is another one now. */
  private settle(cluster: ReadonlySet<Placed>): Placed[] {
    const lanes = lanesOf([...cluster]);
    return [...cluster].filter((placed) => {
      const lane = lanes.get(placed.id) ?? 0;
      const moves = lane !== placed.lane;
      placed.lane = lane;
      return moves;
    });
  }

  /** These and all that meet them, directly or through others. */
  private cluster(seeds: readonly Placed[]): Set<Placed> {
    const found = new Set(seeds);
    for (const placed of found) for (const other of this.neighbours(placed)) found.add(other);
    return found;
  }

  private neighbours(placed: Placed): Placed[] {
    const found: Placed[] = [];
    for (let block = placed.first; block <= placed.last; block++) {
      for (const other of this.byBlock[block] ?? []) {
        if (other !== placed && meets(placed, other)) found.push(other);
      }
    }
    return found;
  }

  private stacked(span: Span, block: number): Stacked {
    const { start, text } = this.blocks[block] ?? { start: 0, text: "" };
    // A label ends where its block does.
    const most = start + text.length;
    let reach = span.start;
    let room = Math.min(WIDEST, widthOf(span.label) + 1) * SMALL;
    while (room > 0 && reach < most) {
      room -= Math.max(NARROW, widthOf(this.text.charAt(reach)) * 0.9);
      reach++;
    }
    return { id: span.id, start: span.start, end: span.end, reach: span.label ? reach : span.end };
  }
}

interface Placed extends Stacked {
  span: Span;
  lane: number;
  first: number;
  last: number;
}
