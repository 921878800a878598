/* What the pointer does on a timeline, as a reducer: nothing is changed before the gesture ends. */

import type { Side, Target } from "./hit";
import { momentsOf, nearest, SNAP_PX, settling } from "./snap";
import type { Range, Segment } from "./types";
import { clamp, microseconds } from "./view";

export interface Edit extends Range {
  id: string;
  track: number;
}

export type Gesture =
  | { kind: "idle" }
  /** Pressed, not yet moved. */
  | { kind: "pressed"; target: Target; time: number; x: number; toggle: boolean }
  | { kind: "scrub"; at: number }
  | { kind: "create"; anchor: number; at: number; track: number }
  | { kind: "resize"; side: Side; origin: Edit; now: Edit }
  | { kind: "move"; grip: number; from: number; origins: readonly Edit[]; now: readonly Edit[] };

export type Input =
  | { kind: "down"; target: Target; time: number; x: number; toggle: boolean }
  /** `track`: the one under the pointer. */
  | { kind: "move"; time: number; x: number; track: number | null; exact: boolean }
  | { kind: "up" }
  | { kind: "cancel" };

export type Effect =
  | { kind: "seek"; time: number; done: boolean }
  | { kind: "select"; ids: readonly string[]; how: "only" | "toggle" }
  | { kind: "create"; range: Range; track: number }
  | { kind: "change"; edits: readonly Edit[] };

export interface Around {
  duration: number;
  /** Pixels of one second. */
  scale: number;
  /** The current track. */
  track: number;
  tracks: number;
  frozen: boolean;
  chosen: ReadonlySet<string>;
  segments: ReadonlyMap<string, Segment>;
  /** Further moments that ends settle on. */
  moments: readonly number[];
  quantize(time: number): number;
}

export const IDLE: Gesture = { kind: "idle" };

/** So far, in pixels, a press may tremble and still be a press. */
const SLACK = 4;

export interface Step {
  gesture: Gesture;
  effects: readonly Effect[];
}

export function reduce(gesture: Gesture, input: Input, around: Around): Step {
  switch (input.kind) {
    case "down":
      return down(input, around);
    case "move":
      return moved(gesture, input, around);
    case "up":
      return up(gesture, around);
    case "cancel":
      return { gesture: IDLE, effects: [] };
  }
}

/** What is drawn while the gesture runs. */
export function previewOf(gesture: Gesture): { edits: readonly Edit[]; made: Edit | null } {
  if (gesture.kind === "resize") return { edits: [gesture.now], made: null };
  if (gesture.kind === "move") return { edits: gesture.now, made: null };
  if (gesture.kind !== "create") return { edits: [], made: null };
  const { anchor, at, track } = gesture;
  return {
    edits: [],
    made: { id: "", start: Math.min(anchor, at), end: Math.max(anchor, at), track },
  };
}

function down(input: Extract<Input, { kind: "down" }>, { duration, quantize }: Around): Step {
  const { target, time } = input;
  if (target.kind === "ruler") {
    const at = clamp(quantize(time), 0, duration);
    return { gesture: { kind: "scrub", at }, effects: [{ kind: "seek", time: at, done: false }] };
  }
  return { gesture: { ...input, kind: "pressed" }, effects: [] };
}

function moved(gesture: Gesture, input: Extract<Input, { kind: "move" }>, around: Around): Step {
  const stay = { gesture, effects: [] };
  const { duration } = around;
  const time = clamp(input.time, 0, duration);
  if (gesture.kind === "scrub") {
    const at = clamp(around.quantize(time), 0, duration);
    return { gesture: { ...gesture, at }, effects: [{ kind: "seek", time: at, done: false }] };
  }
  if (gesture.kind === "pressed") {
    if (Math.abs(input.x - gesture.x) < SLACK || around.frozen) return stay;
    return moved(begun(gesture, around), input, around);
  }
  if (gesture.kind === "create") {
    return { gesture: { ...gesture, at: end(time, NONE, input.exact, around) }, effects: [] };
  }
  if (gesture.kind === "resize") {
    const { origin, side } = gesture;
    const at = end(time, new Set([origin.id]), input.exact, around);
    const other = side === "start" ? origin.end : origin.start;
    // An end that is pulled over the other one becomes the other one.
    const now = { ...origin, start: Math.min(at, other), end: Math.max(at, other) };
    return { gesture: { ...gesture, now }, effects: [] };
  }
  if (gesture.kind === "move") {
    const now = carried(gesture, input, around);
    return { gesture: { ...gesture, now }, effects: [] };
  }
  return stay;
}

const NONE: ReadonlySet<string> = new Set();

/** Where an end goes that is pulled to a time. */
function end(time: number, without: ReadonlySet<string>, exact: boolean, around: Around): number {
  const { segments, moments, scale, quantize, duration } = around;
  const all = exact ? [] : momentsOf(segments.values(), without, moments);
  const near = nearest(time, all, SNAP_PX / scale);
  return clamp(near ?? microseconds(quantize(time)), 0, duration);
}

/** What a press becomes once it moves. */
function begun(pressed: Extract<Gesture, { kind: "pressed" }>, around: Around): Gesture {
  const { target, time } = pressed;
  if (target.kind === "ruler") return { kind: "scrub", at: time };
  if (target.kind === "empty") {
    const track = target.track ?? around.track;
    const anchor = end(clamp(time, 0, around.duration), NONE, false, around);
    return { kind: "create", anchor, at: anchor, track };
  }
  const segment = around.segments.get(target.id);
  if (!segment) return IDLE;
  if (target.kind === "edge") {
    const origin = editOf(segment);
    return { kind: "resize", side: target.side, origin, now: origin };
  }
  const ids = around.chosen.has(target.id) ? [...around.chosen] : [target.id];
  const origins = ids.flatMap((id) => {
    const one = around.segments.get(id);
    return one && !one.locked ? [editOf(one)] : [];
  });
  return { kind: "move", grip: time, from: segment.track, origins, now: origins };
}

function editOf({ id, start, end, track }: Segment): Edit {
  return { id, start, end, track };
}

/** Segments on another time, and on other tracks where all of them have room there. */
function carried(
  gesture: Extract<Gesture, { kind: "move" }>,
  input: Extract<Input, { kind: "move" }>,
  around: Around,
): Edit[] {
  const { origins, grip } = gesture;
  const { duration, segments, moments, scale, tracks } = around;
  const first = Math.min(...origins.map(({ start }) => start));
  const last = Math.max(...origins.map((one) => one.end));
  let by = clamp(input.time - grip, -first, duration - last);
  if (!input.exact) {
    const own = new Set(origins.map(({ id }) => id));
    const others = momentsOf(segments.values(), own, moments);
    const lead = { start: first + by, end: last + by };
    by = clamp(by + settling(lead, others, SNAP_PX / scale), -first, duration - last);
  }
  const rise = input.track === null ? 0 : input.track - gesture.from;
  const fits = origins.every(({ track }) => track + rise >= 0 && track + rise < tracks);
  return origins.map((one) => shifted(one, by, fits ? rise : 0, around));
}

/** One segment moved: its length stays, as far as moments allow that it may begin and end at. */
export function shifted(
  one: Edit,
  by: number,
  rise: number,
  { quantize, duration }: Pick<Around, "quantize" | "duration">,
): Edit {
  if (by === 0) return { ...one, track: one.track + rise };
  const start = clamp(microseconds(quantize(one.start + by)), 0, duration);
  const end = clamp(microseconds(quantize(one.end + by)), start, duration);
  return { id: one.id, start, end, track: one.track + rise };
}

function up(gesture: Gesture, around: Around): Step {
  const ended = (effects: readonly Effect[]): Step => ({ gesture: IDLE, effects });
  if (gesture.kind === "pressed") {
    const { target, time, toggle } = gesture;
    if (target.kind === "body" || target.kind === "edge") {
      return ended([{ kind: "select", ids: [target.id], how: toggle ? "toggle" : "only" }]);
    }
    const at = clamp(around.quantize(time), 0, around.duration);
    const seek: Effect = { kind: "seek", time: at, done: true };
    return ended(toggle ? [seek] : [seek, { kind: "select", ids: [], how: "only" }]);
  }
  if (gesture.kind === "create") {
    const { made } = previewOf(gesture);
    if (!made || made.start === made.end) return ended([]);
    const { start, end, track } = made;
    return ended([{ kind: "create", range: { start, end }, track }]);
  }
  if (gesture.kind === "resize") {
    // Pulled together it would be an instant, which is made on purpose only.
    if (gesture.now.start === gesture.now.end) return ended([]);
    return ended(changes([gesture.origin], [gesture.now]));
  }
  if (gesture.kind === "move") return ended(changes(gesture.origins, gesture.now));
  if (gesture.kind === "scrub") return ended([{ kind: "seek", time: gesture.at, done: true }]);
  return ended([]);
}

function changes(before: readonly Edit[], now: readonly Edit[]): Effect[] {
  const edits = now.filter((one, at) => {
    const old = before[at];
    return old?.start !== one.start || old.end !== one.end || old.track !== one.track;
  });
  return edits.length > 0 ? [{ kind: "change", edits }] : [];
}
