/* What lies under the pointer. */

import { clampTrack, type Lane, laneAt, type Rows, rowPlace } from "./tracks";
import type { Segment } from "./types";
import { type TimeView, xOf } from "./view";

export type Side = "start" | "end";

export type Target =
  | { kind: "ruler" }
  | { kind: "edge"; id: string; side: Side }
  | { kind: "body"; id: string }
  | { kind: "empty"; track: number | null };

export interface Scene {
  view: TimeView;
  lanes: readonly Lane[];
  segments: readonly Segment[];
  rows: Rows;
  chosen: ReadonlySet<string>;
  /** The track whose segments are taken hold of on the strips. */
  track: number;
  tracks: number;
}

/** So near, in pixels, an end is taken hold of; inside a segment at most a third of it. */
export const EDGE_PX = 6;

/** The segments that stand in a lane: on strips those of the current track, and the chosen ones. */
export function inLane(scene: Scene, lane: Lane, segment: Segment): boolean {
  const own = clampTrack(segment.track, scene.tracks);
  if (lane.kind === "track") return own === lane.at;
  return own === scene.track || scene.chosen.has(segment.id);
}

/** Where a segment is drawn in a lane, from top to bottom. */
export function placeIn(
  scene: Scene,
  lane: Lane,
  segment: Segment,
): { top: number; height: number } {
  if (lane.kind === "strip") return { top: lane.top, height: lane.height };
  const count = scene.rows.counts[lane.at] ?? 1;
  return rowPlace(lane, scene.rows.row.get(segment.id) ?? 0, count);
}

export function hitAt(scene: Scene, x: number, y: number): Target | null {
  const lane = laneAt(scene.lanes, y);
  if (!lane) return null;
  if (lane.kind === "ruler") return { kind: "ruler" };
  let best: { target: Target; score: number } | null = null;
  const offer = (target: Target, score: number) => {
    if (!best || score < best.score) best = { target, score };
  };
  for (const segment of scene.segments) {
    if (!inLane(scene, lane, segment)) continue;
    const place = placeIn(scene, lane, segment);
    if (y < place.top || y >= place.top + place.height) continue;
    const left = xOf(scene.view, segment.start);
    const right = xOf(scene.view, segment.end);
    if (x < left - EDGE_PX || x > right + EDGE_PX) continue;
    // The chosen one comes first, then the shortest one: it may lie within another.
    const base = (scene.chosen.has(segment.id) ? 0 : 1e6) + (right - left);
    if (segment.locked) continue;
    const inner = Math.min(EDGE_PX, (right - left) / 3);
    const fromStart = Math.abs(x - left);
    const fromEnd = Math.abs(x - right);
    const nearStart = fromStart <= (x >= left ? inner : EDGE_PX);
    const nearEnd = fromEnd <= (x <= right ? inner : EDGE_PX);
    const { id } = segment;
    if (right - left < 1) offer({ kind: "body", id }, base);
    else if (nearStart && (fromStart <= fromEnd || !nearEnd))
      offer({ kind: "edge", id, side: "start" }, base + fromStart / 100);
    else if (nearEnd) offer({ kind: "edge", id, side: "end" }, base + fromEnd / 100);
    else if (x >= left && x <= right) offer({ kind: "body", id }, base + 1);
  }
  const found = best as { target: Target } | null;
  if (found) return found.target;
  return { kind: "empty", track: lane.kind === "track" ? lane.at : null };
}
