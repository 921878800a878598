/* Draws a timeline: the ruler, strips, tracks with their segments, and above it all what moves. */

import { inLane, placeIn, type Scene } from "./hit";
import { digitsOf, formatTime, ticksOf } from "./ticks";
import { clampTrack, HEAD, type Lane, type Rows, rowPlace } from "./tracks";
import type { Ghost, Look, Range, Segment, Strip } from "./types";
import { xOf } from "./view";

type Context = CanvasRenderingContext2D;

export interface Painted extends Scene {
  look: Look;
  strips: readonly Strip[];
  names: readonly string[];
  duration: number;
  ghosts: readonly Ghost[];
  ghostRows: Rows;
  primary: string | null;
  width: number;
  height: number;
}

const FONT = 12;
const PLATE = 18;

/** All that stands still while it plays. */
export function paintBase(context: Context, scene: Painted): void {
  const { look, lanes, width, height } = scene;
  context.clearRect(0, 0, width, height);
  context.fillStyle = look.surface;
  context.fillRect(0, 0, width, height);
  for (const lane of lanes) {
    if (lane.kind === "ruler") paintRuler(context, scene, lane);
    else if (lane.kind === "strip") paintStrip(context, scene, lane);
    else paintTrack(context, scene, lane);
  }
}

function paintRuler(context: Context, scene: Painted, lane: Lane): void {
  const { look, view, duration, width } = scene;
  context.fillStyle = look.raised;
  context.fillRect(0, lane.top, width, lane.height);
  context.font = `11px ${look.font}`;
  context.textBaseline = "alphabetic";
  const digits = digitsOf(view.scale);
  const bottom = lane.top + lane.height;
  context.strokeStyle = look.strong;
  context.lineWidth = 1;
  context.beginPath();
  for (const { x, major } of ticksOf(view, duration)) {
    const at = Math.round(x) + 0.5;
    context.moveTo(at, bottom);
    context.lineTo(at, bottom - (major ? 9 : 4));
  }
  context.stroke();
  context.fillStyle = look.quiet;
  for (const { x, time, major } of ticksOf(view, duration)) {
    if (major) context.fillText(formatTime(time, digits), Math.round(x) + 4, bottom - 9);
  }
}

function paintStrip(context: Context, scene: Painted, lane: Lane): void {
  const { look, view, width } = scene;
  const strip = scene.strips[lane.at];
  const area = { left: 0, top: lane.top, width, height: lane.height };
  context.save();
  context.beginPath();
  context.rect(0, lane.top, width, lane.height);
  context.clip();
  strip?.paint(context, area, view, look);
  context.restore();
  for (const segment of seen(scene, scene.segments)) {
    if (!inLane(scene, lane, segment)) continue;
    const left = xOf(view, segment.start);
    const right = xOf(view, segment.end);
    const chosen = scene.chosen.has(segment.id);
    context.globalAlpha = chosen ? 0.3 : 0.16;
    context.fillStyle = segment.color;
    context.fillRect(left, lane.top, Math.max(1, right - left), lane.height);
    context.globalAlpha = 1;
    context.strokeStyle = segment.color;
    context.lineWidth = chosen ? 2 : 1;
    uprights(context, lane, left, right);
  }
  rule(context, scene, lane.top + lane.height - 0.5);
}

function uprights(context: Context, lane: Lane, ...xs: readonly number[]): void {
  context.beginPath();
  for (const x of xs) {
    context.moveTo(Math.round(x) + 0.5, lane.top);
    context.lineTo(Math.round(x) + 0.5, lane.top + lane.height);
  }
  context.stroke();
}

function rule(context: Context, { look, width }: Painted, y: number): void {
  context.strokeStyle = look.line;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, y);
  context.lineTo(width, y);
  context.stroke();
}

function paintTrack(context: Context, scene: Painted, lane: Lane): void {
  const { look, width } = scene;
  const several = scene.names.length > 1;
  if (several && lane.at === scene.track) {
    context.fillStyle = look.accent;
    context.globalAlpha = 0.07;
    context.fillRect(0, lane.top, width, lane.height);
    context.globalAlpha = 1;
    context.fillStyle = look.accent;
    context.fillRect(0, lane.top + 1, 3, lane.height - 2);
  }
  for (const segment of seen(scene, scene.segments)) {
    if (inLane(scene, lane, segment)) paintSegment(context, scene, lane, segment);
  }
  for (const ghost of seen(scene, scene.ghosts)) {
    if (clampTrack(ghost.track, scene.tracks) === lane.at) paintGhost(context, scene, lane, ghost);
  }
  const name = scene.names[lane.at] ?? "";
  if (name) {
    context.font = `600 11px ${look.font}`;
    context.textBaseline = "middle";
    context.fillStyle = look.quiet;
    context.fillText(name, 8, lane.top + HEAD / 2 + 2);
  }
  rule(context, scene, lane.top + lane.height - 0.5);
}

function* seen<T extends Segment>(scene: Painted, segments: readonly T[]): Iterable<T> {
  for (const segment of segments) {
    const left = xOf(scene.view, segment.start);
    const right = xOf(scene.view, segment.end);
    if (right >= -8 && left <= scene.width + 8) yield segment;
  }
}

function paintSegment(context: Context, scene: Painted, lane: Lane, segment: Segment): void {
  const { view, look, width } = scene;
  const { top, height } = placeIn(scene, lane, segment);
  const chosen = scene.chosen.has(segment.id);
  const left = xOf(view, segment.start);
  const right = xOf(view, segment.end);
  if (segment.end === segment.start) {
    paintInstant(context, scene, segment, left, top, height);
    return;
  }
  const from = Math.max(-4, left);
  const length = Math.max(2, Math.min(width + 4, right) - from);
  context.fillStyle = segment.color;
  context.globalAlpha = chosen ? 0.42 : 0.24;
  context.fillRect(from, top, length, height);
  context.globalAlpha = 1;
  outline(context, look, segment, chosen, from, top, length, height);
  if (chosen && segment.id === scene.primary && !segment.locked) {
    grip(context, look, left, top, height);
    grip(context, look, right, top, height);
  }
  words(context, scene, segment, Math.max(4, left + 6), top, Math.min(width, right) - 6, height);
}

function outline(
  context: Context,
  look: Look,
  segment: Segment,
  chosen: boolean,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  context.lineWidth = chosen ? 4 : 1.5;
  context.setLineDash(segment.locked ? [6, 3] : []);
  if (chosen) {
    // A light or dark line beside the coloured one: it is seen on whatever colour lies under it.
    context.strokeStyle = look.text;
    context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
    context.lineWidth = 2;
  }
  context.strokeStyle = segment.color;
  context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  context.setLineDash([]);
}

function grip(context: Context, look: Look, x: number, top: number, height: number): void {
  const tall = Math.min(22, height - 4);
  context.fillStyle = look.text;
  context.fillRect(x - 3, top + (height - tall) / 2, 6, tall);
  context.fillStyle = look.surface;
  context.fillRect(x - 1, top + (height - tall) / 2 + 3, 2, tall - 6);
}

function paintInstant(
  context: Context,
  scene: Painted,
  segment: Segment,
  x: number,
  top: number,
  height: number,
): void {
  const { look } = scene;
  const chosen = scene.chosen.has(segment.id);
  context.strokeStyle = chosen ? look.text : segment.color;
  context.lineWidth = chosen ? 3 : 2;
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, top + height);
  context.stroke();
  context.fillStyle = segment.color;
  context.strokeStyle = look.text;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x + 6, top + 6);
  context.lineTo(x, top + 12);
  context.lineTo(x - 6, top + 6);
  context.closePath();
  context.fill();
  context.stroke();
  words(context, scene, segment, x + 9, top, x + 160, height);
}

/** What is said of a segment, as far as it has room between two sides. */
function words(
  context: Context,
  { look }: Painted,
  segment: Segment,
  left: number,
  top: number,
  right: number,
  height: number,
): void {
  const room = right - left;
  if (room < 14) return;
  context.font = `600 ${FONT}px ${look.font}`;
  context.textBaseline = "middle";
  context.fillStyle = look.text;
  const both = segment.text !== "" && (segment.note ?? "") !== "" && height >= 34;
  const lines = both ? [segment.text, segment.note ?? ""] : [said(segment)];
  const step = both ? 15 : 0;
  const middle = top + height / 2 - (both ? step / 2 : 0);
  lines.forEach((line, at) => {
    if (at === 1 || segment.text === "") context.font = `${FONT}px ${look.font}`;
    context.fillText(fitting(context, line, room), left, middle + at * step + 0.5);
  });
}

function said({ text, note }: Segment): string {
  return [text, note ?? ""].filter(Boolean).join(" · ");
}

/** The text as far as it has room. */
function fitting(context: Context, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  const signs = [...text];
  let [low, high] = [0, signs.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (context.measureText(`${signs.slice(0, middle).join("")}…`).width <= room) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? "" : `${signs.slice(0, low).join("")}…`;
}

function paintGhost(context: Context, scene: Painted, lane: Lane, ghost: Ghost): void {
  const { view, look } = scene;
  const count = scene.rows.counts[lane.at] ?? 1;
  const { top, height } = rowPlace(lane, scene.ghostRows.row.get(ghost.id) ?? 0, count);
  const left = xOf(view, ghost.start);
  const length = Math.max(2, xOf(view, ghost.end) - left);
  context.setLineDash([5, 4]);
  context.lineWidth = 3.5;
  context.strokeStyle = look.surface;
  context.strokeRect(left, top, length, height);
  context.lineWidth = 2;
  context.strokeStyle = ghost.color;
  context.strokeRect(left, top, length, height);
  context.setLineDash([]);
  const text = said(ghost);
  if (!text) return;
  // It stands alone in its row: its words may be longer than it is.
  context.font = `600 11px ${look.font}`;
  const room = Math.max(length - 8, 120);
  const y = top + (height - PLATE) / 2 + 1;
  plate(context, scene, fitting(context, text, room), Math.max(left, 0) + 3, y, look.text);
}

function plate(
  context: Context,
  { look }: Painted,
  text: string,
  left: number,
  top: number,
  color: string,
): void {
  if (!text) return;
  context.font = `600 11px ${look.font}`;
  const width = context.measureText(text).width;
  context.globalAlpha = 0.86;
  context.fillStyle = look.surface;
  context.fillRect(left - 2, top, width + 8, PLATE - 2);
  context.globalAlpha = 1;
  context.fillStyle = color;
  context.textBaseline = "middle";
  context.fillText(text, left + 2, top + PLATE / 2 - 0.5);
}

/** What moves: the playhead, the range that is being made, and the pointer's own line. */
export function paintTop(
  context: Context,
  scene: Painted,
  moving: {
    time: number;
    pending: (Range & { track: number; color: string }) | null;
    pointer: number | null;
    loop: Range | null;
  },
): void {
  const { look, view, width, height, lanes } = scene;
  context.clearRect(0, 0, width, height);
  const { loop, pending, pointer } = moving;
  if (loop) {
    context.fillStyle = look.accent;
    const left = xOf(view, loop.start);
    context.fillRect(left, 0, Math.max(2, xOf(view, loop.end) - left), 4);
  }
  if (pending) {
    const left = xOf(view, pending.start);
    const length = Math.max(1, xOf(view, pending.end) - left);
    for (const lane of lanes) {
      const own = lane.kind === "strip" || (lane.kind === "track" && lane.at === pending.track);
      if (!own) continue;
      context.globalAlpha = 0.3;
      context.fillStyle = pending.color;
      context.fillRect(left, lane.top, length, lane.height);
      context.globalAlpha = 1;
      context.setLineDash([6, 4]);
      context.strokeStyle = look.text;
      context.lineWidth = 1.5;
      context.strokeRect(left + 0.5, lane.top + 1, length, lane.height - 3);
      context.setLineDash([]);
    }
    const text = `${formatTime(pending.end - pending.start, 3)}`;
    plate(context, scene, text, Math.max(4, left + 4), (lanes[1]?.top ?? 0) + 4, look.text);
  }
  if (pointer !== null) {
    context.strokeStyle = look.strong;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(Math.round(pointer) + 0.5, 0);
    context.lineTo(Math.round(pointer) + 0.5, height);
    context.stroke();
  }
  const x = xOf(view, moving.time);
  if (x < -8 || x > width + 8) return;
  context.strokeStyle = look.surface;
  context.lineWidth = 4;
  line(context, x, height);
  context.strokeStyle = look.accent;
  context.lineWidth = 2;
  line(context, x, height);
  context.fillStyle = look.accent;
  context.beginPath();
  context.moveTo(x - 7, 0);
  context.lineTo(x + 7, 0);
  context.lineTo(x + 7, 8);
  context.lineTo(x, 16);
  context.lineTo(x - 7, 8);
  context.closePath();
  context.fill();
}

function line(context: Context, x: number, height: number): void {
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, height);
  context.stroke();
}
